package org.iscsi4j.examples.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** QEMU's own iSCSI driver: images in and out, zeroes, discards, flushes, CHAP, digests. */
@RealClients({"qemu-utils", "qemu-block-extra"})
class QemuIT {

  private static final int MIB = 1 << 20;
  private static final int IMAGE = 24 * MIB;

  private static DaemonProcess daemon;

  @TempDir Path folder;

  @BeforeAll
  static void serve() throws Exception {
    daemon = DaemonProcess.serve("--lun", "mem:64m");
  }

  @AfterAll
  static void end() {
    daemon.close();
  }

  // ---- images

  @Test
  void anImageGoesInAndComesOutAsItWas() throws Exception {
    try (DaemonProcess empty = DaemonProcess.serve("--lun", "mem:" + IMAGE)) {
      Path image = randomImage();
      Path back = folder.resolve("back.img");

      convert("-n", "-O", "raw", image.toString(), empty.uri());
      compare(image, empty.uri());
      convert("-O", "raw", empty.uri(), back.toString());

      assertThat(Files.mismatch(image, back)).isEqualTo(-1);
    }
  }

  @Test
  void anImageGoesInOutOfOrderIntoAFile() throws Exception {
    Path disk = folder.resolve("disk.img");
    String spec = "file:" + disk + "?blocksize=4096&size=" + IMAGE;
    try (DaemonProcess empty = DaemonProcess.serve("--lun", spec)) {
      Path image = randomImage();

      convert("-n", "-m", "16", "-W", "-O", "raw", image.toString(), empty.uri());
      compare(image, empty.uri());

      empty.terminate();
      assertThat(Files.mismatch(image, disk)).isEqualTo(-1);
    }
  }

  @Test
  void manyRequestsAreInFlight() throws Exception {
    assertSuccess(
        Client.run(
            "qemu-img",
            "bench",
            "-f",
            "raw",
            "-w",
            "-c",
            "4000",
            "-d",
            "64",
            "-s",
            "4096",
            "--pattern",
            "90",
            "--flush-interval",
            "200",
            daemon.uri()));
    assertSuccess(
        Client.run(
            "qemu-img",
            "bench",
            "-f",
            "raw",
            "-c",
            "4000",
            "-d",
            "64",
            "-s",
            "4096",
            daemon.uri()));
    io("read -P 90 0 4000k");
  }

  // ---- data

  @Test
  void writesOfAllSizesAreReadBack() throws Exception {
    io(
        "write -P 0x11 1M 512",
        "write -P 0x22 1049088 4k",
        "write -P 0x33 2M 1M",
        "write -P 0x44 4M 8M",
        "read -P 0x11 1M 512",
        "read -P 0x22 1049088 4k",
        "read -P 0x33 2M 1M",
        "read -P 0x44 4M 8M");
    // and in another session
    io("read -P 0x33 2M 1M", "read -P 0x44 4M 8M");
  }

  @Test
  void theLastBlocksAreThere() throws Exception {
    io("write -P 0x55 67043328 64k", "read -P 0x55 67043328 64k");

    assertThat(tryIo("read 64M 512").output()).contains("read failed");
  }

  @Test
  void writesFlushAndGoThrough() throws Exception {
    io("write -f -P 0x66 15M 64k", "write -P 0x67 16M 64k", "flush", "read -P 0x66 15M 64k");
    io("read -P 0x67 16M 64k");
  }

  @Test
  void asynchronousWritesAllArrive() throws Exception {
    io(
        "aio_write -P 0x61 12M 256k",
        "aio_write -P 0x62 13M 1M",
        "aio_write -P 0x63 14M 4k",
        "aio_flush",
        "read -P 0x61 12M 256k",
        "read -P 0x62 13M 1M",
        "read -P 0x63 14M 4k");
  }

  // ---- zeroes and discards

  @Test
  void aDiscardedRangeReadsAsZeroesAndItsNeighboursStay() throws Exception {
    io(
        "write -P 0x77 32M 4M",
        "discard 33M 1M",
        "read -P 0 33M 1M",
        "read -P 0x77 32M 1M",
        "read -P 0x77 34M 2M");
  }

  @Test
  void zeroesAreWritten() throws Exception {
    io(
        "write -P 0x78 36M 4M",
        "write -z 37M 1M",
        "write -z -u 38M 512k",
        "write -z 40890368 512",
        "read -P 0x78 36M 1M",
        "read -P 0 37M 1M",
        "read -P 0 38M 512k",
        "read -P 0x78 40370176 8k",
        "read -P 0 40890368 512",
        "read -P 0x78 40890880 3584");
  }

  @Test
  void aReadOnlyUnitTakesNoWrite() throws Exception {
    try (DaemonProcess readOnly = DaemonProcess.serve("--lun", "mem:1m?readonly")) {
      assertSuccess(Client.run("qemu-io", "-r", "-f", "raw", "-c", "read 0 4k", readOnly.uri()));

      Client write = Client.run("qemu-io", "-f", "raw", "-c", "write 0 4k", readOnly.uri());
      assertThat(write.output()).containsIgnoringCase("write protected");
    }
  }

  @Test
  void aDiskThatFillsTheHeapSaysSoAndTheDaemonLivesOn() throws Exception {
    try (DaemonProcess small = DaemonProcess.serveInHeap(64, "--lun", "mem:1g")) {
      List<String> writes = new ArrayList<>();
      for (int megabyte = 0; megabyte < 128; megabyte += 8) {
        writes.add("write -P 0x5a " + megabyte + "M 8M");
      }
      assertThat(tryIo(small.uri(), writes).output()).contains("No space left on device");

      io(small.uri(), List.of("read -P 0x5a 0 8M", "discard 0 64M", "write -P 0x77 0 4M"));
      io(small.uri(), List.of("read -P 0x77 0 4M"));
      assertThat(small.terminate().status()).isZero();
    }
  }

  // ---- files

  @Test
  void whatWasWrittenToAFileIsThereInTheNextRun() throws Exception {
    Path image = folder.resolve("disk.img");
    try (DaemonProcess first = DaemonProcess.serve("--lun", "file:" + image + "?size=16m")) {
      io(first.uri(), List.of("write -P 0x91 1M 256k"));
      assertThat(first.terminate().status()).isZero();
    }

    assertThat(byteAt(image, MIB)).isEqualTo((byte) 0x91);
    try (DaemonProcess second = DaemonProcess.serve("--lun", "file:" + image + "?mapped")) {
      io(second.uri(), List.of("read -P 0x91 1M 256k", "discard 1M 128k", "read -P 0 1M 128k"));
      io(second.uri(), List.of("read -P 0x91 1152k 128k"));
    }
  }

  @Test
  void sigtermInTheMiddleOfAConversionEndsCleanly() throws Exception {
    try (DaemonProcess busy = DaemonProcess.serve("-v", "--lun", "mem:64m")) {
      Process bench =
          new ProcessBuilder(
                  "qemu-img", "bench", "-f", "raw", "-w", "-c", "100000000", "-d", "32", busy.uri())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      try {
        busy.awaitLog(" opened ");
        DaemonProcess.Ended ended = busy.terminate();

        assertThat(ended.status()).isZero();
        assertThat(ended.took()).isLessThan(Duration.ofSeconds(5));
      } finally {
        bench.destroyForcibly().waitFor();
      }
    }
  }

  // ---- CHAP and digests

  @Test
  void chapIsInTheUrl() throws Exception {
    try (DaemonProcess closed = DaemonProcess.serve("--chap", "alice:secret-of-alice")) {
      String right = closed.uri().replace("iscsi://", "iscsi://alice%secret-of-alice@");
      String wrong = closed.uri().replace("iscsi://", "iscsi://alice%secret-of-nobody@");

      io(right, List.of("write -P 0x71 0 64k", "read -P 0x71 0 64k"));
      assertThat(Client.run("qemu-img", "info", wrong).output())
          .contains("Authentication failure(513)");
      assertThat(Client.run("qemu-img", "info", closed.uri()).output())
          .contains("Authentication failure(513)");
    }
  }

  @Test
  void aHeaderDigestIsUsedWhenTheClientWantsIt() throws Exception {
    withHeaderDigest(daemon, "crc32c");
  }

  @Test
  void aHeaderDigestCanBeDemanded() throws Exception {
    try (DaemonProcess strict = DaemonProcess.serve("--header-digest", "CRC32C")) {
      withHeaderDigest(strict, "crc32c");
      assertThat(longForm(strict, "none", "read 0 4k").status()).isNotZero();
    }
  }

  @Test
  void aHeaderDigestCanBeRefused() throws Exception {
    try (DaemonProcess plain = DaemonProcess.serve("--header-digest", "None")) {
      withHeaderDigest(plain, "none-crc32c");
      assertThat(longForm(plain, "crc32c", "read 0 4k").status()).isNotZero();
    }
  }

  private void withHeaderDigest(DaemonProcess target, String digest) throws Exception {
    assertIo(
        longForm(
            target, digest, "write -P 0x92 1M 256k", "read -P 0x92 1M 256k", "write -z 1M 64k"));
  }

  private static Client longForm(DaemonProcess target, String digest, String... commands)
      throws Exception {
    URI uri = URI.create(target.uri());
    String[] path = uri.getPath().split("/");
    List<String> command = new ArrayList<>(List.of("qemu-io", "--image-opts"));
    for (String each : commands) {
      command.addAll(List.of("-c", each));
    }
    command.add(
        "driver=raw,file.driver=iscsi,file.transport=tcp,file.portal=%s,file.target=%s,file.lun=%s,file.header-digest=%s"
            .formatted(uri.getAuthority(), path[1], path[2], digest));
    return Client.run(command.toArray(String[]::new));
  }

  // ---- words

  private void convert(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("qemu-img", "convert", "-f", "raw"));
    command.addAll(List.of(arguments));
    assertSuccess(Client.run(command.toArray(String[]::new)));
  }

  private static void compare(Path image, String uri) throws Exception {
    assertSuccess(Client.run("qemu-img", "compare", "-f", "raw", image.toString(), uri));
  }

  private static void io(String... commands) throws Exception {
    io(daemon.uri(), List.of(commands));
  }

  private static void io(String uri, List<String> commands) throws Exception {
    assertIo(tryIo(uri, commands));
  }

  private static Client tryIo(String command) throws Exception {
    return tryIo(daemon.uri(), List.of(command));
  }

  private static Client tryIo(String uri, List<String> commands) throws Exception {
    List<String> command = new ArrayList<>(List.of("qemu-io", "-f", "raw"));
    for (String each : commands) {
      command.addAll(List.of("-c", each));
    }
    command.add(uri);
    return Client.run(command.toArray(String[]::new));
  }

  /** Some failures leave the exit status at 0. */
  private static void assertIo(Client client) {
    assertSuccess(client);
    assertThat(client.output())
        .doesNotContain("Pattern verification failed")
        .doesNotContain("read failed")
        .doesNotContain("write failed")
        .doesNotContain("discard failed");
  }

  private static void assertSuccess(Client client) {
    assertThat(client.status()).as(client.output()).isZero();
  }

  /** Random bytes with a hole that a client turns into zeroes. */
  private Path randomImage() throws IOException {
    Path image = folder.resolve("image.img");
    byte[] bytes = new byte[IMAGE];
    new Random(42).nextBytes(bytes);
    Arrays.fill(bytes, 4 * MIB, 8 * MIB, (byte) 0);
    return Files.write(image, bytes);
  }

  private static byte byteAt(Path file, long offset) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one, offset);
      return one.get(0);
    }
  }
}

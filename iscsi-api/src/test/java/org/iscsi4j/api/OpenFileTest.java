package org.iscsi4j.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.iscsi4j.api.BlockDeviceException.Kind;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenFileTest {

  @TempDir Path directory;
  private Path path;
  private OpenFile file;

  @BeforeEach
  void open() throws IOException {
    path = Files.write(directory.resolve("file"), Bytes.pattern(1, 4096));
    file = OpenFile.open(path, path, false);
  }

  @AfterEach
  void close() throws IOException {
    file.close();
  }

  @Test
  void makesACallAgainOverALockedChannelWhenAnInterruptClosedTheFirst() throws Exception {
    List<FileChannel> channels = new ArrayList<>();

    long size =
        file.call((channel, into, number) -> sizeInterruptedOnce(channels, channel), path, 0);

    assertThat(Thread.interrupted()).isTrue();
    assertThat(size).isEqualTo(4096);
    assertThat(channels).hasSize(2);
    assertThat(channels.get(0).isOpen()).isFalse();
    assertThat(channels.get(1).isOpen()).isTrue();
    assertThat(LockProbe.ask(path, "shared")).isEqualTo("locked");
  }

  @Test
  void keepsTheChannelWhenAThreadComesInterrupted() throws IOException {
    List<FileChannel> channels = new ArrayList<>();

    Thread.currentThread().interrupt();
    file.call((channel, unused, number) -> sizeAfter(channels, channel), path, 0);

    assertThat(Thread.interrupted()).isTrue();
    assertThat(channels).hasSize(1);
    assertThat(channels.get(0).isOpen()).isTrue();
  }

  @Test
  void isNotReadyWhenTheFileIsGoneAfterAnInterrupt() throws IOException {
    Files.delete(path);

    assertThatThrownBy(
            () ->
                file.call(
                    (channel, unused, number) -> sizeInterruptedOnce(new ArrayList<>(), channel),
                    path,
                    0))
        .isInstanceOfSatisfying(
            BlockDeviceException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NOT_READY))
        .hasMessageContaining("after an interrupt");
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void isNotReadyWhenAnotherFileIsThereAfterAnInterrupt() throws IOException {
    Path other = Files.write(directory.resolve("other"), Bytes.pattern(2, 4096));
    Files.move(other, path, StandardCopyOption.REPLACE_EXISTING);

    assertThatThrownBy(
            () ->
                file.call(
                    (channel, unused, number) -> sizeInterruptedOnce(new ArrayList<>(), channel),
                    path,
                    0))
        .isInstanceOfSatisfying(
            BlockDeviceException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NOT_READY))
        .hasMessageContaining("is another file now");
    assertThat(Thread.interrupted()).isTrue();
    assertThatThrownBy(() -> file.write(0, ByteBuffer.allocate(512)))
        .as("from now on")
        .isInstanceOf(BlockDeviceException.class);
    assertThat(Files.readAllBytes(path)).isEqualTo(Bytes.pattern(2, 4096));
  }

  @Test
  void reportsAnExhaustedQuotaAsOutOfSpace() {
    IOException quota = new IOException("Disk quota exceeded");

    assertThat(FileFaults.ofWrite(path, 512, quota).kind()).isEqualTo(Kind.OUT_OF_SPACE);
    assertThat(FileFaults.ofWrite(path, 512, new IOException()).kind())
        .isEqualTo(Kind.MEDIUM_ERROR);
  }

  @Test
  void reportsAFullFileSystemAsOutOfSpace() throws IOException {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.isWritable(full), "/dev/full is not there");

    try (OpenFile device = OpenFile.open(full, full, false)) {
      assertThatThrownBy(() -> device.write(1024, ByteBuffer.allocate(512)))
          .isInstanceOfSatisfying(
              BlockDeviceException.class,
              e -> {
                assertThat(e.kind()).isEqualTo(Kind.OUT_OF_SPACE);
                assertThat(e.offset()).isEqualTo(1024);
              });
    }
  }

  @Test
  void tellsFaultsOfTheFileSystemApart() {
    IOException broken = new IOException("Input/output error");

    assertThat(FileFaults.ofWrite(path, 512, broken).kind()).isEqualTo(Kind.MEDIUM_ERROR);
    assertThat(FileFaults.ofWrite(path, 512, broken))
        .hasMessage("writing " + path + " at byte 512 failed: Input/output error")
        .hasCause(broken);
    assertThat(FileFaults.ofRead(path, 512, new IOException("No space left on device")).kind())
        .isEqualTo(Kind.MEDIUM_ERROR);
    BlockDeviceException known = new BlockDeviceException(Kind.BUSY, "known");
    assertThat(FileFaults.ofWrite(path, 512, known)).isSameAs(known);
    assertThat(FileFaults.ofRead(path, 512, known)).isSameAs(known);
  }

  private static long sizeAfter(List<FileChannel> seen, FileChannel channel) throws IOException {
    seen.add(channel);
    return channel.size();
  }

  private static long sizeInterruptedOnce(List<FileChannel> seen, FileChannel channel)
      throws IOException {
    seen.add(channel);
    if (seen.size() == 1) {
      Thread.currentThread().interrupt();
    }
    return channel.size();
  }
}

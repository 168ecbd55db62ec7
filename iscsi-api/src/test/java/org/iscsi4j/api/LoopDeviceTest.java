package org.iscsi4j.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A raw device over a loop device of the kernel, where the user may make one. */
class LoopDeviceTest {

  private static final int SIZE = 1 << 20;

  @TempDir Path directory;
  private Path image;
  private String node = "";

  @BeforeEach
  void attach() throws IOException, InterruptedException {
    image = Files.write(directory.resolve("image"), Bytes.pattern(1, SIZE));
    try {
      node = run("losetup", "--find", "--show", "--sector-size", "4096", image.toString());
    } catch (IOException e) {
      node = "";
    }
    assumeTrue(
        node.startsWith("/dev/loop"),
        "NOT RUN: RawDevice was not tried on a real block device, losetup made none: " + node);
  }

  @AfterEach
  void detach() throws IOException, InterruptedException {
    if (node.startsWith("/dev/loop")) {
      run("losetup", "--detach", node);
    }
  }

  @Test
  void isADiskWithTheBlocksOfTheKernel() throws IOException {
    byte[] data = Bytes.pattern(2, 8192);

    try (BlockDevice disk = BlockDevices.open("file:" + node)) {
      assertThat(disk).isInstanceOf(RawDevice.class);
      assertThat(disk.geometry().size()).isEqualTo(SIZE);
      assertThat(disk.geometry().blockSize()).isEqualTo(4096);
      Bytes.assertEqual(Bytes.read(disk, 0, SIZE), Bytes.pattern(1, SIZE));
      Bytes.write(disk, SIZE - 8192, data);
      disk.flush();
    }

    byte[] last = new byte[8192];
    System.arraycopy(Files.readAllBytes(image), SIZE - 8192, last, 0, 8192);
    assertThat(last).isEqualTo(data);
  }

  @Test
  void takesTheOptionsOfAFileButNotThoseOfItsSize() throws IOException {
    try (BlockDevice disk =
        BlockDevices.open("file:" + node + "?blocksize=8k&physical=16k&readonly")) {
      assertThat(disk.geometry().blockSize()).isEqualTo(8192);
      assertThat(disk.geometry().physicalBlockSize()).isEqualTo(16_384);
      assertThat(disk.capabilities().readOnly()).isTrue();
    }
    for (String option : new String[] {"mapped", "size=1m"}) {
      assertThatThrownBy(() -> BlockDevices.open("file:" + node + "?" + option))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(node + " is a block device");
    }
    assertThatThrownBy(() -> FileDevice.open(Path.of(node)))
        .hasMessageContaining("no regular file");
  }

  private static String run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    return output.strip();
  }
}

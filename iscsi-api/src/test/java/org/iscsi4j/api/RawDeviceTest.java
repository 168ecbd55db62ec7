package org.iscsi4j.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** A raw device over a file, which answers as a block device does but for its kind. */
class RawDeviceTest extends BlockDeviceContract {

  private int made;

  @Override
  BlockDevice create(Geometry shape) throws IOException {
    Path path = file(shape.size());
    return RawDevice.builder(path)
        .blockSize(shape.blockSize())
        .open(
            new BlockNode(
                path,
                "fake" + made,
                directory,
                Files.writeString(directory.resolve("m"), ""),
                directory.resolve("none")));
  }

  @Test
  void blocksBrieflyHasACacheAndIsNotThin() {
    assertThat(device.capabilities())
        .isEqualTo(
            new Capabilities(
                Blocking.BRIEFLY, Concurrency.PARALLEL, false, true, false, false, false, 0));
  }

  @Test
  void takesItsShapeFromTheKernel() throws IOException {
    Path path = file(1 << 20);
    BlockNode node =
        new FakeNode(directory)
            .fact("queue/logical_block_size", "4096")
            .fact("queue/physical_block_size", "16384")
            .fact("queue/optimal_io_size", "131072")
            .fact("queue/rotational", "0")
            .node(path);

    try (RawDevice disk = RawDevice.builder(path).open(node)) {
      assertThat(disk.geometry()).isEqualTo(new Geometry(4096, 256, 16_384, 131_072, 4096));
      assertThat(disk.capabilities().rotationRate()).isEqualTo(1);
      assertThat(disk).hasToString("RawDevice[" + path + "]");
    }
    try (RawDevice disk =
        RawDevice.builder(path).blockSize(8192).physicalBlockSize(32_768).readOnly().open(node)) {
      assertThat(disk.geometry()).isEqualTo(new Geometry(8192, 128, 32_768, 131_072, 8192));
      assertThat(disk.capabilities().readOnly()).isTrue();
    }
  }

  @Test
  void hasNoPreferenceWhereTheKernelsDoesNotFit() throws IOException {
    Path path = file(1 << 20);
    BlockNode node = new FakeNode(directory).fact("queue/optimal_io_size", "33553920").node(path);

    try (RawDevice disk = RawDevice.builder(path).blockSize(65_536).open(node)) {
      assertThat(disk.geometry()).isEqualTo(Geometry.of(65_536, 16));
    }
  }

  @Test
  void refusesADeviceInUseUnlessItOnlyReads() throws IOException {
    Path path = file(1 << 20);
    BlockNode node = new FakeNode(directory).mount(FakeNode.NUMBER, "/home").node(path);

    assertThatThrownBy(() -> RawDevice.builder(path).open(node))
        .hasMessage(path + ": is mounted at /home");
    RawDevice.builder(path).readOnly().open(node).close();
  }

  @Test
  void refusesADeviceThatTakesNoWritesUnlessItOnlyReads() throws IOException {
    Path path = file(1 << 20);
    BlockNode node = new FakeNode(directory).fact("ro", "1").node(path);

    assertThatThrownBy(() -> RawDevice.builder(path).open(node))
        .hasMessage(path + ": is read-only; open it read-only");
    RawDevice.builder(path).readOnly().open(node).close();
  }

  @Test
  void refusesASizeThatMakesNoBlocksAndOpensAgainAfterwards() throws IOException {
    Path path = file(4608);
    Path empty = file(0);

    assertThatThrownBy(
            () -> RawDevice.builder(path).blockSize(4096).open(new FakeNode(directory).node(path)))
        .hasMessage(path + ": is 4608 bytes long, no multiple of the block size 4096");
    assertThatThrownBy(() -> RawDevice.builder(empty).open(new FakeNode(directory).node(empty)))
        .hasMessage(empty + ": has no medium");
    RawDevice.builder(path).open(new FakeNode(directory).node(path)).close();
  }

  @Test
  void isOpenedOnce() throws IOException {
    Path path = file(4096);
    Path alias = Files.createLink(directory.resolve("alias"), path);
    BlockNode node = new FakeNode(directory).node(path);

    try (RawDevice disk = RawDevice.builder(path).open(node)) {
      assertThat(disk.geometry().blockCount()).isEqualTo(8);
      assertThatThrownBy(() -> RawDevice.builder(alias).open(node))
          .hasMessageContaining("is open as a device in this program already");
    }
  }

  private Path file(long size) throws IOException {
    Path path = directory.resolve("node" + made++);
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(size);
    }
    return path;
  }
}

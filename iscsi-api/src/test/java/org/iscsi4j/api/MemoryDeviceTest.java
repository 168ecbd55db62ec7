package org.iscsi4j.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class MemoryDeviceTest extends BlockDeviceContract {

  private static final int PAGE = 4096;

  @Override
  BlockDevice create(Geometry shape) {
    return MemoryDevice.of(shape);
  }

  @Override
  void resize(BlockDevice device, long blocks) {
    ((MemoryDevice) device).resize(blocks);
  }

  @Test
  void isThinNeverBlocksAndHasNoCache() {
    assertThat(device.capabilities())
        .isEqualTo(
            new Capabilities(
                Blocking.NEVER, Concurrency.PARALLEL, false, false, true, true, true, 1));
  }

  @Test
  void isMadeOfASizeInBytes() {
    MemoryDevice disk = MemoryDevice.ofSize(64L << 20);

    assertThat(disk.geometry())
        .isEqualTo(Geometry.of(512, 131_072).withDeallocationGranularity(PAGE));
    assertThatThrownBy(() -> MemoryDevice.ofSize(1000))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void keepsTheShapeButForTheGranularityThatItFreesIn() {
    Geometry shape = new Geometry(16_384, 5, 32_768, 65_536, 1 << 20);

    assertThat(MemoryDevice.of(shape).geometry())
        .isEqualTo(new Geometry(16_384, 5, 32_768, 65_536, 16_384));
  }

  @Test
  void takesMemoryForWhatIsWrittenAndGivesItBack() throws IOException {
    MemoryDevice disk = MemoryDevice.ofSize(1L << 40);
    assertThat(disk.allocatedBytes()).isZero();

    Bytes.write(disk, PAGE - 512, new byte[1024]);
    assertThat(disk.allocatedBytes()).isEqualTo(2 * PAGE);

    Bytes.read(disk, 1L << 30, PAGE);
    disk.deallocate(0, PAGE - 512);
    assertThat(disk.allocatedBytes()).isEqualTo(2 * PAGE);
    disk.deallocate(0, PAGE);
    assertThat(disk.allocatedBytes()).isEqualTo(PAGE);
    disk.writeZeroes(0, 1L << 40, true);
    assertThat(disk.allocatedBytes()).isZero();
  }

  @Test
  void givesMemoryBackWhenCutOffAndWhenClosed() throws IOException {
    MemoryDevice disk = MemoryDevice.ofSize(10 * PAGE);
    disk.fill((byte) 1);
    assertThat(disk.allocatedBytes()).isEqualTo(10 * PAGE);

    disk.resize(9);
    assertThat(disk.allocatedBytes()).isEqualTo(2 * PAGE);
    disk.close();
    assertThat(disk.allocatedBytes()).isZero();
  }

  @Test
  void readsZeroesInWhatAGrowAddsEvenAfterAWriteThatCameLate() throws IOException {
    MemoryDevice disk = MemoryDevice.ofSize(4 * PAGE);
    disk.resize(9);
    // begun before the disk shrank, arrived after
    Bytes.write(disk, PAGE, Bytes.pattern(1, 2 * PAGE));

    disk.resize(4 * PAGE / 512);

    Bytes.assertZero(disk.readBytes(9 * 512, 4 * PAGE - 9 * 512));
  }

  @Test
  void aPageThatADiskEndsOnIsKept() throws IOException {
    MemoryDevice disk = MemoryDevice.ofSize(2 * PAGE);
    disk.fill((byte) 7);

    disk.resize(8);
    disk.resize(16);

    assertThat(disk.readBytes(0, PAGE)).containsOnly(7);
    assertThat(disk.readBytes(PAGE, PAGE)).containsOnly(0);
  }

  @Test
  void givesTheBytesToATestWithoutAnInitiator() throws IOException {
    MemoryDevice disk = MemoryDevice.ofSize(3 * PAGE);

    disk.writeBytes(PAGE - 1, new byte[] {1, 2, 3});
    assertThat(disk.readBytes(PAGE - 2, 5)).containsExactly(0, 1, 2, 3, 0);
    disk.fill((byte) 7);
    assertThat(disk.readBytes(0, 3 * PAGE)).containsOnly(7);
    disk.clear();
    assertThat(disk.readBytes(0, 3 * PAGE)).containsOnly(0);
    assertThat(disk.allocatedBytes()).isZero();
    assertThat(disk.readBytes(3 * PAGE, 0)).isEmpty();
  }

  @Test
  void refusesToShowBytesOutsideTheDisk() {
    MemoryDevice disk = MemoryDevice.ofSize(PAGE);

    assertThatThrownBy(() -> disk.readBytes(PAGE - 1, 2))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> disk.writeBytes(-1, new byte[1]))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void reportsAFullHeapAsOutOfSpaceWhereItHappened() throws IOException {
    int[] left = {2};
    MemoryDevice disk =
        MemoryDevice.of(
            Geometry.of(512, 1000),
            () -> {
              if (left[0]-- == 0) {
                throw new OutOfMemoryError("Java heap space");
              }
              return new byte[PAGE];
            });

    assertThatThrownBy(() -> Bytes.write(disk, 512, new byte[3 * PAGE]))
        .isInstanceOfSatisfying(
            BlockDeviceException.class,
            e -> {
              assertThat(e.kind()).isEqualTo(BlockDeviceException.Kind.OUT_OF_SPACE);
              assertThat(e.offset()).isEqualTo(2 * PAGE);
              assertThat(e).hasMessageContaining("8192 bytes");
            });
  }

  @Test
  void reachesTheLastBlockOfTheLargestGeometry() throws IOException {
    long blocks = Long.MAX_VALUE / 512;
    MemoryDevice disk = MemoryDevice.of(Geometry.of(512, blocks));
    long last = (blocks - 1) * 512;
    byte[] data = Bytes.pattern(1, 512);

    Bytes.write(disk, last, data);

    Bytes.assertEqual(Bytes.read(disk, last, 512), data);
    assertThat(disk.extent(last, 512)).isEqualTo(new Extent(512, Extent.State.ALLOCATED));
    disk.deallocate(last - 512, 1024);
    Bytes.assertZero(Bytes.read(disk, last, 512));
    disk.deallocate(0, blocks * 512);
    assertThat(disk.allocatedBytes()).isZero();
  }

  @Test
  void namesItsSize() {
    assertThat(MemoryDevice.ofSize(1024)).hasToString("MemoryDevice[1024 bytes]");
  }
}

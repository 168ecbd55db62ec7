package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.Cdbs.TEST_UNIT_READY;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.iscsi4j.api.BlockDevice;
import org.iscsi4j.api.Blocking;
import org.iscsi4j.api.FileDevice;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.MappedFileDevice;
import org.iscsi4j.api.MemoryDevice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Devices that become larger or smaller while initiators use them. */
class ResizeTest {

  private static final Sense CAPACITY_CHANGED = Sense.of(SenseKey.UNIT_ATTENTION, 0x2a, 0x09);
  private static final byte[] READ_CAPACITY_16 = Cdbs.hex("9e 10 0000000000000000 00000020 00 00");

  private final SteppedExecutor executor = new SteppedExecutor();
  private final TestDisk disk =
      new TestDisk(Geometry.of(512, 64), TestDisk.THIN.withBlocking(Blocking.LONG));
  private final Engine engine = Engine.over(LogicalUnit.of(disk), executor);

  // ---- what initiators learn

  @ParameterizedTest
  @ValueSource(longs = {63, 65, 0x1_0000_0001L})
  void everyInitiatorLearnsTheNewSize(long blocks) {
    TestNexus other = engine.nexus("other");

    resize(Geometry.of(512, blocks));

    for (TestNexus each : new TestNexus[] {engine.nexus, other}) {
      assertThat(engine.execute(each, TEST_UNIT_READY).sense()).isEqualTo(CAPACITY_CHANGED);
      assertThat(lastLba(each)).isEqualTo(blocks - 1);
    }
  }

  @Test
  void whoComesLaterSeesTheNewSizeAndHearsOfNoChange() {
    TestNexus later = new TestNexus("later", engine.router);

    resize(Geometry.of(512, 32));

    assertThat(engine.execute(later, TEST_UNIT_READY).sense())
        .isEqualTo(UnitAttention.POWER_ON.sense());
    assertThat(lastLba(later)).isEqualTo(31);
  }

  @Test
  void otherBlocksAreAnotherCapacity() {
    resize(Geometry.of(4096, 64));

    assertThat(engine.execute(TEST_UNIT_READY).sense()).isEqualTo(CAPACITY_CHANGED);
    assertThat(engine.execute(Cdbs.READ_CAPACITY_10).hex()).isEqualTo("0000003f00001000");
  }

  private long lastLba(TestNexus from) {
    return ByteBuffer.wrap(engine.execute(from, READ_CAPACITY_16).data()).getLong();
  }

  // ---- commands under way

  private static Stream<AtTheEnd> commandsAtTheEnd() {
    byte[] block = Cdbs.block(0x42);
    byte[] zeroes = Cdbs.block(0);
    byte[] compareAndWrite = Cdbs.hex("89 00 000000000000003f 000000 01 00 00");
    return Stream.of(
        new AtTheEnd("READ", Cdbs.read10(63, 1), new byte[0]),
        new AtTheEnd("WRITE", Cdbs.write10(63, 1), block),
        new AtTheEnd("WRITE with FUA", Cdbs.ten(0x2a, Cdbs.FUA, 63, 1), block),
        new AtTheEnd("WRITE AND VERIFY", Cdbs.ten(0x2e, 0, 63, 1), block),
        new AtTheEnd("VERIFY", Cdbs.ten(0x2f, 0x02, 63, 1), block),
        new AtTheEnd("WRITE SAME", Cdbs.writeSame10(0, 63, 1), block),
        new AtTheEnd("WRITE SAME of zeroes", Cdbs.writeSame10(0, 63, 1), zeroes),
        new AtTheEnd("WRITE SAME with UNMAP", Cdbs.writeSame10(Cdbs.UNMAP, 63, 1), zeroes),
        new AtTheEnd("ORWRITE", Cdbs.sixteen(0x8b, 0, 63, 1), block),
        new AtTheEnd("COMPARE AND WRITE", compareAndWrite, new byte[1024]));
  }

  /** A command for the last block of the disk. */
  private record AtTheEnd(String name, byte[] cdb, byte[] data) {

    @Override
    public String toString() {
      return name;
    }
  }

  @ParameterizedTest
  @MethodSource("commandsAtTheEnd")
  void aCommandThatWaitsForTheDeviceFailsWhenItsBlocksAreGone(AtTheEnd last) {
    TestTask task = engine.start(last.cdb(), last.data());
    assertThat(task.ended).isZero();

    assertFailsWhenItsBlocksAreGone(task);
  }

  @ParameterizedTest
  @MethodSource("commandsAtTheEnd")
  void aCommandThatWaitsForAnotherFailsWhenItsBlocksAreGone(AtTheEnd last) {
    engine.start(Cdbs.write10(63, 1), Cdbs.block(1));
    TestTask task = engine.start(last.cdb(), last.data());

    assertFailsWhenItsBlocksAreGone(task);
  }

  private void assertFailsWhenItsBlocksAreGone(TestTask task) {
    resize(Geometry.of(512, 60));
    finish();

    assertThat(task.sense()).isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation(63));
    assertThat(disk.offences).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("commandsAtTheEnd")
  void aDeviceWithLargerBlocksIsNotCalledForPartsOfThem(AtTheEnd last) {
    engine.start(Cdbs.write10(63, 1), Cdbs.block(1));
    TestTask task = engine.start(last.cdb(), last.data());

    resize(Geometry.of(4096, 64));
    finish();

    assertThat(task.ended).isEqualTo(1);
    assertThat(disk.offences).isEmpty();
  }

  @Test
  void whatIsGoneNeedsNoDeallocation() {
    TestTask task = engine.start(Cdbs.unmap(24), Cdbs.unmapList(59, 5));

    resize(Geometry.of(512, 60));
    finish();

    assertThat(task.status()).isEqualTo(Status.GOOD);
    assertThat(disk.calls).containsExactly("deallocate 30208+512");
    assertThat(disk.offences).isEmpty();
  }

  private void resize(Geometry now) {
    disk.geometry(now);
    engine.unit.geometryChanged();
  }

  private void finish() {
    while (executor.waiting() > 0) {
      executor.runNext();
      engine.nexus.drain();
    }
  }

  // ---- the devices that come with the library

  /** A device of 64 blocks of 512 bytes, and how it is resized to a number of them. */
  private record Resizable(BlockDevice device, Resize resize) {}

  @FunctionalInterface
  private interface Resize {
    void to(long blocks) throws IOException;
  }

  @FunctionalInterface
  private interface Opener {
    Resizable open(Path path) throws IOException;
  }

  private static Stream<Opener> devices() {
    return Stream.of(
        path -> {
          MemoryDevice device = MemoryDevice.ofSize(64 * 512);
          return new Resizable(device, device::resize);
        },
        path -> {
          FileDevice device = FileDevice.builder(path).size(64 * 512).open();
          return new Resizable(device, device::resize);
        },
        path -> {
          MappedFileDevice device = FileDevice.builder(path).size(64 * 512).openMapped();
          return new Resizable(device, device::resize);
        });
  }

  @ParameterizedTest
  @MethodSource("devices")
  void everyDeviceGrowsAndShrinksUnderItsUnit(Opener opener, @TempDir Path folder)
      throws IOException {
    Resizable opened = opener.open(folder.resolve("disk.img"));
    try (BlockDevice device = opened.device()) {
      Engine over = Engine.over(device);
      over.execute(Cdbs.write10(63, 1), Cdbs.block(0x42));

      for (int blocks : new int[] {100, 40, 64}) {
        opened.resize().to(blocks);

        assertThat(over.execute(TEST_UNIT_READY).sense()).isEqualTo(CAPACITY_CHANGED);
        assertThat(over.execute(Cdbs.READ_CAPACITY_10).hex())
            .isEqualTo(String.format("%08x00000200", blocks - 1));
        assertThat(over.execute(Cdbs.write10(blocks - 1, 1), Cdbs.block(7)).status())
            .isEqualTo(Status.GOOD);
        assertThat(over.execute(Cdbs.read10(blocks - 1, 1)).data()).isEqualTo(Cdbs.block(7));
        assertThat(over.execute(Cdbs.read10(blocks, 1)).sense())
            .isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation(blocks));
      }
      assertThat(over.execute(Cdbs.read10(50, 1)).data()).isEqualTo(Cdbs.block(0));
      over.unit.close();
    }
  }
}

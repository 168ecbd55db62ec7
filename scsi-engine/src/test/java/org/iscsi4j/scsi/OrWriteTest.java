package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.Cdbs.FUA;
import static org.iscsi4j.scsi.Cdbs.block;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.iscsi4j.api.Blocking;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.LogicalUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OrWriteTest {

  private static final long BLOCKS = 70_000;

  private final TestDisk disk = TestDisk.ofBlocks(BLOCKS);
  private final Engine engine = Engine.over(disk);

  private static byte[] orWrite16(int flags, long lba, long blocks) {
    return Cdbs.sixteen(0x8b, flags, lba, blocks);
  }

  private static byte[] orWrite32(int flags, long lba, long blocks) {
    return Cdbs.thirtyTwo(0x0e, flags, lba, blocks);
  }

  private static byte[] filled(int blocks, int value) {
    byte[] data = new byte[blocks * 512];
    Arrays.fill(data, (byte) value);
    return data;
  }

  @Test
  void bitsAreSetAndNoneCleared() {
    disk.fill(5, 2, 0xa4);

    assertThat(engine.execute(orWrite16(0, 5, 3), filled(3, 0x0c)).status()).isEqualTo(Status.GOOD);

    assertThat(disk.calls).containsExactly("write 2560+1536");
    assertThat(disk.block(5)).isEqualTo(block(0xac));
    assertThat(disk.block(6)).isEqualTo(block(0xac));
    assertThat(disk.block(7)).isEqualTo(block(0x0c));
    assertThat(disk.block(8)).isEqualTo(block(0));
  }

  @Test
  void everyByteMeetsItsOwn() {
    byte[] there = new byte[1024];
    byte[] data = new byte[1024];
    byte[] expected = new byte[1024];
    for (int at = 0; at < 1024; at++) {
      there[at] = (byte) (at * 7);
      data[at] = (byte) (at * 13 >> 2);
      expected[at] = (byte) (there[at] | data[at]);
    }
    engine.execute(Cdbs.write10(5, 2), there);

    engine.execute(orWrite32(0, 5, 2), data);

    assertThat(engine.execute(Cdbs.read10(5, 2)).data()).isEqualTo(expected);
  }

  @Test
  void aLongRangeIsReadInPieces() {
    disk.fill(0, 3000, 0x11);

    engine.execute(orWrite16(FUA, 0, 3000), filled(3000, 0x20));

    assertThat(disk.calls).containsExactly("writeThrough 0+1536000");
    for (long lba : new long[] {0, 511, 512, 1023, 2999}) {
      assertThat(disk.block(lba)).isEqualTo(block(0x31));
    }
    assertThat(disk.block(3000)).isEqualTo(block(0));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 512, 1023})
  void lessDataThanIsNeededChangesNothing(int offered) {
    for (byte[] cdb : new byte[][] {orWrite16(0, 5, 2), orWrite32(0, 5, 2)}) {
      assertThat(engine.execute(cdb, new byte[offered]).sense())
          .isEqualTo(Sense.of(SenseKey.ILLEGAL_REQUEST, 0x0e, 0x03));
    }
    assertThat(disk.calls).isEmpty();
  }

  @Test
  void limitsAndRangesAreThoseOfAWrite() {
    assertThat(engine.execute(orWrite16(0, 5, 0)).status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(orWrite16(0, BLOCKS, 0)).sense())
        .isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation(BLOCKS));
    assertThat(engine.execute(orWrite32(0, -5, 1), block(1)).sense())
        .isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation(-5));
    assertThat(engine.execute(orWrite16(0, 0, 65_537), block(1)).sense())
        .isEqualTo(Sense.invalidFieldInCdb(10));
    assertThat(engine.execute(orWrite16(0x20, 0, 1), block(1)).sense())
        .as("ORPROTECT")
        .isEqualTo(Sense.invalidFieldInCdb(1, 5));
    assertThat(disk.calls).isEmpty();
  }

  @Test
  void theGenerationIsAlwaysZero() {
    byte[] other = ByteBuffer.wrap(orWrite32(0, 5, 1)).putInt(20, 1).array();
    byte[] change = orWrite32(0, 5, 1);
    change[2] = 0x01;

    assertThat(engine.execute(other, block(1)).sense())
        .isEqualTo(Sense.of(SenseKey.ILLEGAL_REQUEST, 0x2c, 0x0c));
    assertThat(engine.execute(change, block(1)).sense())
        .as("BMOP")
        .isEqualTo(Sense.invalidFieldInCdb(2, 0));
    assertThat(disk.calls).isEmpty();
  }

  @Test
  void whatCannotBeReadIsNotWritten() {
    disk.fault = new IOException("scratch");

    assertThat(engine.execute(orWrite16(0, 5, 1), block(1)).sense())
        .isEqualTo(Sense.UNRECOVERED_READ_ERROR);
    assertThat(disk.calls).isEmpty();
  }

  @Test
  void onASlowDeviceOverlappingOnesAllLeaveTheirBits() {
    TestDisk slow = new TestDisk(Geometry.of(512, 64), TestDisk.MEMORY.withBlocking(Blocking.LONG));
    SteppedExecutor executor = new SteppedExecutor();
    Engine slowEngine = Engine.over(LogicalUnit.of(slow), executor);

    for (int bit = 1; bit < 256; bit <<= 1) {
      slowEngine.start(orWrite16(0, 5, 3), filled(3, bit));
    }
    while (executor.waiting() > 0) {
      executor.runAll();
      slowEngine.nexus.drain();
    }

    assertThat(slow.calls).hasSize(8);
    assertThat(slow.block(6)).isEqualTo(block(0xff));
  }
}

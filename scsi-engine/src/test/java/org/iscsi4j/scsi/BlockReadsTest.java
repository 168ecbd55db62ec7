package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.iscsi4j.api.Blocking;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.LogicalUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class BlockReadsTest {

  private static final long BLOCKS = 1000;
  private static final long LAST_LBA = BLOCKS - 1;

  private final TestDisk disk = TestDisk.ofBlocks(BLOCKS);
  private final Engine engine = Engine.over(disk);

  static byte[][] oneBlockFromFive() {
    return new byte[][] {
      Cdbs.six(0x08, 5, 1), Cdbs.read10(5, 1), Cdbs.twelve(0xa8, 0, 5, 1), Cdbs.read16(5, 1)
    };
  }

  @ParameterizedTest
  @MethodSource("oneBlockFromFive")
  void everySizeReadsWhatItNames(byte[] cdb) {
    disk.fill(5, 1, 0xa5);
    disk.fill(6, 1, 0x11);

    ScsiResult result = engine.execute(cdb);

    assertThat(result.status()).isEqualTo(Status.GOOD);
    assertThat(result.data()).isEqualTo(Cdbs.block(0xa5));
  }

  @ParameterizedTest
  @ValueSource(ints = {Cdbs.FUA, Cdbs.DPO, Cdbs.FUA | Cdbs.DPO})
  void fuaAndDpoAreTaken(int flags) {
    disk.fill(5, 1, 0xa5);

    assertThat(engine.execute(Cdbs.ten(0x28, flags, 5, 1)).data()).isEqualTo(Cdbs.block(0xa5));
    assertThat(engine.execute(Cdbs.twelve(0xa8, flags, 5, 1)).data()).isEqualTo(Cdbs.block(0xa5));
    assertThat(engine.execute(Cdbs.sixteen(0x88, flags, 5, 1)).data()).isEqualTo(Cdbs.block(0xa5));
  }

  @Test
  void fuaWritesTheCacheToTheMediumFirst() {
    engine.execute(Cdbs.read10(5, 1));
    assertThat(disk.calls).isEmpty();
    engine.execute(Cdbs.ten(0x28, Cdbs.FUA, 5, 1));
    assertThat(disk.calls).containsExactly("flush");

    disk.fault = new IOException("for the test");
    assertThat(engine.execute(Cdbs.ten(0x28, Cdbs.FUA, 5, 1)).sense()).isEqualTo(Sense.WRITE_ERROR);

    TestDisk durable =
        new TestDisk(Geometry.of(512, BLOCKS), TestDisk.MEMORY.withVolatileCache(false));
    Engine.over(durable).execute(Cdbs.ten(0x28, Cdbs.FUA, 5, 1));
    assertThat(durable.calls).isEmpty();
  }

  @Test
  void fuaOfASlowDeviceFlushesElsewhere() {
    TestDisk slow =
        new TestDisk(Geometry.of(512, BLOCKS), TestDisk.MEMORY.withBlocking(Blocking.BRIEFLY));
    SteppedExecutor executor = new SteppedExecutor();
    Engine slowEngine = Engine.over(LogicalUnit.of(slow), executor);

    TestTask task = slowEngine.start(Cdbs.ten(0x28, Cdbs.FUA, BLOCKS - 1, 1), new byte[0]);
    assertThat(slow.calls).isEmpty();
    slow.geometry(Geometry.of(512, 16));
    slowEngine.unit.geometryChanged();
    executor.runAll();
    slowEngine.nexus.drain();

    assertThat(slow.calls).containsExactly("flush");
    assertThat(task.sense()).as("it shrank meanwhile").isEqualTo(outOfRange(BLOCKS - 1));
  }

  @Test
  void protectionIsRefused() {
    assertThat(engine.execute(Cdbs.ten(0x28, 0x20, 0, 1)).sense())
        .isEqualTo(Sense.invalidFieldInCdb(1, 5));
    assertThat(engine.execute(Cdbs.sixteen(0x88, 0xe0, 0, 1)).sense())
        .isEqualTo(Sense.invalidFieldInCdb(1, 7));
  }

  @Test
  void lengthZeroReadsNothing() {
    for (byte[] cdb :
        new byte[][] {Cdbs.read10(0, 0), Cdbs.twelve(0xa8, 0, 0, 0), Cdbs.read16(LAST_LBA, 0)}) {
      ScsiResult result = engine.execute(cdb);
      assertThat(result.status()).isEqualTo(Status.GOOD);
      assertThat(result.data()).isEmpty();
    }
  }

  @Test
  void lengthZeroOfSixBytesMeans256() {
    assertThat(engine.execute(Cdbs.six(0x08, 0, 0)).data()).hasSize(256 * 512);
    assertThat(engine.execute(Cdbs.six(0x08, (int) BLOCKS - 256, 0)).status())
        .isEqualTo(Status.GOOD);
    assertThat(engine.execute(Cdbs.six(0x08, (int) BLOCKS - 255, 0)).sense())
        .isEqualTo(outOfRange(BLOCKS));
  }

  @Test
  void sixBytesCarry21BitsOfAddress() {
    Engine large = Engine.over(TestDisk.ofBlocks(1 << 21));

    assertThat(large.execute(Cdbs.six(0x08, 0x1f_ffff, 1)).status()).isEqualTo(Status.GOOD);
    assertThat(large.execute(Cdbs.six(0x08, 0x1f_ffff, 2)).sense()).isEqualTo(outOfRange(1 << 21));
  }

  @Test
  void theLastBlockIsTheLast() {
    assertThat(engine.execute(Cdbs.read10(LAST_LBA, 1)).status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(Cdbs.read10(LAST_LBA, 2)).sense()).isEqualTo(outOfRange(BLOCKS));
    assertThat(engine.execute(Cdbs.read10(BLOCKS, 1)).sense()).isEqualTo(outOfRange(BLOCKS));
    assertThat(engine.execute(Cdbs.read10(BLOCKS + 1, 0)).sense())
        .isEqualTo(outOfRange(BLOCKS + 1));
    assertThat(engine.execute(Cdbs.read10(0xffff_ffffL, 1)).sense())
        .isEqualTo(outOfRange(0xffff_ffffL));
  }

  @ParameterizedTest
  @ValueSource(longs = {(1L << 55) + 16, (1L << 54) + 1, Long.MAX_VALUE, Long.MAX_VALUE - 1, -1})
  void addressesWhoseByteOffsetWrapsAreOutOfRange(long lba) {
    for (long blocks : new long[] {0, 1, 32, 0xffff_ffffL}) {
      assertThat(engine.execute(Cdbs.read16(lba, blocks)).sense()).isEqualTo(outOfRange(lba));
    }
    assertThat(disk.offences).isEmpty();
  }

  @Test
  void anAddressOf2To63HasNoPlaceInTheSense() {
    assertThat(engine.execute(Cdbs.read16(Long.MIN_VALUE, 1)).sense())
        .isEqualTo(Sense.LBA_OUT_OF_RANGE);
  }

  @Test
  void lengthsThatReachPastTheEndAreRefused() {
    assertThat(engine.execute(Cdbs.read16(0, 0xffff_ffffL)).sense()).isEqualTo(outOfRange(BLOCKS));
    assertThat(engine.execute(Cdbs.twelve(0xa8, 0, 1, 0x8000_0000L)).sense())
        .isEqualTo(outOfRange(BLOCKS));
  }

  @Test
  void longerThanOneCommandMayAskForIsRefused() {
    Engine large = Engine.over(TestDisk.ofBlocks(1 << 20));

    assertThat(large.execute(Cdbs.read16(0, 65_536)).data()).hasSize(32 << 20);
    assertThat(large.execute(Cdbs.read16(0, 65_537)).sense())
        .isEqualTo(Sense.invalidFieldInCdb(10));
    assertThat(large.execute(Cdbs.twelve(0xa8, 0, 0, 65_537)).sense())
        .isEqualTo(Sense.invalidFieldInCdb(6));
    assertThat(large.execute(Cdbs.thirtyTwo(0x09, 0, 0, 65_537)).sense())
        .isEqualTo(Sense.invalidFieldInCdb(28));
    Engine fourKn = Engine.over(new TestDisk(Geometry.of(4096, 1 << 20), TestDisk.MEMORY));
    assertThat(fourKn.execute(Cdbs.read10(0, 8193)).sense()).isEqualTo(Sense.invalidFieldInCdb(7));
  }

  @Test
  void theLastBlockBeyondTwoTebibytesIsReached() {
    long blocks = (1L << 33) + 3;
    TestDisk large = new TestDisk(Geometry.of(512, blocks), TestDisk.MEMORY);
    large.fill(blocks - 1, 1, 0x77);
    Engine engineOfLarge = Engine.over(large);

    assertThat(engineOfLarge.execute(Cdbs.read16(blocks - 1, 1)).data())
        .isEqualTo(Cdbs.block(0x77));
    assertThat(engineOfLarge.execute(Cdbs.read16(blocks - 1, 2)).sense())
        .isEqualTo(outOfRange(blocks));
    assertThat(engineOfLarge.execute(Cdbs.read10(0xffff_ffffL, 2)).status()).isEqualTo(Status.GOOD);
  }

  @Test
  void anInitiatorThatTakesLessGetsTheBeginning() {
    disk.fill(5, 2, 0x42);

    for (int taken : new int[] {0, 1, 200, 512, 700, 1024, 2000}) {
      byte[] data = engine.execute(engine.nexus, Cdbs.read10(5, 2), taken, new byte[0]).data();
      assertThat(data).isEqualTo(Arrays.copyOf(twice(Cdbs.block(0x42)), Math.min(taken, 1024)));
    }
    assertThat(disk.offences).as("the device sees whole blocks").isEmpty();
  }

  @Test
  void zeroBlocksBehindTheLastOneAreOutOfRange() {
    assertThat(engine.execute(Cdbs.read10(BLOCKS, 0)).sense()).isEqualTo(outOfRange(BLOCKS));
    assertThat(engine.execute(Cdbs.read16(BLOCKS, 0)).sense()).isEqualTo(outOfRange(BLOCKS));
  }

  @Test
  void blocksOf4096Bytes() {
    TestDisk large = new TestDisk(Geometry.of(4096, 16), TestDisk.MEMORY);
    large.fill(15, 1, 0x42);

    assertThat(Engine.over(large).execute(Cdbs.read10(14, 2)).data())
        .hasSize(8192)
        .endsWith(Cdbs.block(0x42));
  }

  private static byte[] twice(byte[] block) {
    return ByteBuffer.allocate(2 * block.length).put(block).put(block).array();
  }

  private static Sense outOfRange(long firstInvalid) {
    return Sense.LBA_OUT_OF_RANGE.withInformation(firstInvalid);
  }
}

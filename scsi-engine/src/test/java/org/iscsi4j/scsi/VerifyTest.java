package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.Cdbs.block;
import static org.iscsi4j.scsi.Cdbs.blocks;
import static org.iscsi4j.scsi.Cdbs.sixteen;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.iscsi4j.api.BlockDeviceException;
import org.iscsi4j.api.Blocking;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.LogicalUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VerifyTest {

  private static final long BLOCKS = 100_000;
  private static final int MEDIUM = 0x00;
  private static final int DATA = 0x02;
  private static final int RESERVED = 0x04;
  private static final int ONE_BLOCK = 0x06;

  private final TestDisk disk =
      new TestDisk(Geometry.of(512, BLOCKS), TestDisk.THIN.withVolatileCache(false));
  private final Engine engine = Engine.over(disk);

  private static byte[] verify10(int flags, long lba, int blocks) {
    return Cdbs.ten(0x2f, flags, lba, blocks);
  }

  private static byte[] verify16(int flags, long lba, long blocks) {
    return sixteen(0x8f, flags, lba, blocks);
  }

  private static byte[][] allSizes(int flags, long lba, int blocks) {
    return new byte[][] {
      verify10(flags, lba, blocks),
      Cdbs.twelve(0xaf, flags, lba, blocks),
      verify16(flags, lba, blocks),
      Cdbs.thirtyTwo(0x0a, flags, lba, blocks)
    };
  }

  private static Sense miscompare(long at) {
    return Sense.of(SenseKey.MISCOMPARE, 0x1d, 0x00).withInformation(at);
  }

  @Test
  void dataThatIsThereCompares() {
    engine.execute(Cdbs.write10(5, 3), blocks(3));

    for (byte[] cdb : allSizes(DATA, 5, 3)) {
      assertThat(engine.execute(cdb, blocks(3)).status()).isEqualTo(Status.GOOD);
    }
    assertThat(disk.calls).as("verifying writes nothing").hasSize(1);
  }

  @Test
  void theFirstByteThatDiffersIsTold() {
    engine.execute(Cdbs.write10(5, 3), blocks(3));
    byte[] other = blocks(3);
    other[1029] ^= 0x01;
    other[1500] ^= 0x01;

    for (byte[] cdb : allSizes(DATA, 5, 3)) {
      ScsiResult result = engine.execute(cdb, other);
      assertThat(result.status()).isEqualTo(Status.CHECK_CONDITION);
      assertThat(result.sense()).isEqualTo(miscompare(1029));
    }
    assertThat(miscompare(1029).toBytes(false))
        .isEqualTo(Cdbs.hex("f0 00 0e 00000405 0a 00000000 1d 00 00 000000"));
  }

  @Test
  void oneBlockIsComparedWithEach() {
    disk.fill(5, 1000, 0x5a);

    for (byte[] cdb : allSizes(ONE_BLOCK, 5, 1000)) {
      TestTask task = engine.start(cdb, block(0x5a));
      assertThat(task.requested).isEqualTo(512);
      assertThat(task.status()).isEqualTo(Status.GOOD);
    }
    // beyond what is read at once
    assertThat(engine.execute(verify10(ONE_BLOCK, 5, 1001), block(0x5a)).sense())
        .isEqualTo(miscompare(512_000));
    assertThat(engine.execute(verify10(ONE_BLOCK, 4, 3), block(0x5a)).sense())
        .isEqualTo(miscompare(0));
  }

  @Test
  void blocksWithoutStorageCompareAsZeroes() {
    assertThat(engine.execute(verify10(DATA, 5, 2), new byte[1024]).status())
        .isEqualTo(Status.GOOD);
  }

  @Test
  void withoutDataTheMediumIsRead() {
    for (byte[] cdb : allSizes(MEDIUM, 5, 3)) {
      TestTask task = engine.start(cdb, blocks(3));
      assertThat(task.requested).isEqualTo(-1);
      assertThat(task.status()).isEqualTo(Status.GOOD);
    }
    disk.fault =
        new BlockDeviceException(BlockDeviceException.Kind.MEDIUM_ERROR, 3072, "scratch", null);
    assertThat(engine.execute(verify10(MEDIUM, 5, 3)).sense())
        .isEqualTo(Sense.UNRECOVERED_READ_ERROR.withInformation(6));
    disk.fault =
        new BlockDeviceException(BlockDeviceException.Kind.MEDIUM_ERROR, 3072, "scratch", null);
    assertThat(engine.execute(verify10(DATA, 5, 3), new byte[1536]).sense())
        .isEqualTo(Sense.UNRECOVERED_READ_ERROR.withInformation(6));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 512, 1535})
  void lessDataThanIsNeededVerifiesNothing(int offered) {
    for (byte[] cdb : allSizes(DATA, 5, 3)) {
      assertThat(engine.execute(cdb, new byte[offered]).sense())
          .isEqualTo(Sense.of(SenseKey.ILLEGAL_REQUEST, 0x0e, 0x03));
    }
  }

  @Test
  void lessThanOneBlockVerifiesNothing() {
    assertThat(engine.execute(verify10(ONE_BLOCK, 5, 3), new byte[511]).sense())
        .isEqualTo(Sense.of(SenseKey.ILLEGAL_REQUEST, 0x0e, 0x03));
  }

  @Test
  void moreDataThanIsNeededIsNotLookedAt() {
    byte[] offered = Arrays.copyOf(new byte[512], 2000);
    Arrays.fill(offered, 512, 2000, (byte) 1);

    ScsiResult result = engine.execute(verify10(DATA, 5, 1), offered);

    assertThat(result.status()).isEqualTo(Status.GOOD);
    assertThat(result.dataOutLength()).isEqualTo(512);
  }

  @Test
  void noBlocksAreVerifiedAtOnce() {
    for (int bytchk : new int[] {MEDIUM, DATA, ONE_BLOCK}) {
      for (byte[] cdb : allSizes(bytchk, 5, 0)) {
        TestTask task = engine.start(cdb, new byte[0]);
        assertThat(task.requested).isEqualTo(-1);
        assertThat(task.status()).isEqualTo(Status.GOOD);
      }
      assertThat(engine.execute(verify10(bytchk, BLOCKS, 0)).sense())
          .isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation(BLOCKS));
    }
  }

  @Test
  void reservedValuesAreRefused() {
    for (byte[] cdb : allSizes(RESERVED, 5, 1)) {
      int at = cdb.length == 32 ? 10 : 1;
      assertThat(engine.execute(cdb, new byte[512]).sense())
          .isEqualTo(Sense.invalidFieldInCdb(at, 2));
    }
    assertThat(engine.execute(verify10(0x20, 5, 1)).sense())
        .as("VRPROTECT")
        .isEqualTo(Sense.invalidFieldInCdb(1, 5));
  }

  @Test
  void theRangeMustLieOnTheMedium() {
    for (int bytchk : new int[] {MEDIUM, DATA, ONE_BLOCK}) {
      for (byte[] cdb : allSizes(bytchk, BLOCKS - 1, 2)) {
        assertThat(engine.execute(cdb, new byte[1024]).sense())
            .isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation(BLOCKS));
      }
      assertThat(engine.execute(verify16(bytchk, (1L << 55) + 16, 1), new byte[512]).sense())
          .isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation((1L << 55) + 16));
      assertThat(engine.execute(verify16(bytchk, -1, 1), new byte[512]).sense())
          .isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation(-1));
    }
  }

  @Test
  void onlyDataIsBoundByTheMaximumTransferLength() {
    assertThat(engine.execute(verify16(MEDIUM, 0, BLOCKS)).status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(verify16(ONE_BLOCK, 0, BLOCKS), block(0)).status())
        .isEqualTo(Status.GOOD);
    assertThat(engine.execute(verify16(DATA, 0, 65_537), block(0)).sense())
        .isEqualTo(Sense.invalidFieldInCdb(10));
  }

  @Test
  void aVolatileCacheIsWrittenToTheMediumFirst() {
    TestDisk cached = TestDisk.ofBlocks(16);
    Engine other = Engine.over(cached);

    assertThat(other.execute(verify10(MEDIUM, 5, 3)).status()).isEqualTo(Status.GOOD);
    assertThat(cached.calls).containsExactly("flush");

    cached.fault = new IOException("disk on fire");
    assertThat(other.execute(verify10(MEDIUM, 5, 3)).sense()).isEqualTo(Sense.WRITE_ERROR);
  }

  @Test
  void aSlowDeviceGoesStepByStepAndAnAbortStopsIt() {
    int[] reads = {0};
    TestDisk slow =
        new TestDisk(
            Geometry.of(512, BLOCKS),
            TestDisk.THIN.withBlocking(Blocking.LONG).withVolatileCache(false)) {
          @Override
          public synchronized void read(long offset, ByteBuffer into) throws IOException {
            reads[0] += into.remaining();
            super.read(offset, into);
          }
        };
    SteppedExecutor executor = new SteppedExecutor();
    Engine slowEngine = Engine.over(LogicalUnit.of(slow), executor);

    TestTask task = slowEngine.start(verify16(MEDIUM, 0, BLOCKS), new byte[0]);
    assertThat(reads[0]).as("nothing is read in place").isZero();
    executor.runNext();
    slowEngine.nexus.drain();
    assertThat(reads[0]).isEqualTo(Scan.STEP);

    assertThat(task.abort()).isTrue();
    executor.runAll();
    slowEngine.nexus.drain();
    assertThat(reads[0]).isEqualTo(Scan.STEP);
    assertThat(task.ended).isZero();
    assertThat(task.released).isZero();
  }

  @Test
  void theStepsOfASlowDeviceCoverTheRange() {
    TestDisk slow =
        new TestDisk(
            Geometry.of(512, BLOCKS),
            TestDisk.THIN.withBlocking(Blocking.LONG).withVolatileCache(false));
    Engine slowEngine = Engine.over(slow);

    for (long lba : new long[] {0, 16_383, 16_384, 49_999}) {
      slow.fill(lba, 1, 1);
      assertThat(slowEngine.execute(verify16(ONE_BLOCK, 0, 50_000), block(0)).sense())
          .isEqualTo(miscompare(lba * 512));
      assertThat(slowEngine.execute(verify16(DATA, 0, 50_000), new byte[50_000 * 512]).sense())
          .isEqualTo(miscompare(lba * 512));
      slow.fill(lba, 1, 0);
    }
    slow.fill(50_000, 1, 1);
    assertThat(slowEngine.execute(verify16(ONE_BLOCK, 0, 50_000), block(0)).status())
        .isEqualTo(Status.GOOD);
  }

  @Test
  void dataIsKeptWhileASlowDeviceIsRead() {
    TestDisk slow = new TestDisk(Geometry.of(512, 16), TestDisk.MEMORY.withBlocking(Blocking.LONG));
    Engine slowEngine = Engine.over(slow);
    slowEngine.execute(Cdbs.write10(5, 3), blocks(3));

    assertThat(slowEngine.execute(verify10(DATA, 5, 3), blocks(3)).status()).isEqualTo(Status.GOOD);
    assertThat(slow.calls).endsWith("flush");
  }
}

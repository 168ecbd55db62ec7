package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.Cdbs.NDOB;
import static org.iscsi4j.scsi.Cdbs.UNMAP;
import static org.iscsi4j.scsi.Cdbs.block;
import static org.iscsi4j.scsi.Cdbs.writeSame10;
import static org.iscsi4j.scsi.Cdbs.writeSame16;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.iscsi4j.api.Blocking;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.LogicalUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WriteSameTest {

  private static final long BLOCKS = 100_000;

  private final TestDisk disk = TestDisk.thin(BLOCKS);
  private final Engine engine = Engine.over(disk);

  @Test
  void theBlockIsWrittenToTheWholeRangeAndNoFurther() {
    assertThat(engine.execute(writeSame10(0, 5, 3), block(0x5a)).status()).isEqualTo(Status.GOOD);

    assertThat(disk.calls).containsExactly("write 2560+1536");
    assertThat(disk.block(4)).isEqualTo(block(0));
    for (int lba = 5; lba < 8; lba++) {
      assertThat(disk.block(lba)).isEqualTo(block(0x5a));
    }
    assertThat(disk.block(8)).isEqualTo(block(0));
  }

  @Test
  void aLongRangeIsWrittenInBoundedPieces() {
    assertThat(engine.execute(writeSame16(0, 1, 1100), block(0x5a)).status())
        .isEqualTo(Status.GOOD);

    assertThat(disk.calls)
        .containsExactly("write 512+262144", "write 262656+262144", "write 524800+38912");
    assertThat(disk.block(1100)).isEqualTo(block(0x5a));
    assertThat(disk.block(1101)).isEqualTo(block(0));
  }

  @Test
  void zeroesAreLeftToTheDevice() {
    engine.execute(writeSame10(0, 5, 3), block(0));
    engine.execute(writeSame16(0, 6, 1), block(0));

    assertThat(disk.calls).containsExactly("zero 2560+1536", "zero 3072+512");
  }

  @Test
  void zeroesWithUnmapAreDeallocatedWhereThatReadsAsZeroes() {
    engine.execute(writeSame10(UNMAP, 5, 3), block(0));
    engine.execute(writeSame16(UNMAP, 5, 3), block(0));
    engine.execute(writeSame16(UNMAP | NDOB, 5, 3));

    assertThat(disk.calls)
        .containsExactly("deallocate 2560+1536", "deallocate 2560+1536", "deallocate 2560+1536");
  }

  @Test
  void zeroesWithUnmapAreWrittenWhereDeallocatedBlocksReadAsAnything() {
    TestDisk vague = new TestDisk(Geometry.of(512, 16), TestDisk.MEMORY.withDeallocate(false));

    Engine.over(vague).execute(writeSame10(UNMAP, 5, 3), block(0));

    assertThat(vague.calls).containsExactly("zero! 2560+1536");
  }

  @Test
  void anyOtherBlockIsWrittenInSpiteOfUnmap() {
    engine.execute(writeSame10(UNMAP, 5, 1), block(0x5a));

    assertThat(disk.calls).containsExactly("write 2560+512");
  }

  @Test
  void withoutDataOutTheBlockIsZero() {
    TestTask task = engine.start(writeSame16(NDOB, 5, 3), new byte[0]);

    assertThat(task.requested).isEqualTo(-1);
    assertThat(task.status()).isEqualTo(Status.GOOD);
    assertThat(disk.calls).containsExactly("zero 2560+1536");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 256, 511, 513, 1024})
  void anythingButOneBlockOfDataWritesNothing(int offered) {
    for (byte[] cdb : new byte[][] {writeSame10(UNMAP, 5, 3), writeSame16(0, 5, 3)}) {
      ScsiResult result = engine.execute(cdb, new byte[offered]);
      assertThat(result.sense()).isEqualTo(Sense.of(SenseKey.ILLEGAL_REQUEST, 0x0e, 0x03));
    }
    assertThat(disk.calls).isEmpty();
  }

  @Test
  void theRangeMustLieOnTheMedium() {
    assertThat(engine.execute(writeSame10(0, BLOCKS - 1, 2), block(1)).sense())
        .isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation(BLOCKS));
    assertThat(engine.execute(writeSame16(NDOB, (1L << 55) + 16, 1)).sense())
        .isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation((1L << 55) + 16));
    assertThat(engine.execute(writeSame16(UNMAP | NDOB, -1, 0)).sense())
        .isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation(-1));
    assertThat(disk.calls).isEmpty();
  }

  @Test
  void noBlocksReachToTheEndOfTheMedium() {
    assertThat(engine.execute(writeSame10(0, BLOCKS - 2, 0), block(0x5a)).status())
        .isEqualTo(Status.GOOD);
    assertThat(engine.execute(writeSame16(NDOB, BLOCKS - 1, 0)).status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(writeSame16(NDOB | UNMAP, 0, 0)).status()).isEqualTo(Status.GOOD);

    assertThat(disk.calls.subList(0, 2))
        .containsExactly("write 51198976+1024", "zero 51199488+512");
    assertThat(disk.calls.get(2)).startsWith("deallocate 0+");
    assertThat(disk.calls.get(3)).endsWith("+" + (BLOCKS * 512 - Fill.DEALLOCATE_STEP));
    assertThat(engine.execute(writeSame10(0, BLOCKS, 0), block(1)).sense())
        .isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation(BLOCKS));
  }

  @Test
  void theWholeMediumIsNotTooLong() {
    assertThat(engine.execute(writeSame16(NDOB | UNMAP, 0, BLOCKS)).status())
        .isEqualTo(Status.GOOD);
    assertThat(disk.offences).isEmpty();
  }

  @Test
  void thirtyTwoBytesDoTheSame() {
    byte[] pattern = Cdbs.thirtyTwo(0x0d, 0, 5, 3);
    byte[] zeroes = Cdbs.thirtyTwo(0x0d, NDOB, 6, 1);
    byte[] unmap = Cdbs.thirtyTwo(0x0d, UNMAP, 7, 1);

    assertThat(engine.execute(pattern, block(0x5a)).status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(zeroes).status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(unmap, block(0)).status()).isEqualTo(Status.GOOD);
    assertThat(disk.calls)
        .containsExactly("write 2560+1536", "zero 3072+512", "deallocate 3584+512");
    assertThat(engine.execute(Cdbs.thirtyTwo(0x0d, 0x10, 5, 3), block(0)).sense())
        .as("ANCHOR")
        .isEqualTo(Sense.invalidFieldInCdb(10, 4));
  }

  @Test
  void anchorAndProtectionAreRefused() {
    assertThat(engine.execute(writeSame10(0x10, 0, 1), block(0)).sense())
        .isEqualTo(Sense.invalidFieldInCdb(1, 4));
    assertThat(engine.execute(writeSame16(0x18, 0, 1), block(0)).sense())
        .isEqualTo(Sense.invalidFieldInCdb(1, 4));
    assertThat(engine.execute(writeSame10(0x20, 0, 1), block(0)).sense())
        .isEqualTo(Sense.invalidFieldInCdb(1, 5));
  }

  @Test
  void aThickDiskRefusesUnmap() {
    Engine thick = Engine.over(TestDisk.ofBlocks(16));

    assertThat(thick.execute(writeSame10(UNMAP, 0, 1), block(0)).sense())
        .isEqualTo(Sense.invalidFieldInCdb(1, 3));
    assertThat(thick.execute(writeSame10(0, 0, 1), block(0)).status()).isEqualTo(Status.GOOD);
  }

  @Test
  void aFaultInTheMiddleIsTold() {
    disk.fault = new IOException("disk on fire");

    assertThat(engine.execute(writeSame10(0, 0, 2000), block(1)).sense())
        .isEqualTo(Sense.WRITE_ERROR);
    assertThat(disk.calls).hasSize(1);
  }

  @Test
  void aBlockOfAnotherSizeMeanwhileIsNoBlock() {
    TestDisk changing = new TestDisk(Geometry.of(4096, 16), TestDisk.THIN);
    Engine other = Engine.over(changing);
    TestTask task = TestTask.of(other.nexus, 0, writeSame10(0, 3, 1), 0, new byte[4096]);
    task.enter(other.nexus.unit(0, other.unit), other.unit.table().find(task.cdb()));
    changing.geometry(Geometry.of(512, 128));
    other.unit.geometryChanged();

    task.deliverDataOut(ByteBuffer.allocate(4096));

    assertThat(task.sense()).isEqualTo(Sense.INVALID_FIELD_IN_COMMAND_INFORMATION_UNIT);
    assertThat(changing.calls).isEmpty();
  }

  @Test
  void aSlowDeviceGoesStepByStepAndAnAbortStopsIt() {
    TestDisk slow =
        new TestDisk(Geometry.of(512, BLOCKS), TestDisk.THIN.withBlocking(Blocking.LONG));
    SteppedExecutor executor = new SteppedExecutor();
    Engine slowEngine = Engine.over(LogicalUnit.of(slow), executor);
    int step = Fill.WRITE_STEP;

    TestTask task = slowEngine.start(writeSame16(NDOB, 0, 65_535), new byte[0]);
    executor.runNext();
    slowEngine.nexus.drain();
    executor.runNext();
    slowEngine.nexus.drain();
    assertThat(slow.calls).containsExactly("zero 0+" + step, "zero " + step + "+" + step);

    assertThat(task.abort()).as("free at once").isTrue();
    executor.runNext();
    slowEngine.nexus.drain();

    assertThat(executor.waiting()).isZero();
    assertThat(slow.calls).as("the third was not made").hasSize(2);
    assertThat(task.ended).isZero();
    assertThat(task.released).isZero();
  }

  @Test
  void theStepsOfASlowDeviceCoverTheRange() {
    TestDisk slow =
        new TestDisk(Geometry.of(4096, BLOCKS), TestDisk.THIN.withBlocking(Blocking.LONG));
    SteppedExecutor executor = new SteppedExecutor();
    Engine slowEngine = Engine.over(LogicalUnit.of(slow), executor);

    byte[] pattern = new byte[4096];
    pattern[4095] = 1;
    TestTask task = slowEngine.start(writeSame16(0, 3, 5000), pattern);
    while (executor.waiting() > 0) {
      executor.runNext();
      slowEngine.nexus.drain();
    }

    assertThat(task.status()).isEqualTo(Status.GOOD);
    for (long lba : new long[] {3, 2050, 2051, 5002}) {
      assertThat(slow.block(lba)).as("block %d", lba).isEqualTo(pattern);
    }
    assertThat(slow.block(2)).isEqualTo(new byte[4096]);
    assertThat(slow.block(5003)).isEqualTo(new byte[4096]);
  }
}

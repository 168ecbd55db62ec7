package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.Cdbs.FUA;
import static org.iscsi4j.scsi.Cdbs.block;
import static org.iscsi4j.scsi.Cdbs.sixteen;

import java.io.IOException;
import java.util.Arrays;
import org.iscsi4j.api.Blocking;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.LogicalUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CompareAndWriteTest {

  private static final int BLOCKS = 300;

  private final TestDisk disk = TestDisk.ofBlocks(BLOCKS);
  private final Engine engine = Engine.over(disk);

  private static byte[] compareAndWrite(int flags, long lba, int blocks) {
    return sixteen(0x89, flags, lba, blocks);
  }

  private static byte[] data(int blocks, int compare, int write) {
    byte[] data = new byte[2 * blocks * 512];
    Arrays.fill(data, 0, data.length / 2, (byte) compare);
    Arrays.fill(data, data.length / 2, data.length, (byte) write);
    return data;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 255})
  void whereTheFirstHalfStandsTheSecondIsWritten(int blocks) {
    disk.fill(5, blocks, 1);

    assertThat(engine.execute(compareAndWrite(0, 5, blocks), data(blocks, 1, 2)).status())
        .isEqualTo(Status.GOOD);
    assertThat(disk.calls).containsExactly("write 2560+" + blocks * 512);
    assertThat(disk.block(4)).isEqualTo(block(0));
    assertThat(disk.block(5)).isEqualTo(block(2));
    assertThat(disk.block(4 + blocks)).isEqualTo(block(2));
    assertThat(disk.block(5 + blocks)).isEqualTo(block(0));
  }

  @Test
  void elseNothingIsWrittenAndTheFirstDifferenceIsTold() {
    disk.fill(5, 2, 1);
    byte[] data = data(2, 1, 2);
    data[700] = 9;

    ScsiResult result = engine.execute(compareAndWrite(0, 5, 2), data);

    assertThat(result.status()).isEqualTo(Status.CHECK_CONDITION);
    assertThat(result.sense())
        .isEqualTo(Sense.of(SenseKey.MISCOMPARE, 0x1d, 0x00).withInformation(700));
    assertThat(disk.calls).isEmpty();
  }

  @Test
  void forceUnitAccessReachesTheDevice() {
    engine.execute(compareAndWrite(FUA | Cdbs.DPO, 5, 1), data(1, 0, 2));

    assertThat(disk.calls).containsExactly("writeThrough 2560+512");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 512, 1024, 2047, 2049, 3072})
  void itTakesTwiceItsBlocksOfDataAndNothingElse(int offered) {
    ScsiResult result = engine.execute(compareAndWrite(0, 5, 2), new byte[offered]);

    assertThat(result.sense()).isEqualTo(Sense.invalidFieldInCdb(13));
    assertThat(disk.calls).isEmpty();
  }

  @Test
  void noBlocksAreNoErrorAndNeedNoData() {
    assertThat(engine.execute(compareAndWrite(0, 5, 0)).status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(compareAndWrite(0, 5, 0), new byte[512]).sense())
        .isEqualTo(Sense.invalidFieldInCdb(13));
    assertThat(engine.execute(compareAndWrite(0, BLOCKS, 0)).sense())
        .isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation(BLOCKS));
  }

  @Test
  void theRangeMustLieOnTheMedium() {
    assertThat(engine.execute(compareAndWrite(0, BLOCKS - 1, 2), data(2, 0, 1)).sense())
        .isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation(BLOCKS));
    assertThat(engine.execute(compareAndWrite(0, (1L << 55) + 16, 1), data(1, 0, 1)).sense())
        .isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation((1L << 55) + 16));
    assertThat(engine.execute(compareAndWrite(0, 0, 256), data(1, 0, 1)).sense())
        .as("the field has one byte")
        .isEqualTo(Sense.invalidFieldInCdb(12, 0));
    assertThat(disk.calls).isEmpty();
  }

  @Test
  void faultsOfBothCallsAreTold() {
    disk.fault = new IOException("scratch");
    assertThat(engine.execute(compareAndWrite(0, 5, 1), data(1, 0, 1)).sense())
        .isEqualTo(Sense.UNRECOVERED_READ_ERROR);
    assertThat(disk.calls).isEmpty();

    disk.onCall = () -> disk.onCall = () -> disk.fault = new IOException("disk on fire");
    assertThat(engine.execute(compareAndWrite(0, 5, 1), data(1, 0, 1)).sense())
        .isEqualTo(Sense.WRITE_ERROR);
  }

  /** Between its two calls, a command of another nexus waits. */
  @Test
  void nobodyWritesBetweenTheComparisonAndTheWrite() {
    TestDisk slow =
        new TestDisk(Geometry.of(512, BLOCKS), TestDisk.MEMORY.withBlocking(Blocking.LONG));
    SteppedExecutor executor = new SteppedExecutor();
    Engine slowEngine = Engine.over(LogicalUnit.of(slow), executor);
    TestNexus other = slowEngine.nexus("iqn.2026-11.org.example:other");

    TestTask first = slowEngine.start(compareAndWrite(0, 5, 1), data(1, 0, 1));
    TestTask second = other.start(0, compareAndWrite(0, 5, 1), 0, data(1, 0, 2));
    TestTask third = other.start(0, Cdbs.write10(5, 1), 0, block(3));
    TestTask apart = other.start(0, Cdbs.write10(6, 1), 0, block(4));
    assertThat(executor.waiting()).as("the comparison, and the write elsewhere").isEqualTo(2);
    executor.runAll();
    slowEngine.nexus.drain();
    other.drain();
    assertThat(apart.status()).isEqualTo(Status.GOOD);
    while (executor.waiting() > 0) {
      executor.runAll();
      slowEngine.nexus.drain();
      other.drain();
    }

    assertThat(first.status()).isEqualTo(Status.GOOD);
    assertThat(second.sense()).isEqualTo(Sense.MISCOMPARE_DURING_VERIFY.withInformation(0));
    assertThat(third.status()).isEqualTo(Status.GOOD);
    assertThat(slow.calls).containsExactly("write 3072+512", "write 2560+512", "write 2560+512");
    assertThat(slow.block(5)).isEqualTo(block(3));
  }

  @Test
  void anAbortBetweenTheTwoLeavesTheMediumAsItIs() {
    TestDisk slow =
        new TestDisk(Geometry.of(512, BLOCKS), TestDisk.MEMORY.withBlocking(Blocking.LONG));
    SteppedExecutor executor = new SteppedExecutor();
    Engine slowEngine = Engine.over(LogicalUnit.of(slow), executor);

    TestTask task = slowEngine.start(compareAndWrite(0, 5, 1), data(1, 0, 1));
    executor.runNext();
    task.abort();
    slowEngine.nexus.drain();
    executor.runAll();

    assertThat(task.released).isEqualTo(1);
    assertThat(slow.calls).isEmpty();
    TestTask next = slowEngine.start(Cdbs.write10(5, 1), block(7));
    executor.runAll();
    slowEngine.nexus.drain();
    assertThat(next.status()).as("the range is free again").isEqualTo(Status.GOOD);
  }

  @Test
  void aMediumThatShrankMeanwhileIsNotWrittenBeyondItsEnd() {
    TestDisk slow =
        new TestDisk(Geometry.of(512, BLOCKS), TestDisk.MEMORY.withBlocking(Blocking.LONG));
    SteppedExecutor executor = new SteppedExecutor();
    Engine slowEngine = Engine.over(LogicalUnit.of(slow), executor);
    slowEngine.start(Cdbs.write10(5, 1), block(7));
    TestTask waits = slowEngine.start(compareAndWrite(0, 5, 1), data(1, 7, 1));

    executor.runAll();
    slow.geometry(Geometry.of(512, 5));
    slowEngine.unit.geometryChanged();
    slowEngine.nexus.drain();

    assertThat(waits.sense()).isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation(5));
    assertThat(slow.offences).isEmpty();
  }
}

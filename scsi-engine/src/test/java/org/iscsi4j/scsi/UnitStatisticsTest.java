package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.iscsi4j.api.BlockDeviceException;
import org.iscsi4j.api.Blocking;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.monitor.CommandKind;
import org.iscsi4j.api.monitor.CommandStatistics;
import org.iscsi4j.api.monitor.LatencyHistogram;
import org.iscsi4j.api.monitor.UnitStatistics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the host is told of the commands of a unit. */
class UnitStatisticsTest {

  private final TestDisk disk = TestDisk.thin(64);
  private long time = 1_000_000_000;
  private int clockReadings;
  private final Engine engine = engine(disk, new SteppedExecutor());

  private Engine engine(TestDisk over, SteppedExecutor executor) {
    return Engine.over(LogicalUnit.of(over), new Devices(executor, this::clock));
  }

  private long clock() {
    clockReadings++;
    return time;
  }

  // ---- operations and bytes

  @Test
  void aUnitThatNobodyUsedHasNone() {
    assertThat(statistics()).isEqualTo(UnitStatistics.NONE);
  }

  @Test
  void commandsAreCountedByKindWithTheBytesThatTheyMove() {
    engine.execute(Cdbs.read10(0, 3));
    engine.execute(Cdbs.six(0x08, 0, 1));
    engine.execute(Cdbs.write10(0, 2), Cdbs.blocks(2));
    engine.execute(Cdbs.unmap(24), Cdbs.unmapList(0, 8));
    engine.execute(Cdbs.ten(0x35, 0, 0, 0));
    engine.execute(Cdbs.inquiry(36));

    assertThat(operationsAndBytes(CommandKind.READ)).containsExactly(2, 4 * 512);
    assertThat(operationsAndBytes(CommandKind.WRITE)).containsExactly(1, 2 * 512);
    assertThat(operationsAndBytes(CommandKind.UNMAP)).containsExactly(1, 24);
    assertThat(operationsAndBytes(CommandKind.SYNCHRONIZE)).containsExactly(1, 0);
    assertThat(operationsAndBytes(CommandKind.OTHER)).containsExactly(1, 36);
    assertThat(statistics().total().errors()).isZero();
  }

  @Test
  void noMoreBytesAreCountedThanTheInitiatorIsReadyFor() {
    engine.execute(engine.nexus, Cdbs.read10(0, 8), 1000, new byte[0]);
    engine.execute(engine.nexus, Cdbs.write10(0, 8), 0, Cdbs.blocks(3));

    assertThat(operationsAndBytes(CommandKind.READ)).containsExactly(1, 1000);
    assertThat(operationsAndBytes(CommandKind.WRITE)).containsExactly(1, 3 * 512);
  }

  @ParameterizedTest
  @CsvSource({
    "0x08, -1, READ, SIX",
    "0x28, -1, READ, TEN",
    "0xa8, -1, READ, TWELVE",
    "0x88, -1, READ, SIXTEEN",
    "0x7f, 0x09, READ, THIRTY_TWO",
    "0x0a, -1, WRITE, SIX",
    "0x2a, -1, WRITE, TEN",
    "0xaa, -1, WRITE, TWELVE",
    "0x8a, -1, WRITE, SIXTEEN",
    "0x7f, 0x0b, WRITE, THIRTY_TWO",
    "0x2e, -1, WRITE, TEN",
    "0xae, -1, WRITE, TWELVE",
    "0x8e, -1, WRITE, SIXTEEN",
    "0x7f, 0x0c, WRITE, THIRTY_TWO",
    "0x41, -1, WRITE, TEN",
    "0x93, -1, WRITE, SIXTEEN",
    "0x7f, 0x0d, WRITE, THIRTY_TWO",
    "0x89, -1, WRITE, COMPARE_AND_WRITE",
    "0x8b, -1, WRITE, SIXTEEN",
    "0x7f, 0x0e, WRITE, THIRTY_TWO",
    "0x9c, -1, WRITE, WRITE_ATOMIC",
    "0x42, -1, UNMAP,",
    "0x35, -1, SYNCHRONIZE, TEN",
    "0x91, -1, SYNCHRONIZE, SIXTEEN",
    "0x2f, -1, OTHER, TEN",
    "0xaf, -1, OTHER, TWELVE",
    "0x8f, -1, OTHER, SIXTEEN",
    "0x7f, 0x0a, OTHER, THIRTY_TWO",
    "0x34, -1, OTHER, TEN",
    "0x90, -1, OTHER, SIXTEEN",
    "0x83, 0x10, OTHER,",
    "0x7f, 0x12, OTHER,",
    "0x00, -1, OTHER,",
  })
  void everyCommandHasItsKindAndLayout(
      String opcode, String action, CommandKind kind, BlockCdb layout) {
    assertThat(Access.kind(Integer.decode(opcode), Integer.decode(action))).isEqualTo(kind);
    assertThat(BlockCdb.of(Integer.decode(opcode), Integer.decode(action))).isEqualTo(layout);
  }

  @Test
  void layoutsKnowTheirFields() {
    assertThat(range(BlockCdb.TEN, Cdbs.read10(0xffff_fffeL, 0xffff)))
        .containsExactly(0xffff_fffeL, 0xffff);
    assertThat(range(BlockCdb.TWELVE, Cdbs.twelve(0xaa, 0, 1, 0xffff_ffffL)))
        .containsExactly(1, 0xffff_ffffL);
    assertThat(range(BlockCdb.SIXTEEN, Cdbs.write16(1L << 40, 0xffff_ffffL)))
        .containsExactly(1L << 40, 0xffff_ffffL);
    assertThat(range(BlockCdb.THIRTY_TWO, Cdbs.thirtyTwo(0x09, 0, 1L << 40, 5)))
        .containsExactly(1L << 40, 5);
    assertThat(range(BlockCdb.COMPARE_AND_WRITE, Cdbs.sixteen(0x89, 0, 1L << 40, 0xf00_0007L)))
        .containsExactly(1L << 40, 7);
    assertThat(range(BlockCdb.WRITE_ATOMIC, Cdbs.sixteen(0x9c, 0, 1L << 40, 0xff_0708L)))
        .containsExactly(1L << 40, 0x708);
  }

  private static long[] range(BlockCdb layout, byte[] cdb) {
    return new long[] {layout.lba(Cdb.of(cdb)), layout.blocks(Cdb.of(cdb))};
  }

  // ---- errors

  @Test
  void errorsAreCountedBySenseKeyAndMoveNoBytes() {
    engine.execute(Cdbs.read10(64, 1));
    engine.execute(Cdbs.read10(65, 1));
    disk.fault = new IOException("for the test");
    engine.execute(Cdbs.read10(0, 1));

    CommandStatistics reads = statistics().of(CommandKind.READ);
    assertThat(reads.checkConditions()).isEqualTo(Map.of(5, 2L, 3, 1L));
    assertThat(reads.errors()).isEqualTo(3);
    assertThat(reads.operations()).isEqualTo(3);
    assertThat(reads.bytes()).isZero();
    assertThat(reads.latency()).isEqualTo(LatencyHistogram.EMPTY);
  }

  @Test
  void anUnknownCommandIsAnError() {
    engine.execute(Cdbs.hex("ff 00 00 00 00 00"));

    assertThat(statistics().of(CommandKind.OTHER).checkConditions()).isEqualTo(Map.of(5, 1L));
  }

  @Test
  void conflictsAreCountedApart() {
    TestNexus other = engine.nexus("iqn.2026-11.org.example:other,i,0x000000000002");
    engine.execute(Cdbs.hex("16 00 000000 00"));

    engine.execute(other, Cdbs.write10(0, 1));

    assertThat(statistics().of(CommandKind.WRITE))
        .isEqualTo(new CommandStatistics(0, Map.of(), 1, 0, 0, 0, LatencyHistogram.EMPTY));
  }

  @Test
  void aFullTaskSetAndABusyDeviceAreCountedApart() {
    TestDisk slow = new TestDisk(Geometry.of(512, 64), TestDisk.THIN.withBlocking(Blocking.LONG));
    SteppedExecutor executor = new SteppedExecutor();
    Engine offloaded = engine(slow, executor);
    slow.fault = new BlockDeviceException(BlockDeviceException.Kind.BUSY, "for the test");
    TestTask busy = offloaded.start(Cdbs.read10(0, 1), new byte[0]);
    executor.runAll();
    offloaded.nexus.drain();
    assertThat(busy.status()).isEqualTo(Status.BUSY);
    for (int command = 0; command <= TaskSet.LIMIT; command++) {
      offloaded.start(Cdbs.read10(0, 1), new byte[0]);
    }

    CommandStatistics reads = offloaded.unit.snapshot().statistics().of(CommandKind.READ);
    assertThat(reads.busy()).isEqualTo(1);
    assertThat(reads.taskSetFull()).isEqualTo(1);
    assertThat(reads.operations()).isEqualTo(2);
    assertThat(offloaded.unit.snapshot().outstandingCommands()).isEqualTo(TaskSet.LIMIT);
  }

  @Test
  void anAbortedCommandIsCountedOnceAndApart() {
    TestDisk slow = new TestDisk(Geometry.of(512, 64), TestDisk.THIN.withBlocking(Blocking.LONG));
    SteppedExecutor executor = new SteppedExecutor();
    Engine offloaded = engine(slow, executor);
    TestTask task = offloaded.start(Cdbs.write10(0, 1), Cdbs.block(1));
    slow.onCall = task::abort;

    executor.runAll();
    offloaded.nexus.drain();
    task.abort();

    assertThat(task.released).isEqualTo(1);
    assertThat(offloaded.unit.snapshot().statistics().of(CommandKind.WRITE))
        .isEqualTo(new CommandStatistics(0, Map.of(), 0, 0, 0, 1, LatencyHistogram.EMPTY));
  }

  // ---- nexuses

  @Test
  void allNexusesAreSummedUpThoseThatAreGoneIncluded() {
    TestNexus other = engine.nexus("iqn.2026-11.org.example:other,i,0x000000000002");
    engine.execute(other, Cdbs.read10(0, 2));
    engine.execute(other, Cdbs.read10(64, 2));
    engine.execute(Cdbs.read10(0, 3));
    UnitStatistics before = statistics();
    assertThat(operationsAndBytes(CommandKind.READ)).containsExactly(3, 5 * 512);

    other.close();

    assertThat(statistics()).isEqualTo(before);
    engine.execute(Cdbs.read10(0, 1));
    assertThat(operationsAndBytes(CommandKind.READ)).containsExactly(4, 6 * 512);
  }

  @Test
  void anInitiatorThatResetsTheLogPageResetsNothingHere() {
    engine.execute(Cdbs.read10(0, 2));

    engine.execute(Cdbs.hex("4c 02 c0 00 00 00 00 0000 00"));

    assertThat(engine.unit.logValues().accesses().totals()).isEqualTo(AccessTotals.NONE);
    assertThat(operationsAndBytes(CommandKind.READ)).containsExactly(1, 2 * 512);
  }

  // ---- latency

  @Test
  void latencyIsTheTimeFromTheArrivalOfACommandToItsStatus() {
    TestTask write = TestTask.arrived(engine.nexus, Cdbs.write10(0, 1), Cdbs.block(1), time);
    write.late = true;
    time += 300_000;
    engine.router.execute(write);
    time += 700_000;
    write.give();

    LatencyHistogram latency = statistics().of(CommandKind.WRITE).latency();
    assertThat(latency.count()).isEqualTo(1);
    assertThat(latency.sum()).isEqualTo(1_000_000);
    assertThat(latency.max()).isEqualTo(1_000_000);
  }

  @Test
  void theLongestIsKept() {
    for (long took : new long[] {5000, 9000, 2000}) {
      TestTask read = TestTask.arrived(engine.nexus, Cdbs.read10(0, 1), new byte[0], time);
      time += took;
      engine.router.execute(read);
    }

    LatencyHistogram latency = statistics().of(CommandKind.READ).latency();
    assertThat(latency.max()).isEqualTo(9000);
    assertThat(latency.sum()).isEqualTo(16_000);
    assertThat(latency.buckets()).hasSize(3);
  }

  @Test
  void aClockThatRunsBackCountsAsNoTime() {
    engine.router.execute(
        TestTask.arrived(engine.nexus, Cdbs.read10(0, 1), new byte[0], time + 5000));

    assertThat(statistics().of(CommandKind.READ).latency().sum()).isZero();
    assertThat(statistics().of(CommandKind.READ).latency().count()).isEqualTo(1);
  }

  @Test
  void shortCommandsOfOneBatchShareAReadingOfTheClock() {
    int before = clockReadings;
    for (int command = 0; command <= AccessCounters.SHARERS; command++) {
      engine.router.execute(TestTask.arrived(engine.nexus, Cdbs.read10(0, 1), new byte[0], 7));
    }
    assertThat(clockReadings - before).isEqualTo(2);

    engine.router.execute(TestTask.arrived(engine.nexus, Cdbs.read10(0, 1), new byte[0], 8));
    assertThat(clockReadings - before).as("another batch").isEqualTo(3);
  }

  @Test
  void aCommandThatWaitedIsMeasuredForItself() {
    List<TestTask> writes = new ArrayList<>();
    for (int command = 0; command < 3; command++) {
      TestTask write = TestTask.arrived(engine.nexus, Cdbs.write10(0, 1), Cdbs.block(1), time);
      write.late = true;
      writes.add(write);
      engine.router.execute(write);
    }
    engine.router.execute(TestTask.arrived(engine.nexus, Cdbs.write10(0, 1), Cdbs.block(1), time));
    for (TestTask write : writes) {
      time += 10_000;
      write.give();
    }

    assertThat(statistics().of(CommandKind.WRITE).latency().sum())
        .isEqualTo(10_000 + 20_000 + 30_000);
  }

  @Test
  void aLongCommandIsMeasuredForItself() {
    Engine large = engine(TestDisk.ofBlocks(64), new SteppedExecutor());
    int before = clockReadings;
    for (int command = 0; command < 3; command++) {
      large.router.execute(TestTask.arrived(large.nexus, Cdbs.read10(0, 17), new byte[0], 7));
    }
    assertThat(clockReadings - before).isEqualTo(3);
  }

  private UnitStatistics statistics() {
    return engine.unit.snapshot().statistics();
  }

  private long[] operationsAndBytes(CommandKind kind) {
    CommandStatistics commands = statistics().of(kind);
    return new long[] {commands.operations(), commands.bytes()};
  }
}

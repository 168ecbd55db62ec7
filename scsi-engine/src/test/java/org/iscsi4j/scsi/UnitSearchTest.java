package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.iscsi4j.scsi.Cdbs.TEST_UNIT_READY;
import static org.iscsi4j.scsi.Cdbs.hex;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.iscsi4j.api.LogicalUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Units that are found when a nexus first addresses their numbers. */
class UnitSearchTest {

  private static final byte[] NOTHING = {};
  private static final byte[] REQUEST_SENSE = hex("03 01 0000 ff 00");
  private static final byte[] REPORT_LUNS = hex("a0 00 00 000000 00000400 00 00");
  private static final Duration LIMIT = Duration.ofSeconds(7);

  private final TestDisk disk = TestDisk.ofBlocks(16);
  private final Devices devices = new Devices(Runnable::run);
  private final DeviceServer unit = DeviceServer.of(LogicalUnit.of(disk), Engine.IDENTITY, devices);
  private final DeviceServer other =
      DeviceServer.of(LogicalUnit.of(TestDisk.ofBlocks(16)), Engine.IDENTITY, devices);

  private final Finder finder = new Finder();
  private final TestNexus nexus =
      new TestNexus("host", router(Map.of(0, MappedUnit.of(other), 3, sought(finder))));

  /** Answers when the test says so. */
  private static final class Finder implements UnitFinder {

    final List<String> asked = new ArrayList<>();
    final List<DeviceServer> released = new ArrayList<>();
    private final Queue<Consumer<Found>> open = new ArrayDeque<>();

    @Override
    public void find(Nexus nexus, int number, Consumer<Found> then) {
      asked.add(nexus.initiatorPort() + " " + number);
      open.add(then);
    }

    void answer(Found found) {
      open.remove().accept(found);
    }

    @Override
    public void released(DeviceServer server) {
      released.add(server);
    }
  }

  // ---- found

  @Test
  void commandsWaitForTheUnitAndThenRunInTheOrderThatTheyCame() {
    TestTask first = start(TEST_UNIT_READY);
    TestTask write = start(Cdbs.write10(1, 1), Cdbs.block(7));
    TestTask read = start(Cdbs.read10(1, 1));
    assertThat(finder.asked).containsExactly("host 3");
    assertThat(nexus.limits).containsExactly(LIMIT);

    finder.answer(UnitFinder.Found.unit(unit));
    assertThat(first.ended).as("on the thread of the finder").isZero();
    nexus.drain();

    assertThat(first.sense()).isEqualTo(UnitAttention.POWER_ON.sense());
    assertThat(write.status()).isEqualTo(Status.GOOD);
    assertThat(read.received()).isEqualTo(Cdbs.block(7));
    assertThat(finder.asked).hasSize(1);
  }

  @Test
  void aUnitThatWasFoundIsNotLookedForAgain() {
    find();

    assertThat(execute(TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
    assertThat(finder.asked).hasSize(1);
    assertThat(nexus.router().find(Lun.encode(3))).contains(unit);
    assertThat(nexus.router().seeks(Lun.encode(3))).isFalse();
    nexus.timeIsUp();
    nexus.drain();
    assertThat(execute(TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
  }

  @Test
  void inquiryFindsItToo() {
    TestTask inquiry = start(Cdbs.inquiry(36));
    assertThat(inquiry.ended).isZero();

    finder.answer(UnitFinder.Found.unit(unit));
    nexus.drain();

    assertThat(inquiry.received()[0]).isZero();
  }

  @Test
  void reportLunsListsItWithoutFindingIt() {
    String list = "0000001000000000" + "0".repeat(16) + "0003000000000000";
    for (int number : new int[] {0, 3, 9}) {
      TestTask task = nexus.start(Lun.encode(number), REPORT_LUNS, 1024, NOTHING);
      assertThat(ScsiResult.of(task).hex()).isEqualTo(list);
    }
    assertThat(finder.asked).isEmpty();
  }

  @Test
  void theOtherUnitsDoNotWait() {
    start(TEST_UNIT_READY);

    assertThat(nexus.start(0, Cdbs.inquiry(36), 36, NOTHING).status()).isEqualTo(Status.GOOD);
  }

  @Test
  void whoMayOnlyReadReadsWhatWasFound() {
    nexus.route(router(Map.of(3, MappedUnit.soughtBy(finder, LIMIT, true))), () -> {});
    find();

    assertThat(execute(Cdbs.write10(1, 1), Cdbs.block(7)).sense()).isEqualTo(Sense.WRITE_PROTECTED);
  }

  @Test
  void anAnswerMayComeOnAnyThread() throws Exception {
    TestTask task = start(TEST_UNIT_READY);

    Thread elsewhere = new Thread(() -> finder.answer(UnitFinder.Found.unit(unit)));
    elsewhere.start();
    nexus.await();
    elsewhere.join();

    assertThat(task.ended).isEqualTo(1);
  }

  @Test
  void anAnswerMayComeAtOnce() {
    nexus.route(
        router(
            Map.of(
                3,
                MappedUnit.soughtBy(
                    (asking, number, then) -> then.accept(UnitFinder.Found.unit(unit)),
                    LIMIT,
                    false))),
        () -> {});

    assertThat(execute(TEST_UNIT_READY).sense()).isEqualTo(UnitAttention.POWER_ON.sense());
  }

  // ---- not found

  private static Stream<Arguments> failures() {
    return Stream.of(
        Arguments.of(UnitFinder.Found.NOT_FOUND, "7205250000000000"),
        Arguments.of(UnitFinder.Found.FORBIDDEN, "7205200200000000"),
        Arguments.of(UnitFinder.Found.UNAVAILABLE, "7202040000000000"));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void commandsThatWaitedEndWithTheFailureAndTheNextAsksAgain(
      UnitFinder.Found failure, String sense) {
    TestTask ready = start(TEST_UNIT_READY);
    TestTask read = start(Cdbs.read10(1, 1));
    TestTask told = start(REQUEST_SENSE);
    finder.answer(failure);
    nexus.drain();

    assertThat(HexFormat.of().formatHex(ready.sense().toBytes(true))).isEqualTo(sense);
    assertThat(read.sense()).isEqualTo(ready.sense());
    assertThat(ScsiResult.of(told).hex()).isEqualTo(sense);
    assertThat(finder.asked).hasSize(1);

    find();
    assertThat(finder.asked).hasSize(2);
    assertThat(execute(TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
  }

  @Test
  void inquirySaysThatNothingIsThereUnlessThatIsUncertain() {
    assertThat(inquiry(UnitFinder.Found.NOT_FOUND).hex()).startsWith("7f");
    assertThat(inquiry(UnitFinder.Found.FORBIDDEN).hex()).startsWith("7f");
    assertThat(inquiry(UnitFinder.Found.UNAVAILABLE).sense())
        .isEqualTo(Sense.of(SenseKey.NOT_READY, 0x04, 0x00));
  }

  private ScsiResult inquiry(UnitFinder.Found failure) {
    TestTask task = start(Cdbs.inquiry(36));
    finder.answer(failure);
    nexus.drain();
    return ScsiResult.of(task);
  }

  @Test
  void aFinderThatNeverAnswersIsGivenUpAndWhatItFindsTooLateIsGivenBack() {
    TestTask task = start(TEST_UNIT_READY);

    nexus.timeIsUp();
    nexus.drain();
    assertThat(task.sense()).isEqualTo(Sense.of(SenseKey.NOT_READY, 0x04, 0x00));

    finder.answer(UnitFinder.Found.unit(unit));
    nexus.drain();
    assertThat(finder.released).containsExactly(unit);
    assertThat(nexus.router().seeks(Lun.encode(3))).isTrue();
  }

  @Test
  void aFinderThatThrowsIsUnavailable() {
    UnitFinder broken =
        (asking, number, then) -> {
          throw new IllegalStateException("for the test");
        };
    nexus.route(router(Map.of(3, sought(broken))), () -> {});

    assertThat(execute(TEST_UNIT_READY).sense())
        .isEqualTo(Sense.of(SenseKey.NOT_READY, 0x04, 0x00));
  }

  @Test
  void aSearchHasALimit() {
    assertThatThrownBy(() -> MappedUnit.soughtBy(finder, Duration.ZERO, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("limit PT0S is not more than 0");
  }

  // ---- waiting commands

  @Test
  void aCommandThatWaitsCanBeAborted() {
    TestTask aborted = start(TEST_UNIT_READY);
    TestTask stays = start(TEST_UNIT_READY);

    assertThat(aborted.abort()).isTrue();
    finder.answer(UnitFinder.Found.unit(unit));
    nexus.drain();

    assertThat(aborted.ended).isZero();
    assertThat(stays.ended).isEqualTo(1);
  }

  @Test
  void aCommandThatWaitsMayLoseItsData() {
    TestTask lost = start(Cdbs.write10(1, 1), Cdbs.block(7));

    lost.transferFailed(Sense.INCORRECT_AMOUNT_OF_DATA);
    finder.answer(UnitFinder.Found.unit(unit));
    nexus.drain();

    assertThat(lost.ended).isEqualTo(1);
    assertThat(lost.sense()).isEqualTo(Sense.INCORRECT_AMOUNT_OF_DATA);
  }

  @Test
  void soManyCommandsWaitAndNoMore() {
    for (int i = 0; i < TaskSet.LIMIT; i++) {
      assertThat(start(TEST_UNIT_READY).ended).isZero();
    }

    assertThat(start(TEST_UNIT_READY).status()).isEqualTo(Status.TASK_SET_FULL);
  }

  @Test
  void theEndOfTheNexusGivesBackWhatItFound() {
    find();

    nexus.close();

    assertThat(finder.released).containsExactly(unit);
  }

  @Test
  void theEndOfTheNexusEndsTheSearch() {
    start(TEST_UNIT_READY).abort();
    nexus.close();

    finder.answer(UnitFinder.Found.unit(unit));
    nexus.drain();

    assertThat(finder.released).containsExactly(unit);
    assertThat(unit.nexuses()).isEmpty();
  }

  // ---- another router

  @Test
  void aUnitThatWasFoundStaysWhenTheNextRouterLooksInTheSameWay() {
    find();
    nexus.attentions.clear();

    nexus.route(router(Map.of(0, MappedUnit.of(other), 3, sought(finder))), () -> {});

    assertThat(execute(TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
    assertThat(finder.asked).hasSize(1);
    assertThat(finder.released).isEmpty();
    assertThat(nexus.attentions).isEmpty();
  }

  @Test
  void aUnitThatWasFoundIsGivenBackWhenItsNumberGoes() {
    find();

    nexus.route(router(Map.of(0, MappedUnit.of(other))), () -> {});

    assertThat(finder.released).containsExactly(unit);
    assertThat(execute(TEST_UNIT_READY).sense()).isEqualTo(Sense.LOGICAL_UNIT_NOT_SUPPORTED);
  }

  @Test
  void aUnitThatNeedsNoFinderAnyMoreKeepsWhatTheNexusHolds() {
    find();
    nexus.attentions.clear();

    nexus.route(router(Map.of(0, MappedUnit.of(other), 3, MappedUnit.of(unit))), () -> {});

    assertThat(finder.released).as("counted in another way now").containsExactly(unit);
    assertThat(nexus.attentions).isEmpty();
    assertThat(execute(TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
  }

  @Test
  void commandsThatWaitGoWhereTheNextRouterSendsThem() {
    TestTask waiting = start(Cdbs.inquiry(36));
    nexus.route(router(Map.of(3, MappedUnit.of(unit))), () -> {});
    assertThat(waiting.received()[0]).isZero();

    nexus.route(router(Map.of(3, sought(finder))), () -> {});
    TestTask lost = start(TEST_UNIT_READY);
    nexus.route(router(Map.of()), () -> {});
    assertThat(lost.sense()).isEqualTo(Sense.LOGICAL_UNIT_NOT_SUPPORTED);

    finder.answer(UnitFinder.Found.unit(unit));
    finder.answer(UnitFinder.Found.unit(unit));
    nexus.drain();
    assertThat(finder.released).containsExactly(unit, unit);
  }

  @Test
  void aSearchGoesOnWhenTheNextRouterLooksInTheSameWay() {
    TestTask waiting = start(Cdbs.write10(1, 1), Cdbs.block(7));

    nexus.route(router(Map.of(3, MappedUnit.soughtBy(finder, LIMIT, true))), () -> {});
    finder.answer(UnitFinder.Found.unit(unit));
    nexus.drain();

    assertThat(finder.asked).hasSize(1);
    assertThat(waiting.sense()).isEqualTo(UnitAttention.POWER_ON.sense());
    assertThat(execute(Cdbs.write10(1, 1), Cdbs.block(7)).sense()).isEqualTo(Sense.WRITE_PROTECTED);
  }

  // ---- set-up

  private static MappedUnit sought(UnitFinder by) {
    return MappedUnit.soughtBy(by, LIMIT, false);
  }

  private static TaskRouter router(Map<Integer, MappedUnit> units) {
    return new TaskRouter(units, any -> List.of());
  }

  /** Finds the unit, which tells of its power on. */
  private void find() {
    start(TEST_UNIT_READY);
    finder.answer(UnitFinder.Found.unit(unit));
    nexus.drain();
  }

  private TestTask start(byte[] cdb, byte... dataOut) {
    return nexus.start(Lun.encode(3), cdb, 1024, dataOut);
  }

  private ScsiResult execute(byte[] cdb, byte... dataOut) {
    TestTask task = start(cdb, dataOut);
    nexus.drain();
    assertThat(task.ended).isEqualTo(1);
    return ScsiResult.of(task);
  }
}

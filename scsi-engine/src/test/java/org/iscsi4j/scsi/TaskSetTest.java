package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.Cdbs.TEST_UNIT_READY;

import java.util.ArrayList;
import java.util.List;
import org.iscsi4j.api.Blocking;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.LogicalUnit;
import org.junit.jupiter.api.Test;

/** Task attributes (SAM-5 clause 8.6) and auto contingent allegiance (clause 5.10). */
class TaskSetTest {

  private static final byte[] READ = Cdbs.read10(0, 1);

  /** A command that fails: beyond the medium, with NACA. */
  private static final byte[] FAULT = Cdbs.hex("28 00 00001000 00 0001 04");

  private static final byte[] FAULT_WITHOUT_NACA = Cdbs.hex("28 00 00001000 00 0001 00");

  private static final byte[] READY_WITH_NACA = Cdbs.hex("00 00000000 04");

  private final SteppedExecutor device = new SteppedExecutor();
  private final Engine engine =
      Engine.over(
          LogicalUnit.of(
              new TestDisk(Geometry.of(512, 16), TestDisk.MEMORY.withBlocking(Blocking.LONG))),
          device);
  private final TestNexus one = engine.nexus;
  private final TestNexus two = engine.nexus("two");

  private void drain() {
    // what one hands to the other may hand something back
    for (int i = 0; i < 8; i++) {
      one.drain();
      two.drain();
    }
  }

  /** Lets the device end the call that is longest under way. */
  private void endOne() {
    device.runNext();
    drain();
  }

  private TestTask simple(TestNexus nexus) {
    return start(nexus, TaskAttribute.SIMPLE, READ);
  }

  private TestTask ordered(TestNexus nexus) {
    return start(nexus, TaskAttribute.ORDERED, READ);
  }

  private TestTask start(TestNexus nexus, TaskAttribute attribute, byte[] cdb) {
    TestTask task = nexus.start(attribute, cdb);
    drain();
    return task;
  }

  // ---- order

  @Test
  void simpleCommandsRunSideBySide() {
    simple(one);
    start(one, TaskAttribute.UNTAGGED, READ);
    simple(two);

    assertThat(device.waiting()).isEqualTo(3);
  }

  @Test
  void orderedWaitsForOlderOnesAndYoungerOnesWaitForIt() {
    TestTask a = simple(one);
    TestTask b = ordered(one);
    TestTask c = simple(one);
    assertThat(device.waiting()).isEqualTo(1);

    endOne();
    assertThat(a.ended).isEqualTo(1);
    assertThat(device.waiting()).isEqualTo(1);

    endOne();
    assertThat(b.ended).isEqualTo(1);
    assertThat(c.ended).isZero();

    endOne();
    assertThat(c.ended).isEqualTo(1);
  }

  @Test
  void headOfQueueStartsAtOnceAndYoungerOnesWaitForIt() {
    simple(one);
    ordered(one);
    TestTask head = start(one, TaskAttribute.HEAD_OF_QUEUE, READ);
    assertThat(device.waiting()).as("the simple one and the head").isEqualTo(2);

    device.runAll();
    drain();
    assertThat(head.ended).isEqualTo(1);
    assertThat(device.waiting()).as("the ordered one").isEqualTo(1);

    endOne();
    start(one, TaskAttribute.HEAD_OF_QUEUE, READ);
    simple(one);
    assertThat(device.waiting()).as("the simple one waits for the head").isEqualTo(1);
    endOne();
    assertThat(device.waiting()).isEqualTo(1);
  }

  @Test
  void manyThatWaitedStartTogether() {
    ordered(one);
    for (int i = 0; i < 200; i++) {
      start(one, TaskAttribute.SIMPLE, TEST_UNIT_READY);
    }
    TestTask last = simple(one);

    endOne();
    assertThat(device.waiting()).isEqualTo(1);
    endOne();
    assertThat(last.ended).isEqualTo(1);
  }

  @Test
  void orderedWaitsForOtherNexusesAndTheyWaitForIt() {
    TestTask older = simple(two);
    TestTask ordered = ordered(one);
    TestTask younger = simple(two);
    assertThat(device.waiting()).as("the older one").isEqualTo(1);

    endOne();
    assertThat(older.ended).isEqualTo(1);
    assertThat(device.waiting()).as("the ordered one").isEqualTo(1);

    endOne();
    assertThat(ordered.ended).isEqualTo(1);
    assertThat(younger.ended).isZero();
    assertThat(device.waiting()).as("the younger one").isEqualTo(1);

    endOne();
    assertThat(younger.ended).isEqualTo(1);
    assertThat(engine.unit.undisturbed()).isTrue();
  }

  @Test
  void simpleOnesBehindAnOrderedOneDoNotKeepTheUnitFromOthers() {
    ordered(one);
    simple(one);
    TestTask other = simple(two);

    endOne();
    assertThat(device.waiting()).as("the simple ones of both").isEqualTo(2);
    simple(one);
    device.runAll();
    drain();
    assertThat(other.ended).isEqualTo(1);
  }

  @Test
  void nexusWithNothingButOrderedOnesLetsOthersGo() {
    ordered(one);
    ordered(one);
    TestTask other = simple(two);
    for (int i = 0; i < 4 && other.ended == 0; i++) {
      ordered(one);
      endOne();
    }

    assertThat(other.ended).isEqualTo(1);
  }

  @Test
  void headsOfQueueDoNotKeepTheUnitFromOthers() {
    TestTask ordered = ordered(one);
    TestTask other = simple(two);
    start(one, TaskAttribute.HEAD_OF_QUEUE, READ);

    endOne();
    assertThat(ordered.ended).isEqualTo(1);
    assertThat(device.waiting()).as("the head of queue, and that of the other").isEqualTo(2);
    device.runAll();
    drain();
    assertThat(other.ended).isEqualTo(1);
  }

  @Test
  void orderedOnesOfTwoNexusesTakeTurns() {
    List<TestTask> tasks = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      tasks.add(one.start(TaskAttribute.ORDERED, READ));
      tasks.add(two.start(TaskAttribute.ORDERED, READ));
    }
    drain();

    for (int i = 0; i < tasks.size(); i++) {
      assertThat(device.waiting()).isEqualTo(1);
      endOne();
    }
    assertThat(tasks).allMatch(task -> task.ended == 1);
    assertThat(engine.unit.undisturbed()).isTrue();
  }

  @Test
  void abortedBeforeItStartedANotherTakesItsPlace() {
    simple(two);
    TestTask ordered = ordered(one);
    TestTask younger = simple(one);
    assertThat(device.waiting()).isEqualTo(1);

    assertThat(ordered.abort()).as("free at once").isTrue();
    assertThat(device.waiting()).as("nothing starts while others may be aborted").isEqualTo(1);
    drain();
    endOne();
    assertThat(device.waiting()).as("the younger one").isEqualTo(1);
    endOne();
    assertThat(younger.ended).isEqualTo(1);
    assertThat(ordered.ended).isZero();
    assertThat(engine.unit.undisturbed()).isTrue();
  }

  @Test
  void aCommandWhoseDataAreLostBeforeItStartedNeverStarts() {
    simple(one);
    TestTask lost = ordered(one);
    TestTask behind = ordered(one);

    lost.transferFailed(Sense.INCORRECT_AMOUNT_OF_DATA);
    endOne();
    endOne();

    assertThat(lost.ended).isEqualTo(1);
    assertThat(lost.sense()).isEqualTo(Sense.INCORRECT_AMOUNT_OF_DATA);
    assertThat(behind.ended).isEqualTo(1);
    assertThat(device.waiting()).isZero();
  }

  @Test
  void abortedWhileItRunsItLetsOthersGo() {
    TestTask ordered = ordered(one);
    TestTask younger = simple(two);
    assertThat(device.waiting()).isEqualTo(1);

    ordered.abort();
    drain();
    device.runAll();
    drain();
    assertThat(younger.ended).isEqualTo(1);
  }

  @Test
  void nexusThatIsLostLetsOthersGo() {
    simple(two);
    TestTask waits = ordered(one);
    TestTask younger = simple(two);

    waits.abort();
    one.close();
    drain();
    device.runAll();
    drain();
    device.runAll();
    drain();
    assertThat(younger.ended).isEqualTo(1);
    assertThat(engine.unit.undisturbed()).isTrue();
  }

  @Test
  void nexusThatIsLostIsNotWaitedFor() {
    TestTask older = simple(two);
    TestTask ordered = ordered(one);

    older.abort();
    two.close();
    drain();
    device.runAll();
    drain();
    device.runAll();
    drain();
    assertThat(ordered.ended).isEqualTo(1);
  }

  @Test
  void oneTooManyFindsTheTaskSetFull() {
    for (int i = 0; i < TaskSet.LIMIT; i++) {
      assertThat(simple(one).ended).isZero();
    }

    TestTask refused = simple(one);

    assertThat(refused.ended).isEqualTo(1);
    assertThat(refused.status()).isEqualTo(Status.TASK_SET_FULL);
    assertThat(simple(two).ended).as("of another nexus").isZero();
    endOne();
    assertThat(simple(one).ended).as("there is room again").isZero();
  }

  // ---- what QERR and TST ask for

  private void control(int taskSetType, int queueErrorManagement) {
    // MODE SELECT(6) of the control page with the values that it has, but for these
    byte[] page = engine.execute(Cdbs.hex("1a 08 0a 00 ff 00")).data();
    page[0] = 0; // MODE DATA LENGTH is reserved in a list
    page[2] = 0;
    page[6] = (byte) (page[6] & 0x1f | taskSetType << 5);
    page[7] = (byte) (page[7] & ~0x06 | queueErrorManagement << 1);
    byte[] select = Cdbs.hex("15 10 00 00 00 00");
    select[4] = (byte) page.length;
    TestTask task = one.start(0, select, 0, page);
    device.runAll();
    drain();
    assertThat(task.status()).isEqualTo(Status.GOOD);
    two.unit(0, engine.unit).takeUnitAttention();
  }

  @Test
  void errorsLeaveOtherCommandsAloneUnlessQerrSaysSo() {
    simple(one);
    assertThat(status(one, TaskAttribute.SIMPLE, FAULT_WITHOUT_NACA))
        .isEqualTo(Status.CHECK_CONDITION);

    assertThat(one.aborted).isEmpty();
  }

  @Test
  void errorsEndAllCommandsWhenQerrSaysSo() {
    control(0, 1);
    assertThat(status(one, TaskAttribute.SIMPLE, FAULT_WITHOUT_NACA))
        .isEqualTo(Status.CHECK_CONDITION);

    assertThat(one.aborted).containsExactly(engine.unit);
    assertThat(two.aborted).containsExactly(engine.unit);
    assertThat(two.unit(0, engine.unit).takeUnitAttention())
        .isEqualTo(UnitAttention.COMMANDS_CLEARED_BY_ANOTHER_INITIATOR.sense());
  }

  @Test
  void errorsEndTheCommandsOfTheFaultedNexusWhenQerrSaysSo() {
    control(0, 3);
    assertThat(status(one, TaskAttribute.SIMPLE, FAULT_WITHOUT_NACA))
        .isEqualTo(Status.CHECK_CONDITION);

    assertThat(one.aborted).containsExactly(engine.unit);
    assertThat(two.aborted).isEmpty();
  }

  @Test
  void withATaskSetEachNexusesDoNotMeet() {
    control(1, 1);
    simple(two);
    ordered(one);
    assertThat(device.waiting()).as("neither waits for the other").isEqualTo(2);

    assertThat(status(one, TaskAttribute.HEAD_OF_QUEUE, FAULT)).isEqualTo(Status.CHECK_CONDITION);
    assertThat(two.aborted).isEmpty();
    assertThat(status(two, TaskAttribute.SIMPLE, TEST_UNIT_READY))
        .as("the condition of the other nexus")
        .isEqualTo(Status.GOOD);
    assertThat(status(one, TaskAttribute.SIMPLE, TEST_UNIT_READY)).isEqualTo(Status.ACA_ACTIVE);
  }

  @Test
  void withATaskSetEachNobodyWaitsForOthersAnyMore() {
    ordered(one);
    TestTask other = simple(two);
    assertThat(device.waiting()).isEqualTo(1);

    ModeParameters now = engine.unit.mode();
    byte[] values = now.values(ControlPage.PAGE).clone();
    values[0] |= ControlPage.PER_NEXUS << 5;
    engine.unit.modes().change(engine.unit, one, now.with(ControlPage.PAGE, values), false);
    drain();
    assertThat(device.waiting()).as("the ordered one").isEqualTo(1);
    assertThat(other.ended).as("told of the mode parameters").isEqualTo(1);

    endOne();
    assertThat(engine.unit.undisturbed()).isTrue();
  }

  // ---- auto contingent allegiance

  private Status status(TestNexus nexus, TaskAttribute attribute, byte[] cdb) {
    TestTask task = start(nexus, attribute, cdb);
    assertThat(task.ended).isEqualTo(1);
    return task.status();
  }

  private void establish() {
    assertThat(status(one, TaskAttribute.SIMPLE, FAULT)).isEqualTo(Status.CHECK_CONDITION);
  }

  @Test
  void withoutNacaNothingIsEstablished() {
    assertThat(status(one, TaskAttribute.SIMPLE, FAULT_WITHOUT_NACA))
        .isEqualTo(Status.CHECK_CONDITION);

    assertThat(status(one, TaskAttribute.SIMPLE, TEST_UNIT_READY)).isEqualTo(Status.GOOD);
  }

  @Test
  void whileItLastsOnlyAcaCommandsOfTheFaultedNexusRun() {
    establish();

    assertThat(status(one, TaskAttribute.SIMPLE, TEST_UNIT_READY)).isEqualTo(Status.ACA_ACTIVE);
    assertThat(status(one, TaskAttribute.HEAD_OF_QUEUE, TEST_UNIT_READY))
        .isEqualTo(Status.ACA_ACTIVE);
    assertThat(status(two, TaskAttribute.SIMPLE, TEST_UNIT_READY)).isEqualTo(Status.BUSY);
    assertThat(status(two, TaskAttribute.SIMPLE, READY_WITH_NACA)).isEqualTo(Status.ACA_ACTIVE);
    assertThat(status(one, TaskAttribute.ACA, TEST_UNIT_READY)).isEqualTo(Status.GOOD);
  }

  @Test
  void oneAcaCommandAtATime() {
    establish();
    TestTask first = start(one, TaskAttribute.ACA, READ);
    assertThat(first.ended).isZero();

    assertThat(status(one, TaskAttribute.ACA, READ)).isEqualTo(Status.ACA_ACTIVE);
    endOne();
    assertThat(first.status()).isEqualTo(Status.GOOD);
  }

  @Test
  void whatHadNotStartedWaitsUntilItIsCleared() {
    TestTask a = simple(one);
    TestTask b = ordered(one);
    TestTask other = simple(two);
    assertThat(status(one, TaskAttribute.HEAD_OF_QUEUE, FAULT)).isEqualTo(Status.CHECK_CONDITION);

    device.runAll();
    drain();
    assertThat(a.ended).as("it had started").isEqualTo(1);
    assertThat(b.ended).isZero();
    assertThat(device.waiting()).isZero();

    engine.unit.allegiance().clear(one.unit(0, engine.unit));
    drain();
    device.runAll();
    drain();
    assertThat(b.ended).isEqualTo(1);
    assertThat(other.ended).isEqualTo(1);
  }

  @Test
  void nothingThatAResetEndsStartsBefore() {
    ordered(one);
    TestTask waits = simple(two);
    assertThat(status(one, TaskAttribute.HEAD_OF_QUEUE, FAULT)).isEqualTo(Status.CHECK_CONDITION);
    endOne();
    two.onAbort = waits::abort;

    TaskManager.logicalUnitReset(one, engine.unit, () -> {});
    drain();
    assertThat(device.waiting()).isZero();
    assertThat(waits.ended).isZero();
  }

  @Test
  void anAcaCommandNeedsTheCondition() {
    TestTask task = start(one, TaskAttribute.ACA, TEST_UNIT_READY);

    assertThat(task.sense()).isEqualTo(Sense.INVALID_MESSAGE_ERROR);
  }

  @Test
  void anAcaCommandThatFailsWithoutNacaEndsIt() {
    establish();

    assertThat(status(one, TaskAttribute.ACA, FAULT_WITHOUT_NACA))
        .isEqualTo(Status.CHECK_CONDITION);
    assertThat(status(one, TaskAttribute.SIMPLE, TEST_UNIT_READY)).isEqualTo(Status.GOOD);
  }

  @Test
  void resetAndNexusLossEndIt() {
    establish();
    TaskManager.logicalUnitReset(one, engine.unit, () -> {});
    drain();
    assertThat(status(one, TaskAttribute.SIMPLE, TEST_UNIT_READY)).isNotEqualTo(Status.ACA_ACTIVE);
    assertThat(status(two, TaskAttribute.SIMPLE, TEST_UNIT_READY))
        .as("told of the reset")
        .isEqualTo(Status.CHECK_CONDITION);

    establish();
    assertThat(status(two, TaskAttribute.SIMPLE, TEST_UNIT_READY)).isEqualTo(Status.BUSY);
    one.close();
    assertThat(status(two, TaskAttribute.SIMPLE, TEST_UNIT_READY)).isEqualTo(Status.GOOD);
  }

  @Test
  void anotherNexusCanNotClearIt() {
    establish();
    engine.unit.allegiance().clear(two.unit(0, engine.unit));
    drain();

    assertThat(status(one, TaskAttribute.SIMPLE, TEST_UNIT_READY)).isEqualTo(Status.ACA_ACTIVE);
  }
}

package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.Cdbs.TEST_UNIT_READY;
import static org.iscsi4j.scsi.Cdbs.hex;
import static org.iscsi4j.scsi.Status.GOOD;
import static org.iscsi4j.scsi.Status.RESERVATION_CONFLICT;

import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.iscsi4j.api.LogicalUnit;
import org.junit.jupiter.api.Test;

class TaskManagerTest {

  private final Engine engine =
      Engine.over(LogicalUnit.builder(TestDisk.ofBlocks(16)).removable().build());
  private final TestNexus one = engine.nexus("one");
  private final TestNexus two = engine.nexus("two");
  private final AtomicInteger done = new AtomicInteger();

  @Test
  void clearTaskSetEndsTheTasksOfTheOthersAndTellsThem() {
    TaskManager.clearTaskSet(engine.nexus, engine.unit, done::incrementAndGet);
    assertThat(one.aborted).as("only where the tasks live").isEmpty();
    one.drain();
    assertThat(done).as("two still has tasks").hasValue(0);
    two.drain();

    assertThat(done).hasValue(1);
    assertThat(one.aborted).containsExactly(engine.unit);
    assertThat(two.aborted).containsExactly(engine.unit);
    assertThat(engine.nexus.aborted).isEmpty();
    assertThat(sense(one)).isEqualTo(Sense.of(SenseKey.UNIT_ATTENTION, 0x2f, 0x00));
    assertThat(sense(two)).isEqualTo(Sense.of(SenseKey.UNIT_ATTENTION, 0x2f, 0x00));
    assertThat(sense(engine.nexus)).isEqualTo(Sense.NONE);
  }

  @Test
  void clearTaskSetTellsNobodyWhoLostNothing() {
    one.busy = false;
    TaskManager.clearTaskSet(engine.nexus, engine.unit, done::incrementAndGet);
    one.drain();
    two.drain();

    assertThat(sense(one)).isEqualTo(Sense.NONE);
    assertThat(sense(two)).isEqualTo(Sense.of(SenseKey.UNIT_ATTENTION, 0x2f, 0x00));
  }

  @Test
  void aResetIsToldToTheCallerToo() {
    TaskManager.logicalUnitReset(engine.nexus, engine.unit, done::incrementAndGet);
    one.drain();
    two.drain();

    assertThat(done).hasValue(1);
    for (TestNexus each : new TestNexus[] {engine.nexus, one, two}) {
      assertThat(sense(each)).isEqualTo(Sense.of(SenseKey.UNIT_ATTENTION, 0x29, 0x03));
    }
  }

  @Test
  void aResetByTheHostEndsTheTasksOfAllAndAnswersThem() {
    TaskManager.logicalUnitReset(engine.unit, done::incrementAndGet);
    engine.nexus.drain();
    one.drain();
    assertThat(done).as("two still has tasks").hasValue(0);
    two.drain();

    assertThat(done).hasValue(1);
    for (TestNexus each : new TestNexus[] {engine.nexus, one, two}) {
      assertThat(each.aborted).containsExactly(engine.unit);
      assertThat(each.answered).isTrue();
      assertThat(sense(each)).isEqualTo(Sense.of(SenseKey.UNIT_ATTENTION, 0x29, 0x03));
      assertThat(sense(each)).isEqualTo(Sense.NONE);
    }
  }

  @Test
  void aResetByAnInitiatorAnswersTheTasksOfOthersOnlyWhenTheyAreToBe() {
    TaskManager.logicalUnitReset(engine.nexus, engine.unit, done::incrementAndGet);
    one.drain();

    assertThat(one.aborted).containsExactly(engine.unit);
    assertThat(one.answered).isFalse();
  }

  @Test
  void aTargetResetReachesEveryUnit() {
    DeviceServer second =
        DeviceServer.of(LogicalUnit.of(TestDisk.ofBlocks(16)), Engine.IDENTITY, Runnable::run);
    TaskRouter router = new TaskRouter(Map.of(0, engine.unit, 300, second));
    TestNexus caller = new TestNexus("caller", router);
    TestNexus other = new TestNexus("other", router);
    other.start(Lun.encode(0), TEST_UNIT_READY, 0, new byte[0]);
    other.start(Lun.encode(300), TEST_UNIT_READY, 0, new byte[0]);

    TaskManager.targetReset(caller, router, done::incrementAndGet);
    one.drain();
    two.drain();
    engine.nexus.drain();
    other.drain();

    assertThat(done).hasValue(1);
    assertThat(other.aborted).containsExactlyInAnyOrder(engine.unit, second);
  }

  @Test
  void withoutOthersItIsDoneAtOnce() {
    one.close();
    two.close();

    TaskManager.clearTaskSet(engine.nexus, engine.unit, done::incrementAndGet);

    assertThat(done).hasValue(1);
  }

  @Test
  void aNexusThatFailsDoesNotHoldUpTheOthers() {
    one.failing = true;

    TaskManager.clearTaskSet(engine.nexus, engine.unit, done::incrementAndGet);
    one.drain();
    assertThat(done).hasValue(0);
    two.drain();

    assertThat(done).hasValue(1);
  }

  @Test
  void queryAsyncEventTellsWhatIsPendingAndLeavesIt() {
    assertThat(TaskManager.queryAsyncEvent(engine.nexus, 0)).isZero();

    engine.unit.raiseForOthers(null, UnitAttention.CAPACITY_DATA_HAS_CHANGED);
    assertThat(TaskManager.queryAsyncEvent(engine.nexus, 0)).isEqualTo(0x16_2a_09);
    engine.unit.raiseForOthers(null, UnitAttention.MEDIUM_MAY_HAVE_CHANGED);
    assertThat(TaskManager.queryAsyncEvent(engine.nexus, 0)).isEqualTo(0x26_28_00);

    assertThat(sense(engine.nexus)).isEqualTo(UnitAttention.MEDIUM_MAY_HAVE_CHANGED.sense());
  }

  @Test
  void queryAsyncEventOfAUnitThatWasNeverAddressedTellsOfThePowerOn() {
    TestNexus fresh = new TestNexus("fresh", engine.router);

    assertThat(TaskManager.queryAsyncEvent(fresh, 0)).isEqualTo(0x16_29_00);
  }

  @Test
  void nexusResetUndoesWhatTheNexusHeldAndTellsNobodyElse() {
    engine.execute(hex("16 00 00 00 00 00")); // RESERVE(6)
    engine.execute(hex("1e 00 00 00 01 00")); // PREVENT ALLOW MEDIUM REMOVAL
    assertThat(engine.execute(one, TEST_UNIT_READY).status()).isEqualTo(RESERVATION_CONFLICT);

    TaskManager.nexusReset(engine.nexus);

    assertThat(engine.execute(one, TEST_UNIT_READY).status()).isEqualTo(GOOD);
    assertThat(engine.nexus.unit(0, engine.unit).preventsRemoval()).isFalse();
    assertThat(sense(engine.nexus)).isEqualTo(UnitAttention.I_T_NEXUS_LOSS.sense());
    assertThat(sense(engine.nexus)).isEqualTo(Sense.NONE);
  }

  private Sense sense(TestNexus nexus) {
    return engine.execute(nexus, TEST_UNIT_READY).sense();
  }
}

package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.iscsi4j.api.Blocking;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.LogicalUnit;
import org.junit.jupiter.api.Test;

/** Commands whose device calls run elsewhere: when they end, and what an abort does to them. */
class OffloadedTaskTest {

  private final TestDisk disk =
      new TestDisk(Geometry.of(512, 1000), TestDisk.THIN.withBlocking(Blocking.LONG));
  private final SteppedExecutor executor = new SteppedExecutor();
  private final Engine engine = Engine.over(LogicalUnit.of(disk), executor);

  @Test
  void aCommandEndsWhenItsCallHasComeBackToTheOwnerOfTheNexus() {
    disk.fill(5, 1, 0x42);
    TestTask task = engine.start(Cdbs.read10(5, 1), new byte[0]);

    assertThat(task.ended).isZero();
    executor.runAll();
    assertThat(task.ended).isZero();
    engine.nexus.drain();

    assertThat(task.ended).isEqualTo(1);
    assertThat(task.received()).isEqualTo(Cdbs.block(0x42));
  }

  @Test
  void othersOvertakeIt() {
    TestTask slow = engine.start(Cdbs.read10(5, 1), new byte[0]);

    assertThat(engine.execute(Cdbs.TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(Cdbs.inquiry(36)).status()).isEqualTo(Status.GOOD);
    assertThat(slow.ended).isZero();
  }

  @Test
  void anAbortedTaskIsReleasedWhenTheDeviceLetsGo() {
    TestTask task = engine.start(Cdbs.write10(5, 1), Cdbs.block(1));

    assertThat(task.abort()).isFalse();
    engine.nexus.drain();
    assertThat(task.released).isZero();
    executor.runAll();
    engine.nexus.drain();

    assertThat(task.released).isEqualTo(1);
    assertThat(task.ended).isZero();
  }

  @Test
  void anAbortAfterTheCallButBeforeItCameBackIsNoDifferent() {
    TestTask task = engine.start(Cdbs.read10(5, 1), new byte[0]);
    executor.runAll();

    assertThat(task.abort()).isFalse();
    engine.nexus.drain();

    assertThat(task.released).isEqualTo(1);
    assertThat(task.ended).isZero();
  }

  @Test
  void withoutACallUnderWayAnAbortedTaskIsFreeAtOnce() {
    TestTask task = TestTask.of(engine.nexus, 0, Cdbs.write10(5, 1), 0, Cdbs.block(1));

    assertThat(task.abort()).isTrue();
    engine.nexus.drain();

    assertThat(task.released).isZero();
    assertThat(task.ended).isZero();
  }

  @Test
  void aCallThatComesBackLateDoesNotTouchTheNextCommandOfTheTask() {
    List<Sense> late = new ArrayList<>();
    TestTask task = engine.start(Cdbs.TEST_UNIT_READY, new byte[0]);
    task.begin(engine.nexus, 0, TaskAttribute.SIMPLE, 512, 0);
    task.cdb().set(ByteBuffer.wrap(Cdbs.read10(5, 1)));
    task.callElsewhere(engine.unit.io(), () -> Sense.NONE, late::add);
    task.begin(engine.nexus, 0, TaskAttribute.SIMPLE, 512, 0);
    engine.router.execute(task);

    executor.runNext();
    engine.nexus.drain();
    assertThat(late).isEmpty();
    assertThat(task.ended).isEqualTo(1);
    executor.runNext();
    engine.nexus.drain();

    assertThat(task.ended).isEqualTo(2);
    assertThat(task.status()).isEqualTo(Status.GOOD);
    assertThat(task.released).isZero();
  }

  @Test
  void aTaskThatEndedBeforeItsCallCameBackIsNotReleasedAsWell() {
    TestTask task = TestTask.of(engine.nexus, 0, Cdbs.read10(5, 1), 512, new byte[0]);
    task.start(engine.nexus.unit(0, engine.unit), engine.unit.table().find(task.cdb()));

    task.callElsewhere(engine.unit.io(), () -> Sense.NONE, outcome -> {});
    task.deviceReadDone(Sense.UNRECOVERED_READ_ERROR);
    executor.runAll();
    engine.nexus.drain();

    assertThat(task.ended).isEqualTo(1);
    assertThat(task.released).isZero();
  }

  @Test
  void aBugAfterTheCallEndsTheCommand() {
    TestTask task = TestTask.of(engine.nexus, 0, Cdbs.read10(5, 1), 512, new byte[0]);
    task.start(engine.nexus.unit(0, engine.unit), engine.unit.table().find(task.cdb()));

    task.callElsewhere(
        engine.unit.io(),
        () -> Sense.NONE,
        outcome -> {
          throw new IllegalStateException("for the test");
        });
    executor.runAll();
    engine.nexus.drain();

    assertThat(task.ended).isEqualTo(1);
    assertThat(task.sense()).isEqualTo(Sense.INTERNAL_ERROR);
  }
}

package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
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
    disk.onCall =
        () -> {
          assertThat(task.abort()).isFalse();
          engine.nexus.drain();
          assertThat(task.released).isZero();
        };
    executor.runAll();
    engine.nexus.drain();

    assertThat(task.released).isEqualTo(1);
    assertThat(task.ended).isZero();
  }

  @Test
  void whatIsSentToADeviceThatHangsAndAbortedTakesNoMemory() {
    Lane lane = new Lane(executor, 1);
    AtomicInteger run = new AtomicInteger();
    lane.submit(call(run, false));
    for (int i = 0; i < 10_000; i++) {
      lane.submit(call(run, i % 1000 > 0));
      assertThat(lane.waiting()).isLessThan(100);
    }

    executor.runAll();
    assertThat(run).as("those that are wanted").hasValueGreaterThanOrEqualTo(1 + 10);
  }

  private static Lane.Call call(AtomicInteger run, boolean dropped) {
    return new Lane.Call() {
      @Override
      public void run() {
        run.incrementAndGet();
      }

      @Override
      public boolean dropped() {
        return dropped;
      }

      @Override
      public void refuse(Sense why) {
        throw new AssertionError(why);
      }
    };
  }

  @Test
  void abortedCommandsThatADeviceNeverTookAreForgotten() {
    List<TestTask> tasks = new ArrayList<>();
    for (int i = 0; i < TaskSet.LIMIT; i++) {
      tasks.add(engine.start(Cdbs.read10(i, 1), new byte[0]));
    }
    assertThat(executor.waiting()).isEqualTo(Lane.WIDTH);

    assertThat(tasks).allMatch(ScsiTask::abort);
    TestTask later = engine.start(Cdbs.read10(5, 1), new byte[0]);
    executor.runAll();
    engine.nexus.drain();

    assertThat(later.ended).isEqualTo(1);
    assertThat(tasks).noneMatch(task -> task.ended + task.released > 0);
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
    task.enter(engine.nexus.unit(0, engine.unit), engine.unit.table().find(task.cdb()));

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
    task.enter(engine.nexus.unit(0, engine.unit), engine.unit.table().find(task.cdb()));

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

  @Test
  void anAbortedWriteWhoseCallHasNotBegunIsNeverMade() {
    TestTask task = engine.start(Cdbs.write10(5, 1), Cdbs.block(1));

    assertThat(task.abort()).isTrue();
    assertThat(task.stillChanging()).isFalse();
    executor.runAll();
    engine.nexus.drain();

    assertThat(disk.calls).isEmpty();
    assertThat(task.released).isZero();
  }

  @Test
  void anAbortedWriteThatHasBegunIsStillChangingUntilItCameBack() {
    TestTask[] task = new TestTask[1];
    disk.onCall =
        () -> {
          assertThat(task[0].abort()).isFalse();
          assertThat(task[0].stillChanging()).isTrue();
        };
    task[0] = engine.start(Cdbs.write10(5, 1), Cdbs.block(1));

    executor.runAll();
    assertThat(task[0].stillChanging()).as("has not come back yet").isTrue();
    engine.nexus.drain();

    assertThat(task[0].stillChanging()).isFalse();
    assertThat(task[0].released).isEqualTo(1);
    assertThat(disk.calls).hasSize(1);
  }

  @Test
  void anAbortedReadChangesNothing() {
    TestTask task = engine.start(Cdbs.read10(5, 1), new byte[0]);
    executor.runAll();

    assertThat(task.abort()).isFalse();
    assertThat(task.stillChanging()).isFalse();
  }

  @Test
  void twoCallsAtOnceAreRefused() {
    TestTask task = engine.start(Cdbs.read10(5, 1), new byte[0]);

    assertThatThrownBy(() -> task.callElsewhere(engine.unit.io(), () -> Sense.NONE, outcome -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("two device calls at once");
    executor.runAll();
    engine.nexus.drain();
    assertThat(task.ended).isEqualTo(1);
  }

  @Test
  void anErrorAfterTheCallEndsTheCommandToo() {
    TestTask task = TestTask.of(engine.nexus, 0, Cdbs.read10(5, 1), 512, new byte[0]);
    task.enter(engine.nexus.unit(0, engine.unit), engine.unit.table().find(task.cdb()));

    task.callElsewhere(
        engine.unit.io(),
        () -> Sense.NONE,
        outcome -> {
          throw new StackOverflowError("for the test");
        });
    executor.runAll();
    engine.nexus.drain();

    assertThat(task.sense()).isEqualTo(Sense.INTERNAL_ERROR);
  }

  @Test
  void aStepThatRunsOutOfMemoryEndsTheCommand() {
    for (byte[] cdb : new byte[][] {Cdbs.read10(5, 1), Cdbs.write10(5, 1)}) {
      boolean write = cdb[0] == 0x2a;
      TestTask task =
          TestTask.of(engine.nexus, 0, cdb, write ? 0 : 512, write ? Cdbs.block(1) : new byte[0]);
      task.thrown = new OutOfMemoryError("for the test");

      engine.router.execute(task);

      assertThat(task.ended).isEqualTo(1);
      assertThat(task.sense()).isEqualTo(Sense.INTERNAL_ERROR);
    }
  }

  @Test
  void anExecutorThatTakesNothingEndsCommandsWithBusy() {
    Engine full =
        Engine.over(
            LogicalUnit.of(disk),
            call -> {
              throw new RejectedExecutionException("for the test");
            });

    assertThat(full.execute(Cdbs.write10(5, 1), Cdbs.block(1)).status()).isEqualTo(Status.BUSY);
    assertThat(full.execute(Cdbs.read10(5, 1)).status()).isEqualTo(Status.BUSY);
    assertThat(disk.calls).isEmpty();
  }

  @Test
  void anExecutorWithoutThreadsEndsCommandsWithAFailure() {
    Engine out =
        Engine.over(
            LogicalUnit.of(disk),
            call -> {
              throw new OutOfMemoryError("unable to create native thread");
            });

    for (int command = 0; command < 2 * Lane.WIDTH; command++) {
      assertThat(out.execute(Cdbs.read10(5, 1)).sense()).isEqualTo(Sense.INTERNAL_TARGET_FAILURE);
    }
  }
}

package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LaneTest {

  private final Queue<Runnable> executor = new ArrayDeque<>();
  private final List<String> ran = new ArrayList<>();
  private final List<Sense> refused = new ArrayList<>();

  @Test
  void noMoreCallsThanTheWidthAreUnderWay() {
    Lane lane = new Lane(executor::add, 2);

    for (String call : List.of("a", "b", "c", "d", "e")) {
      lane.submit(call(call));
    }

    assertThat(executor).hasSize(2);
    assertThat(ran).isEmpty();
  }

  @Test
  void callsStartInTheOrderGiven() {
    Lane lane = new Lane(executor::add, 1);
    lane.submit(call("a"));
    lane.submit(call("b"));
    lane.submit(call("c"));

    executor.remove().run();

    assertThat(ran).containsExactly("a", "b", "c");
    assertThat(executor).isEmpty();
  }

  @Test
  void anIdleLaneTakesCallsAgain() {
    Lane lane = new Lane(executor::add, 1);
    lane.submit(call("a"));
    executor.remove().run();

    lane.submit(call("b"));
    executor.remove().run();

    assertThat(ran).containsExactly("a", "b");
  }

  @Test
  void aCallThatThrowsTakesNobodyWithIt() {
    Lane lane = new Lane(executor::add, 1);
    lane.submit(
        call(
            () -> {
              throw new LinkageError("for the test");
            }));
    lane.submit(call("b"));

    executor.remove().run();
    lane.submit(call("c"));
    executor.remove().run();

    assertThat(ran).containsExactly("b", "c");
  }

  @Test
  void aCallThatTheExecutorRefusesIsRefusedAndNotMadeInPlace() {
    Lane lane =
        new Lane(
            call -> {
              throw new RejectedExecutionException("closed");
            },
            1);

    lane.submit(call("a"));
    lane.submit(call("b"));

    assertThat(ran).isEmpty();
    assertThat(refused).containsExactly(DeviceIo.BUSY, DeviceIo.BUSY);
    assertThat(lane.idle()).isTrue();
  }

  @Test
  void anExecutorThatCanNotStartAThreadCostsTheCallAndNotThePlace() {
    AtomicInteger failures = new AtomicInteger(2);
    Lane lane =
        new Lane(
            call -> {
              if (failures.getAndDecrement() > 0) {
                throw new OutOfMemoryError("unable to create native thread");
              }
              executor.add(call);
            },
            1);
    lane.submit(call("a"));
    lane.submit(call("b"));
    lane.submit(call("c"));
    executor.remove().run();

    assertThat(refused)
        .containsExactly(Sense.INTERNAL_TARGET_FAILURE, Sense.INTERNAL_TARGET_FAILURE);
    assertThat(ran).containsExactly("c");
    assertThat(lane.idle()).isTrue();
  }

  @Test
  void callsThatCameWhileTheExecutorFailedAreStarted() {
    Lane[] lane = new Lane[1];
    AtomicInteger failures = new AtomicInteger(1);
    lane[0] =
        new Lane(
            call -> {
              if (failures.getAndDecrement() > 0) {
                lane[0].submit(call("b")); // as from another thread
                throw new OutOfMemoryError("for the test");
              }
              executor.add(call);
            },
            1);

    lane[0].submit(call("a"));
    executor.remove().run();

    assertThat(refused).hasSize(1);
    assertThat(ran).containsExactly("b");
    assertThat(lane[0].idle()).isTrue();
  }

  @Test
  void anExecutorThatFailsAndRunsTheCallLaterDoesNotRunItTwice() {
    Lane lane =
        new Lane(
            call -> {
              executor.add(call);
              throw new OutOfMemoryError("for the test");
            },
            1);

    lane.submit(call("a"));
    executor.remove().run();

    assertThat(refused).hasSize(1);
    assertThat(ran).isEmpty();
    assertThat(lane.idle()).isTrue();
  }

  @Test
  void aClosedLaneRefusesWhatWaitsAndWhatComes() {
    Lane lane = new Lane(executor::add, 1);
    lane.submit(call("a"));
    lane.submit(call("b"));

    lane.close().run();
    lane.submit(call("c"));
    assertThat(refused)
        .containsExactly(
            Sense.NOT_READY_CAUSE_NOT_REPORTABLE, Sense.NOT_READY_CAUSE_NOT_REPORTABLE);
    assertThat(lane.enter()).isFalse();
    assertThat(lane.idle()).as("a is under way").isFalse();
    executor.remove().run();

    assertThat(ran).containsExactly("a");
    assertThat(lane.idle()).isTrue();
  }

  @Test
  void itIsIdleWhenTheLastCallHasEndedInTheLaneAndBesideIt() {
    Lane lane = new Lane(executor::add, 1);
    assertThat(lane.whenIdle()).isCompleted();
    lane.submit(call("a"));
    lane.submit(call("b"));
    lane.enter();
    CompletableFuture<Void> idle = lane.whenIdle();

    executor.remove().run();
    assertThat(ran).containsExactly("a", "b");
    assertThat(idle).as("one beside the executor").isNotDone();
    lane.leave();

    assertThat(idle).isCompleted();
    assertThat(lane.whenIdle()).isCompleted();
  }

  private Lane.Call call(String name) {
    return call(() -> ran.add(name));
  }

  private Lane.Call call(Runnable work) {
    return new Lane.Call() {
      @Override
      public void run() {
        work.run();
      }

      @Override
      public void refuse(Sense why) {
        refused.add(why);
      }
    };
  }
}

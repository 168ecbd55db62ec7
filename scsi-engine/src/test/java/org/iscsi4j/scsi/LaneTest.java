package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class LaneTest {

  private final Queue<Runnable> executor = new ArrayDeque<>();
  private final List<String> ran = new ArrayList<>();

  @Test
  void noMoreCallsThanTheWidthAreUnderWay() {
    Lane lane = new Lane(executor::add, 2);

    for (String call : List.of("a", "b", "c", "d", "e")) {
      lane.submit(() -> ran.add(call));
    }

    assertThat(executor).hasSize(2);
    assertThat(ran).isEmpty();
  }

  @Test
  void callsStartInTheOrderGiven() {
    Lane lane = new Lane(executor::add, 1);
    lane.submit(() -> ran.add("a"));
    lane.submit(() -> ran.add("b"));
    lane.submit(() -> ran.add("c"));

    executor.remove().run();

    assertThat(ran).containsExactly("a", "b", "c");
    assertThat(executor).isEmpty();
  }

  @Test
  void anIdleLaneTakesCallsAgain() {
    Lane lane = new Lane(executor::add, 1);
    lane.submit(() -> ran.add("a"));
    executor.remove().run();

    lane.submit(() -> ran.add("b"));
    executor.remove().run();

    assertThat(ran).containsExactly("a", "b");
  }

  @Test
  void aCallThatThrowsTakesNobodyWithIt() {
    Lane lane = new Lane(executor::add, 1);
    lane.submit(
        () -> {
          throw new LinkageError("for the test");
        });
    lane.submit(() -> ran.add("b"));

    executor.remove().run();
    lane.submit(() -> ran.add("c"));
    executor.remove().run();

    assertThat(ran).containsExactly("b", "c");
  }

  @Test
  void aClosedExecutorLosesNoCall() {
    Lane lane =
        new Lane(
            call -> {
              throw new RejectedExecutionException("closed");
            },
            1);

    lane.submit(() -> ran.add("a"));
    lane.submit(() -> ran.add("b"));

    assertThat(ran).containsExactly("a", "b");
  }
}

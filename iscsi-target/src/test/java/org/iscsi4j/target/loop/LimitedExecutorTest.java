package org.iscsi4j.target.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class LimitedExecutorTest {

  private final Queue<Runnable> threads = new ArrayDeque<>();
  private final List<Integer> ran = new ArrayList<>();
  private final Executor limited = new LimitedExecutor(threads::add, 2);

  private void execute(int... numbers) {
    for (int number : numbers) {
      limited.execute(() -> ran.add(number));
    }
  }

  @Test
  void takesNoMoreThreadsThanItMay() {
    execute(1, 2, 3, 4);

    assertThat(threads).hasSize(2);
  }

  @Test
  void whatWaitsRunsInItsOrderOnTheThreadThatIsFree() {
    execute(1, 2, 3, 4);

    threads.remove().run();

    assertThat(ran).containsExactly(1, 3, 4);
    threads.remove().run();
    assertThat(ran).containsExactly(1, 3, 4, 2);
  }

  @Test
  void threadsThatEndedAreFree() {
    for (int i = 0; i < 5; i++) {
      execute(i, i);
      assertThat(threads).hasSize(2);
      threads.remove().run();
      threads.remove().run();
    }
    assertThat(ran).hasSize(10);
  }

  @Test
  void taskThatThrowsHoldsNobodyUp() {
    limited.execute(
        () -> {
          throw new IllegalStateException("a test wants it");
        });
    execute(2, 3);

    threads.remove().run();
    threads.remove().run();

    assertThat(ran).containsExactly(3, 2);
    execute(4, 5, 6);
    assertThat(threads).hasSize(2);
  }

  @Test
  void refusalTakesNoPlace() {
    List<Runnable> taken = new ArrayList<>();
    boolean[] refuses = {true};
    Executor executor =
        new LimitedExecutor(
            task -> {
              if (refuses[0]) {
                throw new RejectedExecutionException();
              }
              taken.add(task);
            },
            1);

    for (int i = 0; i < 3; i++) {
      assertThatExceptionOfType(RejectedExecutionException.class)
          .isThrownBy(() -> executor.execute(() -> {}));
    }

    refuses[0] = false;
    executor.execute(() -> {});
    assertThat(taken).hasSize(1);
  }

  /** As a pool does when the system has no thread more. */
  @Test
  void errorOfTheExecutorTakesNoPlace() {
    boolean[] fails = {true};
    Executor executor =
        new LimitedExecutor(
            task -> {
              if (fails[0]) {
                throw new OutOfMemoryError("a test wants it");
              }
              threads.add(task);
            },
            1);
    assertThatExceptionOfType(OutOfMemoryError.class).isThrownBy(() -> executor.execute(() -> {}));

    fails[0] = false;
    executor.execute(() -> {});

    assertThat(threads).hasSize(1);
  }

  @Test
  void whatWaitsBehindARefusalIsNotForgotten() {
    Executor[] executor = new Executor[1];
    boolean[] refuses = {true};
    executor[0] =
        new LimitedExecutor(
            task -> {
              if (refuses[0]) {
                refuses[0] = false;
                executor[0].execute(() -> ran.add(2)); // as another thread may meanwhile
                throw new RejectedExecutionException();
              }
              threads.add(task);
            },
            1);

    assertThatExceptionOfType(RejectedExecutionException.class)
        .isThrownBy(() -> executor[0].execute(() -> ran.add(1)));

    assertThat(threads).hasSize(1);
    threads.remove().run();
    assertThat(ran).containsExactly(2);
  }
}

package org.iscsi4j.target.login;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A result that comes at once, later, twice, too late or never. */
class AwaitedTest {

  private final Queue<Runnable> home = new ArrayDeque<>();
  private final List<String> taken = new ArrayList<>();
  private final List<String> thrownAway = new ArrayList<>();
  private final CompletableFuture<String> stage = new CompletableFuture<>();
  private final Awaited<String> awaited =
      new Awaited<>(
          home::add,
          thrownAway::add,
          (value, failure) -> taken.add(failure == null ? value : failure.getMessage()));

  private void runHome() {
    while (!home.isEmpty()) {
      home.remove().run();
    }
  }

  @Test
  void whatIsThereIsTakenAtOnceAndOnce() {
    stage.complete("value");

    assertThat(awaited.on(stage)).isTrue();
    assertThat(taken).containsExactly("value");
    runHome();
    assertThat(taken).hasSize(1);
    assertThat(thrownAway).isEmpty();
  }

  @Test
  void whatComesLaterIsTakenAtHome() {
    assertThat(awaited.on(stage)).isFalse();

    stage.complete("value");
    assertThat(taken).isEmpty();
    runHome();

    assertThat(taken).containsExactly("value");
  }

  @Test
  void failureIsTakenToo() {
    awaited.on(stage);
    stage.completeExceptionally(new IllegalStateException("no store"));
    runHome();

    assertThat(taken).containsExactly("no store");
  }

  @Test
  void stageThatThrowsHasFailed() {
    CompletableFuture<String> broken =
        new CompletableFuture<>() {
          @Override
          public CompletableFuture<String> whenComplete(
              java.util.function.BiConsumer<? super String, ? super Throwable> action) {
            throw new IllegalStateException("broken");
          }
        };

    assertThat(awaited.on(broken)).isTrue();
    assertThat(taken).containsExactly("broken");
  }

  @Test
  void secondResultIsThrownAway() {
    awaited.on(twice("first", "second"));
    runHome();

    assertThat(taken).containsExactly("first");
    assertThat(thrownAway).containsExactly("second");
  }

  private static CompletableFuture<String> twice(String first, String second) {
    return new CompletableFuture<>() {
      @Override
      public CompletableFuture<String> whenComplete(
          java.util.function.BiConsumer<? super String, ? super Throwable> action) {
        action.accept(first, null);
        action.accept(second, null);
        return this;
      }
    };
  }

  @Test
  void whatComesTooLateIsThrownAway() {
    awaited.on(stage);
    awaited.cancel();

    stage.complete("value");
    runHome();

    assertThat(taken).isEmpty();
    assertThat(thrownAway).containsExactly("value");
  }

  @Test
  void whatIsOnItsWayWhenTheLoginEndsIsThrownAway() {
    awaited.on(stage);
    stage.complete("value");

    awaited.cancel();
    runHome();

    assertThat(taken).isEmpty();
    assertThat(thrownAway).containsExactly("value");
  }

  @Test
  void stageThatNeverCompletesKeepsNothingOfTheLogin() {
    Object login = new Object();
    WeakReference<Object> trace = new WeakReference<>(login);
    Awaited<String> waiting = waitFor(stage, login);
    waiting.cancel();
    login = null;

    for (int i = 0; i < 100 && trace.get() != null; i++) {
      System.gc();
      Thread.onSpinWait();
    }

    assertThat(trace.get()).isNull();
    assertThat(stage.isDone()).isFalse();
  }

  private Awaited<String> waitFor(CompletableFuture<String> never, Object login) {
    Awaited<String> waiting =
        new Awaited<>(home::add, value -> {}, (value, failure) -> taken.add(login.toString()));
    waiting.on(never);
    return waiting;
  }
}

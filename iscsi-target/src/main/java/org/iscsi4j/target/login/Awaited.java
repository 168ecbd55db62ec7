package org.iscsi4j.target.login;

import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * One result that a login waits for: it arrives on any thread, and is taken once, on the login's
 * own. A host that never completes its stage holds this and nothing of the connection, once the
 * login has ended; whatever comes then is thrown away.
 */
final class Awaited<T> {

  private final Executor home;
  private final Consumer<? super T> unwanted;
  private final AtomicReference<State<T>> state;

  private sealed interface State<T> permits Waiting, Arrived, Over {}

  private record Waiting<T>(BiConsumer<T, Throwable> taker) implements State<T> {}

  private record Arrived<T>(T value, Throwable failure, BiConsumer<T, Throwable> taker)
      implements State<T> {}

  private record Over<T>() implements State<T> {}

  /**
   * A result that nobody was asked for yet.
   *
   * @param home where it is taken
   * @param unwanted takes a value that comes too late, on any thread
   */
  Awaited(Executor home, Consumer<? super T> unwanted, BiConsumer<T, Throwable> taker) {
    this.home = home;
    this.unwanted = unwanted;
    state = new AtomicReference<>(new Waiting<>(taker));
  }

  /**
   * Waits for a stage. Called at home.
   *
   * @return whether the result was there, and has been taken already
   */
  boolean on(CompletionStage<T> stage) {
    try {
      stage.whenComplete(this::arrived);
    } catch (RuntimeException e) {
      arrived(null, e); // a stage of the host's own making
    }
    return take();
  }

  private void arrived(T value, Throwable failure) {
    if (state.get() instanceof Waiting<T> waiting
        && state.compareAndSet(waiting, new Arrived<>(value, failure, waiting.taker()))) {
      home.execute(this::take);
    } else {
      discard(value);
    }
  }

  private boolean take() {
    if (state.get() instanceof Arrived<T> arrived && state.compareAndSet(arrived, new Over<>())) {
      arrived.taker().accept(arrived.value(), arrived.failure());
      return true;
    }
    return false;
  }

  /** Waits no longer. */
  void cancel() {
    if (state.getAndSet(new Over<>()) instanceof Arrived<T> arrived) {
      discard(arrived.value());
    }
  }

  private void discard(T value) {
    if (value != null) {
      unwanted.accept(value);
    }
  }
}

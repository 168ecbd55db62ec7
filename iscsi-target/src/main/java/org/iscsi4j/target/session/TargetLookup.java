package org.iscsi4j.target.session;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.iscsi4j.protocol.KeyValue;

/**
 * Waits for an answer to SendTargets that a host has to look for, though not for ever. Touched by
 * the connection's loop.
 */
final class TargetLookup {

  /** How long a host may look for targets. */
  static final Duration LIMIT = Duration.ofSeconds(5);

  private static final Consumer<List<KeyValue>> NOBODY = keys -> {};

  private Consumer<List<KeyValue>> waiting;
  private Runnable forgetLimit = () -> {};

  private TargetLookup(Consumer<List<KeyValue>> waiting) {
    this.waiting = waiting;
  }

  /**
   * Hands the whole answer over, at once when it is there, or what is known when the time is up.
   *
   * @param loop runs work on the connection's loop
   * @param timer runs work there after a delay; gives what forgets it
   */
  static void await(
      SendTargets.Answer answer,
      Executor loop,
      BiFunction<Duration, Runnable, Runnable> timer,
      Consumer<List<KeyValue>> waiting) {
    if (answer.whole().isDone()) {
      waiting.accept(answer.whole().join());
      return;
    }
    TargetLookup lookup = new TargetLookup(waiting);
    lookup.forgetLimit = timer.apply(LIMIT, () -> lookup.end(answer.known()));
    answer.whole().thenAccept(keys -> loop.execute(() -> lookup.end(keys)));
  }

  private void end(List<KeyValue> keys) {
    forgetLimit.run();
    Consumer<List<KeyValue>> told = waiting;
    waiting = NOBODY; // a host that never ends its search must not hold the connection
    told.accept(keys);
  }
}

package org.iscsi4j.target.session;

/** Runs work once, when all that it waits for has happened. Touched by one thread. */
final class Countdown {

  private static final Runnable NOTHING = () -> {};

  private Runnable done;

  /** One more than what is waited for until {@link #start}, or the first could be the last. */
  private int left = 1;

  Countdown(Runnable done) {
    this.done = done;
  }

  /** Waits for one thing more; what is returned is to be run once, when it has happened. */
  Runnable expect() {
    left++;
    return this::happened;
  }

  /** Nothing more will be expected. */
  void start() {
    happened();
  }

  /**
   * Runs nothing any more. What it waits for may never happen, and who waits for that should not
   * take the memory of whoever gave up.
   */
  void cancel() {
    done = NOTHING;
  }

  private void happened() {
    left--;
    if (left == 0) {
      done.run();
    }
  }
}

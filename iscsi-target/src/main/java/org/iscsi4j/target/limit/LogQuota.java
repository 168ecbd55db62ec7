package org.iscsi4j.target.limit;

import java.time.Duration;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * How many lines of a kind the log takes in a minute: whoever can cause them again and again may
 * not fill it. Safe from any thread.
 */
public final class LogQuota {

  /** Lines a minute. */
  public static final int MOST = 20;

  private static final long WINDOW = Duration.ofMinutes(1).toNanos();

  private final LongSupplier clock;
  private final LongConsumer untoldBefore;

  // guarded by this
  private long began;
  private int told;
  private long untold;

  /**
   * A quota of which nothing is used.
   *
   * @param clock as {@link System#nanoTime}
   * @param untoldBefore told how many lines a minute did not take, when the next one begins
   */
  public LogQuota(LongSupplier clock, LongConsumer untoldBefore) {
    this.clock = clock;
    this.untoldBefore = untoldBefore;
    began = clock.getAsLong();
  }

  /** Whether the log takes another line; if not, it is counted. */
  public synchronized boolean mayTell() {
    long now = clock.getAsLong();
    if (now - began >= WINDOW) {
      if (untold > 0) {
        untoldBefore.accept(untold);
      }
      began = now;
      told = 0;
      untold = 0;
    }
    if (told < MOST) {
      told++;
      return true;
    }
    untold++;
    return false;
  }
}

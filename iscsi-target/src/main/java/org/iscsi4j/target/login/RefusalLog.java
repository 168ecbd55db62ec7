package org.iscsi4j.target.login;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.iscsi4j.protocol.LoginException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells of refused logins in the log, of a few in each minute: whoever knocks again and again may
 * not fill it. The rest is counted, and told at level DEBUG. Safe from any thread.
 */
final class RefusalLog {

  private static final Logger log = LoggerFactory.getLogger(RefusalLog.class);

  /** Lines a minute. */
  static final int MOST = 20;

  private static final long WINDOW = Duration.ofMinutes(1).toNanos();

  private final LongSupplier clock;

  // guarded by this
  private long windowBegan;
  private int told;
  private long untold;

  /**
   * A log that has told nothing.
   *
   * @param clock as {@link System#nanoTime}
   */
  RefusalLog(LongSupplier clock) {
    this.clock = clock;
    windowBegan = clock.getAsLong();
  }

  /** A login was refused. */
  void refused(Object who, LoginException why) {
    String reason = why.getMessage();
    if (!mayTell()) {
      log.debug("{}: login refused, {}: {}", who, why.status(), reason);
    } else if (why.getCause() == null) {
      log.info("{}: login refused, {}: {}", who, why.status(), reason);
    } else {
      log.warn("{}: login refused, {}: {}", who, why.status(), reason, why.getCause());
    }
  }

  private synchronized boolean mayTell() {
    long now = clock.getAsLong();
    if (now - windowBegan >= WINDOW) {
      if (untold > 0) {
        log.info("{} more logins were refused before and are told at level DEBUG only", untold);
      }
      windowBegan = now;
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

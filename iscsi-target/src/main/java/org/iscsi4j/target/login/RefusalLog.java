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

  /** Lines a minute, of either kind. */
  static final int MOST = 20;

  private static final long WINDOW = Duration.ofMinutes(1).toNanos();

  private final LongSupplier clock;

  /** What initiators did wrong. */
  private final Window refusals;

  /** What the host did: whoever knocks again and again must not hide that. */
  private final Window failures;

  /**
   * A log that has told nothing.
   *
   * @param clock as {@link System#nanoTime}
   */
  RefusalLog(LongSupplier clock) {
    this.clock = clock;
    refusals = new Window();
    failures = new Window();
  }

  /** A login was refused. */
  void refused(Object who, LoginException why) {
    String reason = why.getMessage();
    boolean failed = why.getCause() != null;
    if (!(failed ? failures : refusals).mayTell()) {
      log.debug("{}: login refused, {}: {}", who, why.status(), reason);
    } else if (failed) {
      log.warn("{}: login refused, {}: {}", who, why.status(), reason, why.getCause());
    } else {
      log.info("{}: login refused, {}: {}", who, why.status(), reason);
    }
  }

  /** What was told in a minute. */
  private final class Window {

    // guarded by this
    private long began = clock.getAsLong();
    private int told;
    private long untold;

    synchronized boolean mayTell() {
      long now = clock.getAsLong();
      if (now - began >= WINDOW) {
        if (untold > 0) {
          log.info("{} more logins were refused before and are told at level DEBUG only", untold);
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
}

package org.iscsi4j.target.login;

import java.util.function.LongSupplier;
import org.iscsi4j.protocol.LoginException;
import org.iscsi4j.target.limit.LogQuota;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells of refused logins in the log, of a few in each minute: whoever knocks again and again may
 * not fill it. The rest is counted, and told at level DEBUG. Safe from any thread.
 */
final class RefusalLog {

  private static final Logger log = LoggerFactory.getLogger(RefusalLog.class);

  /** What initiators did wrong. */
  private final LogQuota refusals;

  /** What the host did: whoever knocks again and again must not hide that. */
  private final LogQuota failures;

  /**
   * A log that has told nothing.
   *
   * @param clock as {@link System#nanoTime}
   */
  RefusalLog(LongSupplier clock) {
    refusals = new LogQuota(clock, RefusalLog::untold);
    failures = new LogQuota(clock, RefusalLog::untold);
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

  private static void untold(long count) {
    log.info("{} more logins were refused before and are told at level DEBUG only", count);
  }
}

package org.iscsi4j.target.limit;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells in the log that something failed which the host gave, such as an access policy or a
 * resolver: of a few in each minute, as initiators can have it asked as often as they like. The
 * rest is counted, and told at level DEBUG. One for all servers, as the log is. Safe from any
 * thread.
 */
public final class HostFailures {

  private static final Logger log = LoggerFactory.getLogger(HostFailures.class);

  private static final LogQuota QUOTA =
      new LogQuota(
          System::nanoTime,
          untold ->
              log.warn(
                  "{} more failures of the host came before and are told at level DEBUG only",
                  untold));

  private HostFailures() {}

  /**
   * Tells of a failure.
   *
   * @param by whom it befell
   * @param arguments of the format, and what was thrown
   */
  public static void warn(Logger by, String format, Object... arguments) {
    if (QUOTA.mayTell()) {
      by.warn(format, arguments);
    } else {
      by.debug(format, arguments);
    }
  }
}

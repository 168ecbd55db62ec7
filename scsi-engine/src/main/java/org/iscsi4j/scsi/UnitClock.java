package org.iscsi4j.scsi;

import java.util.function.LongSupplier;

/**
 * The device clock (SPC-4 clause 5.2): the host's, until an initiator sets it. May be used from any
 * thread.
 */
final class UnitClock {

  /** TIMESTAMP ORIGIN: set by means outside of the standard, which is to say by the host. */
  private static final int FROM_HOST = 0b011;

  /** TIMESTAMP ORIGIN: set by SET TIMESTAMP. */
  private static final int FROM_INITIATOR = 0b010;

  private static final long MASK = 0xffff_ffff_ffffL;

  private final LongSupplier hostMillis;
  private volatile Reading ahead = new Reading(FROM_HOST, 0);

  /** A number of milliseconds and where it comes from; as read, 48 bits of it. */
  record Reading(int origin, long millis) {}

  /**
   * A clock that has not been set.
   *
   * @param hostMillis milliseconds since the start of 1970
   */
  UnitClock(LongSupplier hostMillis) {
    this.hostMillis = hostMillis;
  }

  Reading read() {
    Reading now = ahead;
    return new Reading(now.origin, hostMillis.getAsLong() + now.millis & MASK);
  }

  void set(long millis) {
    ahead = new Reading(FROM_INITIATOR, millis - hostMillis.getAsLong());
  }
}

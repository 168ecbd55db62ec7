package org.iscsi4j.api;

import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;

/** Counts units of storage in use against a limit. Any thread, no locks. */
final class Quota {

  private final long limit;
  private final AtomicLong used = new AtomicLong();

  private Quota(long limit) {
    this.limit = limit;
  }

  /** Counts without a limit. */
  static Quota unlimited() {
    return new Quota(Long.MAX_VALUE);
  }

  /**
   * Counts up to a limit.
   *
   * @param bytes the limit; what is less than a unit is not counted. Empty for none
   * @param unit bytes in a unit
   */
  static Quota of(OptionalLong bytes, int unit) {
    if (bytes.isEmpty()) {
      return unlimited();
    }
    if (bytes.getAsLong() < unit) {
      throw new IllegalArgumentException(
          "limit "
              + bytes.getAsLong()
              + " is less than the "
              + unit
              + " bytes in which the device takes storage");
    }
    return new Quota(bytes.getAsLong() / unit);
  }

  /** The same limit with nothing in use. */
  Quota fresh() {
    return new Quota(limit);
  }

  boolean limited() {
    return limit != Long.MAX_VALUE;
  }

  /** Takes units, all or none. */
  boolean take(long units) {
    long now = used.get();
    while (units <= limit - now) {
      long seen = used.compareAndExchange(now, now + units);
      if (seen == now) {
        return true;
      }
      now = seen;
    }
    return units == 0;
  }

  void give(long units) {
    used.addAndGet(-units);
  }

  long used() {
    return used.get();
  }

  /** Units in use, and those left, as bytes. */
  Space space(int unit) {
    long now = used.get();
    return Space.of(now * unit, Math.max(0, limit - now) * unit);
  }
}

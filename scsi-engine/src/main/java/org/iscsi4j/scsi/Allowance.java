package org.iscsi4j.scsi;

import java.util.OptionalLong;
import org.iscsi4j.api.RateLimit;

/**
 * What a limit has left, as a value. Times as in {@link TokenBucket}.
 *
 * @param operations null when their number is not limited
 * @param bytes null when their number is not limited
 */
record Allowance(RateLimit limit, TokenBucket operations, TokenBucket bytes) {

  /** Of a limit that nothing was done under yet. */
  static Allowance full(RateLimit limit, long now) {
    return new Allowance(limit, null, null).changed(limit, now);
  }

  /** Whether nothing was taken that has not come back. */
  boolean isFull(long now) {
    return (operations == null || operations.isFull(now)) && (bytes == null || bytes.isFull(now));
  }

  /** The first time, from a given one on, at which an operation of so many bytes may begin. */
  long due(long length, long from) {
    long due = operations == null ? from : operations.due(1, from);
    return bytes == null ? due : bytes.due(length, due);
  }

  /** What is left after an operation that begins at a time when it may. */
  Allowance take(long length, long at) {
    return new Allowance(
        limit,
        operations == null ? null : operations.take(1, at),
        bytes == null ? null : bytes.take(length, at));
  }

  /** What another limit has left after the same was done under it. */
  Allowance changed(RateLimit next, long now) {
    long burst = next.burst().toNanos();
    return new Allowance(
        next,
        changed(operations, next.operationsPerSecond(), burst, now),
        changed(bytes, next.bytesPerSecond(), burst, now));
  }

  private static TokenBucket changed(TokenBucket before, OptionalLong rate, long burst, long now) {
    if (rate.isEmpty()) {
      return null;
    }
    return before == null
        ? TokenBucket.full(rate.getAsLong(), burst, now)
        : before.changed(rate.getAsLong(), burst, now);
  }
}

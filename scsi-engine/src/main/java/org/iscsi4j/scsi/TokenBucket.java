package org.iscsi4j.scsi;

/**
 * What one rate has left, as a value: the time at which everything taken so far is paid for, had it
 * been done at the rate without a pause. What may be taken ahead of that time is the burst.
 *
 * <p>Times are those of {@link System#nanoTime}: only their differences mean something. What a
 * nanosecond can't express is kept as a fraction, so that no rounding adds up.
 *
 * @param rate tokens a second, 1 to {@link org.iscsi4j.api.RateLimit#MAX_RATE}
 * @param burst nanoseconds
 * @param paid when everything is paid for, in nanoseconds
 * @param fraction how much later than {@code paid}, in parts of a nanosecond of which {@code rate}
 *     make one
 */
record TokenBucket(long rate, long burst, long paid, long fraction) {

  /** The longest debt that one command leaves, in seconds: 95 years. */
  private static final long LONGEST_DEBT = 3_000_000_000L;

  private static final long NANOS = 1_000_000_000;

  /** A bucket that nothing was taken from. */
  static TokenBucket full(long rate, long burst, long now) {
    return new TokenBucket(rate, burst, now, 0);
  }

  /** The later of two times. */
  static long later(long one, long other) {
    return one - other > 0 ? one : other;
  }

  /** Whether nothing was taken that has not come back. */
  boolean isFull(long now) {
    return now - ceiling() >= 0;
  }

  /**
   * The first time, from a given one on, at which so many tokens may be taken. Tokens that are more
   * than the burst may be taken when nothing else is owed, and leave a debt.
   */
  long due(long tokens, long from) {
    long owed = ceiling();
    long saved = plus(tokens).ceiling() - burst;
    return later(from, owed - saved < 0 ? owed : saved);
  }

  /** The bucket after tokens were taken, at a time that is no earlier than when they were due. */
  TokenBucket take(long tokens, long at) {
    boolean full = at - ceiling() > 0;
    return (full ? full(rate, burst, at) : this).plus(tokens);
  }

  /** The bucket of another rate, from which as many tokens were taken. */
  TokenBucket changed(long nextRate, long nextBurst, long now) {
    // once for a change, so that a rounding is nothing that adds up
    double taken = (double) Math.max(0, paid - now) * rate;
    long ahead = (long) Math.min(taken / nextRate, (double) LONGEST_DEBT * NANOS);
    return new TokenBucket(nextRate, nextBurst, now + ahead, 0);
  }

  private long ceiling() {
    return fraction == 0 ? paid : paid + 1;
  }

  private TokenBucket plus(long tokens) {
    long seconds = tokens / rate;
    if (seconds >= LONGEST_DEBT) {
      return new TokenBucket(rate, burst, paid + LONGEST_DEBT * NANOS, fraction);
    }
    // the rest by NANOS / rate, in three steps that can't overflow
    long nanos = 0;
    long rest = tokens % rate;
    for (int step = 0; step < 3; step++) {
      rest *= 1_000;
      nanos = nanos * 1_000 + rest / rate;
      rest %= rate;
    }
    long parts = fraction + rest;
    boolean whole = parts >= rate;
    return new TokenBucket(
        rate,
        burst,
        paid + seconds * NANOS + nanos + (whole ? 1 : 0),
        whole ? parts - rate : parts);
  }
}

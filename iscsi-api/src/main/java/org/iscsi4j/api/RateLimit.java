package org.iscsi4j.api;

import java.time.Duration;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * How much may be done to a logical unit, or by an initiator, in a second: operations, bytes, or
 * both. In any stretch of time no more passes than the rate allows for that stretch and the burst
 * together. A single command that is larger than the burst passes all the same, and is paid for
 * afterwards: what follows waits the longer. Immutable.
 *
 * <pre>{@code
 * RateLimit.operationsPerSecond(1_000)
 *     .withBytesPerSecond(100 << 20)
 *     .withBurst(Duration.ofSeconds(5));
 * }</pre>
 *
 * <p>Initiators give commands up that are not answered in time, often after 30 s: what a session
 * may have outstanding, divided by the rate, should stay below that.
 *
 * @param operationsPerSecond 1 to {@link #MAX_RATE}; empty for any number
 * @param bytesPerSecond 1 to {@link #MAX_RATE}; empty for any number
 * @param burst how much may be saved up while less is used, as the time in which the rate allows as
 *     much; 0 to {@link #MAX_BURST}, where 0 spaces everything evenly
 */
public record RateLimit(
    OptionalLong operationsPerSecond, OptionalLong bytesPerSecond, Duration burst) {

  /** The highest rate that can be said: beyond it, none is meant. */
  public static final long MAX_RATE = 1_000_000_000_000_000L;

  /** The longest burst. */
  public static final Duration MAX_BURST = Duration.ofDays(1);

  /** The burst of a limit that does not say one: a second. */
  public static final Duration DEFAULT_BURST = Duration.ofSeconds(1);

  /** No limit. */
  public static final RateLimit NONE =
      new RateLimit(OptionalLong.empty(), OptionalLong.empty(), DEFAULT_BURST);

  /** Checks every component against its range. */
  public RateLimit {
    check("operationsPerSecond", operationsPerSecond);
    check("bytesPerSecond", bytesPerSecond);
    Objects.requireNonNull(burst, "burst");
    if (burst.isNegative() || burst.compareTo(MAX_BURST) > 0) {
      throw new IllegalArgumentException("burst " + burst + " is not within 0s.." + MAX_BURST);
    }
  }

  private static void check(String name, OptionalLong rate) {
    if (rate.isPresent() && (rate.getAsLong() < 1 || rate.getAsLong() > MAX_RATE)) {
      throw new IllegalArgumentException(
          name + " " + rate.getAsLong() + " is not within 1.." + MAX_RATE);
    }
  }

  /** A limit on the number of operations, with the {@link #DEFAULT_BURST}. */
  public static RateLimit operationsPerSecond(long rate) {
    return NONE.withOperationsPerSecond(rate);
  }

  /** A limit on the number of bytes, with the {@link #DEFAULT_BURST}. */
  public static RateLimit bytesPerSecond(long rate) {
    return NONE.withBytesPerSecond(rate);
  }

  /** The same with a limit on the number of operations. */
  public RateLimit withOperationsPerSecond(long rate) {
    return new RateLimit(OptionalLong.of(rate), bytesPerSecond, burst);
  }

  /** The same with a limit on the number of bytes. */
  public RateLimit withBytesPerSecond(long rate) {
    return new RateLimit(operationsPerSecond, OptionalLong.of(rate), burst);
  }

  /** The same with another burst. */
  public RateLimit withBurst(Duration time) {
    return new RateLimit(operationsPerSecond, bytesPerSecond, time);
  }

  /** Whether everything passes. */
  public boolean isNone() {
    return operationsPerSecond.isEmpty() && bytesPerSecond.isEmpty();
  }

  @Override
  public String toString() {
    if (isNone()) {
      return "no limit";
    }
    StringBuilder text = new StringBuilder();
    operationsPerSecond.ifPresent(rate -> text.append(rate).append(" operations/s, "));
    bytesPerSecond.ifPresent(rate -> text.append(rate).append(" bytes/s, "));
    return text.append("burst ").append(burst).toString();
  }
}

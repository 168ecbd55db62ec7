package org.iscsi4j.target.limit;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import java.net.InetAddress;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.iscsi4j.api.access.Limits;

/**
 * Bounds how fast one address can guess secrets ({@link Limits.Builder#authenticationFailures}): a
 * failure is a debt, which time pays off. Success pays nothing, since whoever has one secret could
 * go on with others' for ever. Tries that are under way at once may fail beyond the limit, as many
 * as an address may have connections in login; they are paid off too, up to another limit's worth.
 *
 * <p>Remembers so many addresses at most; beyond that the one that failed longest ago is forgotten:
 * whoever has that many addresses is not held up by counts of addresses. Safe from any thread.
 */
public final class LoginThrottle {

  /** Addresses that are remembered, at about 100 bytes each. */
  static final int ADDRESSES = 16_384;

  private final Supplier<Limits> limits;
  private final LongSupplier clock;

  /** What is left to pay at a time; one segment, so that really the oldest is forgotten. */
  private final Cache<AddressBlock, Debt> debts =
      CacheBuilder.newBuilder().concurrencyLevel(1).maximumSize(ADDRESSES).build();

  /**
   * Failures that are not forgiven yet.
   *
   * @param failures as a fraction
   * @param at nanoseconds, by the clock
   */
  private record Debt(double failures, long at) {

    double leftAt(long now, Limits limits) {
      double periods = (double) (now - at) / limits.authenticationPeriod().toNanos();
      return Math.max(0, failures - periods * limits.authenticationFailures());
    }
  }

  /**
   * Remembers nothing yet.
   *
   * @param limits those that hold now
   * @param clock nanoseconds, as {@link System#nanoTime}
   */
  public LoginThrottle(Supplier<Limits> limits, LongSupplier clock) {
    this.limits = limits;
    this.clock = clock;
  }

  /** Whether an address may try to prove who it is. */
  public boolean mayTry(InetAddress from) {
    Debt debt = debts.asMap().get(AddressBlock.of(from));
    Limits now = limits.get();
    return debt == null || debt.leftAt(clock.getAsLong(), now) <= now.authenticationFailures() - 1;
  }

  /** An address has given a wrong proof. */
  public void failed(InetAddress from) {
    Limits now = limits.get();
    long at = clock.getAsLong();
    double most = 2.0 * now.authenticationFailures();
    debts
        .asMap()
        .compute(
            AddressBlock.of(from),
            (any, before) -> {
              double left = before == null ? 0 : before.leftAt(at, now);
              return new Debt(Math.min(most, left + 1), at);
            });
  }
}

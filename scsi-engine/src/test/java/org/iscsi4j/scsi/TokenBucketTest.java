package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import org.iscsi4j.api.RateLimit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenBucketTest {

  private static final long SECOND = 1_000_000_000;

  /** Times at which so many are taken one after the other by somebody who is always there. */
  private static long[] times(TokenBucket bucket, long start, long tokens, int count) {
    long[] times = new long[count];
    long now = start;
    for (int i = 0; i < count; i++) {
      now = bucket.due(tokens, now);
      times[i] = now - start;
      bucket = bucket.take(tokens, now);
    }
    return times;
  }

  @Test
  void burstPassesAtOnceAndTheRestAtTheRate() {
    TokenBucket bucket = TokenBucket.full(10, SECOND / 2, 0);

    assertThat(times(bucket, 0, 1, 8))
        .containsExactly(0, 0, 0, 0, 0, SECOND / 10, 2 * SECOND / 10, 3 * SECOND / 10);
  }

  @Test
  void withoutABurstEverythingIsSpacedEvenly() {
    assertThat(times(TokenBucket.full(4, 0, 0), 0, 1, 3))
        .containsExactly(0, SECOND / 4, SECOND / 2);
  }

  @Test
  void moreThanTheBurstPassesOnceAndIsPaidForAfterwards() {
    TokenBucket bucket = TokenBucket.full(1_000, SECOND, 0);

    assertThat(bucket.due(5_000, 0)).isZero();
    TokenBucket indebted = bucket.take(5_000, 0);
    assertThat(indebted.due(1, 0)).isEqualTo(4 * SECOND + SECOND / 1_000);
    assertThat(indebted.due(5_000, 0)).as("when nothing is owed").isEqualTo(5 * SECOND);
  }

  @Test
  void whatIsNotUsedIsSavedUpToTheBurstAndNoFurther() {
    TokenBucket bucket = TokenBucket.full(10, SECOND, 0).take(10, 0);

    assertThat(bucket.due(4, 0)).isEqualTo(4 * SECOND / 10);
    assertThat(times(bucket, 3600 * SECOND, 1, 12))
        .containsExactly(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, SECOND / 10, 2 * SECOND / 10);
  }

  @ParameterizedTest
  @ValueSource(longs = {3, 7, 999_999_937, 1_000_000_007, 999_999_999_999_989L})
  void noRoundingAddsUp(long rate) {
    TokenBucket bucket = TokenBucket.full(rate, 0, 0);
    long now = 0;
    long tokens = Math.max(1, rate / 1_000_003);
    long seconds = 0;
    for (long taken = 0; seconds < 3; taken += tokens) {
      now = bucket.due(tokens, now);
      bucket = bucket.take(tokens, now);
      if (taken >= (seconds + 1) * rate) {
        long exact = exactNanos(taken, rate);
        assertThat(now).isEqualTo(exact);
        seconds++;
      }
    }
  }

  private static long exactNanos(long tokens, long rate) {
    BigInteger nanos = BigInteger.valueOf(tokens).multiply(BigInteger.valueOf(SECOND));
    BigInteger[] parts = nanos.divideAndRemainder(BigInteger.valueOf(rate));
    return parts[0].longValueExact() + Math.min(1, parts[1].signum());
  }

  @Test
  void hugeNumbersDoNotOverflow() {
    long now = Long.MAX_VALUE - 5;
    TokenBucket slow = TokenBucket.full(1, 0, now).take(Long.MAX_VALUE, now);
    assertThat(slow.due(1, now) - now).isEqualTo(3_000_000_000L * SECOND);

    TokenBucket fast = TokenBucket.full(RateLimit.MAX_RATE, 0, now);
    assertThat(fast.due(Long.MAX_VALUE, now)).isEqualTo(now);
    assertThat(fast.take(Long.MAX_VALUE, now).due(1, now) - now)
        .as("9223 s and a bit")
        .isEqualTo(9_223_372_036_855L);
    assertThat(fast.take(1, now).due(1, now) - now).isEqualTo(1);
  }

  @Test
  void debtIsKeptInTokensWhenTheRateChanges() {
    TokenBucket indebted = TokenBucket.full(1, 0, 0).take(1_000, 0);

    assertThat(indebted.changed(100, 0, 0).due(1, 0)).isEqualTo(10 * SECOND);
    assertThat(indebted.changed(100, 0, 400 * SECOND).due(1, 0)).isEqualTo(406 * SECOND);
    assertThat(indebted.changed(100, 0, 5000 * SECOND).due(1, 0)).isEqualTo(5000 * SECOND);
    assertThat(TokenBucket.full(RateLimit.MAX_RATE, 0, 0).take(Long.MAX_VALUE, 0).changed(1, 0, 0))
        .as("no longer than the longest debt")
        .isEqualTo(new TokenBucket(1, 0, 3_000_000_000L * SECOND, 0));
  }
}

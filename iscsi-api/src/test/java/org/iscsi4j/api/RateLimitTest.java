package org.iscsi4j.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RateLimitTest {

  @Test
  void isNoneUntilARateIsSaid() {
    assertThat(RateLimit.NONE.isNone()).isTrue();
    assertThat(RateLimit.NONE.withBurst(Duration.ZERO).isNone()).isTrue();
    assertThat(RateLimit.operationsPerSecond(1).isNone()).isFalse();
    assertThat(RateLimit.bytesPerSecond(1).isNone()).isFalse();
  }

  @Test
  void saysWhatWasGiven() {
    RateLimit limit =
        RateLimit.operationsPerSecond(100).withBytesPerSecond(4096).withBurst(Duration.ofMillis(5));

    assertThat(limit.operationsPerSecond()).hasValue(100);
    assertThat(limit.bytesPerSecond()).hasValue(4096);
    assertThat(limit.burst()).isEqualTo(Duration.ofMillis(5));
    assertThat(limit).hasToString("100 operations/s, 4096 bytes/s, burst PT0.005S");
    assertThat(RateLimit.bytesPerSecond(7)).hasToString("7 bytes/s, burst PT1S");
    assertThat(RateLimit.NONE).hasToString("no limit");
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, -1, 0, 1_000_000_000_000_001L, Long.MAX_VALUE})
  void refusesARateOutOfRange(long rate) {
    assertThatThrownBy(() -> RateLimit.operationsPerSecond(rate))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("operationsPerSecond " + rate + " is not within 1..1000000000000000");
    assertThatThrownBy(() -> RateLimit.bytesPerSecond(rate))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("bytesPerSecond " + rate + " is not within 1..1000000000000000");
  }

  @Test
  void refusesABurstOutOfRange() {
    assertThat(RateLimit.NONE.withBurst(RateLimit.MAX_BURST).burst()).hasHours(24);
    assertThatThrownBy(() -> RateLimit.NONE.withBurst(Duration.ofNanos(-1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("burst PT-0.000000001S is not within 0s..PT24H");
    assertThatThrownBy(() -> RateLimit.NONE.withBurst(Duration.ofHours(24).plusNanos(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("burst PT24H0.000000001S is not within 0s..PT24H");
  }
}

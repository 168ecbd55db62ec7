package org.iscsi4j.api.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.Map;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LimitsTest {

  /** A number to set, and the most that it may be. */
  record Count(String name, BiFunction<Limits.Builder, Integer, Limits.Builder> set, int most) {}

  static Count[] counts() {
    int any = Integer.MAX_VALUE;
    return new Count[] {
      new Count("sessions", Limits.Builder::sessions, 65_535),
      new Count("sessionsPerTarget", Limits.Builder::sessionsPerTarget, 65_535),
      new Count("sessionsPerInitiator", Limits.Builder::sessionsPerInitiator, 65_535),
      new Count("sessionsPerAddress", Limits.Builder::sessionsPerAddress, 65_535),
      new Count("connections", Limits.Builder::connections, any),
      new Count("connectionsPerAddress", Limits.Builder::connectionsPerAddress, any),
      new Count("logins", Limits.Builder::logins, any),
      new Count("loginsPerAddress", Limits.Builder::loginsPerAddress, any),
      new Count("commands", Limits.Builder::commands, any),
      new Count("transferBytes", Limits.Builder::transferBytes, any),
      new Count("transferBytesPerSession", Limits.Builder::transferBytesPerSession, any),
      new Count("heldBytes", Limits.Builder::heldBytes, any),
      new Count("recoveryBytes", Limits.Builder::recoveryBytes, any),
    };
  }

  @ParameterizedTest
  @MethodSource("counts")
  void countsHaveARange(Count count) {
    assertThat(count.set().apply(Limits.builder(), 1).build()).isNotEqualTo(Limits.defaults());
    assertThat(count.set().apply(Limits.builder(), count.most()).build().toString())
        .contains(count.name() + "=" + count.most());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> count.set().apply(Limits.builder(), 0).build())
        .withMessageStartingWith(count.name() + " 0 is not within 1..");
    if (count.most() < Integer.MAX_VALUE) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> count.set().apply(Limits.builder(), count.most() + 1).build())
          .withMessage(
              count.name() + " " + (count.most() + 1) + " is not within 1.." + count.most());
    }
  }

  @Test
  void timesHaveARange() {
    Map<String, BiFunction<Limits.Builder, Duration, Limits.Builder>> times =
        Map.of(
            "loginTimeout",
            Limits.Builder::loginTimeout,
            "authenticationPeriod",
            (builder, time) -> builder.authenticationFailures(1, time));

    times.forEach(
        (name, set) -> {
          assertThat(set.apply(Limits.builder(), Duration.ofDays(1)).build()).isNotNull();
          for (Duration wrong :
              new Duration[] {
                Duration.ZERO, Duration.ofMillis(-1), Duration.ofDays(1).plusNanos(1)
              }) {
            assertThatIllegalArgumentException()
                .isThrownBy(() -> set.apply(Limits.builder(), wrong).build())
                .withMessage(name + " " + wrong + " is not more than 0 and at most 24 h");
          }
        });
  }

  @Test
  void whatIsNotChangedStaysAsItWas() {
    Limits limits =
        new Limits(
            1,
            2,
            3,
            4,
            5,
            6,
            7,
            8,
            Duration.ofMillis(9),
            10,
            Duration.ofMillis(11),
            12,
            13,
            14,
            15,
            16);

    assertThat(limits.toBuilder().build()).isEqualTo(limits);
    assertThat(limits.toBuilder().commands(99).build().sessions()).isEqualTo(1);
  }

  @Test
  void sharesOfTheHeapFollowItsSize() {
    long heap = Runtime.getRuntime().maxMemory();

    assertThat(Limits.defaults().transferBytes()).isEqualTo(heap / 4);
    assertThat(Limits.defaults().heldBytes()).isEqualTo(heap / 8);
    assertThat(Limits.defaults().recoveryBytes()).isEqualTo(heap / 8);
  }
}

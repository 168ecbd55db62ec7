package org.iscsi4j.target.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.target.session.KeepAlive.Action.GIVE_UP;
import static org.iscsi4j.target.session.KeepAlive.Action.PING;
import static org.iscsi4j.target.session.KeepAlive.Action.WAIT;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Silence of 30 is asked about, silence of 15 more is the end. */
class KeepAliveTest {

  private final KeepAlive rule = new KeepAlive(30, 15);

  /** {@link System#nanoTime} begins anywhere and wraps. */
  @ParameterizedTest
  @ValueSource(longs = {0, 1000, -20, Long.MAX_VALUE - 40})
  void silentPeerIsAskedOnceAndThenGivenUp(long start) {
    assertThat(rule.check(start + 29, start)).isEqualTo(WAIT);
    assertThat(rule.check(start + 30, start)).isEqualTo(PING);
    assertThat(rule.check(start + 31, start)).isEqualTo(WAIT);
    assertThat(rule.check(start + 44, start)).isEqualTo(WAIT);
    assertThat(rule.check(start + 45, start)).isEqualTo(GIVE_UP);
  }

  @Test
  void anAnswerBeginsTheSilenceAnew() {
    assertThat(rule.check(30, 0)).isEqualTo(PING);

    assertThat(rule.check(50, 40)).isEqualTo(WAIT);
    assertThat(rule.check(69, 40)).isEqualTo(WAIT);
    assertThat(rule.check(70, 40)).isEqualTo(PING);
    assertThat(rule.check(85, 40)).isEqualTo(GIVE_UP);
  }

  @Test
  void anAnswerInTheSameMomentCounts() {
    assertThat(rule.check(30, 0)).isEqualTo(PING);

    assertThat(rule.check(45, 30)).isEqualTo(WAIT);
  }

  @Test
  void whatCameBeforeThePingIsNoAnswer() {
    assertThat(rule.check(35, 4)).isEqualTo(PING);

    assertThat(rule.check(50, 5)).isEqualTo(GIVE_UP);
  }

  @Test
  void busyPeerIsNeverAsked() {
    for (long now = 0; now < 1000; now += 7) {
      assertThat(rule.check(now, now - 5)).isEqualTo(WAIT);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -20, Long.MAX_VALUE - 40})
  void nextCheckComesInTimeForWhateverIsDue(long start) {
    assertThat(rule.nextCheck(start, start)).isEqualTo(30);
    assertThat(rule.nextCheck(start + 10, start)).isEqualTo(20);
    assertThat(rule.nextCheck(start + 40, start)).isZero();
    rule.check(start + 30, start);

    // an answer may come meanwhile, after which the next ping is due an interval later
    assertThat(rule.nextCheck(start + 31, start)).isBetween(1L, 14L);
    assertThat(rule.nextCheck(start + 60, start)).isZero();
  }
}

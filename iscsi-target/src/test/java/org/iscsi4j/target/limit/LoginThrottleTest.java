package org.iscsi4j.target.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import org.iscsi4j.api.access.Limits;
import org.junit.jupiter.api.Test;

class LoginThrottleTest {

  private static final Duration MINUTE = Duration.ofMinutes(1);

  /** Any number: only differences mean something. */
  private long now = Long.MIN_VALUE / 2;

  private Limits limits = Limits.builder().authenticationFailures(4, MINUTE).build();
  private final LoginThrottle throttle = new LoginThrottle(() -> limits, () -> now);

  private static InetAddress address(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  private static final InetAddress PEER = address("10.0.0.1");

  private void fail(int times) {
    for (int i = 0; i < times; i++) {
      throttle.failed(PEER);
    }
  }

  private void pass(Duration time) {
    now += time.toNanos();
  }

  @Test
  void lastTryIsTheOneAtTheLimit() {
    fail(3);
    assertThat(throttle.mayTry(PEER)).isTrue();
    fail(1);
    assertThat(throttle.mayTry(PEER)).isFalse();
  }

  @Test
  void askingCostsNothing() {
    for (int i = 0; i < 100; i++) {
      assertThat(throttle.mayTry(PEER)).isTrue();
    }
  }

  @Test
  void othersAreNotHeldUp() {
    fail(4);

    assertThat(throttle.mayTry(address("10.0.0.2"))).isTrue();
  }

  @Test
  void prefixOfAnIpv6AddressCountsAsOne() {
    for (int i = 1; i <= 4; i++) {
      throttle.failed(address("2001:db8:0:1::" + i));
    }

    assertThat(throttle.mayTry(address("2001:db8:0:1::99"))).isFalse();
    assertThat(throttle.mayTry(address("2001:db8:0:2::1"))).isTrue();
  }

  @Test
  void timeForgivesOneByOne() {
    fail(4);
    pass(MINUTE.dividedBy(4).minusNanos(1));
    assertThat(throttle.mayTry(PEER)).isFalse();
    pass(Duration.ofNanos(1));
    assertThat(throttle.mayTry(PEER)).isTrue();
    fail(1);
    assertThat(throttle.mayTry(PEER)).isFalse();
    pass(MINUTE);
    fail(3);
    assertThat(throttle.mayTry(PEER)).isTrue();
  }

  @Test
  void debtIsBounded() {
    fail(1000);
    pass(MINUTE);
    assertThat(throttle.mayTry(PEER)).isFalse();
    pass(MINUTE);
    assertThat(throttle.mayTry(PEER)).isTrue();
  }

  @Test
  void changedLimitHoldsAtOnce() {
    fail(4);
    limits = Limits.builder().authenticationFailures(5, MINUTE).build();
    assertThat(throttle.mayTry(PEER)).isTrue();
    limits = Limits.builder().authenticationFailures(1, MINUTE).build();
    assertThat(throttle.mayTry(PEER)).isFalse();
  }

  @Test
  void theOneThatFailedLongestAgoIsForgotten() {
    fail(4);
    for (int i = 0; i < LoginThrottle.ADDRESSES - 1; i++) {
      throttle.failed(address("11.0." + (i >> 8) + "." + (i & 0xff)));
    }
    assertThat(throttle.mayTry(PEER)).isFalse();
    for (int i = 0; i < LoginThrottle.ADDRESSES; i++) {
      throttle.failed(address("12.0." + (i >> 8) + "." + (i & 0xff)));
    }
    assertThat(throttle.mayTry(PEER)).isTrue();
  }
}

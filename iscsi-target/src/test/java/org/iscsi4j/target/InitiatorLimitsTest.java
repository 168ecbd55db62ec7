package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.RateLimit;
import org.iscsi4j.api.access.Initiator;
import org.iscsi4j.api.access.InitiatorGroup;
import org.iscsi4j.scsi.RateLimiter;
import org.junit.jupiter.api.Test;

class InitiatorLimitsTest {

  private static final RateLimit SLOW = RateLimit.operationsPerSecond(1);
  private static final RateLimit FAST = RateLimit.operationsPerSecond(1_000);
  private static final InetSocketAddress PORTAL = new InetSocketAddress("127.0.0.1", 3260);
  private static final InitiatorGroup GUESTS = InitiatorGroup.named("iqn.2026-01.guest:*");

  private final AtomicLong clock = new AtomicLong();
  private final InitiatorLimits limits = new InitiatorLimits(clock::get);

  /** A session, and the limiter that it was given last. */
  private final class Member {
    private final Runnable leave;
    private RateLimiter limiter;

    Member(String name) {
      leave = limits.join(initiator(name), given -> limiter = given);
    }

    RateLimit limit() {
      return limiter == null ? null : limiter.limit();
    }
  }

  private static Initiator initiator(String name) {
    return new Initiator(IscsiName.of(name), Optional.empty(), PORTAL, PORTAL, 1);
  }

  private Member guest(int number) {
    return new Member("iqn.2026-01.guest:" + number);
  }

  @Test
  void firstGroupThatAnInitiatorBelongsToDecides() {
    limits.limit(GUESTS, SLOW);
    limits.limit(InitiatorGroup.everybody(), FAST);

    assertThat(guest(1).limit()).isEqualTo(SLOW);
    assertThat(new Member("iqn.2026-01.host:1").limit()).isEqualTo(FAST);
  }

  @Test
  void whoBelongsToNoGroupIsNotLimited() {
    limits.limit(GUESTS, SLOW);

    assertThat(new Member("iqn.2026-01.host:1").limiter).isNull();
    assertThat(limits.size()).isZero();
  }

  @Test
  void sessionsOfANameShareALimiterAndOtherNamesHaveTheirOwn() {
    limits.limit(GUESTS, SLOW);

    RateLimiter first = guest(1).limiter;

    assertThat(guest(1).limiter).isSameAs(first);
    assertThat(guest(2).limiter).isNotSameAs(first);
    assertThat(limits.size()).isEqualTo(2);
  }

  @Test
  void changesReachThoseWhoAreThere() {
    Member guest = guest(1);
    assertThat(guest.limit()).isNull();

    limits.limit(GUESTS, SLOW);
    RateLimiter limiter = guest.limiter;
    assertThat(guest.limit()).isEqualTo(SLOW);

    limits.limit(GUESTS, FAST);
    assertThat(guest.limiter).isSameAs(limiter);
    assertThat(guest.limit()).isEqualTo(FAST);

    limits.limit(GUESTS, RateLimit.NONE);
    assertThat(guest.limiter).isNull();
    assertThat(limiter.limit()).as("what waits there is let go").isEqualTo(RateLimit.NONE);
    assertThat(limits.size()).isZero();
  }

  @Test
  void groupIsKnownByWhatItSays() {
    limits.limit(GUESTS, SLOW);
    Member guest = guest(1);
    RateLimiter limiter = guest.limiter;

    limits.limit(InitiatorGroup.named("iqn.2026-01.guest:*"), FAST);
    assertThat(guest.limit()).isEqualTo(FAST);

    limits.limit(InitiatorGroup.named("iqn.2026-01.guest:*"), RateLimit.NONE);
    assertThat(guest.limiter).isNull();
    assertThat(limiter.limit()).as("what waits there is let go").isEqualTo(RateLimit.NONE);
  }

  @Test
  void nextGroupDecidesWhenOneIsForgotten() {
    InitiatorGroup everybody = InitiatorGroup.everybody();
    limits.limit(GUESTS, SLOW);
    limits.limit(everybody, FAST);
    Member guest = guest(1);
    RateLimiter before = guest.limiter;

    limits.limit(GUESTS, RateLimit.NONE);

    assertThat(guest.limit()).isEqualTo(FAST);
    assertThat(before.limit()).isEqualTo(RateLimit.NONE);
    assertThat(limits.size()).isEqualTo(1);
  }

  @Test
  void initiatorThatOwesNothingIsForgottenWithItsLastSession() {
    limits.limit(GUESTS, SLOW);
    Member one = guest(1);
    Member two = guest(1);

    one.leave.run();
    assertThat(limits.size()).isEqualTo(1);
    two.leave.run();

    assertThat(limits.size()).isZero();
  }

  /** The clock of a limiter that begins now goes back: that is a debt like any other. */
  private void owe() {
    clock.addAndGet(-Duration.ofHours(1).toNanos());
  }

  @Test
  void initiatorThatOwesComesBackToItsDebt() {
    limits.limit(GUESTS, SLOW);
    Member guest = guest(1);
    owe();

    guest.leave.run();

    assertThat(limits.size()).isEqualTo(1);
    assertThat(guest(1).limiter).isSameAs(guest.limiter);
    assertThat(limits.size()).isEqualTo(1);
  }

  @Test
  void initiatorThatOwedIsForgottenWhenTheNextOneGoes() {
    limits.limit(GUESTS, SLOW);
    Member guest = guest(1);
    Member other = guest(2);
    owe();
    guest.leave.run();
    clock.addAndGet(Duration.ofHours(1).toNanos());

    other.leave.run();

    assertThat(limits.size()).isZero();
  }

  @Test
  void thoseWhoAreGoneAreBounded() {
    limits.limit(GUESTS, SLOW);
    Member[] guests = new Member[InitiatorLimits.MOST_GONE + 2];
    for (int i = 0; i < guests.length; i++) {
      guests[i] = guest(i);
    }
    owe();

    for (Member guest : guests) {
      guest.leave.run();
    }

    assertThat(limits.size()).isEqualTo(InitiatorLimits.MOST_GONE);
    assertThat(guest(1).limiter).as("longest gone").isNotSameAs(guests[1].limiter);
    assertThat(guest(2).limiter).isSameAs(guests[2].limiter);
  }
}

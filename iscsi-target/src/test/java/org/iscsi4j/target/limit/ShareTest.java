package org.iscsi4j.target.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ShareTest {

  private static final int OWN = 8;
  private static final int SLICE = 16;

  private final Pool pool = new Pool(100);
  private final Share share = new Share(pool, OWN, SLICE);

  private void take(int count) {
    for (int i = 0; i < count; i++) {
      assertThat(share.tryTake(1)).isTrue();
    }
  }

  @Test
  void whatIsOnesOwnIsNotTakenFromThePool() {
    take(OWN);
    assertThat(pool.used()).isZero();

    take(1);
    assertThat(pool.used()).isEqualTo(SLICE);
  }

  @Test
  void everythingCanBeUsedUp() {
    take(OWN + 100);

    assertThat(share.fits(1)).isFalse();
    assertThat(share.tryTake(1)).isFalse();
    assertThat(pool.used()).isEqualTo(100);
  }

  @Test
  void whatIsOnesOwnIsThereWhenThePoolIsEmpty() {
    pool.tryTake(100);

    take(OWN);
    assertThat(share.tryTake(1)).isFalse();
  }

  @Test
  void whoeverUsesNothingKeepsNothing() {
    take(30);
    for (int i = 0; i < 30; i++) {
      share.give(1);
    }

    assertThat(pool.used()).isZero();
  }

  @Test
  void aFewUpAndDownStayAwayFromThePool() {
    take(30);
    long before = pool.used();
    for (int i = 0; i < 10; i++) {
      share.give(10);
      assertThat(share.tryTake(10)).isTrue();
      assertThat(pool.used()).isEqualTo(before);
    }
  }

  @Test
  void nobodyKeepsWhatHeDoesNotUseWhenThereIsLittle() {
    take(OWN + 20);
    pool.tryTake(60);

    share.give(5);

    assertThat(pool.used()).isEqualTo(60 + 15);
  }

  @Test
  void mayExceedThePoolWhenItMust() {
    pool.tryTake(95);

    share.take(OWN + 50);

    assertThat(pool.used()).isEqualTo(145);
    assertThat(share.isTooMuch()).isTrue();
    share.give(50);
    assertThat(share.isTooMuch()).isFalse();
    assertThat(pool.used()).isEqualTo(95);
  }

  @Test
  void promisesAreKeptShortWhenThereIsLittle() {
    assertThat(share.doubtful(128)).isZero();
    take(OWN + 1);
    pool.tryTake(72);

    assertThat(share.doubtful(128)).isEqualTo(128 - OWN - SLICE);
    assertThat(share.doubtful(20)).isZero();
  }

  @Test
  void booksBalanceWhateverHappens() {
    Random random = new Random(7);
    Share[] shares = new Share[5];
    int[] used = new int[shares.length];
    for (int i = 0; i < shares.length; i++) {
      shares[i] = new Share(pool, OWN, SLICE);
    }
    for (int step = 0; step < 50_000; step++) {
      int i = random.nextInt(shares.length);
      int amount = 1 + random.nextInt(20);
      if (random.nextBoolean()) {
        used[i] += shares[i].tryTake(amount) ? amount : 0;
      } else {
        amount = Math.min(amount, used[i]);
        shares[i].give(amount);
        used[i] -= amount;
      }
      assertThat(shares[i].used()).isEqualTo(used[i]);
      assertThat(pool.used()).isBetween(0L, 100L);
    }
    for (int i = 0; i < shares.length; i++) {
      shares[i].give(used[i]);
    }
    assertThat(pool.used()).isZero();
  }
}

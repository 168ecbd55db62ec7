package org.iscsi4j.target.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.iscsi4j.target.limit.Pool;
import org.iscsi4j.target.limit.Share;
import org.junit.jupiter.api.Test;

class TransferBudgetTest {

  private static final long LUN = 0;
  private static final long OTHER = 1L << 48;
  private static final long THIRD = 2L << 48;

  private final Pool pool = new Pool(Long.MAX_VALUE / 2);
  private final TransferBudget budget = new TransferBudget(100, new Share(pool, 0, 1));

  @Test
  void oneUnitGetsHalfOfIt() {
    assertThat(budget.tryTake(LUN, 30)).isTrue();
    assertThat(budget.tryTake(LUN, 21)).isFalse();
    assertThat(budget.tryTake(LUN, 20)).isTrue();
    assertThat(budget.tryTake(OTHER, 50)).isTrue();
    assertThat(budget.used()).isEqualTo(100);
  }

  @Test
  void everyUnitGetsOneTransferWhateverItsSize() {
    assertThat(budget.tryTake(LUN, 1000)).isTrue();
    assertThat(budget.tryTake(LUN, 1)).isFalse();
    assertThat(budget.tryTake(OTHER, 1000)).isTrue();
  }

  @Test
  void allUnitsTogetherHaveALimit() {
    budget.tryTake(LUN, 50);
    budget.tryTake(OTHER, 30);
    budget.tryTake(THIRD, 10);

    assertThat(budget.tryTake(THIRD, 11)).isFalse();
    assertThat(budget.tryTake(THIRD, 10)).isTrue();
  }

  @Test
  void whatCameUnaskedIsTakenInAnyCase() {
    budget.take(LUN, 90);
    budget.take(LUN, 90);

    assertThat(budget.used()).isEqualTo(180);
    assertThat(budget.tryTake(LUN, 1)).isFalse();
  }

  @Test
  void whatIsGivenBackCanBeTakenAgain() {
    budget.tryTake(LUN, 50);
    budget.give(LUN, 30);

    assertThat(budget.tryTake(LUN, 31)).isFalse();
    assertThat(budget.tryTake(LUN, 30)).isTrue();
    budget.give(LUN, 50);
    assertThat(budget.used()).isZero();
  }

  @Test
  void sessionsShareWhatThereIs() {
    pool.limit(100);
    TransferBudget others = new TransferBudget(1000, new Share(pool, 0, 1));
    others.tryTake(LUN, 60);
    assertThat(budget.tryTake(LUN, 20)).isTrue();
    assertThat(budget.tryTake(LUN, 21)).isFalse();
    assertThat(budget.lacksShare()).isTrue();
    assertThat(budget.tryTake(OTHER, 500)).isTrue();

    others.give(LUN, 60);
    budget.give(OTHER, 500);

    assertThat(budget.tryTake(LUN, 21)).isTrue();
    budget.give(LUN, 41);
    assertThat(pool.used()).isZero();
  }

  @Test
  void ownLimitIsNoLackOfTheOthers() {
    budget.tryTake(LUN, 50);

    assertThat(budget.tryTake(LUN, 1)).isFalse();
    assertThat(budget.lacksShare()).isFalse();
  }

  @Test
  void unaskedDataIsAdmittedForOneCommandOfAUnit() {
    pool.limit(10);
    assertThat(budget.admits(LUN, 64)).isTrue();
    budget.takeUnasked(LUN, 64);
    assertThat(budget.admits(LUN, 1)).isFalse();
    assertThat(budget.admits(OTHER, 64)).isTrue();

    budget.giveUnasked(LUN, 64);

    assertThat(budget.admits(LUN, 64)).isTrue();
    assertThat(pool.used()).isZero();
  }

  @Test
  void unaskedDataLeavesRoomForWhatItsCommandsWaitFor() {
    pool.limit(10);
    budget.takeUnasked(LUN, 300);

    assertThat(budget.used()).isZero();
    assertThat(budget.tryTake(LUN, 40)).isTrue();
  }

  @Test
  void doesNotWrap() {
    budget.take(LUN, Integer.MAX_VALUE);
    budget.take(LUN, Integer.MAX_VALUE);
    budget.take(LUN, Integer.MAX_VALUE);

    assertThat(budget.tryTake(LUN, Integer.MAX_VALUE)).isFalse();
    assertThat(budget.used()).isEqualTo(3L * Integer.MAX_VALUE);
  }
}

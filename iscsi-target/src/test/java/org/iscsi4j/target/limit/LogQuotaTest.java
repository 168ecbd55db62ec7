package org.iscsi4j.target.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How many lines of a kind the log takes in a minute. */
class LogQuotaTest {

  private long now = Long.MAX_VALUE - 5; // the clock may overflow
  private final List<Long> untold = new ArrayList<>();
  private final LogQuota quota = new LogQuota(() -> now, untold::add);

  private int told(int lines) {
    int told = 0;
    for (int i = 0; i < lines; i++) {
      told += quota.mayTell() ? 1 : 0;
    }
    return told;
  }

  @Test
  void aMinuteTakesAFewLines() {
    assertThat(told(LogQuota.MOST + 7)).isEqualTo(LogQuota.MOST);

    now += Duration.ofMinutes(1).toNanos() - 1;
    assertThat(told(1)).isZero();
    now += 1;
    assertThat(told(1)).isEqualTo(1);
  }

  @Test
  void whatAMinuteDidNotTakeIsCountedWhenTheNextBegins() {
    told(LogQuota.MOST + 7);
    assertThat(untold).isEmpty();

    now += Duration.ofMinutes(1).toNanos();
    told(2);
    assertThat(untold).containsExactly(7L);
  }

  @Test
  void aMinuteThatTookAllHasNothingToCount() {
    told(LogQuota.MOST);

    now += Duration.ofMinutes(1).toNanos();
    told(1);
    assertThat(untold).isEmpty();
  }
}

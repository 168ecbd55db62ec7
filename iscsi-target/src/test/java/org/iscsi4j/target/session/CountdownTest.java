package org.iscsi4j.target.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CountdownTest {

  private final AtomicInteger done = new AtomicInteger();
  private final Countdown countdown = new Countdown(done::incrementAndGet);

  @Test
  void runsWhenEverythingHasHappened() {
    Runnable first = countdown.expect();
    first.run();
    Runnable second = countdown.expect();
    countdown.start();
    assertThat(done).hasValue(0);

    second.run();

    assertThat(done).hasValue(1);
  }

  @Test
  void runsAtOnceWhenNothingIsExpected() {
    countdown.start();

    assertThat(done).hasValue(1);
  }
}

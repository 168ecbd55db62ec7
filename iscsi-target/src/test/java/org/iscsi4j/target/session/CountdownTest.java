package org.iscsi4j.target.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
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

  @Test
  void whoGaveUpIsNotHeldByWhatNeverHappens() throws Exception {
    AtomicInteger waiter = new AtomicInteger();
    ReferenceQueue<Object> freed = new ReferenceQueue<>();
    WeakReference<Object> reference = new WeakReference<>(waiter, freed);
    Countdown open = new Countdown(waiter::incrementAndGet);
    Runnable never = open.expect();
    open.start();

    open.cancel();
    waiter = null;
    System.gc();

    assertThat(freed.remove(10_000)).isSameAs(reference);
    never.run(); // and nobody is told
  }
}

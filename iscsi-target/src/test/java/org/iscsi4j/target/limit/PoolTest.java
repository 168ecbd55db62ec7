package org.iscsi4j.target.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PoolTest {

  private final Pool pool = new Pool(10);

  @Test
  void nothingIsTakenBeyondTheLimit() {
    assertThat(pool.tryTake(4)).isTrue();
    assertThat(pool.tryTake(7)).isFalse();
    assertThat(pool.tryTake(6)).isTrue();
    assertThat(pool.tryTake(1)).isFalse();
    assertThat(pool.used()).isEqualTo(10);
  }

  @Test
  void lowerLimitTakesNothingAway() {
    pool.tryTake(8);
    pool.limit(5);

    assertThat(pool.used()).isEqualTo(8);
    assertThat(pool.tryTake(1)).isFalse();
    pool.give(4);
    assertThat(pool.tryTake(1)).isTrue();
  }

  @Test
  void whoeverWaitsIsToldOnce() {
    AtomicInteger told = new AtomicInteger();
    pool.tryTake(10);
    pool.whenGiven(told::incrementAndGet);

    pool.give(1);
    pool.give(1);

    assertThat(told).hasValue(1);
  }

  @Test
  void whoeverWaitsIsToldOfAHigherLimit() {
    AtomicInteger told = new AtomicInteger();
    pool.tryTake(10);
    pool.whenGiven(told::incrementAndGet);

    pool.limit(20);

    assertThat(told).hasValue(1);
  }

  @Test
  void threadsTakeNoMoreThanThereIs() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    AtomicInteger most = new AtomicInteger();
    AtomicInteger held = new AtomicInteger();
    List<Future<?>> running = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      running.add(threads.submit(() -> takeAndGive(held, most)));
    }
    for (Future<?> each : running) {
      each.get();
    }
    threads.shutdown();

    assertThat(most.get()).isBetween(3, 10);
    assertThat(pool.used()).isZero();
  }

  private void takeAndGive(AtomicInteger held, AtomicInteger most) {
    for (int i = 0; i < 20_000; i++) {
      if (pool.tryTake(3)) {
        most.accumulateAndGet(held.addAndGet(3), Math::max);
        held.addAndGet(-3);
        pool.give(3);
      }
    }
  }
}

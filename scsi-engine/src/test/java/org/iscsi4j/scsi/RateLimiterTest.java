package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.iscsi4j.api.RateLimit;
import org.junit.jupiter.api.Test;

/** Who passes when, with a clock of its own. */
class RateLimiterTest {

  private static final Duration NO_BURST = Duration.ZERO;
  private static final RateLimit TEN = RateLimit.operationsPerSecond(10).withBurst(NO_BURST);

  private final FakeTime time = new FakeTime();
  private final List<String> passed = new ArrayList<>();

  /** One that runs at once what it is handed. */
  private class Owner extends Nexus {
    private boolean gone;

    Owner(String name) {
      super(name, TestNexus.PORT, new TaskRouter(Map.of()));
    }

    @Override
    protected void execute(Runnable work) {
      check();
      work.run();
    }

    @Override
    protected void executeLater(Duration delay, Runnable work) {
      check();
      time.after(delay, work);
    }

    private void check() {
      if (gone) {
        throw new IllegalStateException("for the test");
      }
    }

    @Override
    protected boolean abortTasks(DeviceServer unit, boolean answered, Runnable settled) {
      throw new UnsupportedOperationException();
    }
  }

  private final Owner owner = new Owner("one");

  private RateLimiter limiter(RateLimit limit) {
    return new RateLimiter(limit, time);
  }

  private RateLimiter.Turn come(RateLimiter limiter, String name, long bytes) {
    return come(limiter, owner, name, bytes);
  }

  /** Passes or waits; {@link #passed} says who passed after how many milliseconds. */
  private RateLimiter.Turn come(RateLimiter limiter, Owner from, String name, long bytes) {
    Runnable pass = () -> passed.add(name + "@" + time.elapsed() / 1_000_000);
    if (limiter.passes(bytes)) {
      pass.run();
      return null;
    }
    RateLimiter.Turn turn = limiter.turn(from, bytes, pass);
    turn.begin();
    return turn;
  }

  private void passSeconds(int seconds) {
    time.pass(Duration.ofSeconds(seconds));
  }

  @Test
  void withoutALimitEverythingPasses() {
    RateLimiter none = limiter(RateLimit.NONE);

    assertThat(none.limits()).isFalse();
    for (int i = 0; i < 1000; i++) {
      assertThat(none.passes(Long.MAX_VALUE)).isTrue();
    }
    assertThat(none.limit()).isEqualTo(RateLimit.NONE);
  }

  @Test
  void operationsPassInTheirOrderAtTheRate() {
    RateLimiter limiter = limiter(TEN);
    for (String name : List.of("a", "b", "c", "d")) {
      come(limiter, name, 1 << 20);
    }

    passSeconds(5);

    assertThat(passed).containsExactly("a@0", "b@100", "c@200", "d@300");
    assertThat(time.timers()).isZero();
  }

  @Test
  void bothRatesHold() {
    RateLimiter limiter = limiter(TEN.withBytesPerSecond(1_000));
    come(limiter, "small", 1);
    come(limiter, "large", 500);
    come(limiter, "small", 1);
    come(limiter, "small", 1);

    passSeconds(5);

    assertThat(passed).containsExactly("small@0", "large@100", "small@600", "small@700");
  }

  @Test
  void lateTimerTakesNothingFromTheRate() {
    RateLimiter limiter = limiter(TEN);
    for (String name : List.of("a", "b", "c", "d")) {
      come(limiter, name, 1);
    }

    time.stall(Duration.ofMillis(250));
    time.pass(Duration.ZERO);
    assertThat(passed).containsExactly("a@0", "b@250", "c@250");
    passSeconds(1);

    assertThat(passed).containsExactly("a@0", "b@250", "c@250", "d@300");
  }

  @Test
  void nobodyOvertakesThoseWhoWait() {
    RateLimiter limiter = limiter(RateLimit.bytesPerSecond(1_000));
    come(limiter, "a", 1_000);
    come(limiter, "large", 900);
    come(limiter, "small", 1);
    time.pass(Duration.ofMillis(500));
    come(limiter, "late", 1);

    assertThat(passed).containsExactly("a@0");
    passSeconds(1);
    assertThat(passed).containsExactly("a@0", "large@900", "small@901", "late@902");
  }

  @Test
  void ofSeveralNexusesNoneStarves() {
    RateLimiter limiter = limiter(TEN);
    Owner other = new Owner("two");
    for (int i = 0; i < 5; i++) {
      come(limiter, "greedy", 1);
    }
    come(limiter, other, "modest", 1);
    for (int i = 0; i < 100; i++) {
      come(limiter, "greedy", 1);
    }

    passSeconds(1);

    assertThat(passed).contains("modest@500");
  }

  @Test
  void whoIsCancelledTakesNothing() {
    RateLimiter limiter = limiter(TEN);
    come(limiter, "a", 1);
    RateLimiter.Turn first = come(limiter, "b", 1);
    RateLimiter.Turn second = come(limiter, "c", 1);
    come(limiter, "d", 1);

    second.cancel();
    first.cancel();
    first.cancel();
    passSeconds(1);

    assertThat(passed).containsExactly("a@0", "d@100");
  }

  @Test
  void higherLimitLetsGoSoonerAndALowerOneLater() {
    RateLimiter limiter = limiter(RateLimit.bytesPerSecond(1).withBurst(NO_BURST));
    come(limiter, "a", 1_000);
    come(limiter, "b", 1_000);
    come(limiter, "c", 1_000);
    passSeconds(10);
    assertThat(passed).containsExactly("a@0");

    limiter.limit(RateLimit.bytesPerSecond(1_000).withBurst(NO_BURST));
    assertThat(limiter.limit().bytesPerSecond()).hasValue(1_000);
    time.pass(Duration.ofMillis(1_000));
    assertThat(passed).containsExactly("a@0", "b@10990");

    limiter.limit(RateLimit.bytesPerSecond(500).withBurst(NO_BURST));
    passSeconds(5);
    assertThat(passed).containsExactly("a@0", "b@10990", "c@12980");
  }

  @Test
  void withoutTheLimitAllGoAtOnce() {
    RateLimiter limiter = limiter(RateLimit.bytesPerSecond(1));
    for (String name : List.of("a", "b", "c")) {
      come(limiter, name, 1 << 30);
    }
    passSeconds(1);

    limiter.limit(RateLimit.NONE);

    assertThat(passed).containsExactly("a@0", "b@1000", "c@1000");
    assertThat(limiter.passes(1 << 30)).isTrue();
  }

  @Test
  void waitsOfAnyLengthLeaveNoTimersBehind() {
    RateLimiter limiter = limiter(RateLimit.bytesPerSecond(1));
    come(limiter, "a", 1 << 30);
    for (int i = 0; i < 100; i++) {
      come(limiter, "b", 1).cancel();
    }

    time.pass(Duration.ofSeconds(1));

    assertThat(time.timers()).isZero();
  }

  @Test
  void transportThatTakesNoWorkHoldsUpNobody() {
    RateLimiter limiter = limiter(TEN);
    Owner dying = new Owner("two");
    come(limiter, "a", 1);
    come(limiter, dying, "gone", 1);
    come(limiter, "b", 1);
    come(limiter, dying, "gone", 1);
    come(limiter, "c", 1);

    dying.gone = true;
    passSeconds(1);

    assertThat(passed).containsExactly("a@0", "b@200", "c@300");
  }

  /** Runs the same in four threads, to its end. */
  @Test
  void failureHoldsUpNobodyForEver() {
    AtomicBoolean failing = new AtomicBoolean();
    RateLimiter limiter =
        new RateLimiter(
            TEN,
            () -> {
              if (failing.get()) {
                throw new IllegalStateException("for the test");
              }
              return time.getAsLong();
            });
    come(limiter, "first", 1);
    RateLimiter.Turn second = limiter.turn(owner, 1, () -> passed.add("second"));
    failing.set(true);
    assertThatThrownBy(second::begin).hasMessage("for the test");
    failing.set(false);

    limiter.limit(RateLimit.NONE);

    assertThat(passed).containsExactly("first@0", "second");
  }

  private static void inThreads(Runnable work) throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      Thread thread = new Thread(work);
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
  }

  @Test
  void threadsTogetherTakeTheBurstAndNoMore() throws InterruptedException {
    RateLimiter limiter = limiter(RateLimit.operationsPerSecond(10_000));
    AtomicInteger count = new AtomicInteger();

    inThreads(
        () -> {
          for (int i = 0; i < 5_000; i++) {
            if (limiter.passes(1)) {
              count.incrementAndGet();
            }
          }
        });

    assertThat(count).hasValue(10_000);
  }

  @Test
  void nobodyIsForgottenOrPassesTwiceWhileTheLimitChanges() throws InterruptedException {
    RateLimiter limiter = limiter(RateLimit.bytesPerSecond(1));
    AtomicInteger begun = new AtomicInteger();
    AtomicInteger over = new AtomicInteger();
    Owner patient =
        new Owner("patient") {
          @Override
          protected void executeLater(Duration delay, Runnable work) {}
        };

    inThreads(
        () -> {
          for (int i = 0; i < 2_000; i++) {
            limiter.limit(i % 3 == 0 ? RateLimit.bytesPerSecond(1) : RateLimit.NONE);
            if (!limiter.passes(1 << 30)) {
              begun.incrementAndGet();
              limiter.turn(patient, 1, over::incrementAndGet).begin();
            }
          }
          limiter.limit(RateLimit.NONE);
        });

    assertThat(over.get()).isEqualTo(begun.get());
  }
}

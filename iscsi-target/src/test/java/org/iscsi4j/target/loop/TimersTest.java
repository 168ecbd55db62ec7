package org.iscsi4j.target.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimersTest {

  private final Timers timers = new Timers();
  private final List<String> fired = new ArrayList<>();

  private Timers.Timer after(long now, long delay, String name) {
    return timers.after(now, delay, () -> fired.add(name));
  }

  /** {@link System#nanoTime} begins anywhere and wraps. */
  @ParameterizedTest
  @ValueSource(longs = {0, 1000, -15, Long.MAX_VALUE - 15})
  void fireInTheOrderOfTheirTimes(long now) {
    after(now, 30, "c");
    after(now, 10, "a");
    after(now, 20, "b");

    assertThat(timers.nanosToNext(now)).isEqualTo(10);
    timers.fire(now + 9);
    assertThat(fired).isEmpty();
    timers.fire(now + 20);
    assertThat(fired).containsExactly("a", "b");
    assertThat(timers.nanosToNext(now + 25)).isEqualTo(5);
    assertThat(timers.nanosToNext(now + 40)).isZero();
    timers.fire(now + 40);
    assertThat(fired).containsExactly("a", "b", "c");
    assertThat(timers.nanosToNext(now + 40)).isEqualTo(Timers.NONE);
  }

  @Test
  void cancelledOnesDoNotFire() {
    Timers.Timer cancelled = after(0, 10, "cancelled");
    after(0, 20, "kept");

    cancelled.cancel();
    cancelled.cancel();

    assertThat(timers.nanosToNext(0)).isEqualTo(20);
    timers.fire(30);
    assertThat(fired).containsExactly("kept");
  }

  @Test
  void oneMayCancelAnother() {
    Timers.Timer[] second = new Timers.Timer[1];
    timers.after(0, 10, () -> second[0].cancel());
    second[0] = after(0, 20, "second");

    timers.fire(30);

    assertThat(fired).isEmpty();
  }

  @Test
  void oneMaySetAnother() {
    timers.after(0, 10, () -> after(10, 5, "second"));

    timers.fire(10);
    assertThat(fired).isEmpty();
    assertThat(timers.nanosToNext(10)).isEqualTo(5);
    timers.fire(15);
    assertThat(fired).containsExactly("second");
  }

  @Test
  void oneThatFailsDoesNotHarmTheNext() {
    RuntimeException bug = new IllegalStateException("a test wants it");
    bug.setStackTrace(new StackTraceElement[0]);
    timers.after(
        0,
        10,
        () -> {
          throw bug;
        });
    after(0, 10, "next");

    timers.fire(10);

    assertThat(fired).containsExactly("next");
  }
}

package org.iscsi4j.scsi;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/** Time that passes when the test says so. It begins shortly before its number overflows. */
final class FakeTime implements LongSupplier {

  private static final long START = Long.MAX_VALUE - 1_000;

  private record Timer(long due, Runnable work) {}

  private final List<Timer> timers = new ArrayList<>();
  private long now = START;

  @Override
  public long getAsLong() {
    return now;
  }

  void after(Duration delay, Runnable work) {
    timers.add(new Timer(now + delay.toNanos(), work));
  }

  int timers() {
    return timers.size();
  }

  /** Nanoseconds since the start. */
  long elapsed() {
    return now - START;
  }

  /** Lets time pass, and what is due in it happen at its own time. */
  void pass(Duration time) {
    long end = now + time.toNanos();
    for (Timer next = next(end); next != null; next = next(end)) {
      timers.remove(next);
      now = TokenBucket.later(now, next.due());
      next.work().run();
    }
    now = end;
  }

  /** Lets time pass in which no timer is served: they are late. */
  void stall(Duration time) {
    now += time.toNanos();
  }

  private Timer next(long end) {
    return timers.stream()
        .filter(each -> each.due() - end <= 0)
        .min((a, b) -> Long.signum(a.due() - b.due()))
        .orElse(null);
  }
}

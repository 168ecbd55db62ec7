package org.iscsi4j.target.loop;

import java.util.PriorityQueue;

/** Work that waits for its time. Touched by one thread; time is passed in. */
public final class Timers {

  /** No timer is set. */
  static final long NONE = Long.MAX_VALUE;

  private final PriorityQueue<Timer> queue =
      new PriorityQueue<>((a, b) -> Long.signum(a.due - b.due));

  /** Work that was not done yet. */
  public final class Timer {
    private final long due;
    private final Runnable task;
    private boolean over;

    private Timer(long due, Runnable task) {
      this.due = due;
      this.task = task;
    }

    /** Forgets the work; harmless when it is done already. */
    public void cancel() {
      if (!over) {
        over = true;
        queue.remove(this);
      }
    }
  }

  Timer after(long now, long delay, Runnable task) {
    Timer timer = new Timer(now + delay, task);
    queue.add(timer);
    return timer;
  }

  /** Nanoseconds until the next timer is due: 0 when it is, {@link #NONE} when none is set. */
  long nanosToNext(long now) {
    Timer next = queue.peek();
    return next == null ? NONE : Math.max(0, next.due - now);
  }

  /** Runs what is due. */
  void fire(long now) {
    for (Timer next = queue.peek(); next != null && next.due - now <= 0; next = queue.peek()) {
      queue.poll();
      next.over = true;
      EventLoop.run(next.task);
    }
  }
}

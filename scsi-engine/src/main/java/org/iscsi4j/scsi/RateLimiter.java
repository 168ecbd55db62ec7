package org.iscsi4j.scsi;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.iscsi4j.api.RateLimit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds everything that a unit does, or an initiator over all of its sessions, to a {@link
 * RateLimit} that may change at any time. What has to wait is let go in the order in which it came,
 * whichever nexus it came from, so that none starves. May be used from any thread, without a lock;
 * while nothing is limited it costs a volatile read.
 */
public final class RateLimiter {

  private static final Logger log = LoggerFactory.getLogger(RateLimiter.class);

  /**
   * The longest time that a timer is set for, in nanoseconds: one that has become pointless, since
   * what it was set for was aborted, is soon gone too.
   */
  private static final long LONGEST_TIMER = TimeUnit.SECONDS.toNanos(1);

  private final LongSupplier nanoTime;

  /** What is left; null when nothing is limited. */
  private final AtomicReference<Allowance> allowance = new AtomicReference<>();

  /** What has to wait. Taken out by whoever {@linkplain #look looks}, or cancels its own turn. */
  private final Queue<Turn> waiting = new ConcurrentLinkedQueue<>();

  /** Looks that were asked for and not taken yet: one thread at a time takes them. */
  private final AtomicInteger looks = new AtomicInteger();

  /** A limiter that begins with all of its burst. */
  public RateLimiter(RateLimit limit) {
    this(limit, System::nanoTime);
  }

  /** As {@link #RateLimiter(RateLimit)}, with another clock than {@link System#nanoTime}. */
  public RateLimiter(RateLimit limit, LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    limit(limit);
  }

  /**
   * Changes the limit. What was taken of the burst, or is owed beyond it, stays so in operations
   * and bytes; what waits is let go when the new limit allows it.
   */
  public void limit(RateLimit next) {
    long now = nanoTime.getAsLong();
    allowance.updateAndGet(
        before -> {
          if (next.isNone()) {
            return null;
          }
          return before == null ? Allowance.full(next, now) : before.changed(next, now);
        });
    look();
  }

  /** The limit. */
  public RateLimit limit() {
    Allowance now = allowance.get();
    return now == null ? RateLimit.NONE : now.limit();
  }

  /** Whether nothing of the burst is in use, and so nothing is lost with this limiter. */
  public boolean isUnused() {
    Allowance now = allowance.get();
    return now == null || now.isFull(nanoTime.getAsLong());
  }

  /** Whether anything is limited. */
  boolean limits() {
    return allowance.get() != null;
  }

  /** Lets an operation of so many bytes pass at once, unless it or another one has to wait. */
  boolean passes(long bytes) {
    if (allowance.get() == null) {
      return true;
    }
    long now = nanoTime.getAsLong();
    return waiting.isEmpty() && take(bytes, now, now) <= 0;
  }

  /**
   * Takes an operation out of the allowance when it is due.
   *
   * @param since when it came
   * @return nanoseconds until it is due; 0 when it has been taken
   */
  private long take(long bytes, long since, long now) {
    while (true) {
      Allowance before = allowance.get();
      if (before == null) {
        return 0;
      }
      long due = before.due(bytes, since);
      if (due - now > 0) {
        return due - now;
      }
      // as if it had begun when it was due: a timer that comes late takes nothing from the rate
      if (allowance.compareAndSet(before, before.take(bytes, due))) {
        return 0;
      }
    }
  }

  /**
   * A turn for an operation that {@linkplain #passes does not pass} at once.
   *
   * @param owner where it goes on
   * @param then runs there, unless the turn was cancelled before
   */
  Turn turn(Nexus owner, long bytes, Runnable then) {
    return new Turn(owner, bytes, then);
  }

  /** An operation that waits. */
  final class Turn {

    private final Nexus owner;
    private final long bytes;
    private final Runnable then;
    private final long since = nanoTime.getAsLong();

    /** Whether a timer is set that is not over, and for when. */
    private volatile boolean timed;

    private long timedFor;

    private Turn(Nexus owner, long bytes, Runnable then) {
      this.owner = owner;
      this.bytes = bytes;
      this.then = then;
    }

    /** Waits; what runs then may run before this returns. */
    void begin() {
      waiting.add(this);
      look();
    }

    /**
     * Waits no more; whoever calls sees to it that nothing happens if the turn has come already.
     */
    void cancel() {
      if (waiting.remove(this)) {
        look();
      }
    }

    /** Whether it was its turn, or it is nobody's any more. */
    private boolean over(long now) {
      long wait = take(bytes, since, now);
      if (wait > 0) {
        return !awaits(now, wait);
      }
      goOn();
      return true;
    }

    private void goOn() {
      try {
        owner.execute(then);
      } catch (Throwable e) {
        dropped(e);
      }
    }

    /** Sets a timer; false when the transport takes no more work, and so has no tasks left. */
    private boolean awaits(long now, long wait) {
      long fits = Math.min(wait, LONGEST_TIMER);
      if (timed && timedFor - (now + fits) <= 0) {
        return true;
      }
      timed = true;
      timedFor = now + fits;
      try {
        owner.executeLater(Duration.ofNanos(fits), this::timeIsUp);
        return true;
      } catch (Throwable e) {
        dropped(e);
        return false;
      }
    }

    private void timeIsUp() {
      timed = false;
      look();
    }

    private void dropped(Throwable why) {
      log.warn("{} takes no work any more: {}", owner, why.toString());
    }
  }

  /** Lets go what is due. A thread that finds another at it leaves it to look once more. */
  private void look() {
    if (looks.getAndIncrement() > 0) {
      return;
    }
    try {
      lookOnDemand();
    } catch (Throwable e) {
      looks.set(0); // whatever failed, others must be able to look
      throw e;
    }
  }

  private void lookOnDemand() {
    int seen;
    do {
      seen = looks.get();
      letGo();
    } while (!looks.compareAndSet(seen, 0));
  }

  private void letGo() {
    Turn next = waiting.peek();
    while (next != null && next.over(nanoTime.getAsLong())) {
      waiting.remove(next);
      next = waiting.peek();
    }
  }
}

package org.iscsi4j.scsi;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * ByteRanges of a device that commands are changing: a command that overlaps an earlier one waits
 * for it, in the order in which they came, so that each of them is atomic to the others. May be
 * used from any thread.
 *
 * <p>A command that takes more than one call, or waits for its call, {@linkplain #take takes} its
 * ranges. A write that is made in place at once is over before anybody could wait for it, so it
 * only {@linkplain InPlace#enter announces} itself: two volatile writes and a look at the others.
 * Both sides announce first and look then, hence at least one of two sees the other.
 */
final class RangeLocks {

  private static final Logger log = LoggerFactory.getLogger(RangeLocks.class);

  /** Threads that announce what they do; any more take their ranges as others do. */
  private static final int MAX_IN_PLACE = 64;

  /** Held and waiting, the oldest first; guarded by this. */
  private final ArrayDeque<Hold> holds = new ArrayDeque<>();

  /** Those of {@link #holds} that wait; guarded by this. */
  private int waiting;

  /** Size of {@link #holds}; written under this. */
  private volatile int taken;

  /** One for each thread that writes in place; replaced under this. */
  private volatile InPlace[] inPlace = {};

  /** What one thread is writing in place. */
  final class InPlace {

    private final Thread thread;
    private long start;
    private long end;
    private volatile boolean busy;

    private InPlace(Thread thread) {
      this.thread = thread;
    }

    /**
     * Announces a write that is made at once.
     *
     * @param from first byte
     * @param to byte behind the last
     * @return whether nobody else changes any of it; when true, {@link #leave} follows
     */
    boolean enter(long from, long to) {
      if (Thread.currentThread() != thread) {
        return false;
      }
      if (taken != 0) {
        return false; // the look below says so too, but only after others were disturbed
      }
      start = from;
      end = to;
      busy = true;
      if (taken == 0 && alone()) {
        return true;
      }
      leave();
      return false;
    }

    private boolean alone() {
      for (InPlace other : inPlace) {
        if (other != this && other.overlaps(start, end)) {
          return false;
        }
      }
      return true;
    }

    /** The write is over. */
    void leave() {
      busy = false;
      if (taken != 0) {
        grantWaiting();
      }
    }

    /**
     * Read by others, who see a range torn or out of date only when this thread has begun another
     * write since; that one has seen them, and waits.
     */
    private boolean overlaps(long from, long to) {
      return busy && ByteRanges.intersect(start, end, from, to);
    }
  }

  /** What one command holds or waits for. */
  final class Hold {

    /** First byte and the byte behind the last, in turn; ascending, and none meets another. */
    private final long[] bounds;

    private final Runnable granted;

    /** Older holds that overlap this one; guarded by the locks. */
    private int inTheWay;

    /** Guarded by the locks. */
    private boolean waits;

    private Hold(long[] bounds, Runnable granted) {
      this.bounds = bounds.length == 2 ? bounds : ByteRanges.ascending(bounds);
      this.granted = granted;
    }

    private boolean overlaps(Hold other) {
      return ByteRanges.overlap(bounds, other.bounds);
    }

    private boolean overlaps(InPlace write) {
      for (int at = 0; at < bounds.length; at += 2) {
        if (write.overlaps(bounds[at], bounds[at + 1])) {
          return true;
        }
      }
      return false;
    }

    /** Gives the ranges back, or waits for them no more. Nothing when that was done before. */
    void release() {
      RangeLocks.this.release(this);
    }
  }

  /** The place where the calling thread announces its writes. */
  InPlace inPlace() {
    Thread caller = Thread.currentThread();
    for (InPlace each : inPlace) {
      if (each.thread == caller) {
        return each;
      }
    }
    return addInPlace(caller);
  }

  private synchronized InPlace addInPlace(Thread thread) {
    if (inPlace.length == MAX_IN_PLACE) {
      return new InPlace(null); // known to nobody else, so nobody may enter it
    }
    InPlace made = new InPlace(thread);
    InPlace[] more = Arrays.copyOf(inPlace, inPlace.length + 1);
    more[inPlace.length] = made;
    inPlace = more;
    return made;
  }

  /**
   * Takes ranges as soon as no earlier hold, and no write in place, overlaps them.
   *
   * @param bounds first byte and the byte behind the last of each range, in turn
   * @param granted runs once when they are taken: before this returns, or later on the thread that
   *     gave back what was in the way
   */
  Hold take(long[] bounds, Runnable granted) {
    Hold hold = new Hold(bounds, granted);
    boolean waits;
    synchronized (this) {
      for (Hold older : holds) {
        // held or waiting: nobody overtakes
        hold.inTheWay += older.overlaps(hold) ? 1 : 0;
      }
      holds.add(hold);
      taken = holds.size(); // before the look at the writes in place
      waits = blocked(hold);
      hold.waits = waits;
      waiting += waits ? 1 : 0;
    }
    if (!waits) { // by now another thread may have granted what waits
      granted.run();
    }
    return hold;
  }

  private void release(Hold hold) {
    synchronized (this) {
      remove(hold);
      taken = holds.size();
      waiting -= hold.waits ? 1 : 0;
      hold.waits = false;
    }
    grantWaiting();
  }

  private void remove(Hold hold) {
    if (waiting == 0) {
      holds.remove(hold);
      return;
    }
    boolean younger = false;
    for (Iterator<Hold> all = holds.iterator(); all.hasNext(); ) {
      Hold each = all.next();
      if (each.equals(hold)) {
        all.remove();
        younger = true;
      } else if (younger && each.waits && hold.overlaps(each)) {
        each.inTheWay--;
      }
    }
  }

  private void grantWaiting() {
    List<Hold> free = List.of();
    synchronized (this) {
      if (waiting > 0) {
        free = takeFree();
      }
    }
    free.forEach(RangeLocks::grant);
  }

  /** Whoever can't be told does not keep the ranges, nor others from being told. */
  private static void grant(Hold hold) {
    try {
      hold.granted.run();
    } catch (Throwable e) {
      log.error("a command could not be told that its ranges are free", e);
      hold.release();
    }
  }

  private List<Hold> takeFree() {
    List<Hold> free = new ArrayList<>();
    for (Hold each : holds) {
      if (each.waits && !blocked(each)) {
        each.waits = false;
        waiting--;
        free.add(each);
      }
    }
    return free;
  }

  private boolean blocked(Hold hold) {
    if (hold.inTheWay > 0) {
      return true;
    }
    for (InPlace write : inPlace) {
      if (hold.overlaps(write)) {
        return true;
      }
    }
    return false;
  }
}

package org.iscsi4j.scsi;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Ranges of a device that commands are changing: a command that overlaps an earlier one waits for
 * it, in the order in which they came, so that each of them is atomic to the others. May be used
 * from any thread.
 */
final class RangeLocks {

  /** Held and waiting, the oldest first; guarded by this. */
  private final ArrayDeque<Hold> holds = new ArrayDeque<>();

  /** Those of {@link #holds} that wait; guarded by this. */
  private int waiting;

  /** What one command holds or waits for. */
  final class Hold {

    /** First byte and the byte behind the last, in turn. */
    private final long[] bounds;

    private final Runnable granted;

    /** Guarded by the locks. */
    private boolean waits;

    private Hold(long[] bounds, Runnable granted) {
      this.bounds = bounds;
      this.granted = granted;
    }

    private boolean overlaps(Hold other) {
      for (int mine = 0; mine < bounds.length; mine += 2) {
        for (int its = 0; its < other.bounds.length; its += 2) {
          if (bounds[mine] < other.bounds[its + 1] && other.bounds[its] < bounds[mine + 1]) {
            return true;
          }
        }
      }
      return false;
    }

    /** Gives the ranges back, or waits for them no more. Called once. */
    void release() {
      RangeLocks.this.release(this);
    }
  }

  /**
   * Takes ranges as soon as no earlier hold overlaps them.
   *
   * @param bounds first byte and the byte behind the last of each range, in turn
   * @param granted runs once when they are taken: before this returns, or later on the thread that
   *     releases the last hold in the way
   */
  Hold take(long[] bounds, Runnable granted) {
    Hold hold = new Hold(bounds, granted);
    synchronized (this) {
      hold.waits = blocked(hold);
      waiting += hold.waits ? 1 : 0;
      holds.add(hold);
    }
    if (!hold.waits) {
      granted.run();
    }
    return hold;
  }

  private void release(Hold hold) {
    List<Hold> free = List.of();
    synchronized (this) {
      holds.remove(hold);
      waiting -= hold.waits ? 1 : 0;
      if (waiting > 0) {
        free = grant();
      }
    }
    free.forEach(each -> each.granted.run());
  }

  private List<Hold> grant() {
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

  /** Whether an older hold overlaps, held or waiting: nobody overtakes. */
  private boolean blocked(Hold hold) {
    for (Hold older : holds) {
      if (older.equals(hold)) {
        return false;
      }
      if (older.overlaps(hold)) {
        return true;
      }
    }
    return false;
  }
}

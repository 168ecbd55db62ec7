package org.iscsi4j.scsi;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Lets one ORDERED command at a time have the whole unit: every other nexus is asked, on the thread
 * that owns it, to say when its commands have ended, and starts no other meanwhile. So the command
 * path of a unit that sees no ORDERED command reads one volatile field and shares nothing else. May
 * be used from any thread.
 */
final class OrderedGate {

  private final Set<ItlNexus> nexuses;

  /** Who has the unit, or is about to; guarded by this. */
  private TaskSet holder;

  /** Guarded by this. */
  private final Queue<TaskSet> waiting = new ArrayDeque<>();

  /** Whether somebody has the unit; written under this. */
  private volatile boolean closed;

  OrderedGate(Set<ItlNexus> nexuses) {
    this.nexuses = nexuses;
  }

  /** Whether only one nexus may start commands. */
  boolean closed() {
    return closed;
  }

  /** Asks for the unit; {@link TaskSet#gateGranted} follows on the thread of the nexus. */
  void request(TaskSet by) {
    synchronized (this) {
      if (holder != null) {
        waiting.add(by);
        return;
      }
      holder = by;
      closed = true;
    }
    quiesce(by);
  }

  /** Gives the unit to the next who asked, or back to all. */
  void release() {
    TaskSet next;
    synchronized (this) {
      next = waiting.poll();
      holder = next;
      closed = next != null;
    }
    if (next != null) {
      quiesce(next);
    } else {
      nexuses.forEach(each -> each.executeOrSkip(each.tasks()::promote));
    }
  }

  private void quiesce(TaskSet next) {
    List<ItlNexus> others = new ArrayList<>(nexuses);
    others.removeIf(each -> each.tasks().equals(next));
    // one more than the others, so that it can't reach 0 before all were asked
    AtomicInteger open = new AtomicInteger(others.size() + 1);
    Runnable quiet =
        () -> {
          if (open.decrementAndGet() == 0) {
            grant(next);
          }
        };
    others.forEach(each -> ask(each, quiet));
    quiet.run();
  }

  private void grant(TaskSet next) {
    if (!next.nexus().executeOrSkip(next::gateGranted)) {
      release();
    }
  }

  /** A transport that takes no more work has no commands left. */
  private static void ask(ItlNexus nexus, Runnable quiet) {
    AtomicBoolean told = new AtomicBoolean();
    Runnable once =
        () -> {
          if (!told.getAndSet(true)) {
            quiet.run();
          }
        };
    if (!nexus.executeOrSkip(() -> nexus.tasks().whenQuiet(once))) {
      once.run();
    }
  }
}

package org.iscsi4j.scsi;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A device's share of the executor: so many calls at once and no more, in the order given, so that
 * a device that hangs takes no thread from the others. Whatever is thrown, a call is run or
 * refused, and its place is given back.
 */
final class Lane {

  /** Calls that a device makes at once. */
  static final int WIDTH = 64;

  private static final Logger log = LoggerFactory.getLogger(Lane.class);

  private final Executor executor;
  private final int width;

  /** Guarded by this. */
  private final Queue<Call> waiting = new ArrayDeque<>();

  /** How long {@link #waiting} gets before it is looked through; guarded by this. */
  private int longest = WIDTH;

  /** Calls under way in the lane; guarded by this. */
  private int busy;

  /** Calls under way that need no thread of the executor; guarded by this. */
  private int beside;

  /** Completed when no call is under way; null while nobody waits for that; guarded by this. */
  private CompletableFuture<Void> idle;

  /** Written under this. */
  private volatile boolean closed;

  /** What a lane is given: it is run, or refused, never both. */
  interface Call {

    /** Makes the call, on a thread of the executor. */
    void run();

    /** Whether a call that waits may be forgotten: it is neither run nor refused then. */
    default boolean dropped() {
      return false;
    }

    /** Hears why the call is not made, on any thread. */
    void refuse(Sense why);
  }

  Lane(Executor executor, int width) {
    this.executor = executor;
    this.width = width;
  }

  void submit(Call call) {
    if (!take(call)) {
      refuse(call, Sense.NOT_READY_CAUSE_NOT_REPORTABLE);
    }
  }

  private boolean take(Call call) {
    synchronized (this) {
      if (closed) {
        return false;
      }
      if (busy == width) {
        forgetDropped();
        waiting.add(call);
        return true;
      }
      busy++;
    }
    start(call);
    return true;
  }

  /**
   * So that what initiators send to a device that hangs, and abort, takes no memory. Looks through
   * the queue only when it has doubled since.
   */
  private void forgetDropped() {
    if (waiting.size() >= longest) {
      waiting.removeIf(Call::dropped);
      longest = Math.max(WIDTH, 2 * waiting.size());
    }
  }

  /** A call that needs no thread begins, unless the lane is closed. */
  synchronized boolean enter() {
    if (!closed) {
      beside++;
    }
    return !closed;
  }

  /** A call that {@linkplain #enter began} has ended. */
  void leave() {
    CompletableFuture<Void> waiters;
    synchronized (this) {
      beside--;
      waiters = takeWaiters();
    }
    tellIdle(waiters);
  }

  /** Who waits for what is so now; null when it is not, or nobody does. Called under this. */
  private CompletableFuture<Void> takeWaiters() {
    if (busy + beside > 0) {
      return null;
    }
    CompletableFuture<Void> waiters = idle;
    idle = null;
    return waiters;
  }

  private static void tellIdle(CompletableFuture<Void> waiters) {
    if (waiters != null) {
      waiters.complete(null);
    }
  }

  /** Lets a closed lane take calls again. */
  synchronized void open() {
    closed = false;
  }

  /**
   * Takes no more calls; what is under way goes on.
   *
   * @return refuses the calls that waited, which may run work of others
   */
  synchronized Runnable close() {
    closed = true;
    List<Call> dropped = new ArrayList<>(waiting);
    waiting.clear();
    return () -> dropped.forEach(call -> refuse(call, Sense.NOT_READY_CAUSE_NOT_REPORTABLE));
  }

  boolean closed() {
    return closed;
  }

  /** Calls that wait for their turn, those among them that are wanted no more included. */
  synchronized int waiting() {
    return waiting.size();
  }

  /** Whether no call is under way. */
  synchronized boolean idle() {
    return busy + beside == 0;
  }

  /** Completed when no call is under way, on the thread that ends the last. */
  synchronized CompletableFuture<Void> whenIdle() {
    if (idle()) {
      return CompletableFuture.completedFuture(null);
    }
    if (idle == null) {
      idle = new CompletableFuture<>();
    }
    return idle;
  }

  /** Gives a call to the executor; when that fails, those that wait behind it too. */
  private void start(Call call) {
    for (Call next = call; next != null; next = next()) {
      Place place = new Place(next);
      try {
        executor.execute(place);
        return;
      } catch (Throwable e) {
        if (place.taken.getAndSet(true)) {
          return; // it ran in spite of all, and gives its place back itself
        }
        refuse(next, refusal(e));
      }
    }
  }

  /** Never in place instead: that would block the thread that serves the connection. */
  private static Sense refusal(Throwable e) {
    if (e instanceof RejectedExecutionException) {
      log.warn("executor refused a device call: {}", e.toString());
      return DeviceIo.BUSY;
    }
    failed("executor failed to take a device call", e);
    return Sense.INTERNAL_TARGET_FAILURE;
  }

  private static void refuse(Call call, Sense why) {
    try {
      call.refuse(why);
    } catch (Throwable e) {
      failed("a refused device call could not be ended", e);
    }
  }

  private void run(Call call) {
    for (Call next = call; next != null; next = next()) {
      try {
        next.run();
      } catch (Throwable e) {
        // whatever it was, the lane must not lose its place
        failed("device call failed", e);
      }
    }
  }

  private Call next() {
    Call next;
    CompletableFuture<Void> waiters = null;
    synchronized (this) {
      next = waiting.poll();
      if (next == null) {
        busy--;
        waiters = takeWaiters();
      }
    }
    tellIdle(waiters);
    return next;
  }

  /** Where memory or stack is short, a line in the log is the least of the losses. */
  private static void failed(String what, Throwable e) {
    try {
      log.error(what, e);
    } catch (Throwable unlogged) {
      e.addSuppressed(unlogged);
    }
  }

  /** A place in the lane on its way through the executor, which may fail and yet run it later. */
  private final class Place implements Runnable {

    private final Call first;
    private final AtomicBoolean taken = new AtomicBoolean();

    private Place(Call first) {
      this.first = first;
    }

    @Override
    public void run() {
      if (!taken.getAndSet(true)) {
        Lane.this.run(first);
      }
    }
  }
}

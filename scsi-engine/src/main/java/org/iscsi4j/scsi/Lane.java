package org.iscsi4j.scsi;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A device's share of the executor: so many calls at once and no more, in the order given, so that
 * a device that hangs takes no thread from the others.
 */
final class Lane {

  /** Calls that a device makes at once. */
  static final int WIDTH = 64;

  private static final Logger log = LoggerFactory.getLogger(Lane.class);

  private final Executor executor;
  private final int width;

  /** Guarded by this. */
  private final Queue<Runnable> waiting = new ArrayDeque<>();

  /** Calls under way; guarded by this. */
  private int busy;

  Lane(Executor executor, int width) {
    this.executor = executor;
    this.width = width;
  }

  void submit(Runnable call) {
    synchronized (this) {
      if (busy == width) {
        waiting.add(call);
        return;
      }
      busy++;
    }
    start(call);
  }

  private void start(Runnable call) {
    try {
      executor.execute(() -> run(call));
    } catch (RejectedExecutionException e) {
      // the host closed its executor before the server: calls still have to end
      log.warn("executor refused a device call, running it in place: {}", e.toString());
      run(call);
    }
  }

  private void run(Runnable call) {
    for (Runnable next = call; next != null; next = next()) {
      try {
        next.run();
      } catch (Throwable e) {
        // whatever it was, the lane must not lose its place
        log.error("device call failed", e);
      }
    }
  }

  private synchronized Runnable next() {
    Runnable next = waiting.poll();
    if (next == null) {
      busy--;
    }
    return next;
  }
}

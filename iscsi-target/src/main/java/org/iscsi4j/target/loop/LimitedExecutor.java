package org.iscsi4j.target.loop;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes no more than so many threads of another executor at once; what is beyond waits in its
 * order. How much waits is bounded by those who hand work over. Callable from any thread.
 */
public final class LimitedExecutor implements Executor {

  private static final Logger log = LoggerFactory.getLogger(LimitedExecutor.class);

  private final Executor executor;
  private final int threads;

  /** Guarded by this. */
  private final Queue<Runnable> waiting = new ArrayDeque<>();

  /** Guarded by this. */
  private int running;

  /**
   * An executor that runs nothing yet.
   *
   * @param threads the most that run at once, 1 or more
   */
  public LimitedExecutor(Executor executor, int threads) {
    this.executor = executor;
    this.threads = threads;
  }

  /**
   * {@inheritDoc}
   *
   * @throws java.util.concurrent.RejectedExecutionException when the other executor takes nothing
   */
  @Override
  public void execute(Runnable task) {
    if (!mustWait(task)) {
      start(task);
    }
  }

  private synchronized boolean mustWait(Runnable task) {
    if (running == threads) {
      return waiting.add(task);
    }
    running++;
    return false;
  }

  private void start(Runnable task) {
    try {
      executor.execute(() -> runFrom(task));
    } catch (RuntimeException | Error refusal) { // an error when the system has no thread more
      startStranded();
      throw refusal;
    }
  }

  /** Starts what has come to wait behind a task that was refused, when no other thread takes it. */
  private void startStranded() {
    Runnable stranded = strandedOrEnd();
    if (stranded == null) {
      return;
    }
    try {
      start(stranded);
    } catch (RuntimeException | Error refusal) {
      log.error("no thread for {}", stranded, refusal);
    }
  }

  private synchronized Runnable strandedOrEnd() {
    Runnable stranded = running == 1 ? waiting.poll() : null;
    if (stranded == null) {
      running--;
    }
    return stranded;
  }

  private void runFrom(Runnable first) {
    for (Runnable next = first; next != null; next = nextOrEnd()) {
      try {
        next.run();
      } catch (RuntimeException | Error bug) {
        log.error("{} failed", next, bug); // others wait behind it
      }
    }
  }

  private synchronized Runnable nextOrEnd() {
    Runnable next = waiting.poll();
    if (next == null) {
      running--;
    }
    return next;
  }
}

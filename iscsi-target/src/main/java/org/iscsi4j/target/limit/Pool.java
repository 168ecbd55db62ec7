package org.iscsi4j.target.limit;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Something that all sessions have together, counted: commands, bytes. Safe from any thread,
 * without locks; on the path of a command it is only read, see {@link Share}.
 */
public final class Pool {

  private final AtomicLong used = new AtomicLong();
  private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
  private volatile long limit;

  /** A pool of which nothing is taken. */
  public Pool(long limit) {
    this.limit = limit;
  }

  /** From now on; what was taken stays so. Whoever waits is told, since there may be room. */
  public void limit(long value) {
    limit = value;
    tellWaiting();
  }

  /** Takes so much, if there is as much left. */
  public boolean tryTake(long amount) {
    for (long before = used.get(); before + amount <= limit; before = used.get()) {
      if (used.compareAndSet(before, before + amount)) {
        return true;
      }
    }
    return false;
  }

  /** Takes so much, though it exceeds the limit. */
  void take(long amount) {
    used.addAndGet(amount);
  }

  /** Gives back what was taken. */
  public void give(long amount) {
    used.addAndGet(-amount);
    tellWaiting();
  }

  private void tellWaiting() {
    for (Runnable next = waiting.poll(); next != null; next = waiting.poll()) {
      next.run();
    }
  }

  /**
   * Has something run, once, on any thread and quickly, when the next one gives back or the limit
   * is another.
   */
  public void whenGiven(Runnable told) {
    waiting.add(told);
  }

  /** Whether as much is left. */
  public boolean hasRoom(long amount) {
    return used.get() + amount <= limit;
  }

  /** Whether so little is left that nobody should keep what he does not use. */
  boolean isTight() {
    long most = limit;
    return used.get() >= most - most / 8;
  }

  /** What is taken, shares that nobody uses at the moment included. */
  public long used() {
    return used.get();
  }
}

package org.iscsi4j.api;

import java.util.function.LongSupplier;

/**
 * Heap that a memory disk leaves to everybody else: it takes no page when less than the reserve
 * could be had, so that the program can go on, say what happened and end in good order. May be used
 * from any thread.
 */
final class HeapReserve {

  private static final int SMALLEST = 4 << 20;
  private static final int LARGEST = 64 << 20;

  /** Pages between two looks at the heap, less one; the reserve is many times as much. */
  private static final int LOOK_MASK = 63;

  private final int size;
  private final LongSupplier nanos;

  /** How long a heap that was found full counts as full: a look at it takes a collection. */
  private static final long FULL_NANOS = 100_000_000;

  /** Counted by all threads without care: it only says when to look. */
  private int pages;

  /** Until when the heap counts as full, as {@link System#nanoTime}; of no meaning before. */
  private volatile long fullUntil;

  private volatile boolean full;

  private HeapReserve(int size, LongSupplier nanos) {
    this.size = size;
    this.nanos = nanos;
  }

  /**
   * The reserve beside a disk; none for one that is no larger than it.
   *
   * @param diskSize bytes
   * @param heap the most bytes that the heap may have
   */
  static HeapReserve beside(long diskSize, long heap) {
    int size = (int) Math.max(SMALLEST, Math.min(heap / 8, LARGEST));
    return of(diskSize > size ? size : 0, System::nanoTime);
  }

  /**
   * A reserve.
   *
   * @param size bytes; 0 for none
   * @param nanos a clock, as {@link System#nanoTime}
   */
  static HeapReserve of(int size, LongSupplier nanos) {
    return new HeapReserve(size, nanos);
  }

  /**
   * Called before a page is taken.
   *
   * @throws OutOfMemoryError when the disk may not take more
   */
  void check() {
    if (size == 0) {
      return;
    }
    if (full && nanos.getAsLong() - fullUntil < 0) {
      throw new OutOfMemoryError("the disk leaves the rest of the heap to others");
    }
    if (full || (pages++ & LOOK_MASK) == 0) {
      look();
    }
  }

  private void look() {
    try {
      if (scarce()) {
        probe();
      }
      full = false;
    } catch (OutOfMemoryError e) {
      fullUntil = nanos.getAsLong() + FULL_NANOS;
      full = true;
      throw e;
    }
  }

  /** The disk gave memory back. */
  void given() {
    full = false;
    pages = 0;
  }

  /** What is called used may be garbage, so this asks for a closer look and decides nothing. */
  private boolean scarce() {
    Runtime runtime = Runtime.getRuntime();
    long free = runtime.maxMemory() - runtime.totalMemory() + runtime.freeMemory();
    return free < 3L * size;
  }

  /** Takes the reserve for a moment, which makes the collector find it if it is there. */
  private void probe() {
    byte[] reserve = new byte[size];
    reserve[size - 1] = 1;
  }
}

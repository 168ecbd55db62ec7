package org.iscsi4j.api;

/**
 * Heap that a large memory disk keeps back for everybody else: when the disk has filled the rest,
 * it gives the cushion up and takes no more pages, so that the program can go on, say what happened
 * and end in good order. May be used from any thread.
 */
final class HeapCushion {

  private static final int SMALLEST = 2 << 20;
  private static final int LARGEST = 64 << 20;

  private final int size;

  /** What is kept back; null when there is nothing to keep or it was given up. */
  private volatile byte[] kept;

  private HeapCushion(int size) {
    this.size = size;
    refill();
  }

  /**
   * A cushion for a disk; none for one that can't fill the heap alone.
   *
   * @param diskSize bytes
   * @param heap the most bytes that the heap may have
   */
  static HeapCushion of(long diskSize, long heap) {
    boolean needed = diskSize > heap / 2;
    return new HeapCushion(needed ? (int) Math.max(SMALLEST, Math.min(heap / 32, LARGEST)) : 0);
  }

  /** Whether it was needed, so that the disk may not take more. */
  boolean spent() {
    return size > 0 && kept == null;
  }

  /** The heap is full. */
  void spend() {
    kept = null;
  }

  /** The disk gave memory back, which may be enough for the cushion. */
  void refill() {
    if (size > 0 && kept == null) {
      try {
        kept = new byte[size];
      } catch (OutOfMemoryError e) {
        kept = null; // still full
      }
    }
  }
}

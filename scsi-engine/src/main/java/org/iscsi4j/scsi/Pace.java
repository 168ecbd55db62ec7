package org.iscsi4j.scsi;

/**
 * Tells whether a device that may block briefly proves quick. One slow call is enough to doubt it;
 * a run of quick ones restores the trust. Races between threads cost a call made in the wrong
 * place, nothing more, so nothing here is locked.
 */
final class Pace {

  /**
   * A call that takes longer, in nanoseconds, holds up the others of its loop. On top comes a
   * nanosecond a byte, since moving bytes takes its time wherever it is done.
   */
  static final long SLOW_NANOS = 1_000_000;

  /** Quick calls in a row that restore the trust. */
  static final int PROBATION = 64;

  /** Quick calls still missing; 0 means trusted. */
  private int missing;

  boolean quick() {
    return missing == 0;
  }

  long now() {
    return System.nanoTime();
  }

  /** A call that began at {@code start} and moved so many bytes has ended well. */
  void took(long start, int bytes) {
    record(System.nanoTime() - start, bytes);
  }

  void record(long nanos, int bytes) {
    if (nanos > SLOW_NANOS + bytes) {
      missing = PROBATION;
    } else if (missing > 0) {
      missing--;
    }
  }
}

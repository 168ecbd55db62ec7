package org.iscsi4j.scsi;

import java.util.List;

/**
 * One format or sanitize operation and how far it is. It goes step by step: it is noted in the
 * state store, passes over the medium, and is struck out again. Stepped by one thread at a time;
 * anyone may ask how far it is.
 */
final class MediumOperation {

  /** The name in the state store. */
  static final String STATE = "medium-operation";

  private static final byte[] FORGET = {};
  private static final int PROGRESS_END = 0x1_0000;

  /**
   * Bytes a second of an overwrite, which may take hours: no more, so that the other units of the
   * server have the host to themselves for most of the time.
   */
  private static final long PACE = 200L << 20;

  private final DeviceServer unit;
  private final MediumRequest request;
  private final List<Fill> fills;
  private final long started = System.nanoTime();

  /** Bytes of the medium that were passed over. */
  private long passed;

  private boolean noted;

  /** Whether the medium may be changed from now on. */
  private volatile boolean begun;

  private int pass;
  private long offset;

  /** How much is done, out of 65,536. */
  private volatile int progress;

  private volatile boolean complete;

  /** How it ended; told to a command that waits for it. */
  private volatile Sense outcome = Sense.NONE;

  /**
   * An operation that has not begun.
   *
   * @param noted whether the state store knows of it already
   */
  MediumOperation(DeviceServer unit, MediumRequest request, boolean noted) {
    this.unit = unit;
    this.request = request;
    this.noted = noted || request.kind() == MediumRequest.Kind.EXIT_FAILURE_MODE;
    fills = request.fills(unit);
  }

  MediumRequest request() {
    return request;
  }

  /** Whether it has, or may have, changed the medium. */
  boolean begun() {
    return begun;
  }

  /** Whether all of it was done. */
  boolean complete() {
    return complete;
  }

  Sense outcome() {
    return outcome;
  }

  void outcome(Sense endedWith) {
    outcome = endedWith;
  }

  /** What commands are told while it is under way (SPC-4 clause 4.5.2.4.4). */
  Sense inProgress() {
    return request.inProgress().withProgress(progress);
  }

  /** How long the next step has to wait, in nanoseconds; 0 or less when not at all. */
  long untilNextStep(long now) {
    return request.paced() ? due(passed) - (now - started) : 0;
  }

  /** When so many bytes may have been passed over, in nanoseconds from the start. */
  static long due(long bytes) {
    return (long) (1e9 / PACE * bytes);
  }

  /** Does the next step, which takes as long as a device call of that size; blocks. */
  Sense step() {
    if (!noted) {
      Sense saved = unit.state().save(STATE, request.toBytes(false));
      noted = saved.isNone();
      begun = noted;
      return saved;
    }
    if (pass < fills.size()) {
      Sense fault = advance(fills.get(pass));
      if (!fault.isNone()) {
        // the fault is what is told; that it can't be noted is logged there
        unit.state().save(STATE, request.toBytes(true));
      }
      return fault;
    }
    Sense struckOut = unit.state().save(STATE, FORGET);
    complete = struckOut.isNone();
    return struckOut;
  }

  private Sense advance(Fill fill) {
    long size = unit.geometry().size();
    long end = Fill.stepEnd(offset, size, fill.step(), fill.granularity());
    Sense fault = end > offset ? fill.part().change(unit.io(), offset, end - offset) : Sense.NONE;
    passed += end - offset;
    offset = end;
    if (fault.isNone() && end >= size) {
      // each pass has to reach the medium, or the next one would overwrite a cache
      fault = unit.io().flush();
      offset = 0;
      pass++;
    }
    progress = reckon(size);
    return fault;
  }

  private int reckon(long size) {
    double done = pass + (double) offset / size;
    return Math.min(PROGRESS_END - 1, (int) (PROGRESS_END * done / fills.size()));
  }
}

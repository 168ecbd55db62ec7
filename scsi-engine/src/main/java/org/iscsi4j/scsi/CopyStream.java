package org.iscsi4j.scsi;

import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * Moves the bytes of one copy, a buffer at a time, each call on the executor share of its own
 * device: an abort takes effect between two calls, and memory is bounded however long the copy is.
 * Rate limits hold for each buffer, once as a read of the source and once as a write of the
 * destination, of the units and of the initiator that asked for the copy. Touched only by the owner
 * of the task, and by its device call under way.
 */
final class CopyStream {

  private static final ByteBuffer ZEROES = ByteBuffer.allocate(0);

  private final ScsiTask task;
  private final CopyOperation operation;
  private ByteBuffer buffer = ZEROES;
  private boolean failedAtSource;

  /**
   * A stretch of bytes to be copied.
   *
   * @param source null for zeroes
   * @param from bytes from the start of the source
   * @param to bytes from the start of the destination
   */
  record Stretch(DeviceServer source, long from, DeviceServer destination, long to, long length) {

    boolean ofZeroes() {
      return source == null;
    }

    /** Whether its first bytes would be overwritten before its last ones are read. */
    private boolean backwards() {
      return !ofZeroes() && source.io().equals(destination.io()) && from < to && to < from + length;
    }

    /** Where the bytes begin that are copied when so many are done, counted from the start. */
    private long at(long done, long now) {
      return backwards() ? length - done - now : done;
    }
  }

  CopyStream(ScsiTask task, CopyOperation operation) {
    this.task = task;
    this.operation = operation;
    operation.whenStopped(() -> task.nexus().execute(this::stopped));
  }

  /** Waits no longer; a task whose operation is over may be another command's by now. */
  private void stopped() {
    if (!operation.over().isDone()) {
      task.skipLimits();
    }
  }

  /** Copies a stretch and tells how that ended. */
  void copy(Stretch stretch, Consumer<Sense> then) {
    step(stretch, 0, then);
  }

  /** Whether it was the source that failed. */
  boolean failedAtSource() {
    return failedAtSource;
  }

  private void step(Stretch stretch, long done, Consumer<Sense> then) {
    if (done == stretch.length()) {
      then.accept(Sense.NONE);
    } else if (operation.stopping()) {
      then.accept(CopySense.ABORTED);
    } else {
      passLimits(stretch, stretch.length() - done, () -> admitted(stretch, done, then));
    }
  }

  private void passLimits(Stretch stretch, long left, Runnable then) {
    DeviceServer destination = stretch.destination();
    if (stretch.ofZeroes()) {
      task.passLimits(destination, Math.min(left, Limits.TRANSFER_BYTES), then);
    } else {
      long now = Math.min(left, CopyLimits.BUFFER_BYTES);
      task.passLimits(stretch.source(), now, () -> task.passLimits(destination, now, then));
    }
  }

  private void admitted(Stretch stretch, long done, Consumer<Sense> then) {
    if (operation.stopping()) {
      then.accept(CopySense.ABORTED);
    } else if (stretch.ofZeroes()) {
      zero(stretch, done, then);
    } else {
      read(stretch, done, then);
    }
  }

  private void read(Stretch stretch, long done, Consumer<Sense> then) {
    int now = (int) Math.min(CopyLimits.BUFFER_BYTES, stretch.length() - done);
    if (buffer.capacity() < now) {
      buffer = ByteBuffer.allocate(now);
    }
    buffer.clear().limit(now);
    long from = stretch.from() + stretch.at(done, now);
    Sense refusal = refusal(stretch.source(), false, from, now);
    if (!refusal.isNone()) {
      failedAtSource = true;
      then.accept(refusal);
      return;
    }
    task.readElsewhere(
        stretch.source().io(),
        from,
        buffer,
        outcome -> {
          failedAtSource = !outcome.isNone();
          if (failedAtSource) {
            then.accept(outcome);
          } else {
            write(stretch, done, now, then);
          }
        });
  }

  private void write(Stretch stretch, long done, int now, Consumer<Sense> then) {
    long to = stretch.to() + stretch.at(done, now);
    Sense refusal =
        operation.stopping() ? CopySense.ABORTED : refusal(stretch.destination(), true, to, now);
    if (!refusal.isNone()) {
      then.accept(refusal);
      return;
    }
    buffer.flip();
    task.writeElsewhere(
        stretch.destination().io(),
        to,
        buffer,
        stretch.destination().mode().writesThrough(),
        outcome -> wrote(stretch, done, now, outcome, then));
  }

  private void zero(Stretch stretch, long done, Consumer<Sense> then) {
    DeviceServer unit = stretch.destination();
    Fill fill = Fill.of(unit, ZEROES, unit.capabilities().deallocate());
    long to = stretch.to() + done;
    long end = stretch.to() + stretch.length();
    long now = Fill.stepEnd(to, end, fill.step(), fill.granularity()) - to;
    Sense refusal = refusal(unit, true, to, now);
    if (!refusal.isNone()) {
      then.accept(refusal);
      return;
    }
    task.callElsewhere(
        unit.io(),
        () -> fill.part().change(unit.io(), to, now),
        outcome -> wrote(stretch, done, now, outcome, then));
  }

  private void wrote(Stretch stretch, long done, long now, Sense outcome, Consumer<Sense> then) {
    if (outcome.isNone()) {
      operation.copied(now);
      step(stretch, done + now, then);
    } else {
      then.accept(outcome);
    }
  }

  /** Once more at every step: the device may have shrunk meanwhile, or the medium be taken out. */
  private static Sense refusal(DeviceServer unit, boolean write, long offset, long length) {
    return offset > unit.geometry().size() - length
        ? Sense.LBA_OUT_OF_RANGE
        : unit.mediumRefusal(write);
  }
}

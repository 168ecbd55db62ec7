package org.iscsi4j.scsi;

import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * Reads a range of the device without sending it anywhere. A long one goes step by step, so that an
 * abort takes effect between two steps, and piece by piece, so that it takes little memory. Used by
 * one thread at a time: by the owner of the task, and by its device call under way.
 */
final class Scan {

  /** Bytes that are read by one call elsewhere: some ten milliseconds of a slow disk. */
  static final int STEP = 8 << 20;

  /** Bytes that are held at once; a multiple of every block size. */
  static final int PIECE = 256 << 10;

  private final DeviceIo io;
  private final long offset;
  private final long length;
  private final Taker taker;

  /** Bytes read and taken. */
  private long done;

  /** What is done with the bytes of a range. */
  @FunctionalInterface
  interface Taker {

    /** Looks at nothing: it is enough that the device could read it. */
    Taker NONE = (at, piece) -> Sense.NONE;

    /**
     * Takes a piece.
     *
     * @param at where it lies, in bytes from the start of the range
     * @return {@link Sense#NONE} to go on, or why not
     */
    Sense take(long at, ByteBuffer piece);
  }

  Scan(DeviceIo io, long offset, long length, Taker taker) {
    this.io = io;
    this.offset = offset;
    this.length = length;
    this.taker = taker;
  }

  /** Reads the range, then says how it went. */
  void run(ScsiTask task, Consumer<Sense> then) {
    if (io.quick(length)) {
      then.accept(readUpTo(length));
    } else {
      stepwise(task, then);
    }
  }

  private void stepwise(ScsiTask task, Consumer<Sense> then) {
    long end = Math.min(length, done + STEP);
    task.callElsewhere(
        io,
        () -> readUpTo(end),
        outcome -> {
          if (outcome.isNone() && end < length) {
            stepwise(task, then);
          } else {
            then.accept(outcome);
          }
        });
  }

  private Sense readUpTo(long end) {
    ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE, end - done));
    Sense outcome = Sense.NONE;
    while (outcome.isNone() && done < end) {
      piece.clear().limit((int) Math.min(piece.capacity(), end - done));
      outcome = io.read(offset + done, piece);
      if (outcome.isNone()) {
        outcome = taker.take(done, piece.flip());
        done += piece.limit();
      }
    }
    return outcome;
  }
}

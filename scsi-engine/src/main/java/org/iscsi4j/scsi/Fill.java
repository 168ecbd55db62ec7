package org.iscsi4j.scsi;

import java.nio.ByteBuffer;

/**
 * A change of a range that may be long. It goes step by step, so that an abort takes effect between
 * two steps and no step holds the executor for long.
 *
 * @param step the most bytes changed by one call of {@code part}
 * @param granularity bytes between the places where one step may end and the next begin
 * @param part changes one stretch of the device
 */
record Fill(long step, int granularity, Part part) {

  /** A step of blocks that are written: some ten milliseconds of a slow disk. */
  static final int WRITE_STEP = 8 << 20;

  /**
   * A step of blocks that are deallocated: a file reads them, and overwrites what is not zero,
   * which takes a slow disk a good half second.
   */
  static final int DEALLOCATE_STEP = 32 << 20;

  /** Bytes of the pattern that are written by one call; a multiple of every block size. */
  static final int PATTERN_BYTES = 256 << 10;

  /** Changes one stretch of the device. */
  @FunctionalInterface
  interface Part {
    Sense change(DeviceIo io, long offset, long length);
  }

  /**
   * A fill with a block.
   *
   * @param block the block, or nothing for zeroes
   * @param unmap whether storage may be given back where that leaves the same content
   */
  static Fill of(DeviceServer unit, ByteBuffer block, boolean unmap) {
    if (!isZero(block)) {
      return pattern(block);
    }
    int granularity = unit.geometry().deallocationGranularity();
    if (unmap && unit.capabilities().deallocatedReadsZero()) {
      return new Fill(
          deallocateStep(granularity),
          granularity,
          (io, offset, length) -> io.change(offset, length, d -> d.deallocate(offset, length)));
    }
    return new Fill(
        unmap ? Math.max(WRITE_STEP, 2L * granularity) : WRITE_STEP,
        unmap ? granularity : 1,
        (io, offset, length) ->
            io.change(offset, length, device -> device.writeZeroes(offset, length, unmap)));
  }

  /**
   * The most bytes that one call deallocates: at least a whole granule wherever it begins, since
   * less may free nothing.
   */
  static long deallocateStep(int granularity) {
    return Math.max(DEALLOCATE_STEP, 2L * granularity);
  }

  /** Where a step from {@code offset} ends: between two granules, unless the range ends before. */
  static long stepEnd(long offset, long end, long step, int granularity) {
    if (end - offset <= step) {
      return end;
    }
    return (offset + step) / granularity * granularity;
  }

  private static boolean isZero(ByteBuffer block) {
    for (int at = block.position(); at < block.limit(); at++) {
      if (block.get(at) != 0) {
        return false;
      }
    }
    return true;
  }

  private static Fill pattern(ByteBuffer block) {
    ByteBuffer pattern = ByteBuffer.allocate(PATTERN_BYTES);
    while (pattern.hasRemaining()) {
      pattern.put(block.duplicate());
    }
    return new Fill(WRITE_STEP, 1, (io, offset, length) -> write(io, offset, length, pattern));
  }

  private static Sense write(DeviceIo io, long offset, long length, ByteBuffer pattern) {
    for (long done = 0; done < length; done += pattern.limit()) {
      pattern.clear().limit((int) Math.min(pattern.capacity(), length - done));
      Sense outcome = io.write(offset + done, pattern, false);
      if (!outcome.isNone()) {
        return outcome;
      }
    }
    return Sense.NONE;
  }

  /** Fills a range when no other command is changing any of it, and ends the task. */
  void run(DeviceIo io, ScsiTask task, long offset, long length) {
    task.lockRange(io, offset, length, () -> runLocked(io, task, offset, length));
  }

  private void runLocked(DeviceIo io, ScsiTask task, long offset, long length) {
    if (io.instant(length)) {
      task.finish(part.change(io, offset, length));
    } else {
      stepwise(io, task, offset, length);
    }
  }

  private void stepwise(DeviceIo io, ScsiTask task, long offset, long length) {
    long now = stepEnd(offset, offset + length, step, granularity) - offset;
    task.callElsewhere(
        io,
        () -> part.change(io, offset, now),
        outcome -> {
          if (outcome.isNone() && now < length) {
            stepwise(io, task, offset + now, length - now);
          } else {
            task.finish(outcome);
          }
        });
  }
}

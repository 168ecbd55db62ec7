package org.iscsi4j.scsi;

import static org.iscsi4j.scsi.Command.Trait.NEEDS_MEDIUM;
import static org.iscsi4j.scsi.Command.Trait.WRITES;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.iscsi4j.api.BlockDevice;
import org.iscsi4j.api.Geometry;

/** UNMAP. Every descriptor is checked before the first one acts. */
final class Unmap implements CommandHandler {

  /** ANCHOR is not supported. */
  static final Command ROW =
      Command.of("UNMAP", "42 00 00000000 00 ffff 00", new Unmap(), WRITES, NEEDS_MEDIUM);

  private static final int HEADER_LENGTH = 8;
  private static final int DESCRIPTOR_LENGTH = 16;
  private static final int DESCRIPTOR_DATA_LENGTH_AT = 2;
  private static final int BLOCKS_AT = 8;

  private Unmap() {}

  @Override
  public void execute(DeviceServer unit, ScsiTask task) {
    int length = listLength(task);
    if (length == 0) {
      task.good();
    } else if (length < HEADER_LENGTH) {
      task.fail(Sense.PARAMETER_LIST_LENGTH_ERROR);
    } else {
      task.requestDataOut(length);
    }
  }

  @Override
  public void dataOut(DeviceServer unit, ScsiTask task, ByteBuffer data) {
    if (data.remaining() < listLength(task)) {
      // half a list is no list
      task.fail(Sense.PARAMETER_LIST_LENGTH_ERROR);
      return;
    }
    ByteBuffer list = data.slice();
    Geometry geometry = unit.geometry();
    Sense refusal = check(geometry, list);
    if (refusal.isNone()) {
      new Ranges(geometry, list).deallocate(unit.io(), task);
    } else {
      task.fail(refusal);
    }
  }

  private static int listLength(ScsiTask task) {
    return task.cdb().u16(7);
  }

  /** Whole descriptors; one that the list cuts off is ignored. */
  private static int descriptors(ByteBuffer list) {
    int told = Short.toUnsignedInt(list.getShort(DESCRIPTOR_DATA_LENGTH_AT));
    return Math.min(told, list.limit() - HEADER_LENGTH) / DESCRIPTOR_LENGTH;
  }

  private static int at(int descriptor) {
    return HEADER_LENGTH + descriptor * DESCRIPTOR_LENGTH;
  }

  private static long lba(ByteBuffer list, int descriptor) {
    return list.getLong(at(descriptor));
  }

  private static long blocks(ByteBuffer list, int descriptor) {
    return Integer.toUnsignedLong(list.getInt(at(descriptor) + BLOCKS_AT));
  }

  private static Sense check(Geometry geometry, ByteBuffer list) {
    int descriptors = descriptors(list);
    if (descriptors > Limits.UNMAP_DESCRIPTORS) {
      return Sense.invalidFieldInParameterList(DESCRIPTOR_DATA_LENGTH_AT);
    }
    long left = Limits.unmapBlocks(geometry);
    for (int each = 0; each < descriptors; each++) {
      long blocks = blocks(list, each);
      // a descriptor of no blocks is no error, wherever it points
      Sense outside =
          blocks == 0 ? Sense.NONE : BlockRange.check(geometry, lba(list, each), blocks);
      left -= blocks;
      if (!outside.isNone()) {
        return outside;
      }
      if (left < 0) {
        return Sense.invalidFieldInParameterList(at(each) + BLOCKS_AT);
      }
    }
    return Sense.NONE;
  }

  /**
   * What a list names, deallocated step by step, so that an abort takes effect between two steps.
   * Used by one thread at a time: by the owner of the task, and by its device call under way.
   */
  private static final class Ranges {

    /** Offsets and ends in bytes, in turn: the list itself is gone when the device is called. */
    private final long[] bounds;

    private final long total;
    private final int granularity;
    private final long step;

    /** The range to go on with; its offset moves as it is deallocated. */
    private int at;

    Ranges(Geometry geometry, ByteBuffer list) {
      bounds = new long[2 * descriptors(list)];
      long bytes = 0;
      for (int each = 0; each < bounds.length / 2; each++) {
        long length = blocks(list, each) * geometry.blockSize();
        // a descriptor of no blocks may point anywhere
        bounds[2 * each] = length == 0 ? 0 : lba(list, each) * geometry.blockSize();
        bounds[2 * each + 1] = bounds[2 * each] + length;
        bytes += length;
      }
      total = bytes;
      granularity = geometry.deallocationGranularity();
      step = Fill.deallocateStep(granularity);
    }

    void deallocate(DeviceIo io, ScsiTask task) {
      if (total == 0) {
        task.good();
      } else {
        task.lockRanges(io, bounds.clone(), () -> deallocateLocked(io, task));
      }
    }

    private void deallocateLocked(DeviceIo io, ScsiTask task) {
      if (io.instant(total)) {
        task.finish(io.change(this::step));
      } else {
        stepwise(io, task);
      }
    }

    private void stepwise(DeviceIo io, ScsiTask task) {
      task.callElsewhere(
          io,
          () -> io.change(this::step),
          outcome -> {
            if (outcome.isNone() && at < bounds.length) {
              stepwise(io, task);
            } else {
              task.finish(outcome);
            }
          });
    }

    /** What is on the device, whose blocks may be others, or fewer, by now. */
    private static void deallocate(BlockDevice device, long from, long to) throws IOException {
      Geometry now = device.geometry();
      long blockSize = now.blockSize();
      long first = (from + blockSize - 1) / blockSize * blockSize;
      long end = Math.min(to, now.size()) / blockSize * blockSize;
      if (end > first) {
        device.deallocate(first, end - first);
      }
    }

    /** As many ranges, or as much of one, as make a step. */
    private void step(BlockDevice device) throws IOException {
      long left = step;
      while (at < bounds.length && left > 0) {
        long from = bounds[at];
        long end = bounds[at + 1];
        boolean fits = end - from <= left;
        if (!fits && left < step) {
          return; // begins the next step, which is long enough for whole granules
        }
        long to = Fill.stepEnd(from, end, step, granularity);
        deallocate(device, from, to);
        left -= to - from;
        bounds[at] = to;
        if (to == end) {
          at += 2;
        }
      }
    }
  }
}

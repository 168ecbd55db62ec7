package org.iscsi4j.scsi;

import static org.iscsi4j.scsi.Command.Trait.NEEDS_MEDIUM;
import static org.iscsi4j.scsi.Command.Trait.WRITES;

import java.nio.ByteBuffer;
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
      deallocate(unit.io(), task, ranges(geometry, list));
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

  /** Offsets and lengths in bytes, in turn: the list itself is gone when the device is called. */
  private static long[] ranges(Geometry geometry, ByteBuffer list) {
    long[] ranges = new long[2 * descriptors(list)];
    for (int each = 0; each < ranges.length / 2; each++) {
      long blocks = blocks(list, each);
      ranges[2 * each] = blocks == 0 ? 0 : lba(list, each) * geometry.blockSize();
      ranges[2 * each + 1] = blocks * geometry.blockSize();
    }
    return ranges;
  }

  private static void deallocate(DeviceIo io, ScsiTask task, long[] ranges) {
    long bytes = 0;
    for (int each = 1; each < ranges.length; each += 2) {
      bytes += ranges[each];
    }
    if (bytes == 0) {
      task.good();
    } else if (io.instant(bytes)) {
      task.finish(deallocate(io, ranges));
    } else {
      task.callElsewhere(io, () -> deallocate(io, ranges), task::finish);
    }
  }

  private static Sense deallocate(DeviceIo io, long[] ranges) {
    return io.change(
        device -> {
          for (int each = 0; each < ranges.length; each += 2) {
            if (ranges[each + 1] > 0) {
              device.deallocate(ranges[each], ranges[each + 1]);
            }
          }
        });
  }
}

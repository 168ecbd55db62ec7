package org.iscsi4j.scsi;

import static org.iscsi4j.scsi.Command.Trait.NEEDS_MEDIUM;
import static org.iscsi4j.scsi.Command.Trait.WRITES;

import java.nio.ByteBuffer;
import org.iscsi4j.api.Geometry;

/**
 * REASSIGN BLOCKS (SBC-3 clause 5.24). There is no other place on the medium that a block could be
 * given: one that can be read is left where it is, with its data, and one that can't be is told.
 */
final class ReassignBlocks implements CommandHandler {

  static final Command ROW =
      Command.of("REASSIGN BLOCKS", "07 03 000000 00", new ReassignBlocks(), WRITES, NEEDS_MEDIUM);

  private static final int HEADER_LENGTH = 4;

  /** Blocks that are read by one call elsewhere. */
  private static final int STEP = 64;

  private ReassignBlocks() {}

  /** The CDB does not tell the length of the list, so what is offered is taken for it. */
  @Override
  public void execute(DeviceServer unit, ScsiTask task) {
    long offered = task.expectedDataOut();
    if (offered < HEADER_LENGTH) {
      task.fail(Sense.PARAMETER_LIST_LENGTH_ERROR);
    } else {
      task.requestDataOut((int) Math.min(offered, HEADER_LENGTH + Limits.REASSIGN_LIST_BYTES));
    }
  }

  @Override
  public void dataOut(DeviceServer unit, ScsiTask task, ByteBuffer data) {
    ByteBuffer list = data.slice();
    if (list.limit() < HEADER_LENGTH) {
      task.fail(Sense.PARAMETER_LIST_LENGTH_ERROR);
      return;
    }
    boolean longList = task.cdb().bit(1, 0);
    long length =
        longList ? Integer.toUnsignedLong(list.getInt(0)) : Short.toUnsignedInt(list.getShort(2));
    int each = task.cdb().bit(1, 1) ? Long.BYTES : Integer.BYTES;
    if (!longList && list.getShort(0) != 0) {
      task.fail(Sense.invalidFieldInParameterList(0));
    } else if (length > Limits.REASSIGN_LIST_BYTES) {
      task.fail(Sense.invalidFieldInParameterList(longList ? 0 : 2));
    } else if (length % each != 0 || length > list.limit() - HEADER_LENGTH) {
      task.fail(Sense.PARAMETER_LIST_LENGTH_ERROR);
    } else {
      reassign(unit, task, lbas(list, (int) length / each, each));
    }
  }

  private static long[] lbas(ByteBuffer list, int count, int each) {
    long[] lbas = new long[count];
    for (int at = 0; at < count; at++) {
      int place = HEADER_LENGTH + at * each;
      lbas[at] =
          each == Long.BYTES ? list.getLong(place) : Integer.toUnsignedLong(list.getInt(place));
    }
    return lbas;
  }

  /** Every block is checked before the first one is looked at. */
  private static void reassign(DeviceServer unit, ScsiTask task, long[] lbas) {
    Geometry geometry = unit.geometry();
    for (long lba : lbas) {
      Sense outside = BlockRange.check(geometry, lba, 1);
      if (!outside.isNone()) {
        task.fail(outside);
        return;
      }
    }
    if (lbas.length == 0) {
      task.good();
    } else {
      read(unit.io(), geometry.blockSize(), task, lbas, 0);
    }
  }

  private static void read(DeviceIo io, int blockSize, ScsiTask task, long[] lbas, int from) {
    int end = Math.min(lbas.length, from + STEP);
    task.callElsewhere(
        io,
        () -> read(io, blockSize, lbas, from, end),
        outcome -> {
          if (outcome.isNone() && end < lbas.length) {
            read(io, blockSize, task, lbas, end);
          } else {
            task.finish(outcome);
          }
        });
  }

  private static Sense read(DeviceIo io, int blockSize, long[] lbas, int from, int end) {
    ByteBuffer block = ByteBuffer.allocate(blockSize);
    for (int at = from; at < end; at++) {
      Sense outcome = io.read(lbas[at] * blockSize, block.clear());
      if (outcome.key() == SenseKey.MEDIUM_ERROR) {
        return Sense.NO_DEFECT_SPARE_LOCATION.withInformation(lbas[at]);
      }
      if (!outcome.isNone()) {
        return outcome;
      }
    }
    return Sense.NONE;
  }
}

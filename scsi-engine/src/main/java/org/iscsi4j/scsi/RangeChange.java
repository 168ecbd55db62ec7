package org.iscsi4j.scsi;

import java.nio.ByteBuffer;
import org.iscsi4j.api.Geometry;

/**
 * A command that takes data and changes one range, which no other command changes from its first
 * look at the range to its end. What each of them is refused for, how much data it takes and what
 * it does with it stands in the subclass.
 */
abstract class RangeChange implements CommandHandler {

  static final int WRONG = -1;

  /** Why a CDB is refused; asked again whenever the command has waited for something. */
  abstract Sense check(DeviceServer unit, Cdb cdb);

  /** LOGICAL BLOCK ADDRESS of a CDB that was not refused. */
  abstract long lba(Cdb cdb);

  /** Bytes of data that a CDB that was not refused asks for. */
  abstract int dataLength(Geometry geometry, Cdb cdb);

  /**
   * Changes the range and ends the task.
   *
   * @param offset bytes from the start of the device
   * @param data the task's own until it has ended, from position 0 to its limit
   */
  abstract void change(DeviceServer unit, ScsiTask task, long offset, ByteBuffer data);

  /** Bytes of the range that so many bytes of data are for. */
  int rangeLength(int dataLength) {
    return dataLength;
  }

  /** Whether an initiator is ready to give what the command needs. */
  boolean accepts(long expectedDataOut, int dataLength) {
    // half of the data must not pass for all of it
    return expectedDataOut >= dataLength;
  }

  /**
   * Bytes to use of the data that came.
   *
   * @return {@link #WRONG} when it is the wrong amount
   */
  int usable(Geometry geometry, int came, int dataLength) {
    return came == dataLength ? came : WRONG;
  }

  /** What the wrong amount of data is refused with. */
  Sense wrongLength() {
    return Sense.INVALID_FIELD_IN_COMMAND_INFORMATION_UNIT;
  }

  @Override
  public final void execute(DeviceServer unit, ScsiTask task) {
    Sense refusal = check(unit, task.cdb());
    if (!refusal.isNone()) {
      task.fail(refusal);
      return;
    }
    int length = dataLength(unit.geometry(), task.cdb());
    if (!accepts(task.expectedDataOut(), length)) {
      task.fail(wrongLength());
    } else if (length == 0) {
      task.good();
    } else {
      task.requestDataOut(length);
    }
  }

  @Override
  public final void dataOut(DeviceServer unit, ScsiTask task, ByteBuffer data) {
    // once more: the device may have changed while the data was on its way
    Sense refusal = check(unit, task.cdb());
    if (!refusal.isNone()) {
      task.fail(refusal);
      return;
    }
    Geometry geometry = unit.geometry();
    int usable = usable(geometry, data.remaining(), dataLength(geometry, task.cdb()));
    if (usable == WRONG) {
      task.fail(wrongLength());
    } else if (usable == 0) {
      task.good();
    } else {
      ByteBuffer kept = task.keep(data.limit(data.position() + usable)).slice();
      long offset = lba(task.cdb()) * geometry.blockSize();
      task.lockRange(
          unit.io(), offset, rangeLength(usable), () -> locked(unit, task, offset, kept));
    }
  }

  private void locked(DeviceServer unit, ScsiTask task, long offset, ByteBuffer data) {
    // once more: it may have waited for others
    Sense refusal = check(unit, task.cdb());
    if (refusal.isNone()) {
      change(unit, task, offset, data);
    } else {
      task.fail(refusal);
    }
  }
}

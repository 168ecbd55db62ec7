package org.iscsi4j.scsi;

import static org.iscsi4j.scsi.Command.Trait.NEEDS_MEDIUM;
import static org.iscsi4j.scsi.Command.Trait.WRITES;

import java.nio.ByteBuffer;
import org.iscsi4j.api.Geometry;

/**
 * COMPARE AND WRITE (SBC-3 clause 5.3): writes the second half of its data where the first half is
 * what stands there. No other command changes the range in between.
 */
final class CompareAndWrite implements CommandHandler {

  static final Command ROW =
      Command.of(
          "COMPARE AND WRITE",
          "89 18 ffffffffffffffff 000000 ff 00 00",
          new CompareAndWrite(),
          WRITES,
          NEEDS_MEDIUM);

  private static final int BLOCKS_AT = 13;
  private static final int FUA = 3;

  private CompareAndWrite() {}

  @Override
  public void execute(DeviceServer unit, ScsiTask task) {
    Geometry geometry = unit.geometry();
    Sense refusal = check(geometry, task.cdb());
    int half = half(geometry, task.cdb());
    if (!refusal.isNone()) {
      task.fail(refusal);
    } else if (task.expectedDataOut() != 2L * half) {
      // where the halves meet is known only when all of the data is there, and nothing else
      task.fail(Sense.invalidFieldInCdb(BLOCKS_AT));
    } else if (half == 0) {
      task.good();
    } else {
      task.requestDataOut(2 * half);
    }
  }

  @Override
  public void dataOut(DeviceServer unit, ScsiTask task, ByteBuffer data) {
    Geometry geometry = unit.geometry();
    // once more: the device may have changed while the data was on its way
    Sense refusal = check(geometry, task.cdb());
    int half = half(geometry, task.cdb());
    if (!refusal.isNone()) {
      task.fail(refusal);
    } else if (data.remaining() != 2 * half) {
      task.fail(Sense.invalidFieldInCdb(BLOCKS_AT));
    } else {
      ByteBuffer kept = task.keep(data).slice();
      long offset = task.cdb().i64(2) * geometry.blockSize();
      task.lockRange(unit.io(), offset, half, () -> locked(unit, task, offset, kept));
    }
  }

  private static void locked(DeviceServer unit, ScsiTask task, long offset, ByteBuffer data) {
    // once more: it may have waited for others
    Sense refusal = check(unit.geometry(), task.cdb());
    if (refusal.isNone()) {
      compare(unit.io(), task, offset, data);
    } else {
      task.fail(refusal);
    }
  }

  /**
   * The range must lie on the medium; its number of blocks can't exceed {@link
   * Limits#COMPARE_AND_WRITE_BLOCKS}, since its field is as wide.
   */
  private static Sense check(Geometry geometry, Cdb cdb) {
    return BlockRange.check(geometry, cdb.i64(2), cdb.u8(BLOCKS_AT));
  }

  private static int half(Geometry geometry, Cdb cdb) {
    return cdb.u8(BLOCKS_AT) * geometry.blockSize();
  }

  private static void compare(DeviceIo io, ScsiTask task, long offset, ByteBuffer data) {
    int half = data.remaining() / 2;
    new Scan(io, offset, half, Comparison.with(data))
        .run(
            task,
            outcome -> {
              if (outcome.isNone()) {
                ByteBuffer then = data.slice(half, half);
                RangeWrite.run(io, task, offset, then, task.cdb().bit(1, FUA), task::finish);
              } else {
                task.finish(outcome);
              }
            });
  }
}

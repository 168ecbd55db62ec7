package org.iscsi4j.scsi;

import static org.iscsi4j.scsi.Command.Trait.NEEDS_MEDIUM;
import static org.iscsi4j.scsi.Command.Trait.WRITES;

import java.nio.ByteBuffer;
import org.iscsi4j.api.Geometry;

/**
 * COMPARE AND WRITE (SBC-3 clause 5.3): writes the second half of its data where the first half is
 * what stands there. No other command changes the range in between.
 */
final class CompareAndWrite extends RangeChange {

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

  /**
   * The range must lie on the medium; its number of blocks can't exceed {@link
   * Limits#COMPARE_AND_WRITE_BLOCKS}, since its field is as wide.
   */
  @Override
  Sense check(DeviceServer unit, Cdb cdb) {
    return BlockRange.check(unit.geometry(), cdb.i64(2), cdb.u8(BLOCKS_AT));
  }

  @Override
  long lba(Cdb cdb) {
    return cdb.i64(2);
  }

  @Override
  int dataLength(Geometry geometry, Cdb cdb) {
    return 2 * cdb.u8(BLOCKS_AT) * geometry.blockSize();
  }

  @Override
  int rangeLength(int dataLength) {
    return dataLength / 2;
  }

  /** Where the halves meet is known only when all of the data is there, and nothing else. */
  @Override
  boolean accepts(long expectedDataOut, int dataLength) {
    return expectedDataOut == dataLength;
  }

  @Override
  Sense wrongLength() {
    return Sense.invalidFieldInCdb(BLOCKS_AT);
  }

  @Override
  void change(DeviceServer unit, ScsiTask task, long offset, ByteBuffer data) {
    DeviceIo io = unit.io();
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

package org.iscsi4j.scsi;

import static org.iscsi4j.scsi.Command.Trait.NEEDS_MEDIUM;
import static org.iscsi4j.scsi.Command.Trait.WRITES;

import java.nio.ByteBuffer;
import org.iscsi4j.api.Geometry;

/**
 * WRITE ATOMIC(16) (SBC-4 clause 5.46): all of the data is written or none of it, and no other
 * command changes the range meanwhile. ATOMIC BOUNDARY is not supported and must be zero.
 */
final class WriteAtomic extends RangeChange {

  static final Command ROW =
      Command.of(
          "WRITE ATOMIC(16)",
          "9c 18 ffffffffffffffff 0000 ffff 00 00",
          new WriteAtomic(),
          WRITES,
          NEEDS_MEDIUM);

  private static final int LBA_AT = 2;
  private static final int LENGTH_AT = 12;
  private static final int FUA = 3;

  private WriteAtomic() {}

  @Override
  Sense check(DeviceServer unit, Cdb cdb) {
    Geometry geometry = unit.geometry();
    long lba = cdb.i64(LBA_AT);
    int blocks = cdb.u16(LENGTH_AT);
    long granule = Limits.atomicGranule(geometry);
    Sense outside = BlockRange.check(geometry, lba, blocks);
    if (!outside.isNone()) {
      return outside;
    }
    if (lba % granule != 0) {
      return Sense.invalidFieldInCdb(LBA_AT);
    }
    boolean fits = blocks <= Limits.atomicBlocks(geometry, unit.capabilities());
    return fits && blocks % granule == 0 ? Sense.NONE : Sense.invalidFieldInCdb(LENGTH_AT);
  }

  @Override
  long lba(Cdb cdb) {
    return cdb.i64(LBA_AT);
  }

  @Override
  int dataLength(Geometry geometry, Cdb cdb) {
    return cdb.u16(LENGTH_AT) * geometry.blockSize();
  }

  /**
   * A physical block is written as a whole or not at all; of more, a part may have to be undone.
   */
  @Override
  void change(DeviceServer unit, ScsiTask task, long offset, ByteBuffer data) {
    DeviceIo io = unit.io();
    boolean durable = task.cdb().bit(1, FUA);
    if (data.remaining() <= unit.geometry().physicalBlockSize()) {
      RangeWrite.run(io, task, offset, data, durable, task::finish);
    } else if (io.instant(data.remaining())) {
      task.finish(allOrNothing(io, offset, data, durable));
    } else {
      task.callElsewhere(io, () -> allOrNothing(io, offset, data, durable), task::finish);
    }
  }

  /**
   * A write that fails half way is undone, as far as it came: memory that is full is full for what
   * stood there before, too, from the same place on.
   */
  private static Sense allOrNothing(DeviceIo io, long offset, ByteBuffer data, boolean durable) {
    ByteBuffer before = ByteBuffer.allocate(data.remaining());
    Sense outcome = io.read(offset, before);
    if (outcome.isNone()) {
      outcome = io.write(offset, data, durable);
      if (!outcome.isNone()) {
        io.write(offset, before.flip(), durable);
      }
    }
    return outcome;
  }
}

package org.iscsi4j.scsi;

import static org.iscsi4j.scsi.Command.Trait.NEEDS_MEDIUM;
import static org.iscsi4j.scsi.Command.Trait.WRITES;

import java.nio.ByteBuffer;
import java.util.List;
import org.iscsi4j.api.Geometry;

/**
 * ORWRITE(16) and (32) (SBC-3 clauses 5.11 and 5.12): sets the bits of a range that are set in the
 * data. No other command changes the range in between. The ORWgeneration code is always 0: the
 * operation that changes it (BMOP 001b) is not supported.
 */
record OrWrite(BlockCdb layout) implements CommandHandler {

  static final List<Command> ROWS =
      List.of(
          Command.of(
              "ORWRITE(16)",
              "8b 18 ffffffffffffffff ffffffff 00 00",
              new OrWrite(BlockCdb.SIXTEEN),
              WRITES,
              NEEDS_MEDIUM),
          Command.ofLong(
              "ORWRITE(32)",
              "7f 00 00 00 0000 00 18 000e 18 00 ffffffffffffffff ffffffff 00000000 ffffffff",
              new OrWrite(BlockCdb.THIRTY_TWO),
              WRITES,
              NEEDS_MEDIUM));

  private static final int EXPECTED_ORWGENERATION_AT = 20;

  @Override
  public void execute(DeviceServer unit, ScsiTask task) {
    Geometry geometry = unit.geometry();
    Sense refusal = check(geometry, task.cdb());
    int length = length(geometry, task.cdb());
    if (!refusal.isNone()) {
      task.fail(refusal);
    } else if (length == 0) {
      task.good();
    } else if (task.expectedDataOut() < length) {
      // half of an OR must not pass for all of it
      task.fail(Sense.INVALID_FIELD_IN_COMMAND_INFORMATION_UNIT);
    } else {
      task.requestDataOut(length);
    }
  }

  @Override
  public void dataOut(DeviceServer unit, ScsiTask task, ByteBuffer data) {
    Geometry geometry = unit.geometry();
    // once more: the device may have changed while the data was on its way
    Sense refusal = check(geometry, task.cdb());
    int length = length(geometry, task.cdb());
    if (!refusal.isNone()) {
      task.fail(refusal);
    } else if (data.remaining() != length) {
      task.fail(Sense.INVALID_FIELD_IN_COMMAND_INFORMATION_UNIT);
    } else {
      ByteBuffer kept = task.keep(data).slice();
      long offset = layout.lba(task.cdb()) * geometry.blockSize();
      task.lockRange(unit.io(), offset, length, () -> locked(unit, task, offset, kept));
    }
  }

  private void locked(DeviceServer unit, ScsiTask task, long offset, ByteBuffer data) {
    // once more: it may have waited for others
    Sense refusal = check(unit.geometry(), task.cdb());
    if (refusal.isNone()) {
      merge(unit.io(), task, offset, data);
    } else {
      task.fail(refusal);
    }
  }

  private Sense check(Geometry geometry, Cdb cdb) {
    boolean generations = layout == BlockCdb.THIRTY_TWO;
    return generations && cdb.u32(EXPECTED_ORWGENERATION_AT) != 0
        ? Sense.ORWRITE_GENERATION_DOES_NOT_MATCH
        : BlockRange.checkTransfer(geometry, layout, cdb);
  }

  private int length(Geometry geometry, Cdb cdb) {
    return (int) layout.blocks(cdb) * geometry.blockSize();
  }

  /** All is read before anything is written, so that a fault of the medium leaves it as it is. */
  private void merge(DeviceIo io, ScsiTask task, long offset, ByteBuffer data) {
    new Scan(io, offset, data.remaining(), (at, piece) -> or(data, (int) at, piece))
        .run(
            task,
            outcome -> {
              if (outcome.isNone()) {
                RangeWrite.run(io, task, offset, data, layout.fua(task.cdb()), task::finish);
              } else {
                task.finish(outcome);
              }
            });
  }

  /** Blocks are whole longs. */
  private static Sense or(ByteBuffer data, int at, ByteBuffer piece) {
    for (int in = 0; in < piece.remaining(); in += Long.BYTES) {
      data.putLong(at + in, data.getLong(at + in) | piece.getLong(in));
    }
    return Sense.NONE;
  }
}

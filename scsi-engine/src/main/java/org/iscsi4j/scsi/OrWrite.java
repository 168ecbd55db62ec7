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
final class OrWrite extends RangeChange {

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

  private final BlockCdb layout;

  private OrWrite(BlockCdb layout) {
    this.layout = layout;
  }

  @Override
  Sense check(DeviceServer unit, Cdb cdb) {
    boolean generations = layout == BlockCdb.THIRTY_TWO;
    return generations && cdb.u32(EXPECTED_ORWGENERATION_AT) != 0
        ? Sense.ORWRITE_GENERATION_DOES_NOT_MATCH
        : BlockRange.checkTransfer(unit.geometry(), layout, cdb);
  }

  @Override
  long lba(Cdb cdb) {
    return layout.lba(cdb);
  }

  @Override
  int dataLength(Geometry geometry, Cdb cdb) {
    return (int) layout.blocks(cdb) * geometry.blockSize();
  }

  /** All is read before anything is written, so that a fault of the medium leaves it as it is. */
  @Override
  void change(DeviceServer unit, ScsiTask task, long offset, ByteBuffer data) {
    DeviceIo io = unit.io();
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

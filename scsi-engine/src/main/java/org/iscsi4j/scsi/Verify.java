package org.iscsi4j.scsi;

import static org.iscsi4j.scsi.Command.Trait.NEEDS_MEDIUM;
import static org.iscsi4j.scsi.Command.Trait.READS;

import java.nio.ByteBuffer;
import java.util.List;
import org.iscsi4j.api.Geometry;

/**
 * VERIFY of all sizes (SBC-3 clause 5.33): reads blocks from the medium, and compares them with
 * data if BYTCHK says so. MAXIMUM TRANSFER LENGTH bounds the data; a range that is only read, or
 * compared with one block, may be any that lies on the medium.
 */
record Verify(BlockCdb layout) implements CommandHandler {

  static final List<Command> ROWS =
      List.of(
          verify("VERIFY(10)", "2f 16 ffffffff 00 ffff 00", BlockCdb.TEN),
          verify("VERIFY(12)", "af 16 ffffffff ffffffff 00 00", BlockCdb.TWELVE),
          verify("VERIFY(16)", "8f 16 ffffffffffffffff ffffffff 00 00", BlockCdb.SIXTEEN),
          Command.ofLong(
              "VERIFY(32)",
              "7f 00 00000000 00 18 000a 16 00 ffffffffffffffff 00000000 0000 0000 ffffffff",
              new Verify(BlockCdb.THIRTY_TWO),
              READS,
              NEEDS_MEDIUM));

  /** BYTCHK: no data, the medium is only read. */
  static final int MEDIUM = 0;

  /** BYTCHK: as much data as there are blocks. */
  static final int DATA = 1;

  /** BYTCHK: one block of data for all of them. */
  private static final int ONE_BLOCK = 3;

  private static Command verify(String name, String usage, BlockCdb layout) {
    return Command.of(name, usage, new Verify(layout), READS, NEEDS_MEDIUM);
  }

  @Override
  public void execute(DeviceServer unit, ScsiTask task) {
    Geometry geometry = unit.geometry();
    Sense refusal = check(geometry, task.cdb());
    if (!refusal.isNone()) {
      task.fail(refusal);
    } else if (layout.blocks(task.cdb()) == 0) {
      task.good();
    } else if (layout.bytchk(task.cdb()) == MEDIUM) {
      verify(unit, geometry, task, Scan.Taker.NONE);
    } else if (task.expectedDataOut() < dataLength(geometry, task.cdb())) {
      // what can't be compared is not verified
      task.fail(Sense.INVALID_FIELD_IN_COMMAND_INFORMATION_UNIT);
    } else {
      task.requestDataOut(dataLength(geometry, task.cdb()));
    }
  }

  @Override
  public void dataOut(DeviceServer unit, ScsiTask task, ByteBuffer data) {
    Geometry geometry = unit.geometry();
    // once more: the device may have changed while the data was on its way
    Sense refusal = check(geometry, task.cdb());
    if (!refusal.isNone()) {
      task.fail(refusal);
    } else if (data.remaining() != dataLength(geometry, task.cdb())) {
      task.fail(Sense.INVALID_FIELD_IN_COMMAND_INFORMATION_UNIT);
    } else if (layout.bytchk(task.cdb()) == ONE_BLOCK) {
      verify(unit, geometry, task, Comparison.withEach(data));
    } else {
      verify(unit, geometry, task, Comparison.with(task.keep(data)));
    }
  }

  private Sense check(Geometry geometry, Cdb cdb) {
    return switch (layout.bytchk(cdb)) {
      case MEDIUM, ONE_BLOCK -> BlockRange.check(geometry, layout.lba(cdb), layout.blocks(cdb));
      case DATA -> BlockRange.checkTransfer(geometry, layout, cdb);
      default -> layout.invalidBytchk();
    };
  }

  private int dataLength(Geometry geometry, Cdb cdb) {
    long blocks = layout.bytchk(cdb) == ONE_BLOCK ? 1 : layout.blocks(cdb);
    return (int) blocks * geometry.blockSize();
  }

  /** What a volatile cache holds is written to the medium first, and then verified there. */
  private void verify(DeviceServer unit, Geometry geometry, ScsiTask task, Scan.Taker taker) {
    long offset = layout.lba(task.cdb()) * geometry.blockSize();
    long length = layout.blocks(task.cdb()) * geometry.blockSize();
    Scan scan = new Scan(unit.io(), offset, length, taker);
    if (unit.capabilities().volatileCache()) {
      SynchronizeCache.flush(unit, task, outcome -> flushed(task, scan, outcome));
    } else {
      scan.run(task, task::finish);
    }
  }

  private static void flushed(ScsiTask task, Scan scan, Sense outcome) {
    if (outcome.isNone()) {
      scan.run(task, task::finish);
    } else {
      task.finish(outcome);
    }
  }
}

package org.iscsi4j.scsi;

import static org.iscsi4j.scsi.Command.Trait.NEEDS_MEDIUM;
import static org.iscsi4j.scsi.Command.Trait.WRITES;

import java.nio.ByteBuffer;
import java.util.List;
import org.iscsi4j.api.Geometry;

/** WRITE SAME: one block, written to every block of a range. */
record WriteSame(BlockCdb layout) implements CommandHandler {

  private static final int NDOB = 0;
  private static final int UNMAP = 3;

  /** UNMAP is for thin units; ANCHOR is not supported. */
  static List<Command> rows(boolean thin) {
    return List.of(
        row("WRITE SAME(10)", (thin ? "41 08" : "41 00") + "ffffffff 00 ffff 00", BlockCdb.TEN),
        row(
            "WRITE SAME(16)",
            (thin ? "93 09" : "93 01") + "ffffffffffffffff ffffffff 00 00",
            BlockCdb.SIXTEEN),
        Command.ofLong(
            "WRITE SAME(32)",
            "7f 00 00000000 00 18 000d"
                + (thin ? "09" : "01")
                + "00 ffffffffffffffff 00000000 0000 0000 ffffffff",
            new WriteSame(BlockCdb.THIRTY_TWO),
            WRITES,
            NEEDS_MEDIUM));
  }

  private static Command row(String name, String usage, BlockCdb layout) {
    return Command.of(name, usage, new WriteSame(layout), WRITES, NEEDS_MEDIUM);
  }

  @Override
  public void execute(DeviceServer unit, ScsiTask task) {
    Geometry geometry = unit.geometry();
    Sense refusal = check(geometry, task.cdb());
    if (!refusal.isNone()) {
      task.fail(refusal);
    } else if (withoutData(task.cdb())) {
      fill(unit, geometry, task, ByteBuffer.allocate(0));
    } else if (task.expectedDataOut() != geometry.blockSize()) {
      // with part of a block there is nothing to write, and with two nobody knows which was meant
      task.fail(Sense.INVALID_FIELD_IN_COMMAND_INFORMATION_UNIT);
    } else {
      task.requestDataOut(geometry.blockSize());
    }
  }

  @Override
  public void dataOut(DeviceServer unit, ScsiTask task, ByteBuffer data) {
    Geometry geometry = unit.geometry();
    // once more: the device may have changed while the data was on its way
    Sense refusal = check(geometry, task.cdb());
    if (!refusal.isNone()) {
      task.fail(refusal);
    } else if (data.remaining() != geometry.blockSize()) {
      task.fail(Sense.INVALID_FIELD_IN_COMMAND_INFORMATION_UNIT);
    } else {
      fill(unit, geometry, task, data);
    }
  }

  private Sense check(Geometry geometry, Cdb cdb) {
    return BlockRange.check(geometry, layout.lba(cdb), layout.blocks(cdb));
  }

  /** 0 reaches to the end of the medium (SBC-3 clause 5.48). */
  private long blocks(Geometry geometry, Cdb cdb) {
    long blocks = layout.blocks(cdb);
    return blocks > 0 ? blocks : geometry.blockCount() - layout.lba(cdb);
  }

  private boolean withoutData(Cdb cdb) {
    return layout != BlockCdb.TEN && layout.flag(cdb, NDOB);
  }

  /** An empty block stands for zeroes. */
  private void fill(DeviceServer unit, Geometry geometry, ScsiTask task, ByteBuffer block) {
    Cdb cdb = task.cdb();
    long offset = layout.lba(cdb) * geometry.blockSize();
    long length = blocks(geometry, cdb) * geometry.blockSize();
    Fill.of(unit, block, layout.flag(cdb, UNMAP)).run(unit.io(), task, offset, length);
  }
}

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
            BlockCdb.SIXTEEN));
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
    long blocks = layout.blocks(cdb);
    Sense outside = BlockRange.check(geometry, layout.lba(cdb), blocks);
    if (!outside.isNone()) {
      return outside;
    }
    // 0 would reach to the end of the medium, were it not for WSNZ
    boolean allowed = blocks > 0 && blocks <= Limits.writeSameBlocks(geometry);
    return allowed ? Sense.NONE : layout.invalidLength();
  }

  private boolean withoutData(Cdb cdb) {
    return layout == BlockCdb.SIXTEEN && cdb.bit(1, NDOB);
  }

  /** An empty block stands for zeroes. */
  private void fill(DeviceServer unit, Geometry geometry, ScsiTask task, ByteBuffer block) {
    Cdb cdb = task.cdb();
    long offset = layout.lba(cdb) * geometry.blockSize();
    long length = layout.blocks(cdb) * geometry.blockSize();
    Fill.of(unit, block, cdb.bit(1, UNMAP)).run(unit.io(), task, offset, length);
  }
}

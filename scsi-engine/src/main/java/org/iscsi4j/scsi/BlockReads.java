package org.iscsi4j.scsi;

import static org.iscsi4j.scsi.Command.Trait.NEEDS_MEDIUM;

import java.util.List;
import org.iscsi4j.api.Geometry;

/** READ of all sizes. */
final class BlockReads {

  static final List<Command> ROWS =
      List.of(
          read("READ(6)", "08 1f ffff ff 00", BlockCdb.SIX),
          read("READ(10)", "28 18 ffffffff 00 ffff 00", BlockCdb.TEN),
          read("READ(12)", "a8 18 ffffffff ffffffff 00 00", BlockCdb.TWELVE),
          read("READ(16)", "88 18 ffffffffffffffff ffffffff 00 00", BlockCdb.SIXTEEN));

  private BlockReads() {}

  private static Command read(String name, String usage, BlockCdb layout) {
    return Command.of(name, usage, (unit, task) -> read(unit, task, layout), NEEDS_MEDIUM);
  }

  /**
   * Hands the range over. DPO is a hint that costs nothing to ignore. FUA needs nothing either: it
   * forbids stale answers from a cache, and a {@code BlockDevice} has one content, whatever caches
   * stand behind it; what is read is what was written last.
   */
  private static void read(DeviceServer unit, ScsiTask task, BlockCdb layout) {
    Geometry geometry = unit.geometry();
    Cdb cdb = task.cdb();
    Sense refusal = BlockRange.checkTransfer(geometry, layout, cdb);
    if (!refusal.isNone()) {
      task.fail(refusal);
      return;
    }
    int length = (int) layout.blocks(cdb) * geometry.blockSize();
    if (length == 0) {
      task.good();
    } else {
      task.sendFromDevice(unit.io(), layout.lba(cdb) * geometry.blockSize(), length);
    }
  }
}

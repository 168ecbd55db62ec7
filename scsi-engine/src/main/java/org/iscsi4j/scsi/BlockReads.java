package org.iscsi4j.scsi;

import static org.iscsi4j.scsi.Command.Trait.NEEDS_MEDIUM;
import static org.iscsi4j.scsi.Command.Trait.READS;

import java.util.List;

/**
 * READ of all sizes. The one of 32 bytes is there for its long CDB alone: nothing is checked
 * without protection information, so its tags must be zero.
 */
final class BlockReads {

  static final Command TEN = read("READ(10)", "28 18 ffffffff 00 ffff 00", BlockCdb.TEN);
  static final Command TWELVE = read("READ(12)", "a8 18 ffffffff ffffffff 00 00", BlockCdb.TWELVE);

  static final List<Command> ROWS =
      List.of(
          read("READ(6)", "08 1f ffff ff 00", BlockCdb.SIX),
          TEN,
          TWELVE,
          read("READ(16)", "88 18 ffffffffffffffff ffffffff 00 00", BlockCdb.SIXTEEN),
          Command.ofLong(
              "READ(32)",
              "7f 00 00000000 00 18 0009 18 00 ffffffffffffffff 00000000 0000 0000 ffffffff",
              (unit, task) -> read(unit, task, BlockCdb.THIRTY_TWO),
              READS,
              NEEDS_MEDIUM));

  private BlockReads() {}

  private static Command read(String name, String usage, BlockCdb layout) {
    return Command.of(name, usage, (unit, task) -> read(unit, task, layout), READS, NEEDS_MEDIUM);
  }

  /**
   * Hands the range over. DPO is a hint that costs nothing to ignore. FUA asks for what is on the
   * medium, and when a volatile cache holds newer data, for that to be written to the medium first
   * (SBC-3 clause 4.15.1): what an initiator has read so can't be lost by a power failure.
   */
  static void read(DeviceServer unit, ScsiTask task, BlockCdb layout) {
    Sense refusal = BlockRange.checkTransfer(unit.geometry(), layout, task.cdb());
    if (!refusal.isNone()) {
      task.fail(refusal);
    } else if (layout.fua(task.cdb()) && unit.capabilities().volatileCache()) {
      SynchronizeCache.flush(unit, task, outcome -> flushed(unit, task, layout, outcome));
    } else {
      send(unit, task, layout);
    }
  }

  private static void flushed(DeviceServer unit, ScsiTask task, BlockCdb layout, Sense outcome) {
    // once more: the device may have shrunk meanwhile
    Sense refusal = BlockRange.checkTransfer(unit.geometry(), layout, task.cdb());
    if (!outcome.isNone()) {
      task.finish(outcome);
    } else if (!refusal.isNone()) {
      task.fail(refusal);
    } else {
      send(unit, task, layout);
    }
  }

  private static void send(DeviceServer unit, ScsiTask task, BlockCdb layout) {
    int blockSize = unit.geometry().blockSize();
    int length = (int) layout.blocks(task.cdb()) * blockSize;
    if (length == 0) {
      task.good();
    } else {
      task.sendFromDevice(unit.io(), layout.lba(task.cdb()) * blockSize, length);
    }
  }
}

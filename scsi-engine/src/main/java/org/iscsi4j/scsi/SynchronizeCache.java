package org.iscsi4j.scsi;

import static org.iscsi4j.scsi.Command.Trait.NEEDS_MEDIUM;

import java.util.List;
import java.util.function.Consumer;

/** SYNCHRONIZE CACHE, and the flush that other commands need too. */
final class SynchronizeCache {

  /** SYNC_NV is obsolete and asks for less than what is done. */
  static final Command TEN =
      synchronize("SYNCHRONIZE CACHE(10)", "35 06 ffffffff 00 ffff 00", BlockCdb.TEN);

  static final List<Command> ROWS =
      List.of(
          TEN,
          synchronize(
              "SYNCHRONIZE CACHE(16)", "91 06 ffffffffffffffff ffffffff 00 00", BlockCdb.SIXTEEN));

  private SynchronizeCache() {}

  private static Command synchronize(String name, String usage, BlockCdb layout) {
    return Command.of(name, usage, (unit, task) -> synchronize(unit, task, layout), NEEDS_MEDIUM);
  }

  /**
   * Flushes all of the device, whatever the range. IMMED is accepted, yet the status waits for the
   * flush: a GOOD before it could not be taken back when the flush fails.
   */
  private static void synchronize(DeviceServer unit, ScsiTask task, BlockCdb layout) {
    Cdb cdb = task.cdb();
    Sense outside = BlockRange.check(unit.geometry(), layout.lba(cdb), layout.blocks(cdb));
    if (outside.isNone()) {
      flush(unit, task, task::finish);
    } else {
      task.fail(outside);
    }
  }

  /** Makes all writes that ended durable, never in place on a device that may block. */
  static void flush(DeviceServer unit, ScsiTask task, Consumer<Sense> then) {
    DeviceIo io = unit.io();
    if (unit.capabilities().readOnly()) {
      then.accept(Sense.NONE);
    } else if (io.instant(0)) {
      then.accept(io.flush());
    } else {
      task.flushElsewhere(io, then);
    }
  }

  /** As {@link #flush(DeviceServer, ScsiTask, Consumer)}, where calls may block. */
  static Sense flush(DeviceServer unit) {
    return unit.capabilities().readOnly() ? Sense.NONE : unit.io().flush();
  }
}

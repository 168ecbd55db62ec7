package org.iscsi4j.scsi;

import static org.iscsi4j.scsi.Command.Trait.NEEDS_MEDIUM;
import static org.iscsi4j.scsi.Command.Trait.READS;

import java.util.List;
import org.iscsi4j.api.Geometry;

/**
 * PRE-FETCH(10) and (16) (SBC-3 clause 5.12). CONDITION MET says that all of the range is in the
 * cache: of a device in memory everything is, and of one that blocks briefly what is read goes to
 * the host's cache. Any other device has no cache that is known of, and GOOD says so.
 */
record PreFetch(BlockCdb layout) implements CommandHandler {

  /**
   * IMMED is accepted, yet the status waits: a CONDITION MET before its time would be a guess. So
   * is GROUP NUMBER, and no group collects anything.
   */
  static final List<Command> ROWS =
      List.of(
          row("PRE-FETCH(10)", "34 02 ffffffff 1f ffff 00", BlockCdb.TEN),
          row("PRE-FETCH(16)", "90 02 ffffffffffffffff ffffffff 1f 00", BlockCdb.SIXTEEN));

  private static Command row(String name, String usage, BlockCdb layout) {
    return Command.of(name, usage, new PreFetch(layout), READS, NEEDS_MEDIUM);
  }

  @Override
  public void execute(DeviceServer unit, ScsiTask task) {
    Geometry geometry = unit.geometry();
    long lba = layout.lba(task.cdb());
    long blocks = layout.blocks(task.cdb());
    Sense outside = BlockRange.check(geometry, lba, blocks);
    if (!outside.isNone()) {
      task.fail(outside);
      return;
    }
    // 0 reaches to the end of the medium
    long length = (blocks > 0 ? blocks : geometry.blockCount() - lba) * geometry.blockSize();
    switch (unit.capabilities().blocking()) {
      case NEVER -> task.end(Status.CONDITION_MET, Sense.NONE);
      case BRIEFLY -> fetch(unit.io(), task, lba * geometry.blockSize(), length);
      case LONG -> task.good();
    }
  }

  /** Reads as much as fits; the rest is left where it is. */
  private static void fetch(DeviceIo io, ScsiTask task, long offset, long length) {
    long fits = Math.min(length, Limits.PREFETCH_BYTES);
    Status status = fits == length ? Status.CONDITION_MET : Status.GOOD;
    new Scan(io, offset, fits, Scan.Taker.NONE)
        .run(
            task,
            outcome -> {
              if (outcome.isNone()) {
                task.end(status, Sense.NONE);
              } else {
                task.finish(outcome);
              }
            });
  }
}

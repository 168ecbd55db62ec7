package org.iscsi4j.scsi;

import static org.iscsi4j.scsi.Command.Trait.NEEDS_MEDIUM;
import static org.iscsi4j.scsi.Command.Trait.WRITES;

import java.nio.ByteBuffer;
import java.util.List;
import org.iscsi4j.api.Geometry;

/** WRITE of all sizes; of the one of 32 bytes, see {@link BlockReads}. */
final class BlockWrites {

  static final List<Command> ROWS =
      List.of(
          write("WRITE(6)", "0a 1f ffff ff 00", BlockCdb.SIX),
          write("WRITE(10)", "2a 18 ffffffff 00 ffff 00", BlockCdb.TEN),
          write("WRITE(12)", "aa 18 ffffffff ffffffff 00 00", BlockCdb.TWELVE),
          write("WRITE(16)", "8a 18 ffffffffffffffff ffffffff 00 00", BlockCdb.SIXTEEN),
          Command.ofLong(
              "WRITE(32)",
              "7f 00 00000000 00 18 000b 18 00 ffffffffffffffff 00000000 0000 0000 ffffffff",
              new Write(BlockCdb.THIRTY_TWO),
              WRITES,
              NEEDS_MEDIUM));

  private BlockWrites() {}

  private static Command write(String name, String usage, BlockCdb layout) {
    return Command.of(name, usage, new Write(layout), WRITES, NEEDS_MEDIUM);
  }

  /** DPO is a hint that costs nothing to ignore. */
  private record Write(BlockCdb layout) implements CommandHandler {

    @Override
    public void execute(DeviceServer unit, ScsiTask task) {
      Geometry geometry = unit.geometry();
      Sense refusal = BlockRange.checkTransfer(geometry, layout, task.cdb());
      int length = (int) layout.blocks(task.cdb()) * geometry.blockSize();
      if (!refusal.isNone()) {
        task.fail(refusal);
      } else if (length == 0) {
        task.good();
      } else {
        task.requestDataOut(length);
      }
    }

    @Override
    public void dataOut(DeviceServer unit, ScsiTask task, ByteBuffer data) {
      Geometry geometry = unit.geometry();
      // once more: the device may have shrunk while the data was on its way
      Sense refusal = BlockRange.checkTransfer(geometry, layout, task.cdb());
      if (!refusal.isNone()) {
        task.fail(refusal);
        return;
      }
      int length = wholeBlocks(geometry, task, data);
      if (length == 0) {
        task.good();
        return;
      }
      data.limit(data.position() + length);
      write(unit, task, layout.lba(task.cdb()) * geometry.blockSize(), data);
    }

    /**
     * Bytes to write: an initiator that offered less than the CDB asks for gets that much written.
     */
    private int wholeBlocks(Geometry geometry, ScsiTask task, ByteBuffer data) {
      long blocks = Math.min(data.remaining() / geometry.blockSize(), layout.blocks(task.cdb()));
      return (int) blocks * geometry.blockSize();
    }

    private void write(DeviceServer unit, ScsiTask task, long offset, ByteBuffer data) {
      int length = data.remaining();
      boolean durable = durable(unit, task);
      if (mayWriteInPlace(unit, length, durable)
          && task.unit().inPlace().enter(offset, offset + length)) {
        ended(task, writeInPlace(unit, task, offset, data, durable), durable);
        return;
      }
      ByteBuffer kept = task.keep(data);
      task.lockRange(unit.io(), offset, length, () -> writeLocked(unit, task, offset, kept));
    }

    /** FUA asks for it, and so does a write cache that is disabled. */
    private boolean durable(DeviceServer unit, ScsiTask task) {
      return layout.fua(task.cdb()) || unit.mode().writesThrough();
    }

    private static boolean mayWriteInPlace(DeviceServer unit, int length, boolean durable) {
      return durable ? unit.io().instant(length) : unit.io().quick(length);
    }

    private static Sense writeInPlace(
        DeviceServer unit, ScsiTask task, long offset, ByteBuffer data, boolean durable) {
      try {
        return unit.io().write(offset, data, durable);
      } finally {
        task.unit().inPlace().leave();
      }
    }

    private void writeLocked(DeviceServer unit, ScsiTask task, long offset, ByteBuffer data) {
      // once more: it may have waited for others
      Sense refusal = BlockRange.checkTransfer(unit.geometry(), layout, task.cdb());
      boolean durable = durable(unit, task);
      if (!refusal.isNone()) {
        task.fail(refusal);
      } else if (mayWriteInPlace(unit, data.remaining(), durable)) {
        ended(task, unit.io().write(offset, data, durable), durable);
      } else {
        task.writeElsewhere(
            unit.io(), offset, data, durable, outcome -> ended(task, outcome, durable));
      }
    }

    private static void ended(ScsiTask task, Sense outcome, boolean durable) {
      if (durable) {
        task.finishDurable(outcome);
      } else {
        task.finish(outcome);
      }
    }
  }
}

package org.iscsi4j.scsi;

import static org.iscsi4j.scsi.Command.Trait.NEEDS_MEDIUM;
import static org.iscsi4j.scsi.Command.Trait.WRITES;

import java.nio.ByteBuffer;
import java.util.List;
import org.iscsi4j.api.Geometry;

/**
 * WRITE AND VERIFY of all sizes (SBC-3 clause 5.44): what is written is durable before it is read
 * back. With BYTCHK it is compared too; 10b and 11b are reserved here.
 */
record WriteAndVerify(BlockCdb layout) implements CommandHandler {

  static final List<Command> ROWS =
      List.of(
          row("WRITE AND VERIFY(10)", "2e 16 ffffffff 00 ffff 00", BlockCdb.TEN),
          row("WRITE AND VERIFY(12)", "ae 16 ffffffff ffffffff 00 00", BlockCdb.TWELVE),
          row("WRITE AND VERIFY(16)", "8e 16 ffffffffffffffff ffffffff 00 00", BlockCdb.SIXTEEN),
          Command.ofLong(
              "WRITE AND VERIFY(32)",
              "7f 00 00000000 00 18 000c 16 00 ffffffffffffffff 00000000 0000 0000 ffffffff",
              new WriteAndVerify(BlockCdb.THIRTY_TWO),
              WRITES,
              NEEDS_MEDIUM));

  private static Command row(String name, String usage, BlockCdb layout) {
    return Command.of(name, usage, new WriteAndVerify(layout), WRITES, NEEDS_MEDIUM);
  }

  @Override
  public void execute(DeviceServer unit, ScsiTask task) {
    Geometry geometry = unit.geometry();
    Sense refusal = check(geometry, task.cdb());
    int length = length(geometry, task.cdb());
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
    Sense refusal = check(geometry, task.cdb());
    int blockSize = geometry.blockSize();
    // as by WRITE, less data than the CDB asks for is written and verified as far as it goes: the
    // residual count tells how far that is
    int length = Math.min(data.remaining() / blockSize * blockSize, length(geometry, task.cdb()));
    if (!refusal.isNone()) {
      task.fail(refusal);
    } else if (length == 0) {
      task.good();
    } else {
      ByteBuffer kept = task.keep(data.limit(data.position() + length)).slice();
      long offset = layout.lba(task.cdb()) * blockSize;
      task.lockRange(unit.io(), offset, length, () -> locked(unit, task, offset, kept));
    }
  }

  private void locked(DeviceServer unit, ScsiTask task, long offset, ByteBuffer data) {
    // once more: it may have waited for others
    Sense refusal = check(unit.geometry(), task.cdb());
    if (refusal.isNone()) {
      write(unit.io(), task, offset, data);
    } else {
      task.fail(refusal);
    }
  }

  private Sense check(Geometry geometry, Cdb cdb) {
    return layout.bytchk(cdb) > Verify.DATA
        ? layout.invalidBytchk()
        : BlockRange.checkTransfer(geometry, layout, cdb);
  }

  private int length(Geometry geometry, Cdb cdb) {
    return (int) layout.blocks(cdb) * geometry.blockSize();
  }

  private boolean compares(Cdb cdb) {
    return layout.bytchk(cdb) == Verify.DATA;
  }

  private void write(DeviceIo io, ScsiTask task, long offset, ByteBuffer data) {
    Scan.Taker taker = compares(task.cdb()) ? Comparison.with(data) : Scan.Taker.NONE;
    Scan scan = new Scan(io, offset, data.remaining(), taker);
    RangeWrite.run(
        io,
        task,
        offset,
        data,
        true,
        outcome -> {
          if (outcome.isNone()) {
            scan.run(task, task::finish);
          } else {
            task.finish(outcome);
          }
        });
  }
}

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
final class WriteAndVerify extends RangeChange {

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

  private final BlockCdb layout;

  private WriteAndVerify(BlockCdb layout) {
    this.layout = layout;
  }

  @Override
  Sense check(DeviceServer unit, Cdb cdb) {
    return layout.bytchk(cdb) > Verify.DATA
        ? layout.invalidBytchk()
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

  /**
   * As by WRITE, less data than the CDB asks for is written and verified as far as it goes: the
   * residual count tells how far that is.
   */
  @Override
  boolean accepts(long expectedDataOut, int dataLength) {
    return true;
  }

  @Override
  int usable(Geometry geometry, int came, int dataLength) {
    int blockSize = geometry.blockSize();
    return Math.min(came / blockSize * blockSize, dataLength);
  }

  private boolean compares(Cdb cdb) {
    return layout.bytchk(cdb) == Verify.DATA;
  }

  @Override
  void change(DeviceServer unit, ScsiTask task, long offset, ByteBuffer data) {
    DeviceIo io = unit.io();
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

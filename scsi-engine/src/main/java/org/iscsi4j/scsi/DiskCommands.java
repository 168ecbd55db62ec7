package org.iscsi4j.scsi;

import java.util.ArrayList;
import java.util.List;
import org.iscsi4j.api.LogicalUnit;

/** The commands of a direct access block device. */
final class DiskCommands {

  /**
   * The longest CDB of a removable unit, in bytes: drives of that kind never knew longer ones, and
   * programs that deal with them (libiscsi) lose count at usage data of 32 bytes.
   */
  private static final int FIXED_LENGTH = 16;

  private DiskCommands() {}

  /**
   * The table of a unit. Units differ: a command or a bit that this one can't honour is not in its
   * table, and so is neither accepted nor reported.
   */
  static CommandTable table(LogicalUnit unit) {
    boolean thin = unit.device().capabilities().deallocate();
    List<Command> rows = new ArrayList<>();
    rows.addAll(PrimaryCommands.ROWS);
    rows.add(Inquiry.ROW);
    rows.add(SupportedOpcodes.ROW);
    rows.addAll(PortGroupCommands.ROWS);
    rows.addAll(PersistentReserveIn.ROWS);
    rows.addAll(PersistentReserveOut.ROWS);
    rows.addAll(ReserveRelease.ROWS);
    rows.add(SupportedTaskManagement.ROW);
    rows.addAll(IdentifyingInformation.ROWS);
    rows.addAll(Timestamp.ROWS);
    rows.addAll(Diagnostics.ROWS);
    rows.addAll(Buffers.ROWS);
    rows.addAll(ModeSense.ROWS);
    rows.addAll(ModeSelect.ROWS);
    rows.add(LogSelect.ROW);
    rows.add(LogSense.ROW);
    rows.addAll(ReadCapacity.ROWS);
    rows.addAll(LbaStatus.ROWS);
    rows.addAll(BlockReads.ROWS);
    rows.addAll(BlockWrites.ROWS);
    rows.addAll(Verify.ROWS);
    rows.addAll(WriteAndVerify.ROWS);
    rows.add(CompareAndWrite.ROW);
    rows.addAll(OrWrite.ROWS);
    rows.add(WriteAtomic.ROW);
    rows.addAll(PreFetch.ROWS);
    rows.addAll(ReadDefectData.ROWS);
    rows.add(ReassignBlocks.ROW);
    rows.addAll(SynchronizeCache.ROWS);
    rows.addAll(WriteSame.rows(thin));
    rows.add(FormatUnit.ROW);
    rows.addAll(Sanitize.ROWS);
    rows.addAll(ThirdPartyCopy.ROWS);
    rows.add(StartStopUnit.row(unit.removable()));
    if (unit.removable()) {
      rows.add(MediumRemoval.ROW);
      rows.removeIf(row -> row.length() > FIXED_LENGTH);
    }
    if (thin) {
      rows.add(Unmap.ROW);
    }
    return new CommandTable(rows);
  }
}

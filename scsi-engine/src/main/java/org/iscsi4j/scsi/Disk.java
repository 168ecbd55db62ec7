package org.iscsi4j.scsi;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.iscsi4j.api.LogicalUnit;

/** A direct access block device (SBC). */
final class Disk implements CommandSet {

  /**
   * The longest CDB of a removable unit, in bytes: drives of that kind never knew longer ones, and
   * programs that deal with them (libiscsi) lose count at usage data of 32 bytes.
   */
  private static final int FIXED_LENGTH = 16;

  /** SAM-5, iSCSI, SPC-4 and SBC-3, none of them in a certain version. */
  private static final short[] VERSION_DESCRIPTORS = {0x00a0, 0x0960, 0x0460, 0x04c0};

  private static final int DPOFUA = 0x10;

  private final LogicalUnit unit;

  Disk(LogicalUnit unit) {
    this.unit = unit;
  }

  @Override
  public CommandTable table() {
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

  @Override
  public List<ModePage> modePages() {
    List<ModePage> pages = new ArrayList<>();
    pages.add(RecoveryPage.of(unit));
    pages.add(CachingPage.of(unit));
    pages.addAll(ModePages.CONTROL);
    pages.add(ModePages.POWER_CONDITION);
    pages.add(ModePages.INFORMATIONAL_EXCEPTIONS);
    ProvisioningPage.of(unit).ifPresent(pages::add);
    return List.copyOf(pages);
  }

  @Override
  public VpdPages vpdPages() {
    return BlockVpdPages.PAGES;
  }

  @Override
  public short[] versionDescriptors() {
    return VERSION_DESCRIPTORS;
  }

  @Override
  public int deviceSpecificParameter() {
    return DPOFUA;
  }

  @Override
  public byte[] blockDescriptor(DeviceServer unit, boolean longLba) {
    return BlockDescriptor.encode(unit, longLba);
  }

  @Override
  public Sense checkBlockDescriptor(DeviceServer unit, ByteBuffer list, boolean longLba) {
    return BlockDescriptor.check(unit, list, longLba);
  }
}

package org.iscsi4j.scsi;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** A tape drive (SSC), which speaks as a DLT8000 does; the tape is a {@link TapeMedium}. */
final class Tape implements CommandSet {

  /** SAM-5, iSCSI, SPC-4 and SSC-3, none of them in a certain version. */
  private static final short[] VERSION_DESCRIPTORS = {0x00a0, 0x0960, 0x0460, 0x0400};

  private final TapeDrive drive = new TapeDrive();

  @Override
  public CommandTable table() {
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
    rows.add(MediumRemoval.ROW);
    rows.addAll(TapeReports.ROWS);
    rows.addAll(TapeRead.rows(drive));
    rows.add(TapeWrite.row(drive));
    rows.add(WriteFilemarks.row(drive));
    rows.addAll(Space.rows(drive));
    rows.addAll(Locate.rows(drive));
    rows.addAll(ReadPosition.rows(drive));
    rows.add(Erase.row(drive));
    rows.add(LoadUnload.row(drive));
    return new CommandTable(rows);
  }

  @Override
  public List<ModePage> modePages() {
    return TapePages.MODE;
  }

  @Override
  public VpdPages vpdPages() {
    return TapePages.VITAL_PRODUCT_DATA;
  }

  @Override
  public short[] versionDescriptors() {
    return VERSION_DESCRIPTORS;
  }

  @Override
  public boolean tellsSpace() {
    return false;
  }

  @Override
  public LogPages logPages(boolean tellsSpace) {
    return LogPages.ofTape();
  }

  // ---- mode parameters

  @Override
  public boolean hasEmptyPage() {
    return true;
  }

  @Override
  public int deviceSpecificParameter() {
    return drive.mode().deviceSpecificParameter();
  }

  @Override
  public byte[] blockDescriptor(DeviceServer unit, boolean longLba) {
    return drive.mode().blockDescriptor();
  }

  @Override
  public Sense checkDeviceSpecificParameter(int value, int at) {
    return TapeMode.checkDeviceSpecificParameter(value, at);
  }

  @Override
  public Sense checkBlockDescriptor(DeviceServer unit, ByteBuffer list, boolean longLba) {
    return longLba
        ? Sense.invalidFieldInParameterList(list.position())
        : TapeMode.checkBlockDescriptor(list);
  }

  @Override
  public void modeSelected(
      DeviceServer unit, Nexus by, int deviceSpecificParameter, ByteBuffer descriptor) {
    TapeMode before = drive.mode();
    TapeMode now = before.withHeader(deviceSpecificParameter);
    if (descriptor.hasRemaining()) {
      now = now.withDescriptor(descriptor);
    }
    if (!now.equals(before)) {
      drive.mode(now);
      unit.raiseForOthers(by, UnitAttention.MODE_PARAMETERS_CHANGED);
    }
  }

  // ---- the medium

  @Override
  public void loaded(DeviceServer unit) {
    drive.exchanged();
  }

  @Override
  public void unloaded(DeviceServer unit) {
    drive.exchanged();
  }

  @Override
  public void reset(DeviceServer unit) {
    drive.reset();
  }
}

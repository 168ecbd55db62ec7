package org.iscsi4j.scsi;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.iscsi4j.api.BlockDevice;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A CD or DVD drive (MMC), which reads what others have written. */
final class Dvd implements CommandSet {

  /** The only size of a block that there is, in bytes. */
  static final int BLOCK_SIZE = 2048;

  private static final Logger log = LoggerFactory.getLogger(Dvd.class);

  /** SAM-5, iSCSI, SPC-4 and MMC-6, none of them in a certain version. */
  private static final short[] VERSION_DESCRIPTORS = {0x00a0, 0x0960, 0x0460, 0x04e0};

  /** The unit can be managed by no network address. */
  private static final VpdPages PAGES = new VpdPages(Map.of(0x85, (unit, port) -> new byte[0]));

  private static final byte[] NO_DESCRIPTOR = {};

  private final Tray tray = new Tray();
  private final MediaEvents events = new MediaEvents();

  /** Whether what lies in the drive can't be used. */
  private volatile boolean incompatible;

  @Override
  public CommandTable table() {
    List<Command> rows = new ArrayList<>();
    rows.addAll(PrimaryCommands.ROWS);
    rows.add(Inquiry.ROW);
    rows.add(SupportedOpcodes.ROW);
    rows.add(SupportedTaskManagement.ROW);
    rows.add(PortGroupCommands.REPORT); // the code of the other one is that of REPORT KEY
    rows.addAll(PersistentReserveIn.ROWS);
    rows.addAll(PersistentReserveOut.ROWS);
    rows.addAll(ReserveRelease.ROWS);
    rows.addAll(ModeSense.ROWS);
    rows.addAll(ModeSelect.ROWS);
    rows.add(StartStopUnit.row(true));
    rows.add(MediumRemoval.ROW);
    rows.add(ReadCapacity.TEN);
    rows.add(BlockReads.TEN);
    rows.add(BlockReads.TWELVE);
    rows.addAll(ReadCd.ROWS);
    rows.add(SynchronizeCache.TEN);
    rows.add(ReadToc.ROW);
    rows.add(ReadDiscInformation.ROW);
    rows.add(ReadTrackInformation.ROW);
    rows.add(ReadDiscStructure.ROW);
    rows.add(ReportKey.ROW);
    rows.add(GetConfiguration.ROW);
    rows.add(GetEventStatusNotification.row(tray, events));
    rows.add(MechanismStatus.row(tray));
    rows.add(GetPerformance.ROW);
    rows.add(DriveSpeed.SET_CD_SPEED);
    rows.add(DriveSpeed.SET_STREAMING);
    return new CommandTable(rows);
  }

  @Override
  public List<ModePage> modePages() {
    return DvdModePages.all();
  }

  @Override
  public VpdPages vpdPages() {
    return PAGES;
  }

  @Override
  public short[] versionDescriptors() {
    return VERSION_DESCRIPTORS;
  }

  // ---- the mode parameter header: MMC knows neither block descriptors nor parameters of its own

  @Override
  public int deviceSpecificParameter() {
    return 0;
  }

  @Override
  public boolean tellsWriteProtection() {
    return false;
  }

  @Override
  public byte[] blockDescriptor(DeviceServer unit, boolean longLba) {
    return NO_DESCRIPTOR;
  }

  @Override
  public Sense checkBlockDescriptor(DeviceServer unit, ByteBuffer list, boolean longLba) {
    return Sense.invalidFieldInParameterList(list.position());
  }

  // ---- the medium

  @Override
  public boolean usable(BlockDevice device) {
    boolean present = device.mediumPresent();
    int blockSize = device.geometry().blockSize();
    incompatible = present && blockSize != BLOCK_SIZE;
    if (incompatible) {
      log.error("{} has blocks of {} bytes; a drive reads {}", device, blockSize, BLOCK_SIZE);
    }
    return present && !incompatible;
  }

  @Override
  public Sense mediumNotPresent() {
    return incompatible ? Sense.INCOMPATIBLE_MEDIUM_INSTALLED : tray.mediumNotPresent();
  }

  @Override
  public void tray(boolean open) {
    if (open) {
      incompatible = false;
    }
    tray.move(open);
  }

  @Override
  public void ejectRequested() {
    events.requestEject();
  }
}

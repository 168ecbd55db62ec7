package org.iscsi4j.scsi;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.iscsi4j.api.LogicalUnit;

/** A CD or DVD drive (MMC). */
final class Dvd implements CommandSet {

  private static final VpdPages PAGES = new VpdPages(Map.of());

  private static final byte[] NO_DESCRIPTOR = {};

  private final LogicalUnit unit;

  Dvd(LogicalUnit unit) {
    this.unit = unit;
  }

  @Override
  public CommandTable table() {
    List<Command> rows = new ArrayList<>();
    rows.addAll(PrimaryCommands.ROWS);
    rows.add(Inquiry.ROW);
    rows.add(StartStopUnit.row(unit.removable()));
    rows.add(MediumRemoval.ROW);
    return new CommandTable(rows);
  }

  @Override
  public List<ModePage> modePages() {
    return ModePages.CONTROL;
  }

  @Override
  public VpdPages vpdPages() {
    return PAGES;
  }

  @Override
  public short[] versionDescriptors() {
    return Inquiry.PRIMARY_STANDARDS;
  }

  @Override
  public int deviceSpecificParameter() {
    return 0;
  }

  @Override
  public byte[] blockDescriptor(DeviceServer unit, boolean longLba) {
    return NO_DESCRIPTOR;
  }

  @Override
  public Sense checkBlockDescriptor(DeviceServer unit, ByteBuffer list, boolean longLba) {
    return Sense.invalidFieldInParameterList(list.position());
  }
}

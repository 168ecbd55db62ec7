package org.iscsi4j.scsi;

import java.nio.ByteBuffer;
import java.util.List;
import org.iscsi4j.api.BlockDevice;
import org.iscsi4j.api.LogicalUnit;

/**
 * What a unit has of its peripheral device type: commands, mode pages, vital product data, and what
 * happens when its medium comes and goes. Made anew for each unit, so it may keep the state of the
 * device behind the commands; that is used by several threads.
 */
interface CommandSet {

  /** The command set of a unit. */
  static CommandSet of(LogicalUnit unit) {
    return switch (unit.type()) {
      case DIRECT_ACCESS -> new Disk(unit);
      case SEQUENTIAL_ACCESS -> new Tape();
      case CD_DVD -> new Dvd();
    };
  }

  /**
   * The commands of the unit. Units differ: a command or a bit that this one can't honour is not in
   * its table, and so is neither accepted nor reported.
   */
  CommandTable table();

  /** The mode pages of the unit. A bit that this unit can't honour may not be changed. */
  List<ModePage> modePages();

  /** The vital product data pages of the unit. */
  VpdPages vpdPages();

  /** The standards that the unit follows, as INQUIRY tells them; at most eight. */
  short[] versionDescriptors();

  /** DEVICE-SPECIFIC PARAMETER of the mode parameter header, without WP. */
  int deviceSpecificParameter();

  /**
   * The block descriptor of the mode parameters; empty when the unit has none.
   *
   * @param longLba whether in the long form (LLBAA)
   */
  byte[] blockDescriptor(DeviceServer unit, boolean longLba);

  /**
   * Checks a block descriptor that MODE SELECT brings.
   *
   * @param list at its first byte; behind its last one on return
   * @param longLba whether it has the long form
   */
  Sense checkBlockDescriptor(DeviceServer unit, ByteBuffer list, boolean longLba);

  /** Whether the mode parameter header tells that the medium is write protected (WP). */
  default boolean tellsWriteProtection() {
    return true;
  }

  /** Whether there is a medium in a device, and one that the unit can use; asked at each load. */
  default boolean usable(BlockDevice device) {
    return device.mediumPresent();
  }

  /** What a command that needs the medium is told while there is none to be used. */
  default Sense mediumNotPresent() {
    return Sense.MEDIUM_NOT_PRESENT;
  }

  /** The medium goes in or out now; also of a drive that is empty, and stays so. */
  default void tray(boolean open) {}

  /** The host would have ejected the medium, which an initiator prevents. */
  default void ejectRequested() {}

  /** Whether MODE SENSE of page code 0 tells header and block descriptor without a page. */
  default boolean hasEmptyPage() {
    return false;
  }

  /**
   * Checks DEVICE-SPECIFIC PARAMETER of a mode parameter header that MODE SELECT brings.
   *
   * @param at where it stands, for a field pointer
   */
  default Sense checkDeviceSpecificParameter(int value, int at) {
    return Sense.NONE;
  }

  /**
   * Header and block descriptor of MODE SELECT were checked, and so was what follows, and take
   * effect. Must not block.
   *
   * @param by the nexus that asked, which is not told
   * @param descriptor the block descriptor; empty when there was none
   */
  default void modeSelected(
      DeviceServer unit, Nexus by, int deviceSpecificParameter, ByteBuffer descriptor) {}

  /** Whether initiators are told how full the device is, when it knows that itself. */
  default boolean tellsSpace() {
    return true;
  }

  /**
   * The log pages of the unit.
   *
   * @param tellsSpace whether it tells how full the device is
   */
  default LogPages logPages(boolean tellsSpace) {
    return LogPages.ofDisk(tellsSpace);
  }

  /** The medium is in now, maybe another one than before; called before anybody can use it. */
  default void loaded(DeviceServer unit) {}

  /** The medium is out now. */
  default void unloaded(DeviceServer unit) {}

  /** What a unit reset does beyond what it does to every unit. */
  default void reset(DeviceServer unit) {}
}

package org.iscsi4j.scsi;

import java.nio.ByteBuffer;

/** MECHANISM STATUS (MMC-6 clause 6.9) of a drive that is no changer. */
final class MechanismStatus {

  private static final byte DOOR_OPEN = 0x10;

  private MechanismStatus() {}

  static Command row(Tray tray) {
    return Command.of(
        "MECHANISM STATUS",
        "bd 00 000000000000 ffff 00 00",
        (unit, task) -> execute(unit, task, tray),
        Command.Trait.PASSES_RESERVATIONS);
  }

  private static void execute(DeviceServer unit, ScsiTask task, Tray tray) {
    ByteBuffer out = ByteBuffer.allocate(8);
    out.put((byte) 0); // no fault, changer ready, slot 0
    out.put(tray.open(unit) ? DOOR_OPEN : 0); // the mechanism is idle
    // CURRENT LBA is obsolete; NUMBER OF SLOTS AVAILABLE and LENGTH OF SLOT TABLES are 0
    ParameterData.send(task, out.array(), task.cdb().u16(8));
  }
}

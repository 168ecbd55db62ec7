package org.iscsi4j.scsi;

import java.nio.ByteBuffer;

/**
 * SET CD SPEED and SET STREAMING (MMC-6 clauses 6.37 and 6.39). Both ask for a speed and leave it
 * to the drive which one comes next to that: this one has but one. What nobody can promise, an
 * exact performance, is refused.
 */
final class DriveSpeed implements CommandHandler {

  static final Command SET_CD_SPEED =
      Command.of(
          "SET CD SPEED",
          "bb 03 ffff ffff 0000000000 00",
          (unit, task) -> task.good(),
          Command.Trait.READS);

  static final Command SET_STREAMING =
      Command.of(
          "SET STREAMING", "b6 00 000000000000 ff ffff 00", new DriveSpeed(), Command.Trait.READS);

  private static final int DESCRIPTOR_LENGTH = 28;
  private static final int EXACT = 0x02;

  private DriveSpeed() {}

  @Override
  public void execute(DeviceServer unit, ScsiTask task) {
    Cdb cdb = task.cdb();
    if (cdb.u8(8) != 0) {
      task.fail(Sense.invalidFieldInCdb(8)); // TYPE: not a performance descriptor
    } else if (cdb.u16(9) != DESCRIPTOR_LENGTH) {
      task.fail(Sense.PARAMETER_LIST_LENGTH_ERROR);
    } else {
      task.requestDataOut(DESCRIPTOR_LENGTH);
    }
  }

  @Override
  public void dataOut(DeviceServer unit, ScsiTask task, ByteBuffer data) {
    if (data.remaining() < DESCRIPTOR_LENGTH) {
      task.fail(Sense.PARAMETER_LIST_LENGTH_ERROR);
    } else if ((data.get(data.position()) & EXACT) != 0) {
      task.fail(Sense.invalidFieldInParameterList(0, 1));
    } else {
      task.good();
    }
  }
}

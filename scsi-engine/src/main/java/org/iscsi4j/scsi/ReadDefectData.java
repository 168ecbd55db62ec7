package org.iscsi4j.scsi;

import static org.iscsi4j.scsi.Command.Trait.NEEDS_MEDIUM;
import static org.iscsi4j.scsi.Command.Trait.READS;

import java.util.List;

/**
 * READ DEFECT DATA(10) and (12) (SBC-3 clauses 5.19 and 5.20). A device of the host has its defects
 * behind it, where they are nobody's business: both lists are empty, in whichever format.
 */
final class ReadDefectData {

  static final List<Command> ROWS =
      List.of(
          Command.of(
              "READ DEFECT DATA(10)",
              "37 00 1f 00000000 ffff 00",
              ReadDefectData::ten,
              READS,
              NEEDS_MEDIUM),
          Command.of(
              "READ DEFECT DATA(12)",
              "b7 1f ffffffff ffffffff 00 00",
              ReadDefectData::twelve,
              READS,
              NEEDS_MEDIUM));

  private static final int LISTS = 0x18;
  private static final int FORMAT = 0x07;

  /** Short and long block, bytes from index and physical sector, each in two lengths. */
  private static final int LAST_FORMAT = 5;

  private ReadDefectData() {}

  private static void ten(DeviceServer unit, ScsiTask task) {
    send(task, 2, 4, task.cdb().u16(7));
  }

  /** ADDRESS DESCRIPTOR INDEX may point anywhere: no list is so long. */
  private static void twelve(DeviceServer unit, ScsiTask task) {
    send(task, 1, 8, task.cdb().u32(6));
  }

  private static void send(ScsiTask task, int flagsAt, int length, long allocationLength) {
    int flags = task.cdb().u8(flagsAt);
    if ((flags & FORMAT) > LAST_FORMAT) {
      task.fail(Sense.invalidFieldInCdb(flagsAt, 2));
      return;
    }
    byte[] header = new byte[length];
    // PLISTV, GLISTV and DEFECT LIST FORMAT: as asked for; DEFECT LIST LENGTH is 0
    header[1] = (byte) (flags & (LISTS | FORMAT));
    ParameterData.send(task, header, allocationLength);
  }
}

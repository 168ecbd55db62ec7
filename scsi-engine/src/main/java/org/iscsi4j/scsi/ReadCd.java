package org.iscsi4j.scsi;

import java.util.List;

/**
 * READ CD and READ CD MSF (MMC-6 clauses 6.18 and 6.19), of the user data alone: an image has
 * neither the headers of its sectors nor their error correction. A DVD has no such sectors.
 */
final class ReadCd {

  static final List<Command> ROWS =
      List.of(
          row("READ CD", "be 1e ffffffff ffffff fe 07 00", BlockCdb.READ_CD),
          row("READ CD MSF", "b9 1e 00 ffffff ffffff fe 07 00", BlockCdb.READ_CD_MSF));

  private static final int ANY_SECTOR = 0;
  private static final int MODE_1 = 2;
  private static final int USER_DATA = 0x10;

  private ReadCd() {}

  private static Command row(String name, String usage, BlockCdb layout) {
    return Command.of(
        name,
        usage,
        (unit, task) -> execute(unit, task, layout),
        Command.Trait.READS,
        Command.Trait.NEEDS_MEDIUM);
  }

  private static void execute(DeviceServer unit, ScsiTask task, BlockCdb layout) {
    Sense refusal = check(unit, task.cdb());
    if (refusal.isNone()) {
      BlockReads.read(unit, task, layout);
    } else {
      task.fail(refusal);
    }
  }

  private static Sense check(DeviceServer unit, Cdb cdb) {
    if (Profile.of(unit) != Profile.CD_ROM) {
      return Sense.CANNOT_READ_INCOMPATIBLE_FORMAT;
    }
    int expected = cdb.u8(1) >> 2; // EXPECTED SECTOR TYPE
    if (expected != ANY_SECTOR && expected != MODE_1) {
      return Sense.ILLEGAL_MODE_FOR_THIS_TRACK;
    }
    if (cdb.u8(9) != USER_DATA) {
      return Sense.invalidFieldInCdb(9);
    }
    return cdb.u8(10) == 0 ? Sense.NONE : Sense.invalidFieldInCdb(10); // SUB-CHANNEL SELECTION
  }
}

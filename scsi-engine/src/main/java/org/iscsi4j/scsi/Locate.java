package org.iscsi4j.scsi;

import static org.iscsi4j.scsi.Command.Trait.NEEDS_MEDIUM;
import static org.iscsi4j.scsi.Command.Trait.READS;
import static org.iscsi4j.scsi.Command.Trait.SEQUENTIAL;

import java.io.IOException;
import java.util.List;

/**
 * LOCATE(10) and (16) (SSC-3 clauses 7.2 and 7.3), and REWIND, which makes everything durable
 * first. IMMED is accepted and the status waits.
 */
final class Locate {

  private static final int CP = 1;

  private static final int OBJECT = 0;
  private static final int FILE = 1;
  private static final int END_OF_DATA = 3;

  private Locate() {}

  static List<Command> rows(TapeDrive drive) {
    return List.of(
        row("REWIND", "01 01 000000 00", (unit, task) -> rewind(drive, unit, task)),
        // BT: the numbers of the device's own are the same
        row("LOCATE(10)", "2b 07 00 ffffffff 00 ff 00", (unit, task) -> ten(drive, unit, task)),
        row(
            "LOCATE(16)",
            "92 1b 00 ff ffffffffffffffff 000000 00",
            (unit, task) -> sixteen(drive, unit, task)));
  }

  private static Command row(String name, String usage, CommandHandler handler) {
    return Command.of(name, usage, handler, READS, NEEDS_MEDIUM, SEQUENTIAL);
  }

  private static void rewind(TapeDrive drive, DeviceServer unit, ScsiTask task) {
    drive.execute(
        unit,
        task,
        medium -> {
          medium.synchronize();
          medium.rewind();
          return Sense.NONE;
        });
  }

  private static void ten(TapeDrive drive, DeviceServer unit, ScsiTask task) {
    Cdb cdb = task.cdb();
    if (cdb.bit(1, CP) && cdb.u8(8) != 0) {
      task.fail(Sense.invalidFieldInCdb(8));
    } else {
      drive.execute(unit, task, medium -> object(medium, cdb.u32(3)));
    }
  }

  private static void sixteen(TapeDrive drive, DeviceServer unit, ScsiTask task) {
    Cdb cdb = task.cdb();
    long id = cdb.i64(4);
    if (cdb.bit(1, CP) && cdb.u8(3) != 0) {
      task.fail(Sense.invalidFieldInCdb(3));
      return;
    }
    switch (cdb.u8(1) >> 3) { // DEST_TYPE
      case OBJECT -> drive.execute(unit, task, medium -> object(medium, id));
      case FILE -> drive.execute(unit, task, medium -> file(medium, id));
      case END_OF_DATA -> drive.execute(unit, task, medium -> object(medium, medium.objects()));
      default -> task.fail(Sense.invalidFieldInCdb(1, 4));
    }
  }

  /** Numbers have no sign: the negative ones are higher than all others. */
  private static Sense object(TapeMedium medium, long object) throws IOException {
    boolean there = object >= 0 && object <= medium.objects();
    medium.locate(there ? object : medium.objects());
    return there ? Sense.NONE : Sense.END_OF_DATA_DETECTED;
  }

  /** A file begins behind the filemark that ends the one before it. */
  private static Sense file(TapeMedium medium, long file) throws IOException {
    boolean there = file >= 0 && file <= medium.files();
    if (there) {
      medium.locate(file == 0 ? 0 : medium.mark(file - 1) + 1);
    } else {
      medium.locate(medium.objects());
    }
    return there ? Sense.NONE : Sense.END_OF_DATA_DETECTED;
  }
}

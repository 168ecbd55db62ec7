package org.iscsi4j.scsi;

import static org.iscsi4j.scsi.Command.Trait.NEEDS_MEDIUM;
import static org.iscsi4j.scsi.Command.Trait.READS;
import static org.iscsi4j.scsi.Command.Trait.SEQUENTIAL;

import java.util.List;

/**
 * READ(6) and VERIFY(6) of a tape (SSC-3 clauses 7.4 and 7.12): one block of any length, or several
 * of the length that was selected. VERIFY is a READ that sends nothing; it compares with no data.
 *
 * @param sends whether it is READ
 */
record TapeRead(TapeDrive drive, boolean sends) implements CommandHandler {

  private static final int FIXED = 0;
  private static final int SILI = 1;

  static List<Command> rows(TapeDrive drive) {
    return List.of(
        row("READ(6)", "08 03 ffffff 00", new TapeRead(drive, true)),
        row("VERIFY(6)", "13 01 ffffff 00", new TapeRead(drive, false)));
  }

  private static Command row(String name, String usage, TapeRead handler) {
    return Command.of(name, usage, handler, READS, NEEDS_MEDIUM, SEQUENTIAL);
  }

  @Override
  public void execute(DeviceServer unit, ScsiTask task) {
    Cdb cdb = task.cdb();
    boolean fixed = cdb.bit(1, FIXED);
    boolean sili = cdb.bit(1, SILI);
    int length = cdb.u24(2);
    int blockLength = drive.mode().blockLength();
    long bytes = fixed ? (long) length * blockLength : length;
    if (fixed && (sili || blockLength == 0)) {
      task.fail(Sense.invalidFieldInCdb(1, sili ? SILI : FIXED));
    } else if (bytes > TapeMedium.MAX_RUN) {
      task.fail(Sense.invalidFieldInCdb(2));
    } else if (length == 0) {
      task.good();
    } else {
      TapeReading reading = new TapeReading(drive, fixed, length, blockLength, sili);
      drive.inTurn(unit, task, () -> task.passLimits(unit, bytes, () -> read(unit, task, reading)));
    }
  }

  private void read(DeviceServer unit, ScsiTask task, TapeReading reading) {
    drive.call(unit, task, reading, outcome -> ended(task, reading, reading.told(outcome)));
  }

  private void ended(ScsiTask task, TapeReading reading, Sense outcome) {
    if (sends && reading.data().hasRemaining()) {
      task.sendFromMemory(reading.data(), outcome);
    } else {
      task.finishDurable(outcome);
    }
  }
}

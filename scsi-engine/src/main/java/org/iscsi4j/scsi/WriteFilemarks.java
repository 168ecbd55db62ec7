package org.iscsi4j.scsi;

import static org.iscsi4j.scsi.Command.Trait.NEEDS_MEDIUM;
import static org.iscsi4j.scsi.Command.Trait.SEQUENTIAL;
import static org.iscsi4j.scsi.Command.Trait.WRITES;

import java.io.IOException;

/**
 * WRITE FILEMARKS(6) (SSC-3 clause 7.14). Without IMMED, GOOD says that everything before it is
 * durable; none at all ask for just that.
 */
record WriteFilemarks(TapeDrive drive) implements CommandHandler {

  static Command row(TapeDrive drive) {
    return Command.of(
        "WRITE FILEMARKS(6)",
        "10 01 ffffff 00",
        new WriteFilemarks(drive),
        WRITES,
        NEEDS_MEDIUM,
        SEQUENTIAL);
  }

  @Override
  public void execute(DeviceServer unit, ScsiTask task) {
    int count = task.cdb().u24(2);
    boolean immediate = task.cdb().bit(1, 0);
    TapeMode mode = drive.mode();
    drive.inTurn(
        unit,
        task,
        () ->
            drive.call(
                unit,
                task,
                medium -> write(medium, mode, count, immediate),
                outcome -> task.finishDurable(TapeWrite.full(outcome, count))));
  }

  private static Sense write(TapeMedium medium, TapeMode mode, int count, boolean immediate)
      throws IOException {
    boolean room = count == 0 || medium.writeMarks(count);
    if (!immediate) {
      medium.synchronize();
    }
    return count == 0 ? Sense.NONE : TapeWrite.ended(medium, mode, room ? 0 : count);
  }
}

package org.iscsi4j.scsi;

import static org.iscsi4j.scsi.Command.Trait.NEEDS_MEDIUM;
import static org.iscsi4j.scsi.Command.Trait.SEQUENTIAL;
import static org.iscsi4j.scsi.Command.Trait.WRITES;

/**
 * ERASE(6) (SSC-3 clause 7.1): the data end at the position, and with LONG what is behind it reads
 * as zeroes, step by step, so that an abort takes effect. The only command that makes a tape of a
 * device which holds something else. IMMED is accepted and the status waits.
 */
record Erase(TapeDrive drive) implements CommandHandler {

  private static final int LONG = 0;

  static Command row(TapeDrive drive) {
    return Command.of(
        "ERASE(6)", "19 03 000000 00", new Erase(drive), WRITES, NEEDS_MEDIUM, SEQUENTIAL);
  }

  @Override
  public void execute(DeviceServer unit, ScsiTask task) {
    drive.inTurn(
        unit,
        task,
        () ->
            drive.call(
                unit,
                task,
                medium -> {
                  medium.erase();
                  return Sense.NONE;
                },
                outcome -> erased(unit, task, outcome)));
  }

  private void erased(DeviceServer unit, ScsiTask task, Sense outcome) {
    if (outcome.equals(Sense.INCOMPATIBLE_MEDIUM)) {
      drive.format(unit, task, formatted -> clear(unit, task, formatted));
    } else {
      clear(unit, task, outcome);
    }
  }

  private void clear(DeviceServer unit, ScsiTask task, Sense outcome) {
    if (outcome.isNone() && task.cdb().bit(1, LONG)) {
      clear(unit, task, 0);
    } else {
      task.finishDurable(outcome);
    }
  }

  private void clear(DeviceServer unit, ScsiTask task, long done) {
    long[] now = {done};
    drive.call(
        unit,
        task,
        medium -> {
          long before;
          do {
            before = now[0];
            now[0] = medium.clear(before, Fill.DEALLOCATE_STEP);
          } while (unit.io().instant(0) && now[0] > before);
          return Sense.NONE;
        },
        outcome -> {
          if (outcome.isNone() && now[0] > done && !unit.io().instant(0)) {
            clear(unit, task, now[0]);
          } else {
            task.finishDurable(outcome);
          }
        });
  }
}

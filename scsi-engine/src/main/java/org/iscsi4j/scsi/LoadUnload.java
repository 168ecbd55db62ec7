package org.iscsi4j.scsi;

import static org.iscsi4j.scsi.Command.Trait.SEQUENTIAL;

import java.io.IOException;
import java.util.function.Consumer;

/**
 * LOAD UNLOAD of a tape (SSC-3 clause 7.4.1): unloading makes everything durable and takes the
 * medium out; loading brings it back, at its beginning. IMMED is accepted and the status waits;
 * there is nothing to retension.
 */
record LoadUnload(TapeDrive drive) implements CommandHandler {

  static Command row(TapeDrive drive) {
    return Command.of("LOAD UNLOAD", "1b 01 0000 03 00", new LoadUnload(drive), SEQUENTIAL);
  }

  @Override
  public void execute(DeviceServer unit, ScsiTask task) {
    if (!unit.condition().online()) {
      task.fail(unit.condition().notReady());
    } else if (task.cdb().bit(4, 0)) {
      load(unit, task);
    } else if (unit.removalPrevented()) {
      task.fail(Sense.MEDIUM_REMOVAL_PREVENTED);
    } else if (unit.condition().loaded()) {
      rewind(unit, task, outcome -> unloaded(unit, task, outcome));
    } else {
      task.good();
    }
  }

  private void load(DeviceServer unit, ScsiTask task) {
    if (!unit.condition().loaded()) {
      unit.load(task.nexus());
      task.finishDurable(unit.readiness());
      return;
    }
    rewind(unit, task, task::finishDurable);
  }

  /** A medium that is no tape is loaded and unloaded all the same. */
  private static Sense unlessIncompatible(Sense outcome) {
    return outcome.equals(Sense.INCOMPATIBLE_MEDIUM) ? Sense.NONE : outcome;
  }

  private static Sense rewind(TapeMedium medium) throws IOException {
    medium.synchronize();
    medium.rewind();
    return Sense.NONE;
  }

  private void rewind(DeviceServer unit, ScsiTask task, Consumer<Sense> then) {
    drive.inTurn(
        unit,
        task,
        () ->
            drive.call(
                unit,
                task,
                LoadUnload::rewind,
                outcome -> then.accept(unlessIncompatible(outcome))));
  }

  private static void unloaded(DeviceServer unit, ScsiTask task, Sense outcome) {
    // once more: another initiator may have locked the medium in meanwhile
    boolean prevented = outcome.isNone() && unit.removalPrevented();
    if (outcome.isNone() && !prevented) {
      unit.eject(task.nexus());
    }
    task.finishDurable(prevented ? Sense.MEDIUM_REMOVAL_PREVENTED : outcome);
  }
}

package org.iscsi4j.scsi;

import static org.iscsi4j.scsi.Command.Trait.NEEDS_MEDIUM;
import static org.iscsi4j.scsi.Command.Trait.SEQUENTIAL;
import static org.iscsi4j.scsi.Command.Trait.WRITES;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * WRITE(6) of a tape (SSC-3 clause 7.13): one block of any length, or several of the length that
 * was selected. It takes its turn before its data come, so that commands are done in their order.
 */
record TapeWrite(TapeDrive drive) implements CommandHandler {

  static Command row(TapeDrive drive) {
    return Command.of(
        "WRITE(6)", "0a 01 ffffff 00", new TapeWrite(drive), WRITES, NEEDS_MEDIUM, SEQUENTIAL);
  }

  @Override
  public void execute(DeviceServer unit, ScsiTask task) {
    int length = task.cdb().u24(2);
    long bytes = isFixed(task) ? (long) length * drive.mode().blockLength() : length;
    if (isFixed(task) && drive.mode().blockLength() == 0) {
      task.fail(Sense.invalidFieldInCdb(1, 0));
    } else if (bytes > TapeMedium.MAX_RUN) {
      task.fail(Sense.invalidFieldInCdb(2));
    } else if (bytes == 0) {
      task.good();
    } else {
      drive.inTurn(
          unit, task, () -> task.passLimits(unit, bytes, () -> task.requestDataOut((int) bytes)));
    }
  }

  private static boolean isFixed(ScsiTask task) {
    return task.cdb().bit(1, 0);
  }

  /** Half a block is none: what is recorded is all that the command says, or nothing. */
  @Override
  public void dataOut(DeviceServer unit, ScsiTask task, ByteBuffer data) {
    if (data.remaining() < task.dataOutLength()) {
      task.fail(Sense.INVALID_FIELD_IN_COMMAND_INFORMATION_UNIT);
      return;
    }
    int length = task.cdb().u24(2);
    int blockLength = task.dataOutLength() / (isFixed(task) ? length : 1);
    ByteBuffer kept = unit.io().instant(0) ? data : task.keep(data);
    ByteBuffer blocks = kept.slice(kept.position(), task.dataOutLength());
    TapeMode mode = drive.mode();
    drive.call(
        unit,
        task,
        medium -> {
          int written = medium.write(blocks, blockLength);
          int left = isFixed(task) ? length - written : length * (1 - written);
          return ended(medium, mode, left);
        },
        outcome -> task.finishDurable(full(outcome, length)));
  }

  /** How a command that recorded something ends. */
  static Sense ended(TapeMedium medium, TapeMode mode, int left) throws IOException {
    if (!mode.buffered()) {
      medium.synchronize();
    }
    if (left > 0) {
      return Sense.END_OF_MEDIUM_REACHED.withInformation(left);
    }
    return medium.warned() ? Sense.END_OF_MEDIUM_DETECTED.withInformation(0) : Sense.NONE;
  }

  /** A device that has no storage left is a tape at its end, and the host asks for the next one. */
  static Sense full(Sense outcome, int left) {
    if (outcome.equals(Sense.SPACE_ALLOCATION_FAILED)) {
      return Sense.END_OF_MEDIUM_REACHED.withInformation(left);
    }
    return TapeDrive.withResidue(outcome, left);
  }
}

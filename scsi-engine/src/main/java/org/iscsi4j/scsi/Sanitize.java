package org.iscsi4j.scsi;

import static org.iscsi4j.scsi.Command.Trait.NEEDS_MEDIUM;
import static org.iscsi4j.scsi.Command.Trait.WRITES;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * SANITIZE (SBC-4 clause 5.30): after it no byte that was written before can be read through the
 * unit. What is done for each service action is said at {@link MediumRequest}.
 */
final class Sanitize {

  /** IMMED and AUSE count for all; only an overwrite has parameters. ZNR is for zoned devices. */
  static final List<Command> ROWS =
      List.of(
          action("SANITIZE OVERWRITE", 0x01, "48 a1 0000000000 ffff 00", new Overwrite()),
          action("SANITIZE BLOCK ERASE", 0x02, "48 a2 0000000000 0000 00", Sanitize::erase),
          action("SANITIZE CRYPTOGRAPHIC ERASE", 0x03, "48 a3 0000000000 0000 00", Sanitize::erase),
          // it changes nothing that is on the medium
          Command.ofAction(
              "SANITIZE EXIT FAILURE MODE",
              0x1f,
              "48 bf 0000000000 0000 00",
              Sanitize::exitFailureMode,
              NEEDS_MEDIUM));

  private static final int LENGTH_AT = 7;
  private static final int ACTION_FIELD = 4;
  private static final int AUSE_BIT = 5;

  private Sanitize() {}

  private static Command action(String name, int action, String usage, CommandHandler handler) {
    return Command.ofAction(name, action, usage, handler, WRITES, NEEDS_MEDIUM);
  }

  private static boolean unrestricted(ScsiTask task) {
    return task.cdb().bit(1, AUSE_BIT);
  }

  private static void erase(DeviceServer unit, ScsiTask task) {
    start(unit, task, MediumRequest.erase(unrestricted(task)));
  }

  /** A failure that may not be let rest does not become one that may by trying again. */
  private static void start(DeviceServer unit, ScsiTask task, MediumRequest request) {
    boolean restricted = unit.operations().condition() == MediumCondition.SANITIZE_FAILED;
    if (restricted && unrestricted(task)) {
      task.fail(Sense.invalidFieldInCdb(1, AUSE_BIT));
    } else if (task.cdb().bit(1, 7)) { // IMMED
      unit.operations().runAfter(task, request);
    } else {
      unit.operations().runBeside(task, request);
    }
  }

  private static void exitFailureMode(DeviceServer unit, ScsiTask task) {
    MediumCondition now = unit.operations().condition();
    if (now == MediumCondition.SANITIZE_FAILED) {
      task.fail(Sense.invalidFieldInCdb(1, ACTION_FIELD));
    } else if (now == MediumCondition.SANITIZE_FAILED_UNRESTRICTED) {
      unit.operations().runBeside(task, MediumRequest.exitFailureMode());
    } else {
      task.good();
    }
  }

  /** OVERWRITE, whose parameter list says how often and with what. */
  private static final class Overwrite implements CommandHandler {

    private static final int HEADER_LENGTH = 4;

    @Override
    public void execute(DeviceServer unit, ScsiTask task) {
      int length = task.cdb().u16(LENGTH_AT);
      if (length <= HEADER_LENGTH || length > HEADER_LENGTH + unit.geometry().blockSize()) {
        task.fail(Sense.invalidFieldInCdb(LENGTH_AT));
      } else {
        task.requestDataOut(length);
      }
    }

    @Override
    public void dataOut(DeviceServer unit, ScsiTask task, ByteBuffer data) {
      ByteBuffer list = data.slice();
      Sense refusal = check(unit, task, list);
      if (!refusal.isNone()) {
        task.fail(refusal);
        return;
      }
      boolean invert = (list.get(0) & 0x80) != 0;
      byte[] pattern = new byte[patternLength(list)];
      list.get(HEADER_LENGTH, pattern);
      start(unit, task, MediumRequest.overwrite(unrestricted(task), count(list), invert, pattern));
    }

    private static Sense check(DeviceServer unit, ScsiTask task, ByteBuffer list) {
      if (list.remaining() < task.cdb().u16(LENGTH_AT)) {
        return Sense.PARAMETER_LIST_LENGTH_ERROR;
      }
      if ((list.get(0) & 0x60) != 0 || count(list) == 0) { // TEST
        return Sense.invalidFieldInParameterList(0);
      }
      if (list.get(1) != 0) {
        return Sense.invalidFieldInParameterList(1);
      }
      int length = patternLength(list);
      if (length == 0 || length > unit.geometry().blockSize()) {
        return Sense.invalidFieldInParameterList(2);
      }
      return length > list.remaining() - HEADER_LENGTH
          ? Sense.PARAMETER_LIST_LENGTH_ERROR
          : Sense.NONE;
    }

    /** OVERWRITE COUNT. */
    private static int count(ByteBuffer list) {
      return list.get(0) & 0x1f;
    }

    /** INITIALIZATION PATTERN LENGTH. */
    private static int patternLength(ByteBuffer list) {
      return Short.toUnsignedInt(list.getShort(2));
    }
  }
}

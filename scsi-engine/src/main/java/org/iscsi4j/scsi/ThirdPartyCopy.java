package org.iscsi4j.scsi;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.Stream;

/**
 * Third-party copy (SPC-4 clause 5.17): the server copies between units by itself. Every unit is a
 * copy manager for whatever its initiator may {@linkplain ReachableUnits reach}.
 */
final class ThirdPartyCopy {

  static final int COPY_OUT = 0x83;
  static final int COPY_IN = 0x84;

  /** Of the parameter list of a token command, whose other flags are its own. */
  private static final int IMMED = 0x01;

  private static final Command ABORT =
      Command.ofAction(
          "COPY OPERATION ABORT",
          0x1c,
          "83 1c ffffffff 000000000000000000 00",
          (unit, task) -> abort(task));

  static final List<Command> ROWS =
      Stream.of(
              ExtendedCopy.ROWS,
              List.of(PopulateToken.ROW, WriteUsingToken.ROW, ABORT),
              CopyResults.ROWS)
          .flatMap(List::stream)
          .toList();

  private ThirdPartyCopy() {}

  /** Lets a copy of the same nexus end before its next step; its own command tells why. */
  private static void abort(ScsiTask task) {
    CopyOperation copy = task.unit().copies().find(task.cdb().u32(2)); // LIST IDENTIFIER
    if (copy == null || copy.state() != CopyOperation.State.IN_PROGRESS) {
      task.fail(Sense.invalidFieldInCdb(2));
    } else {
      copy.stop();
      task.good();
    }
  }

  // ---- the two token commands

  static boolean isTokenCommand(Command command) {
    return command.opcode() == COPY_OUT
        && (command.serviceAction() == PopulateToken.ACTION
            || command.serviceAction() == WriteUsingToken.ACTION);
  }

  /** The operation that the parameter list of a token command begins. */
  static CopyOperation tokenOperation(ScsiTask task, ByteBuffer list) {
    long listId = task.cdb().u32(6); // LIST IDENTIFIER
    return new CopyOperation(task.command(), listId, (list.get(2) & IMMED) != 0);
  }

  /** Asks for a parameter list with a header of a length. */
  static void requestTokenList(ScsiTask task, int headerLength) {
    long length = task.cdb().u32(10); // PARAMETER LIST LENGTH
    if (length == 0) {
      task.good();
    } else if (length < headerLength || length > CopyLimits.LIST_BYTES) {
      task.fail(Sense.PARAMETER_LIST_LENGTH_ERROR);
    } else {
      task.requestDataOut((int) length);
    }
  }

  /** Whether all of a parameter list came; ends the task when not. */
  static boolean wholeTokenList(ScsiTask task, ByteBuffer data) {
    if (data.remaining() < task.cdb().u32(10)) {
      task.fail(Sense.PARAMETER_LIST_LENGTH_ERROR);
      return false;
    }
    return true;
  }
}

package org.iscsi4j.scsi;

import java.util.BitSet;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The commands that a kind of unit knows. Dispatch, the checks on a CDB and REPORT SUPPORTED
 * OPERATION CODES read the same rows, so they can't disagree. Immutable.
 */
final class CommandTable {

  private final List<Command> rows;

  /** By operation code: the one row without service actions, or null. */
  private final Command[] plain = new Command[256];

  /** The rows with service actions, by {@link #key}. */
  private final Map<Integer, Command> actions = new HashMap<>();

  private final BitSet opcodesWithActions = new BitSet(256);

  CommandTable(Collection<Command> commands) {
    rows =
        commands.stream()
            .sorted(Comparator.comparing(Command::opcode).thenComparing(Command::serviceAction))
            .toList();
    rows.forEach(this::add);
  }

  private void add(Command row) {
    int opcode = row.opcode();
    boolean action = row.serviceAction() != Command.NO_SERVICE_ACTION;
    boolean taken = plain[opcode] != null || (!action && opcodesWithActions.get(opcode));
    if (taken || actions.containsKey(key(opcode, row.serviceAction()))) {
      throw new IllegalArgumentException(row + " has the code of another command");
    }
    if (action) {
      opcodesWithActions.set(opcode);
      actions.put(key(opcode, row.serviceAction()), row);
    } else {
      plain[opcode] = row;
    }
  }

  /** The row of a CDB, or null when there is none. */
  Command find(Cdb cdb) {
    Command row = plain[cdb.opcode()];
    return row != null ? row : find(cdb.opcode(), serviceAction(cdb));
  }

  /** The row of an operation code and service action, or null when there is none. */
  Command find(int opcode, int serviceAction) {
    if (serviceAction == Command.NO_SERVICE_ACTION) {
      return plain[opcode];
    }
    return actions.get(key(opcode, serviceAction));
  }

  /** Whether an operation code has service actions. */
  boolean hasServiceActions(int opcode) {
    return opcodesWithActions.get(opcode);
  }

  /** All rows, by operation code and service action. */
  List<Command> rows() {
    return rows;
  }

  /** Why a CDB without a row is refused. */
  Sense unknown(Cdb cdb) {
    if (!hasServiceActions(cdb.opcode())) {
      return Sense.INVALID_OPERATION_CODE;
    }
    return cdb.opcode() == Command.VARIABLE_LENGTH
        ? Sense.invalidFieldInCdb(8)
        : Sense.invalidFieldInCdb(1, 4);
  }

  private static int key(int opcode, int serviceAction) {
    return opcode << 16 | (serviceAction & 0xffff);
  }

  private static int serviceAction(Cdb cdb) {
    return cdb.opcode() == Command.VARIABLE_LENGTH ? cdb.u16(8) : cdb.u8(1) & 0x1f;
  }
}

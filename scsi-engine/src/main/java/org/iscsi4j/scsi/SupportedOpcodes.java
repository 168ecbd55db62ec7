package org.iscsi4j.scsi;

import java.nio.ByteBuffer;
import java.util.List;

/** REPORT SUPPORTED OPERATION CODES (SPC-4 clause 6.35): the command table, read aloud. */
final class SupportedOpcodes {

  static final Command ROW =
      Command.ofAction(
          "REPORT SUPPORTED OPERATION CODES",
          0x0c,
          "a3 0c 87 ff ffff ffffffff 00 00",
          SupportedOpcodes::execute,
          Command.Trait.READS,
          Command.Trait.PASSES_STANDBY);

  private static final int ALL = 0;
  private static final int WITHOUT_SERVICE_ACTION = 1;
  private static final int WITH_SERVICE_ACTION = 2;
  private static final int EITHER = 3;

  private static final int NOT_SUPPORTED = 0x01;
  private static final int AS_THE_STANDARD_SAYS = 0x03;

  private static final int SERVACTV = 0x01;
  private static final int CTDP_IN_LIST = 0x02;
  private static final int CTDP_OF_ONE = 0x80;

  private static final int LIST_HEADER_LENGTH = 4;
  private static final int DESCRIPTOR_LENGTH = 8;
  private static final int TIMEOUTS_LENGTH = 12;

  private SupportedOpcodes() {}

  private static void execute(DeviceServer unit, ScsiTask task) {
    Cdb cdb = task.cdb();
    CommandTable table = unit.table();
    boolean timeouts = cdb.bit(2, 7); // RCTD
    int opcode = cdb.u8(3);
    int action = cdb.u16(4);
    boolean hasActions = table.hasServiceActions(opcode);
    switch (cdb.u8(2) & 0x07) {
      case ALL -> send(task, list(table.rows(), timeouts));
      case WITHOUT_SERVICE_ACTION -> {
        if (hasActions) {
          task.fail(Sense.invalidFieldInCdb(3));
        } else {
          send(task, one(table.find(opcode, Command.NO_SERVICE_ACTION), timeouts));
        }
      }
      case WITH_SERVICE_ACTION -> {
        if (table.find(opcode, Command.NO_SERVICE_ACTION) != null) {
          task.fail(Sense.invalidFieldInCdb(3));
        } else {
          send(task, one(table.find(opcode, action), timeouts));
        }
      }
      case EITHER -> send(task, one(either(table, opcode, action), timeouts));
      default -> task.fail(Sense.invalidFieldInCdb(2, 2));
    }
  }

  private static Command either(CommandTable table, int opcode, int action) {
    if (table.hasServiceActions(opcode)) {
      return table.find(opcode, action);
    }
    return action == 0 ? table.find(opcode, Command.NO_SERVICE_ACTION) : null;
  }

  private static void send(ScsiTask task, byte[] data) {
    ParameterData.send(task, data, task.cdb().u32(6));
  }

  private static byte[] list(List<Command> rows, boolean timeouts) {
    int each = DESCRIPTOR_LENGTH + (timeouts ? TIMEOUTS_LENGTH : 0);
    ByteBuffer out = ByteBuffer.allocate(LIST_HEADER_LENGTH + rows.size() * each);
    out.putInt(rows.size() * each); // COMMAND DATA LENGTH
    for (Command row : rows) {
      boolean action = row.serviceAction() != Command.NO_SERVICE_ACTION;
      out.put((byte) row.opcode());
      out.put((byte) 0);
      out.putShort((short) (action ? row.serviceAction() : 0));
      out.put((byte) 0);
      out.put((byte) ((timeouts ? CTDP_IN_LIST : 0) | (action ? SERVACTV : 0)));
      out.putShort((short) row.length()); // CDB LENGTH
      if (timeouts) {
        putTimeouts(out);
      }
    }
    return out.array();
  }

  /** One command; null says that it is not supported. */
  private static byte[] one(Command row, boolean timeouts) {
    if (row == null) {
      return new byte[] {0, NOT_SUPPORTED, 0, 0};
    }
    byte[] usage = row.usage();
    ByteBuffer out = ByteBuffer.allocate(4 + usage.length + (timeouts ? TIMEOUTS_LENGTH : 0));
    out.put((byte) 0);
    out.put((byte) ((timeouts ? CTDP_OF_ONE : 0) | AS_THE_STANDARD_SAYS));
    out.putShort((short) usage.length); // CDB SIZE
    out.put(usage); // CDB USAGE DATA
    if (timeouts) {
      putTimeouts(out);
    }
    return out.array();
  }

  /** How long a command takes is the device's secret: both timeouts are "not indicated". */
  private static void putTimeouts(ByteBuffer out) {
    out.putShort((short) (TIMEOUTS_LENGTH - 2)); // DESCRIPTOR LENGTH
    out.putShort((short) 0); // COMMAND SPECIFIC
    out.putInt(0); // NOMINAL COMMAND PROCESSING TIMEOUT
    out.putInt(0); // RECOMMENDED COMMAND TIMEOUT
  }
}

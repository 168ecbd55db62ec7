package org.iscsi4j.scsi;

import static org.iscsi4j.scsi.Command.Trait.PASSES_RESERVATIONS;

import java.nio.ByteBuffer;
import java.util.List;

/** REPORT TIMESTAMP and SET TIMESTAMP (SPC-4 clauses 6.38 and 6.47). */
final class Timestamp {

  static final List<Command> ROWS =
      List.of(
          Command.ofAction(
              "REPORT TIMESTAMP",
              0x0f,
              "a3 0f 00 00 0000 ffffffff 00 00",
              Timestamp::report,
              PASSES_RESERVATIONS),
          Command.ofAction(
              "SET TIMESTAMP", 0x0f, "a4 0f 00 00 0000 ffffffff 00 00", new Setting()));

  private static final int LENGTH = 12;
  private static final int TIMESTAMP_AT = 4;

  private Timestamp() {}

  private static void report(DeviceServer unit, ScsiTask task) {
    UnitClock.Reading now = unit.clock().read();
    ByteBuffer out = ByteBuffer.allocate(LENGTH);
    out.putShort((short) (LENGTH - 2)); // TIMESTAMP PARAMETER DATA LENGTH
    out.put((byte) now.origin()); // TIMESTAMP ORIGIN
    out.put((byte) 0);
    out.putLong(now.millis() << 16); // TIMESTAMP, six bytes
    ParameterData.send(task, out.array(), task.cdb().u32(6));
  }

  private static final class Setting implements CommandHandler {

    /** A list of no bytes is no error and sets nothing. */
    @Override
    public void execute(DeviceServer unit, ScsiTask task) {
      long length = task.cdb().u32(6);
      if (length == 0) {
        task.good();
      } else if (length < LENGTH) {
        task.fail(Sense.PARAMETER_LIST_LENGTH_ERROR);
      } else if (length > LENGTH) {
        task.fail(Sense.invalidFieldInCdb(6));
      } else {
        task.requestDataOut(LENGTH);
      }
    }

    @Override
    public void dataOut(DeviceServer unit, ScsiTask task, ByteBuffer data) {
      if (data.remaining() < LENGTH) {
        task.fail(Sense.PARAMETER_LIST_LENGTH_ERROR);
        return;
      }
      unit.clock().set(data.slice().getLong(TIMESTAMP_AT) >>> 16);
      unit.raiseForOthers(task.nexus(), UnitAttention.TIMESTAMP_CHANGED);
      task.good();
    }
  }
}

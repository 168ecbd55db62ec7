package org.iscsi4j.scsi;

import static org.iscsi4j.scsi.Command.Trait.PASSES_UNAVAILABLE;
import static org.iscsi4j.scsi.Command.Trait.READS;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * READ BUFFER and WRITE BUFFER (SPC-4 clauses 6.18 and 6.50): one data buffer and one echo buffer,
 * to try a path with. There is no microcode to download and no error history.
 */
final class Buffers {

  static final List<Command> ROWS =
      List.of(
          Command.of(
              "READ BUFFER(10)",
              "3c 1f ff ffffff ffffff 00",
              Buffers::read,
              READS,
              PASSES_UNAVAILABLE),
          Command.of("WRITE BUFFER", "3b 1f ff ffffff ffffff 00", new Write(), PASSES_UNAVAILABLE));

  private static final int DATA = 0x02;
  private static final int DESCRIPTOR = 0x03;
  private static final int ECHO = 0x0a;
  private static final int ECHO_DESCRIPTOR = 0x0b;

  /** The echo of a nexus is never overwritten by another. */
  private static final int EBOS = 0x01;

  private static final int MODE_FIELD = 4;
  private static final int OFFSET_AT = 3;
  private static final int LENGTH_AT = 6;

  private Buffers() {}

  private static int mode(Cdb cdb) {
    return cdb.u8(1) & 0x1f;
  }

  private static int bufferId(Cdb cdb) {
    return cdb.u8(2);
  }

  private static int offset(Cdb cdb) {
    return cdb.u24(OFFSET_AT);
  }

  private static int length(Cdb cdb) {
    return cdb.u24(LENGTH_AT);
  }

  private static void read(DeviceServer unit, ScsiTask task) {
    Cdb cdb = task.cdb();
    switch (mode(cdb)) {
      case DATA -> readData(task);
      case DESCRIPTOR -> ParameterData.send(task, descriptor(bufferId(cdb)), length(cdb));
      case ECHO -> readEcho(task);
      case ECHO_DESCRIPTOR -> ParameterData.send(task, echoDescriptor(), length(cdb));
      default -> task.fail(Sense.invalidFieldInCdb(1, MODE_FIELD));
    }
  }

  private static void readData(ScsiTask task) {
    Cdb cdb = task.cdb();
    if (bufferId(cdb) != 0) {
      task.fail(Sense.invalidFieldInCdb(2));
    } else if (offset(cdb) > NexusBuffers.CAPACITY) {
      task.fail(Sense.invalidFieldInCdb(OFFSET_AT));
    } else {
      byte[] all = task.unit().buffers().data();
      ParameterData.send(task, Arrays.copyOfRange(all, offset(cdb), all.length), length(cdb));
    }
  }

  /** OFFSET BOUNDARY 0 says that any offset will do; a buffer that is not there has no capacity. */
  private static byte[] descriptor(int bufferId) {
    int capacity = bufferId == 0 ? NexusBuffers.CAPACITY : 0;
    return ByteBuffer.allocate(4).putInt(capacity).array();
  }

  private static byte[] echoDescriptor() {
    return ByteBuffer.allocate(4).putInt(EBOS << 24 | NexusBuffers.CAPACITY).array();
  }

  private static void readEcho(ScsiTask task) {
    NexusBuffers buffers = task.unit().buffers();
    if (buffers.hasEcho()) {
      ParameterData.send(task, buffers.echo(), length(task.cdb()));
    } else {
      task.fail(Sense.COMMAND_SEQUENCE_ERROR);
    }
  }

  /** WRITE BUFFER. */
  private static final class Write implements CommandHandler {

    @Override
    public void execute(DeviceServer unit, ScsiTask task) {
      Cdb cdb = task.cdb();
      Sense refusal =
          switch (mode(cdb)) {
            case DATA -> checkData(cdb);
            case ECHO -> checkLength(cdb, NexusBuffers.CAPACITY);
            default -> Sense.invalidFieldInCdb(1, MODE_FIELD);
          };
      if (!refusal.isNone()) {
        task.fail(refusal);
      } else if (length(cdb) == 0) {
        task.good();
      } else {
        task.requestDataOut(length(cdb));
      }
    }

    private static Sense checkData(Cdb cdb) {
      if (bufferId(cdb) != 0) {
        return Sense.invalidFieldInCdb(2);
      }
      return offset(cdb) > NexusBuffers.CAPACITY
          ? Sense.invalidFieldInCdb(OFFSET_AT)
          : checkLength(cdb, NexusBuffers.CAPACITY - offset(cdb));
    }

    private static Sense checkLength(Cdb cdb, int room) {
      return length(cdb) > room ? Sense.invalidFieldInCdb(LENGTH_AT) : Sense.NONE;
    }

    @Override
    public void dataOut(DeviceServer unit, ScsiTask task, ByteBuffer data) {
      Cdb cdb = task.cdb();
      if (data.remaining() < length(cdb)) {
        task.fail(Sense.PARAMETER_LIST_LENGTH_ERROR);
        return;
      }
      ByteBuffer written = data.slice().limit(length(cdb));
      if (mode(cdb) == ECHO) {
        task.unit().buffers().writeEcho(written);
      } else {
        task.unit().buffers().writeData(offset(cdb), written);
      }
      task.good();
    }
  }
}

package org.iscsi4j.scsi;

import static org.iscsi4j.scsi.Command.Trait.PASSES_RESERVATIONS;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * REPORT IDENTIFYING INFORMATION and SET IDENTIFYING INFORMATION (SPC-4 clauses 6.32 and 6.43): a
 * name and a text that an initiator gives the unit, kept in the state store.
 */
final class IdentifyingInformation {

  static final List<Command> ROWS =
      List.of(
          Command.ofAction(
              "REPORT IDENTIFYING INFORMATION",
              0x05,
              "a3 05 00 00 0000 ffffffff fe 00",
              IdentifyingInformation::report,
              PASSES_RESERVATIONS),
          Command.ofAction(
              "SET IDENTIFYING INFORMATION",
              0x06,
              "a4 06 00 00 0000 ffffffff fe 00",
              new Setting()));

  private static final int TYPE_AT = 10;
  private static final int TYPE_FIELD = 7;
  private static final int LENGTH_AT = 6;
  private static final int SUPPORTED_TYPES = 0x7f;
  private static final int HEADER_LENGTH = 4;

  /** Information that can be set. */
  private enum Type {
    IDENTIFYING_INFORMATION(0x00, 512, "identifying-information"),
    TEXT(0x02, 256, "text-identifying-information");

    private final int code;
    private final int maximum;
    private final String stateName;

    Type(int code, int maximum, String stateName) {
      this.code = code;
      this.maximum = maximum;
      this.stateName = stateName;
    }

    static Optional<Type> of(Cdb cdb) {
      for (Type each : values()) {
        if (each.code == typeCode(cdb)) {
          return Optional.of(each);
        }
      }
      return Optional.empty();
    }
  }

  private IdentifyingInformation() {}

  private static int typeCode(Cdb cdb) {
    return cdb.u8(TYPE_AT) >> 1; // INFORMATION TYPE
  }

  private static long length(ScsiTask task) {
    return task.cdb().u32(LENGTH_AT);
  }

  private static void report(DeviceServer unit, ScsiTask task) {
    if (typeCode(task.cdb()) == SUPPORTED_TYPES) {
      ParameterData.send(task, supportedTypes(), length(task));
      return;
    }
    Optional<Type> type = Type.of(task.cdb());
    if (type.isEmpty()) {
      task.fail(Sense.invalidFieldInCdb(TYPE_AT, TYPE_FIELD));
    } else {
      load(unit, task, type.get());
    }
  }

  /** Never in place: a state store may block. */
  private static void load(DeviceServer unit, ScsiTask task, Type type) {
    byte[][] loaded = {{}};
    task.callStore(
        unit.io(),
        () -> {
          loaded[0] = unit.state().load(type.stateName).orElse(loaded[0]);
          return Sense.NONE;
        },
        outcome -> {
          if (outcome.isNone()) {
            ParameterData.send(task, withHeader(loaded[0]), length(task));
          } else {
            task.finish(outcome);
          }
        });
  }

  private static byte[] withHeader(byte[] information) {
    return ByteBuffer.allocate(HEADER_LENGTH + information.length)
        .putInt(information.length) // two reserved bytes, IDENTIFYING INFORMATION LENGTH
        .put(information)
        .array();
  }

  private static byte[] supportedTypes() {
    ByteBuffer out = ByteBuffer.allocate(HEADER_LENGTH + 4 * Type.values().length);
    out.putInt(out.capacity() - HEADER_LENGTH); // two reserved bytes, LENGTH
    for (Type each : Type.values()) {
      out.put((byte) (each.code << 1)).put((byte) 0);
      out.putShort((short) each.maximum); // MAXIMUM INFORMATION LENGTH
    }
    return out.array();
  }

  private static final class Setting implements CommandHandler {

    @Override
    public void execute(DeviceServer unit, ScsiTask task) {
      Optional<Type> type = Type.of(task.cdb());
      if (type.isEmpty()) {
        task.fail(Sense.invalidFieldInCdb(TYPE_AT, TYPE_FIELD));
      } else if (length(task) > type.get().maximum) {
        task.fail(Sense.invalidFieldInCdb(LENGTH_AT));
      } else if (length(task) == 0) {
        save(unit, task, type.get(), new byte[0]);
      } else {
        task.requestDataOut((int) length(task));
      }
    }

    @Override
    public void dataOut(DeviceServer unit, ScsiTask task, ByteBuffer data) {
      byte[] information = new byte[(int) length(task)];
      Type type = Type.of(task.cdb()).orElseThrow();
      if (data.remaining() < information.length) {
        task.fail(Sense.PARAMETER_LIST_LENGTH_ERROR);
        return;
      }
      data.get(information);
      if (type == Type.TEXT && information[information.length - 1] != 0) {
        // text ends with a null (SPC-4 clause 4.3.2)
        task.fail(Sense.invalidFieldInParameterList(information.length - 1));
      } else {
        save(unit, task, type, information);
      }
    }

    private static void save(DeviceServer unit, ScsiTask task, Type type, byte[] information) {
      Nexus setter = task.nexus();
      task.callStore(
          unit.io(),
          () -> {
            Sense saved = unit.state().save(type.stateName, information);
            if (saved.isNone()) {
              // here, so that an abort does not keep it from the others
              unit.raiseForOthers(setter, UnitAttention.DEVICE_IDENTIFIER_CHANGED);
            }
            return saved;
          },
          task::finish);
    }
  }
}

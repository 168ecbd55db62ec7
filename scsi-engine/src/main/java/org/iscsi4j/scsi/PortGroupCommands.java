package org.iscsi4j.scsi;

import static org.iscsi4j.scsi.Command.Trait.PASSES_RESERVATIONS;
import static org.iscsi4j.scsi.Command.Trait.PASSES_UNAVAILABLE;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.iscsi4j.api.AccessState;

/**
 * REPORT TARGET PORT GROUPS and SET TARGET PORT GROUPS (SPC-4 clauses 6.37 and 6.45): asymmetric
 * logical unit access as initiators see it.
 */
final class PortGroupCommands {

  /** The operation code of SET TARGET PORT GROUPS. */
  static final int MAINTENANCE_OUT = 0xa4;

  static final Command REPORT =
      Command.ofAction(
          "REPORT TARGET PORT GROUPS",
          0x0a,
          "a3 ea 00000000 ffffffff 00 00",
          PortGroupCommands::report,
          PASSES_RESERVATIONS,
          PASSES_UNAVAILABLE);

  static final List<Command> ROWS =
      List.of(
          REPORT,
          Command.ofAction(
              "SET TARGET PORT GROUPS",
              0x0a,
              "a4 0a 00000000 ffffffff 00 00",
              new SetGroups(),
              PASSES_UNAVAILABLE));

  private static final int LENGTH_ONLY_HEADER = 0;
  private static final int EXTENDED_HEADER = 1;
  private static final int EXTENDED_FORMAT = EXTENDED_HEADER << 4;
  private static final int HEADER_LENGTH = 4;
  private static final int EXTENDED_HEADER_LENGTH = 8;

  private static final int GROUP_LENGTH = 8;
  private static final int PORT_LENGTH = 4;
  private static final int PREF = 0x80;

  private PortGroupCommands() {}

  private static void report(DeviceServer unit, ScsiTask task) {
    int format = task.cdb().u8(1) >> 5; // PARAMETER DATA FORMAT
    if (format > EXTENDED_HEADER) {
      task.fail(Sense.invalidFieldInCdb(1, 7));
    } else {
      byte[] data = describe(unit.groups().groups(), format == LENGTH_ONLY_HEADER);
      ParameterData.send(task, data, task.cdb().u32(6));
    }
  }

  private static byte[] describe(List<TargetPortGroup> groups, boolean lengthOnly) {
    int header = lengthOnly ? HEADER_LENGTH : EXTENDED_HEADER_LENGTH;
    ByteBuffer out = ByteBuffer.allocate(header + groups.size() * (GROUP_LENGTH + PORT_LENGTH));
    out.putInt(out.capacity() - HEADER_LENGTH); // RETURN DATA LENGTH
    if (!lengthOnly) {
      out.put((byte) EXTENDED_FORMAT);
      out.put((byte) 0); // IMPLICIT TRANSITION TIME: only the host knows
      out.putShort((short) 0);
    }
    for (TargetPortGroup group : groups) {
      out.put((byte) ((group.preferred() ? PREF : 0) | AccessStates.code(group.state())));
      out.put((byte) AccessStates.SUPPORTED);
      out.putShort((short) group.tag()); // TARGET PORT GROUP
      out.put((byte) 0);
      out.put((byte) group.cause().ordinal()); // STATUS CODE
      out.put((byte) 0);
      out.put((byte) 1); // TARGET PORT COUNT
      out.putInt(group.relativePort()); // RELATIVE TARGET PORT IDENTIFIER
    }
    return out.array();
  }

  /** All descriptors are checked before the first state changes. */
  private static final class SetGroups implements CommandHandler {

    private static final int DESCRIPTOR_LENGTH = 4;

    @Override
    public void execute(DeviceServer unit, ScsiTask task) {
      long length = task.cdb().u32(6); // PARAMETER LIST LENGTH
      long longest = HEADER_LENGTH + (long) DESCRIPTOR_LENGTH * unit.groups().groups().size();
      if (length == 0) {
        task.good();
      } else if (length < HEADER_LENGTH || length > longest || length % DESCRIPTOR_LENGTH != 0) {
        task.fail(Sense.PARAMETER_LIST_LENGTH_ERROR);
      } else {
        task.requestDataOut((int) length);
      }
    }

    @Override
    public void dataOut(DeviceServer unit, ScsiTask task, ByteBuffer data) {
      if (data.remaining() < task.cdb().u32(6)) {
        task.fail(Sense.PARAMETER_LIST_LENGTH_ERROR);
        return;
      }
      ByteBuffer list = data.slice();
      Map<Integer, AccessState> wanted = new HashMap<>();
      for (int at = HEADER_LENGTH; at < list.limit(); at += DESCRIPTOR_LENGTH) {
        Sense refusal = read(unit.groups(), list, at, wanted);
        if (!refusal.isNone()) {
          task.fail(refusal);
          return;
        }
      }
      task.finish(unit.groups().changeExplicitly(task.unit(), wanted));
    }

    private static Sense read(
        TargetPortGroups groups, ByteBuffer list, int at, Map<Integer, AccessState> wanted) {
      Optional<AccessState> state = AccessStates.requested(list.get(at) & 0x0f);
      if (state.isEmpty()) {
        return Sense.invalidFieldInParameterList(at);
      }
      int number = list.getShort(at + 2) & 0xffff; // TARGET PORT GROUP OR TARGET PORT
      boolean ofPort = state.get() == AccessState.OFFLINE;
      Optional<TargetPortGroup> named =
          groups.groups().stream()
              .filter(group -> number == (ofPort ? group.relativePort() : group.tag()))
              .findFirst();
      boolean twice = named.isPresent() && wanted.put(named.get().tag(), state.get()) != null;
      return named.isEmpty() || twice ? Sense.invalidFieldInParameterList(at + 2) : Sense.NONE;
    }
  }
}

package org.iscsi4j.scsi;

import static org.iscsi4j.scsi.Command.Trait.PASSES_RESERVATIONS;
import static org.iscsi4j.scsi.Command.Trait.PASSES_STANDBY;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** PERSISTENT RESERVE IN (SPC-4 clause 6.15). */
final class PersistentReserveIn {

  static final List<Command> ROWS =
      List.of(
          row("READ KEYS", 0x00, PersistentReserveIn::keys),
          row("READ RESERVATION", 0x01, PersistentReserveIn::reservation),
          row("REPORT CAPABILITIES", 0x02, PersistentReserveIn::capabilities),
          row("READ FULL STATUS", 0x03, PersistentReserveIn::fullStatus));

  private static final int HEADER_LENGTH = 8;
  private static final int RESERVATION_LENGTH = 16;
  private static final int DESCRIPTOR_LENGTH = 24;
  private static final int R_HOLDER = 0x01;

  /** CRH, SIP_C, ATP_C and PTPL_C. */
  private static final int CAPABILITIES = 0x1d;

  /** TMV; ALLOW COMMANDS 1: TEST UNIT READY runs beside every reservation. */
  private static final int TYPES_VALID_AND_ALLOWED = 0x90;

  private static final int PTPL_A = 0x01;

  /** WR_EX_AR, EX_AC_RO, WR_EX_RO, EX_AC, WR_EX; EX_AC_AR. */
  private static final int ALL_TYPES = 0xea01;

  /** Parameter data from the state. */
  @FunctionalInterface
  private interface Report {
    byte[] of(PersistentReservation state);
  }

  private PersistentReserveIn() {}

  private static Command row(String name, int action, Report report) {
    return Command.ofAction(
        "PERSISTENT RESERVE IN, " + name,
        action,
        String.format("5e %02x 0000000000 ffff 00", action),
        (unit, task) ->
            ParameterData.send(
                task, report.of(unit.reservations().persistent()), task.cdb().u16(7)),
        PASSES_RESERVATIONS,
        PASSES_STANDBY);
  }

  private static ByteBuffer header(PersistentReservation state, int additionalLength) {
    return ByteBuffer.allocate(HEADER_LENGTH + additionalLength)
        .putInt(state.generation())
        .putInt(additionalLength);
  }

  private static byte[] keys(PersistentReservation state) {
    ByteBuffer out = header(state, 8 * state.keys().size());
    state.keys().values().forEach(out::putLong);
    return out.array();
  }

  private static byte[] reservation(PersistentReservation state) {
    if (!state.reserved()) {
      return header(state, 0).array();
    }
    // all registrants have as many keys as there are of them, which is told by key 0
    long key = state.type().heldByAll() ? 0 : state.keys().get(state.holder());
    return header(state, RESERVATION_LENGTH)
        .putLong(key)
        .putInt(0)
        .put((byte) 0)
        .put((byte) state.type().code()) // SCOPE, TYPE
        .array();
  }

  private static byte[] capabilities(PersistentReservation state) {
    return ByteBuffer.allocate(8)
        .putShort((short) 8) // LENGTH
        .put((byte) CAPABILITIES)
        .put((byte) (TYPES_VALID_AND_ALLOWED | (state.aptpl() ? PTPL_A : 0)))
        .putShort((short) ALL_TYPES)
        .array();
  }

  private static byte[] fullStatus(PersistentReservation state) {
    List<byte[]> descriptors = new ArrayList<>();
    state.keys().forEach((nexus, key) -> descriptors.add(descriptor(state, nexus, key)));
    ByteBuffer out = header(state, descriptors.stream().mapToInt(each -> each.length).sum());
    descriptors.forEach(out::put);
    return out.array();
  }

  private static byte[] descriptor(PersistentReservation state, NexusName nexus, long key) {
    byte[] transportId = TransportId.encode(nexus.initiatorPort());
    boolean holds = state.heldBy(nexus);
    return ByteBuffer.allocate(DESCRIPTOR_LENGTH + transportId.length)
        .putLong(key)
        .putInt(0)
        .put((byte) (holds ? R_HOLDER : 0)) // ALL_TG_PT: each port has a descriptor of its own
        .put((byte) (holds ? state.type().code() : 0)) // SCOPE, TYPE
        .putInt(0)
        .putShort((short) nexus.relativeId())
        .putInt(transportId.length)
        .put(transportId)
        .array();
  }
}

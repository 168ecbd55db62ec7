package org.iscsi4j.scsi;

import org.iscsi4j.api.monitor.ReservationType;

/**
 * Which commands run beside a reservation of another nexus: the rows of the command table say so
 * (SPC-4 clause 5.13.1, SBC-3 clause 4.17), and this is what depends on more than the row.
 */
final class ReservationRules {

  static final int PERSISTENT_RESERVE_IN = 0x5e;
  static final int PERSISTENT_RESERVE_OUT = 0x5f;

  private static final int TEST_UNIT_READY = 0x00;
  private static final int START_STOP_UNIT = 0x1b;
  private static final int PREVENT_ALLOW_MEDIUM_REMOVAL = 0x1e;

  private static final int POWER_CONDITION_AND_START = 0xf1;
  private static final int START = 0x01;
  private static final int PREVENT = 0x03;

  private ReservationRules() {}

  /** Whether a command runs beside a persistent reservation that does not admit its nexus. */
  static boolean passesPersistent(ReservationType type, Command command, Cdb cdb) {
    return passesAny(command, cdb) || (command.reads() && !type.exclusiveAccess());
  }

  /** Whether a command runs beside a RESERVE of another nexus (SPC-2 clause 5.5.1). */
  static boolean passesReserve(Command command, Cdb cdb) {
    return passesAny(command, cdb)
        && command.opcode() != TEST_UNIT_READY
        && !isPersistentReserve(command);
  }

  /** Those conflict with a RESERVE even of their own nexus (SPC-2 clause 5.5.1). */
  static boolean isPersistentReserve(Command command) {
    return command.opcode() == PERSISTENT_RESERVE_IN || command.opcode() == PERSISTENT_RESERVE_OUT;
  }

  private static boolean passesAny(Command command, Cdb cdb) {
    return switch (command.opcode()) {
      case START_STOP_UNIT ->
          !command.sequential() && (cdb.u8(4) & POWER_CONDITION_AND_START) == START;
      case PREVENT_ALLOW_MEDIUM_REMOVAL -> (cdb.u8(4) & PREVENT) == 0;
      default -> command.passesReservations();
    };
  }
}

package org.iscsi4j.scsi;

import java.util.Optional;
import org.iscsi4j.api.AccessState;

/**
 * What the asymmetric access states mean on the wire (SPC-4 clause 5.15.2): their codes, and which
 * commands a unit still takes through a port in such a state.
 */
final class AccessStates {

  /** T_SUP, O_SUP, U_SUP, S_SUP, AN_SUP and AO_SUP: every state but the LBA dependent one. */
  static final int SUPPORTED = 0xcf;

  private static final Sense IN_TRANSITION = Sense.of(SenseKey.NOT_READY, 0x04, 0x0a);
  private static final Sense IN_STANDBY = Sense.of(SenseKey.NOT_READY, 0x04, 0x0b);
  private static final Sense IS_UNAVAILABLE = Sense.of(SenseKey.NOT_READY, 0x04, 0x0c);
  private static final Sense IS_OFFLINE = Sense.of(SenseKey.NOT_READY, 0x04, 0x12);

  private AccessStates() {}

  /** The value of the ASYMMETRIC ACCESS STATE field. */
  static int code(AccessState state) {
    return switch (state) {
      case ACTIVE_OPTIMIZED -> 0x0;
      case ACTIVE_NON_OPTIMIZED -> 0x1;
      case STANDBY -> 0x2;
      case UNAVAILABLE -> 0x3;
      case OFFLINE -> 0xe;
      case TRANSITIONING -> 0xf;
    };
  }

  /** The state that an initiator may ask for by a code; empty when it may not. */
  static Optional<AccessState> requested(int code) {
    return switch (code) {
      case 0x0 -> Optional.of(AccessState.ACTIVE_OPTIMIZED);
      case 0x1 -> Optional.of(AccessState.ACTIVE_NON_OPTIMIZED);
      case 0x2 -> Optional.of(AccessState.STANDBY);
      case 0x3 -> Optional.of(AccessState.UNAVAILABLE);
      case 0xe -> Optional.of(AccessState.OFFLINE);
      default -> Optional.empty();
    };
  }

  /** What a command is told that does not pass; {@link Sense#NONE} when all do. */
  static Sense sense(AccessState state) {
    return switch (state) {
      case ACTIVE_OPTIMIZED, ACTIVE_NON_OPTIMIZED -> Sense.NONE;
      case STANDBY -> IN_STANDBY;
      case UNAVAILABLE -> IS_UNAVAILABLE;
      case OFFLINE -> IS_OFFLINE;
      case TRANSITIONING -> IN_TRANSITION;
    };
  }

  /** Why a command is refused in a state; {@link Sense#NONE} when it is not. */
  static Sense refusal(AccessState state, Command command) {
    boolean passes =
        state == AccessState.STANDBY ? command.passesStandby() : command.passesUnavailable();
    return passes ? Sense.NONE : sense(state);
  }

  /**
   * Whether INQUIRY says that the device is not connected (peripheral qualifier 001b), as it must
   * where a unit can't be reached.
   */
  static boolean disconnected(AccessState state) {
    return state == AccessState.UNAVAILABLE || state == AccessState.OFFLINE;
  }
}

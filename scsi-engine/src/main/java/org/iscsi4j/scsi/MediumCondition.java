package org.iscsi4j.scsi;

import java.util.function.Predicate;
import java.util.function.Supplier;
import org.iscsi4j.api.monitor.UnitAvailability;

/**
 * What FORMAT UNIT and SANITIZE have made of the medium, as commands that come meanwhile are told
 * (SBC-4 clauses 4.11, 4.33 and 5.4). Immutable.
 */
final class MediumCondition {

  static final int FORMAT_UNIT = 0x04;
  static final int SANITIZE = 0x48;

  /** Nothing to say. */
  static final MediumCondition GOOD =
      new MediumCondition(UnitAvailability.READY, () -> Sense.NONE, any -> true);

  /** A format operation did not come to its end: nothing is known of what the blocks hold. */
  static final MediumCondition FORMAT_CORRUPT =
      new MediumCondition(
          UnitAvailability.MEDIUM_FAILED,
          () -> Sense.MEDIUM_FORMAT_CORRUPTED,
          command -> !accessesMedium(command) || makesGood(command));

  /** A sanitize operation failed, and only one that succeeds ends this. */
  static final MediumCondition SANITIZE_FAILED = sanitizeFailed();

  /** A sanitize operation failed, and the initiator may let it rest (AUSE). */
  static final MediumCondition SANITIZE_FAILED_UNRESTRICTED = sanitizeFailed();

  private final UnitAvailability reported;
  private final Supplier<Sense> sense;
  private final Predicate<Command> passes;

  private MediumCondition(
      UnitAvailability reported, Supplier<Sense> sense, Predicate<Command> passes) {
    this.reported = reported;
    this.sense = sense;
    this.passes = passes;
  }

  /**
   * An operation is under way.
   *
   * @param sense tells how far it is
   */
  static MediumCondition underWay(Supplier<Sense> sense) {
    return new MediumCondition(UnitAvailability.IN_PROGRESS, sense, MediumCondition::alwaysRuns);
  }

  private static MediumCondition sanitizeFailed() {
    return new MediumCondition(
        UnitAvailability.MEDIUM_FAILED,
        () -> Sense.SANITIZE_COMMAND_FAILED,
        command -> alwaysRuns(command) || command.opcode() == SANITIZE);
  }

  /** INQUIRY, REPORT LUNS and REQUEST SENSE: the commands that no state of the unit stops. */
  private static boolean alwaysRuns(Command command) {
    return command.ignoresUnitAttention();
  }

  private static boolean accessesMedium(Command command) {
    return command.needsMedium() && (command.reads() || command.writes());
  }

  private static boolean makesGood(Command command) {
    return command.opcode() == FORMAT_UNIT || command.opcode() == SANITIZE;
  }

  /** Whether a command runs all the same. */
  boolean passes(Command command) {
    return passes.test(command);
  }

  /** What the host is told. */
  UnitAvailability reported() {
    return reported;
  }

  /** What the others are told, and REQUEST SENSE too. */
  Sense sense() {
    return sense.get();
  }
}

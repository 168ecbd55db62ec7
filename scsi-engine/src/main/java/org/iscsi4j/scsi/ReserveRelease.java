package org.iscsi4j.scsi;

import static org.iscsi4j.scsi.Command.Trait.PASSES_RESERVATIONS;

import java.util.List;

/**
 * RESERVE and RELEASE of a whole unit (SPC-2 clauses 7.16 to 7.22). Whether they conflict is for
 * {@link Reservations} to say. There are no third-party reservations and no extents.
 */
final class ReserveRelease {

  private static final CommandHandler RESERVE = (unit, task) -> unit.reservations().reserve(task);
  private static final CommandHandler RELEASE = (unit, task) -> unit.reservations().release(task);

  static final List<Command> ROWS =
      List.of(
          Command.of("RESERVE(6)", "16 00 000000 00", RESERVE, PASSES_RESERVATIONS),
          Command.of("RELEASE(6)", "17 00 000000 00", RELEASE, PASSES_RESERVATIONS),
          Command.of("RESERVE(10)", "56 00 00000000000000 00", RESERVE, PASSES_RESERVATIONS),
          Command.of("RELEASE(10)", "57 00 00000000000000 00", RELEASE, PASSES_RESERVATIONS));

  private ReserveRelease() {}
}

package org.iscsi4j.scsi;

import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a PERSISTENT RESERVE OUT does.
 *
 * @param after what it leaves behind; null when it is refused
 * @param refusal why it is refused; {@link Sense#NONE} when it is not
 * @param told the unit attentions that it establishes
 */
record ReservationChange(
    PersistentReservation after, Sense refusal, Map<NexusName, UnitAttention> told) {

  static final ReservationChange CONFLICT = refused(Reservations.CONFLICT);

  /** A change that nobody else is told of. */
  static ReservationChange of(PersistentReservation after) {
    return new ReservationChange(after, Sense.NONE, Map.of());
  }

  static ReservationChange refused(Sense why) {
    return new ReservationChange(null, why, Map.of());
  }

  /** The nexuses whose registration another one took. */
  Set<NexusName> preempted() {
    return told.entrySet().stream()
        .filter(each -> each.getValue() == UnitAttention.REGISTRATIONS_PREEMPTED)
        .map(Map.Entry::getKey)
        .collect(Collectors.toSet());
  }
}

package org.iscsi4j.api.monitor;

import java.util.List;
import java.util.Optional;

/**
 * The reservations of a logical unit at one moment: that of RESERVE, or persistent ones; never
 * both. Immutable.
 *
 * @param reservedBy who holds the unit by RESERVE (SPC-2 clause 5.5.1)
 * @param type of the persistent reservation that stands (SPC-4 clause 5.13)
 * @param generation PRGENERATION: how often registrations were changed, 0 to 2<sup>32</sup> - 1
 * @param survivesPowerLoss APTPL: whether registrations and reservation outlive the server
 * @param registrations in the order in which they were made
 */
public record ReservationSnapshot(
    Optional<NexusPorts> reservedBy,
    Optional<ReservationType> type,
    long generation,
    boolean survivesPowerLoss,
    List<Registration> registrations) {

  /** Takes a copy. */
  public ReservationSnapshot {
    registrations = List.copyOf(registrations);
  }

  /**
   * A registered I_T nexus.
   *
   * @param ports the nexus; its session need not be there any more
   * @param key the reservation key, 64 bits
   * @param holder whether it holds the persistent reservation; several do when the type is held by
   *     all registrants
   */
  public record Registration(NexusPorts ports, long key, boolean holder) {

    /** The key as it is usually written, and who it is. */
    @Override
    public String toString() {
      return String.format("0x%016x %s%s", key, ports, holder ? " (holder)" : "");
    }
  }

  /** Who holds the persistent reservation. */
  public List<Registration> holders() {
    return registrations.stream().filter(Registration::holder).toList();
  }
}

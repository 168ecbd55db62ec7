package org.iscsi4j.scsi;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The units that a nexus may address no more, until the commands that it sent them have ended.
 * Touched by the owner of the nexus.
 */
final class Departures {

  private final Nexus nexus;
  private final Set<ItlNexus> leaving = new HashSet<>();

  /** The changes whose commands have not ended. */
  private final List<Change> open = new ArrayList<>();

  /** One change of what the nexus sees. */
  private record Change(Set<ItlNexus> left, Runnable drained) {}

  Departures(Nexus nexus) {
    this.nexus = nexus;
  }

  /**
   * Units are left.
   *
   * @param drained runs once when they are, or the nexus is closed
   */
  void add(List<ItlNexus> gone, Runnable drained) {
    open.add(new Change(new HashSet<>(gone), drained));
    leaving.addAll(gone);
    gone.forEach(each -> each.leave(() -> left(each)));
    tellDrained();
  }

  private void left(ItlNexus unit) {
    if (!leaving.remove(unit)) {
      return; // by the end of the nexus
    }
    nexus.hold(unit.server());
    unit.close();
    open.forEach(change -> change.left().remove(unit));
    tellDrained();
  }

  private void tellDrained() {
    List<Change> over = open.stream().filter(change -> change.left().isEmpty()).toList();
    open.removeAll(over);
    over.forEach(change -> change.drained().run());
  }

  /** The nexus is lost. */
  void close() {
    List<ItlNexus> all = List.copyOf(leaving);
    leaving.clear();
    all.forEach(ItlNexus::close);
    open.forEach(change -> change.left().clear());
    tellDrained();
  }
}

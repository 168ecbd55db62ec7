package org.iscsi4j.scsi;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The units that are being looked for on behalf of a nexus. Touched by the owner of the nexus. */
final class Searches {

  private final Nexus nexus;
  private final Map<Integer, UnitSearch> open = new HashMap<>();

  Searches(Nexus nexus) {
    this.nexus = nexus;
  }

  /** Runs a command when the unit of its number is found. */
  void await(int number, MappedUnit sought, ScsiTask task) {
    UnitSearch under = open.get(number);
    if (under != null) {
      under.enter(task);
      return;
    }
    UnitSearch begun = new UnitSearch(this, nexus, number, sought);
    open.put(number, begun);
    begun.enter(task);
    begun.begin();
  }

  /**
   * A search has its answer.
   *
   * @return whether it is still wanted
   */
  boolean over(UnitSearch search) {
    return open.remove(search.number(), search);
  }

  /** Ends the searches for what is behind no number any more; what waited for them goes on. */
  void rerouted(TaskRouter now) {
    List<UnitSearch> outdated =
        open.values().stream().filter(each -> !each.looksFor(now.mapped(each.number()))).toList();
    open.values().removeAll(outdated);
    outdated.forEach(UnitSearch::runAll);
  }

  /** The nexus is lost; its commands were aborted before. */
  void close() {
    open.clear();
  }
}

package org.iscsi4j.target;

import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.Target;
import org.iscsi4j.target.session.Session;

/** A target as it is served; changed under the lock of the {@link Catalogue}. */
final class TargetNode {

  private volatile Target target;
  private Set<LogicalUnit> units;
  private final Map<Session, Seat> seats = new IdentityHashMap<>();

  /**
   * What an open session has of the target.
   *
   * @param view what it sees
   * @param left completed when it has ended and what it held is released: with whether all device
   *     calls are back
   */
  record Seat(SessionViews.View view, CompletableFuture<Boolean> left) {}

  /**
   * A target without sessions.
   *
   * @param units that are taken for it
   */
  TargetNode(Target target, Set<LogicalUnit> units) {
    this.target = target;
    this.units = units;
  }

  /** As it is described at this moment. Readable without the lock. */
  Target target() {
    return target;
  }

  /** Describes it anew; returns the units that were taken for the old description. */
  Set<LogicalUnit> describe(Target next, Set<LogicalUnit> nextUnits) {
    Set<LogicalUnit> before = units;
    target = next;
    units = nextUnits;
    return before;
  }

  /** The units that are taken for it, whoever is logged in. */
  Set<LogicalUnit> units() {
    return units;
  }

  /** What each open session has of it. */
  Map<Session, Seat> seats() {
    return seats;
  }
}

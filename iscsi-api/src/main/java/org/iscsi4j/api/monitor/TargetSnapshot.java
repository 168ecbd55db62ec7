package org.iscsi4j.api.monitor;

import java.util.Collections;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import org.iscsi4j.api.IscsiName;

/**
 * A target at one moment. Immutable.
 *
 * @param name the target's name
 * @param units the logical units that everybody sees whom no map of his own is for, by their
 *     numbers; without those that are still to be found. One that stands in several targets is told
 *     of in each of them.
 */
public record TargetSnapshot(IscsiName name, NavigableMap<Integer, UnitSnapshot> units) {

  /** Takes a copy. */
  public TargetSnapshot {
    Objects.requireNonNull(name, "name");
    units = Collections.unmodifiableNavigableMap(new TreeMap<>(units));
  }
}

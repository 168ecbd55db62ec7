package org.iscsi4j.examples.daemon.control;

import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Areas that log nothing. */
public final class FakeTraces implements Traces {

  private final SortedMap<String, Boolean> areas = new TreeMap<>();

  public FakeTraces() {
    only(Set.of());
  }

  @Override
  public synchronized SortedMap<String, Boolean> areas() {
    return new TreeMap<>(areas);
  }

  @Override
  public synchronized void only(Set<String> wanted) {
    for (String area : Set.of("net", "iscsi", "scsi", "lu")) {
      areas.put(area, wanted.contains(area));
    }
  }
}

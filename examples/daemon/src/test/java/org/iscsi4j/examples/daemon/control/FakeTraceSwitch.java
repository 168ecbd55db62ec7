package org.iscsi4j.examples.daemon.control;

import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Areas that log nothing. */
public final class FakeTraceSwitch implements TraceSwitch {

  private final SortedMap<String, Boolean> areas = new TreeMap<>();

  public FakeTraceSwitch() {
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

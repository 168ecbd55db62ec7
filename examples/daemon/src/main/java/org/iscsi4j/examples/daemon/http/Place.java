package org.iscsi4j.examples.daemon.http;

import java.util.LinkedHashMap;
import java.util.Map;
import org.iscsi4j.api.monitor.ServerSnapshot;
import org.iscsi4j.api.monitor.UnitSnapshot;

/** Where initiators find a logical unit. */
record Place(String target, int lun) {

  /** The units of a server, in its order. */
  static Map<Place, UnitSnapshot> unitsOf(ServerSnapshot server) {
    Map<Place, UnitSnapshot> units = new LinkedHashMap<>();
    server
        .targets()
        .forEach(
            target ->
                target
                    .units()
                    .forEach(
                        (lun, unit) -> units.put(new Place(target.name().toString(), lun), unit)));
    return units;
  }
}

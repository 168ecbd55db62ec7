package org.iscsi4j.examples.micrometer;

import java.util.HashMap;
import java.util.Map;
import org.iscsi4j.api.monitor.ServerSnapshot;
import org.iscsi4j.api.monitor.TargetSnapshot;
import org.iscsi4j.api.monitor.UnitSnapshot;

/**
 * What is measured of a server at one moment.
 *
 * @param sessions that are open
 * @param connections that are open
 * @param units by where they are served
 */
record ServerView(int sessions, int connections, Map<Place, UnitSnapshot> units) {

  /** Where initiators find a logical unit. */
  record Place(String target, int lun) {}

  /** What a snapshot of a server shows. */
  static ServerView of(ServerSnapshot server) {
    Map<Place, UnitSnapshot> units = new HashMap<>();
    for (TargetSnapshot target : server.targets()) {
      target.units().forEach((lun, unit) -> units.put(place(target, lun), unit));
    }
    int connections = server.sessions().stream().mapToInt(s -> s.connections().size()).sum();
    return new ServerView(server.sessions().size(), connections, units);
  }

  private static Place place(TargetSnapshot target, int lun) {
    return new Place(target.name().toString(), lun);
  }
}

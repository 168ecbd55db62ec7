package org.iscsi4j.examples.micrometer;

import java.util.Map;
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
}

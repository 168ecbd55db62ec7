package org.iscsi4j.scsi;

import java.util.Collections;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Routes the commands of a target device to its logical units (SAM-5 clause 4.6.8), and answers for
 * units that are not there. Immutable.
 */
public final class TaskRouter {

  /** LUNs up to here are found by index. */
  private static final int DENSE = 256;

  private final NavigableMap<Integer, DeviceServer> units;
  private final DeviceServer[] dense = new DeviceServer[DENSE];
  private final ReachableUnits reachable;

  /** A router over units by their numbers, 0 to 16,383, which may be copied between. */
  public TaskRouter(Map<Integer, DeviceServer> units) {
    this(units, nexus -> nexus.router().units().values());
  }

  /**
   * A router over units by their numbers, 0 to 16,383.
   *
   * @param reachable the units that a nexus may copy between
   */
  public TaskRouter(Map<Integer, DeviceServer> units, ReachableUnits reachable) {
    this.reachable = reachable;
    NavigableMap<Integer, DeviceServer> sorted = new TreeMap<>(units);
    sorted.headMap(DENSE).forEach((number, server) -> dense[number] = server);
    this.units = Collections.unmodifiableNavigableMap(sorted);
  }

  /** Runs a command. Called by the owner of the task's nexus. */
  public void execute(ScsiTask task) {
    int number = Lun.decode(task.lun());
    DeviceServer server = server(number);
    if (server != null) {
      server.execute(task.nexus().unit(number, server), task);
    } else if (task.lun() == WellKnownUnit.REPORT_LUNS) {
      WellKnownUnit.execute(task);
    } else {
      AbsentUnit.execute(task);
    }
  }

  /** The unit of an 8-byte LUN. */
  public Optional<DeviceServer> find(long lun) {
    return Optional.ofNullable(server(Lun.decode(lun)));
  }

  /** Whether there is a unit of an 8-byte LUN, well-known ones included. */
  public boolean routes(long lun) {
    return find(lun).isPresent() || lun == WellKnownUnit.REPORT_LUNS;
  }

  /** The units by their numbers. */
  public NavigableMap<Integer, DeviceServer> units() {
    return units;
  }

  /** The units that a nexus may copy between. */
  ReachableUnits reachable() {
    return reachable;
  }

  private DeviceServer server(int number) {
    if (number >= 0 && number < DENSE) {
      return dense[number];
    }
    return units.get(number);
  }
}

package org.iscsi4j.scsi;

import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Routes the commands of a target device to its logical units (SAM-5 clause 4.6.8), and answers for
 * units that are not there. Immutable but for the map of units, which is replaced whole.
 */
public final class TaskRouter {

  private volatile NavigableMap<Integer, DeviceServer> units;

  /** LUNs up to here are found by index. */
  private static final int DENSE = 256;

  private volatile DeviceServer[] dense;

  /** A router over units by their numbers, 0 to 16,383. */
  public TaskRouter(Map<Integer, DeviceServer> units) {
    replace(units);
  }

  private void replace(Map<Integer, DeviceServer> now) {
    NavigableMap<Integer, DeviceServer> sorted = new TreeMap<>(now);
    DeviceServer[] low = new DeviceServer[DENSE];
    sorted.headMap(DENSE).forEach((number, server) -> low[number] = server);
    units = sorted;
    dense = low;
  }

  /** Runs a command. Called by the owner of the task's nexus. */
  public void execute(ScsiTask task) {
    int number = Lun.decode(task.lun());
    DeviceServer server = server(number);
    if (server == null) {
      AbsentUnit.execute(task);
      return;
    }
    server.execute(task.nexus().unit(number, server), task);
  }

  /** The unit of an 8-byte LUN. */
  public Optional<DeviceServer> find(long lun) {
    return Optional.ofNullable(server(Lun.decode(lun)));
  }

  /** The units by their numbers. */
  public NavigableMap<Integer, DeviceServer> units() {
    return units;
  }

  private DeviceServer server(int number) {
    if (number >= 0 && number < DENSE) {
      return dense[number];
    }
    return units.get(number);
  }
}

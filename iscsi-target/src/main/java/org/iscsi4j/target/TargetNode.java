package org.iscsi4j.target;

import java.util.IdentityHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.iscsi4j.api.Identity;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.Target;
import org.iscsi4j.scsi.DeviceServer;
import org.iscsi4j.scsi.Devices;
import org.iscsi4j.scsi.ReachableUnits;
import org.iscsi4j.scsi.TaskRouter;

/** A target as it is served: the units behind it with their device servers. */
record TargetNode(Target target, TaskRouter router) {

  /**
   * Makes the device servers of a target's units.
   *
   * @param servers those of the server so far: a unit that stands in several targets has one
   * @param reachable the units that an initiator may copy between
   */
  static TargetNode of(
      Target target,
      IdentityHashMap<LogicalUnit, DeviceServer> servers,
      Devices devices,
      ReachableUnits reachable) {
    Map<Integer, DeviceServer> units = new TreeMap<>();
    target
        .logicalUnits()
        .forEach(
            (number, unit) ->
                units.put(
                    number,
                    servers.computeIfAbsent(
                        unit, any -> DeviceServer.disk(unit, identity(target, number), devices))));
    return new TargetNode(target, new TaskRouter(units, reachable));
  }

  private static Identity identity(Target target, int number) {
    return Identity.derivedFrom(target.name() + ",lun," + number);
  }
}

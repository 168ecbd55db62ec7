package org.iscsi4j.target;

import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.access.Initiator;
import org.iscsi4j.api.access.LunMap;
import org.iscsi4j.scsi.DeviceServer;
import org.iscsi4j.scsi.MappedUnit;
import org.iscsi4j.scsi.Nexus;
import org.iscsi4j.scsi.TaskRouter;

/** Makes what sessions see of the maps that targets give for them. Never blocks. */
final class SessionViews {

  /** How long commands wait for a unit that is looked for. */
  private static final Duration SEEK_LIMIT = Duration.ofSeconds(20);

  private final UnitServers units;
  private final Executor executor;

  /** Views over units, those that are still to be found being made on an executor. */
  SessionViews(UnitServers units, Executor executor) {
    this.units = units;
    this.executor = executor;
  }

  /**
   * What a session sees.
   *
   * @param held units that are taken for it, and are to be released after it
   */
  record View(LunMap map, TaskRouter router, Set<LogicalUnit> held) {}

  /**
   * What an initiator sees by a map. Units that are served are taken; the others are looked for
   * when they are first addressed.
   *
   * @param others the units of other targets that it may copy from and to
   * @throws RuntimeException that of a host's resolver; then nothing is taken
   */
  View view(
      IscsiName target,
      LunMap map,
      Initiator initiator,
      Function<Initiator, Collection<MappedUnit>> others) {
    Set<LogicalUnit> held = Collections.newSetFromMap(new IdentityHashMap<>());
    try {
      Map<Integer, MappedUnit> mapped = mapped(target, map, initiator, held);
      return new View(
          map, new TaskRouter(mapped, nexus -> reachable(nexus, initiator, others)), held);
    } catch (RuntimeException e) {
      held.forEach(units::release);
      throw e;
    }
  }

  private Map<Integer, MappedUnit> mapped(
      IscsiName target, LunMap map, Initiator initiator, Set<LogicalUnit> held) {
    Map<Integer, MappedUnit> mapped = new TreeMap<>();
    map.mappings()
        .forEach(
            (number, mapping) ->
                mapped.put(
                    number,
                    served(mapping, held)
                        .map(server -> MappedUnit.of(server, mapping.readOnly()))
                        .orElseGet(() -> sought(target, number, mapping, initiator))));
    return mapped;
  }

  private static Collection<MappedUnit> reachable(
      Nexus nexus, Initiator initiator, Function<Initiator, Collection<MappedUnit>> others) {
    Set<MappedUnit> reachable = new LinkedHashSet<>(nexus.router().units());
    reachable.addAll(others.apply(initiator));
    return reachable;
  }

  private Optional<DeviceServer> served(LunMap.Mapping mapping, Set<LogicalUnit> held) {
    return mapping
        .source()
        .known()
        .flatMap(unit -> held.contains(unit) ? units.find(unit) : takeServed(unit, mapping, held));
  }

  private Optional<DeviceServer> takeServed(
      LogicalUnit unit, LunMap.Mapping mapping, Set<LogicalUnit> held) {
    Optional<DeviceServer> server = units.takeServed(unit, mapping.source());
    server.ifPresent(taken -> held.add(unit));
    return server;
  }

  private MappedUnit sought(
      IscsiName target, int number, LunMap.Mapping mapping, Initiator initiator) {
    UnitSeeker seeker =
        new UnitSeeker(mapping.source(), target, number, initiator, units, executor);
    return MappedUnit.soughtBy(seeker, SEEK_LIMIT, mapping.readOnly());
  }

  /** The units of a map that are served. */
  Collection<MappedUnit> known(LunMap map) {
    return map.mappings().values().stream()
        .flatMap(
            mapping ->
                mapping
                    .source()
                    .known()
                    .flatMap(units::find)
                    .map(server -> MappedUnit.of(server, mapping.readOnly()))
                    .stream())
        .toList();
  }
}

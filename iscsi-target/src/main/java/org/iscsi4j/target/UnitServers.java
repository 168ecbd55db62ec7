package org.iscsi4j.target;

import java.time.Duration;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.iscsi4j.api.Identity;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.access.LogicalUnitResolver;
import org.iscsi4j.scsi.DeviceServer;
import org.iscsi4j.scsi.Devices;

/**
 * The device servers of a server: one for each logical unit, in however many targets and sessions
 * it stands, from the first user to the last. May be used from any thread.
 */
final class UnitServers {

  private final Devices devices;

  /** How long calls under way are waited for when a unit goes. */
  private final Duration drain;

  /** Held while a device server is made, so that a unit gets one; taken before this. */
  private final Object making = new Object();

  /** Guarded by this. */
  private final Map<LogicalUnit, Served> served = new IdentityHashMap<>();

  /** A unit that is served, and by how many it is used; guarded by the unit servers. */
  private static final class Served {
    private final DeviceServer server;
    private final Set<LogicalUnitResolver> sources = new HashSet<>();
    private int users;

    private Served(DeviceServer server) {
      this.server = server;
    }

    private DeviceServer takenBy(LogicalUnitResolver source) {
      users++;
      sources.add(source);
      return server;
    }
  }

  UnitServers(Devices devices, Duration drain) {
    this.devices = devices;
    this.drain = drain;
  }

  /**
   * The device server of a unit, until it is {@linkplain #release released}. Blocks when it has to
   * be made, which reads what the unit has saved.
   *
   * @param identity who the unit is when it does not say so itself
   * @param source who gave it, and learns when it has gone
   */
  DeviceServer take(LogicalUnit unit, Identity identity, LogicalUnitResolver source) {
    synchronized (making) {
      return takeServed(unit, source)
          .orElseGet(() -> takeNew(unit, DeviceServer.disk(unit, identity, devices), source));
    }
  }

  /** As {@link #take} for a unit that is served by now; never blocks. */
  synchronized Optional<DeviceServer> takeServed(LogicalUnit unit, LogicalUnitResolver source) {
    return Optional.ofNullable(served.get(unit)).map(found -> found.takenBy(source));
  }

  private synchronized DeviceServer takeNew(
      LogicalUnit unit, DeviceServer server, LogicalUnitResolver source) {
    Served made = new Served(server);
    served.put(unit, made);
    return made.takenBy(source);
  }

  /** The device server of a unit that is served by now; it is not taken. */
  synchronized Optional<DeviceServer> find(LogicalUnit unit) {
    return Optional.ofNullable(served.get(unit)).map(found -> found.server);
  }

  /** Every device server. */
  synchronized List<DeviceServer> all() {
    return served.values().stream().map(found -> found.server).toList();
  }

  /**
   * One user less; after the last one the unit is not served any more.
   *
   * @return completed when that is so and its device calls are back: with whether they are, or
   *     false when the time was up; at once with true while there are others
   */
  CompletableFuture<Boolean> release(LogicalUnit unit) {
    Served last;
    synchronized (this) {
      Served found = served.get(unit);
      if (--found.users > 0) {
        return CompletableFuture.completedFuture(true);
      }
      served.remove(unit);
      last = found;
    }
    last.server.close();
    return last.server
        .whenIdle(drain)
        .whenComplete((drained, failure) -> last.sources.forEach(source -> source.released(unit)));
  }

  /** Serves nothing any more. */
  void close() {
    List<DeviceServer> all;
    synchronized (this) {
      all = all();
      served.clear();
    }
    all.forEach(DeviceServer::close);
  }
}

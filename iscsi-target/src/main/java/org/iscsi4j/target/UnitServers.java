package org.iscsi4j.target;

import java.time.Duration;
import java.util.ArrayList;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The device servers of a server: one for each logical unit, in however many targets and sessions
 * it stands, from the first user to the last. May be used from any thread.
 */
final class UnitServers {

  private static final Logger log = LoggerFactory.getLogger(UnitServers.class);

  private final Devices devices;

  /** How long calls under way are waited for when a unit goes. */
  private final Duration drain;

  /** Held while a device server is made, so that a unit gets one; taken before this. */
  private final Object making = new Object();

  /** Guarded by this. */
  private final Map<LogicalUnit, Served> served = new IdentityHashMap<>();

  /** Those that nobody uses any more, until their device calls are back; guarded by this. */
  private final Map<LogicalUnit, Served> leaving = new IdentityHashMap<>();

  /** Guarded by this. */
  private boolean closed;

  /** Completed when the server is closed, with whether all device calls came back. */
  private final CompletableFuture<Boolean> over = new CompletableFuture<>();

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
      return takeServed(unit, source).orElseGet(() -> takeNew(unit, serve(unit, identity), source));
    }
  }

  /** As {@link #take} for a unit that is served by now; never blocks. */
  synchronized Optional<DeviceServer> takeServed(LogicalUnit unit, LogicalUnitResolver source) {
    return Optional.ofNullable(served.get(unit)).map(found -> found.takenBy(source));
  }

  private DeviceServer serve(LogicalUnit unit, Identity identity) {
    Identity named =
        identity.withProduct(identity.vendor(), unit.type().product(), identity.revision());
    return DeviceServer.of(unit, named, devices);
  }

  private synchronized DeviceServer takeNew(
      LogicalUnit unit, DeviceServer server, LogicalUnitResolver source) {
    Served made = new Served(server);
    served.put(unit, made);
    Served before = leaving.remove(unit);
    if (before != null) {
      made.sources.addAll(before.sources); // its storage stays open, and they learn when that ends
    }
    return made.takenBy(source);
  }

  /** The device server of a unit that is served by now; it is not taken. */
  synchronized Optional<DeviceServer> find(LogicalUnit unit) {
    return Optional.ofNullable(served.get(unit)).map(found -> found.server);
  }

  /**
   * One user less; after the last one the unit is not served any more.
   *
   * @return completed when that is so and its device calls are back: with whether they are, or
   *     false when the time was up; at once with true while there are others; never exceptionally
   */
  CompletableFuture<Boolean> release(LogicalUnit unit) {
    Served last;
    synchronized (this) {
      Served found = served.get(unit);
      if (found == null) {
        return whenClosed(unit);
      }
      if (--found.users > 0) {
        return CompletableFuture.completedFuture(true);
      }
      served.remove(unit);
      leaving.put(unit, found);
      last = found;
    }
    return leave(unit, last);
  }

  /** What was taken before the server was closed is given back with everything else. */
  private CompletableFuture<Boolean> whenClosed(LogicalUnit unit) {
    if (!closed) {
      throw new IllegalStateException(unit + " is released more often than taken");
    }
    return over.copy();
  }

  private CompletableFuture<Boolean> leave(LogicalUnit unit, Served last) {
    try {
      last.server.close();
    } catch (RuntimeException e) {
      log.error("{} could not be closed as it should", last.server, e);
    }
    return last.server
        .whenIdle(drain)
        .thenApply(
            idle -> {
              left(unit, last);
              return idle;
            });
  }

  private void left(LogicalUnit unit, Served gone) {
    synchronized (this) {
      if (!leaving.remove(unit, gone)) {
        return; // somebody uses it again
      }
    }
    gone.sources.forEach(source -> tellReleased(unit, source));
  }

  /** A source gave a unit that is not taken after all; it learns so when no other uses it. */
  void giveBack(LogicalUnit unit, LogicalUnitResolver source) {
    synchronized (this) {
      Served other = served.getOrDefault(unit, leaving.get(unit));
      if (other != null) {
        other.sources.add(source);
        return;
      }
    }
    tellReleased(unit, source);
  }

  private static void tellReleased(LogicalUnit unit, LogicalUnitResolver source) {
    try {
      source.released(unit);
    } catch (RuntimeException e) {
      log.error("the host could not take {} back", unit, e);
    }
  }

  /** Serves nothing any more. */
  void close() {
    Map<LogicalUnit, Served> all;
    synchronized (this) {
      closed = true;
      all = new IdentityHashMap<>(served);
      served.clear();
      leaving.putAll(all);
    }
    List<CompletableFuture<Boolean>> drains = new ArrayList<>();
    all.forEach((unit, last) -> drains.add(leave(unit, last)));
    Drains.all(drains).thenAccept(over::complete);
  }
}

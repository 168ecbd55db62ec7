package org.iscsi4j.target;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.iscsi4j.api.Portal;
import org.iscsi4j.api.monitor.LoopSnapshot;
import org.iscsi4j.api.monitor.PendingConnection;
import org.iscsi4j.api.monitor.ServerSnapshot;
import org.iscsi4j.api.monitor.SessionSnapshot;
import org.iscsi4j.api.monitor.TargetSnapshot;
import org.iscsi4j.target.connection.Connection;
import org.iscsi4j.target.loop.EventLoop;
import org.iscsi4j.target.loop.EventLoopGroup;
import org.iscsi4j.target.session.FullFeaturePhase;
import org.iscsi4j.target.session.SessionInspector;
import org.iscsi4j.target.session.SessionRegistry;

/** Looks at a server as it stands: asks each loop once for all that lives on it. */
final class ServerInspector {

  private final String name;
  private final Supplier<List<Portal>> portals;
  private final Supplier<List<TargetSnapshot>> targets;
  private final EventLoopGroup loops;
  private final SessionRegistry sessions;
  private final Duration limit;

  /** What one loop tells. */
  private record Part(
      LoopSnapshot loop, List<SessionSnapshot> sessions, List<PendingConnection> logins) {}

  /**
   * An inspector of a server.
   *
   * @param limit how long a loop is waited for
   */
  ServerInspector(
      String name,
      Supplier<List<Portal>> portals,
      Supplier<List<TargetSnapshot>> targets,
      EventLoopGroup loops,
      SessionRegistry sessions,
      Duration limit) {
    this.name = name;
    this.portals = portals;
    this.targets = targets;
    this.loops = loops;
    this.sessions = sessions;
    this.limit = limit;
  }

  /** The server as it stands; without the loops that do not answer in time. From any thread. */
  CompletableFuture<ServerSnapshot> snapshot() {
    List<CompletableFuture<Optional<Part>>> parts = loops.all().stream().map(this::ask).toList();
    return CompletableFuture.allOf(parts.toArray(new CompletableFuture<?>[0]))
        .thenApply(all -> whole(parts.stream().map(CompletableFuture::join).toList()));
  }

  private CompletableFuture<Optional<Part>> ask(EventLoop loop) {
    return CompletableFuture.supplyAsync(() -> Optional.of(part(loop)), loop)
        .completeOnTimeout(Optional.empty(), limit.toNanos(), TimeUnit.NANOSECONDS);
  }

  private ServerSnapshot whole(List<Optional<Part>> parts) {
    List<Part> known = parts.stream().flatMap(Optional::stream).toList();
    return new ServerSnapshot(
        name,
        Instant.now(),
        known.size() == parts.size(),
        portals.get(),
        targets.get(),
        known.stream().flatMap(part -> part.sessions().stream()).toList(),
        known.stream().flatMap(part -> part.logins().stream()).toList(),
        known.stream().map(Part::loop).toList());
  }

  // ---- on a loop

  private Part part(EventLoop loop) {
    long now = System.nanoTime();
    return new Part(
        new LoopSnapshot(loop.toString(), loop.load().get(), loop.buffers().outstanding()),
        sessions.all().stream()
            .filter(session -> session.loop() == loop && session.isOpened())
            .map(session -> SessionInspector.snapshot(session, now))
            .toList(),
        loop.handlers(Connection.class).stream()
            .filter(connection -> !(connection.phase() instanceof FullFeaturePhase))
            .map(connection -> pending(connection, now))
            .toList());
  }

  private static PendingConnection pending(Connection connection, long now) {
    return new PendingConnection(
        connection.remote(),
        connection.local(),
        connection.bytesIn(),
        Duration.ofNanos(Math.max(0, now - connection.accepted())));
  }
}

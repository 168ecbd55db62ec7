package org.iscsi4j.examples.daemon.http;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.iscsi4j.api.monitor.ServerSnapshot;

/** Whether the server serves, told in less time than a prober waits, which is often a second. */
final class Health {

  /** How long the server has for an answer. */
  static final Duration LIMIT = Duration.ofMillis(800);

  private final SnapshotCache snapshots;

  Health(SnapshotCache snapshots) {
    this.snapshots = snapshots;
  }

  /** What keeps the server from serving; empty when nothing does. */
  Optional<String> problem() throws InterruptedException {
    try {
      return problem(snapshots.recent().get(LIMIT.toNanos(), TimeUnit.NANOSECONDS));
    } catch (TimeoutException e) {
      return Optional.of("an event loop has not answered for " + LIMIT.toMillis() + " ms");
    } catch (ExecutionException e) {
      return Optional.of("no snapshot can be taken: " + e.getCause());
    }
  }

  private static Optional<String> problem(ServerSnapshot server) {
    if (!server.complete()) {
      return Optional.of("an event loop does not answer");
    }
    return server.portals().isEmpty() ? Optional.of("no portal listens") : Optional.empty();
  }
}

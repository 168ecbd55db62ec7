package org.iscsi4j.examples.daemon.http;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.iscsi4j.api.monitor.ServerSnapshot;

/**
 * One snapshot for all who ask at about the same time: the server is looked at four times a second
 * at most, and never twice at once, whatever clients do. Guarded by this.
 */
final class SnapshotCache {

  /** How old a snapshot may be that is handed out. */
  static final Duration AGE = Duration.ofMillis(250);

  private final Supplier<CompletableFuture<ServerSnapshot>> source;
  private final LongSupplier nanos;

  private CompletableFuture<ServerSnapshot> last =
      CompletableFuture.failedFuture(new IllegalStateException("none was taken"));
  private long asked;

  /**
   * A cache of snapshots.
   *
   * @param nanos a clock that only runs forward
   */
  SnapshotCache(Supplier<CompletableFuture<ServerSnapshot>> source, LongSupplier nanos) {
    this.source = source;
    this.nanos = nanos;
  }

  /** One that is being taken, or was less than {@link #AGE} ago. Returns at once. */
  synchronized CompletableFuture<ServerSnapshot> recent() {
    long now = nanos.getAsLong();
    boolean young = now - asked < AGE.toNanos() && !last.isCompletedExceptionally();
    if (last.isDone() && !young) {
      asked = now;
      last = source.get();
    }
    return last.copy(); // whoever cancels or times out his own spoils nobody else's
  }
}

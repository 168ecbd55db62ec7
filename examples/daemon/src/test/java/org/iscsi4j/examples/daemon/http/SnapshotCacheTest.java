package org.iscsi4j.examples.daemon.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.iscsi4j.api.monitor.ServerSnapshot;
import org.junit.jupiter.api.Test;

/** How often a server is looked at. */
class SnapshotCacheTest {

  private static final long AGE = SnapshotCache.AGE.toNanos();

  private final List<CompletableFuture<ServerSnapshot>> asked = new ArrayList<>();
  private long now = Long.MAX_VALUE - 100; // the clock may begin anywhere
  private final SnapshotCache cache = new SnapshotCache(this::ask, () -> now);

  private CompletableFuture<ServerSnapshot> ask() {
    asked.add(new CompletableFuture<>());
    return asked.get(asked.size() - 1);
  }

  @Test
  void aYoungSnapshotIsSharedAndAnOldOneIsNot() {
    CompletableFuture<ServerSnapshot> first = cache.recent();
    asked.get(0).complete(Seen.server());
    now += AGE - 1;
    assertThat(cache.recent().join()).isSameAs(first.join());
    assertThat(asked).hasSize(1);

    now += 1;
    assertThat(cache.recent()).isNotDone();
    assertThat(asked).hasSize(2);
  }

  @Test
  void aServerThatHangsIsNotAskedTwice() {
    cache.recent();
    now += 100 * AGE;
    cache.recent();

    assertThat(asked).hasSize(1);
  }

  @Test
  void whoGivesUpSpoilsNobodyElsesSnapshot() {
    cache.recent().cancel(true);
    CompletableFuture<ServerSnapshot> other = cache.recent();
    asked.get(0).complete(Seen.server());

    assertThat(other).isCompleted();
  }

  @Test
  void afterAFailureTheServerIsAskedAgain() {
    cache.recent();
    asked.get(0).completeExceptionally(new IllegalStateException("no"));

    assertThat(cache.recent()).isNotDone();
    assertThat(asked).hasSize(2);
  }
}

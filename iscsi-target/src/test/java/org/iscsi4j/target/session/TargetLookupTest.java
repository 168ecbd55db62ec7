package org.iscsi4j.target.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.iscsi4j.protocol.KeyValue;
import org.junit.jupiter.api.Test;

class TargetLookupTest {

  private static final List<KeyValue> KNOWN = List.of(new KeyValue("TargetName", "a"));
  private static final List<KeyValue> WHOLE = List.of(new KeyValue("TargetName", "b"));

  private final CompletableFuture<List<KeyValue>> search = new CompletableFuture<>();
  private final List<List<KeyValue>> told = new ArrayList<>();
  private final Queue<Runnable> loop = new ArrayDeque<>();
  private final List<Runnable> limits = new ArrayList<>();

  private void await() {
    TargetLookup.await(
        new SendTargets.Answer(KNOWN, search),
        loop::add,
        (delay, task) -> {
          assertThat(delay).isEqualTo(Duration.ofSeconds(5));
          limits.add(task);
          return () -> limits.remove(task);
        },
        told::add);
  }

  private void runLoop() {
    while (!loop.isEmpty()) {
      loop.remove().run();
    }
  }

  @Test
  void answerThatIsThereIsToldAtOnce() {
    search.complete(WHOLE);

    await();

    assertThat(told).containsExactly(WHOLE);
    assertThat(limits).isEmpty();
    assertThat(loop).isEmpty();
  }

  @Test
  void answerIsToldOnTheLoopWhenItComes() {
    await();
    search.complete(WHOLE);
    assertThat(told).isEmpty();

    runLoop();

    assertThat(told).containsExactly(WHOLE);
    assertThat(limits).isEmpty();
  }

  @Test
  void whatIsKnownIsToldWhenTheTimeIsUp() {
    await();

    limits.get(0).run();

    assertThat(told).containsExactly(KNOWN);
    search.complete(WHOLE);
    runLoop();
    assertThat(told).containsExactly(KNOWN);
  }
}

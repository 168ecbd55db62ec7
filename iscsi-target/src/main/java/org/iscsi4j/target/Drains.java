package org.iscsi4j.target;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Several things that come to an end: with true when nothing uses them any more, else false. */
final class Drains {

  private Drains() {}

  /** Completed when all are: with whether all ended with true. */
  static CompletableFuture<Boolean> all(List<CompletableFuture<Boolean>> parts) {
    return CompletableFuture.allOf(parts.toArray(new CompletableFuture<?>[0]))
        .thenApply(done -> parts.stream().allMatch(CompletableFuture::join));
  }
}

package org.iscsi4j.target;

import java.util.concurrent.CompletableFuture;

/**
 * Initiators that are being sent to another address, see {@link IscsiServer#moveAway}. New logins
 * are sent there until this is closed; the sessions that have moved come back when they like.
 */
public final class Relocation implements AutoCloseable {

  private final CompletableFuture<Void> moved;
  private final Runnable end;

  Relocation(CompletableFuture<Void> moved, Runnable end) {
    this.moved = moved;
    this.end = end;
  }

  /**
   * Completed on a thread of the server when the sessions that there were have ended and none of
   * their commands can change a logical unit any more; never exceptionally.
   */
  public CompletableFuture<Void> moved() {
    return moved.copy();
  }

  /** Takes new logins again. Idempotent. */
  @Override
  public void close() {
    end.run();
  }
}

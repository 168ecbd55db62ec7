package org.iscsi4j.api.monitor;

import java.util.Objects;

/**
 * An event loop of a server, one thread that connections live on, at one moment. Immutable.
 *
 * @param name of the thread
 * @param connections that live on it
 * @param buffers its buffers that are in use; a connection without traffic uses none
 */
public record LoopSnapshot(String name, int connections, int buffers) {

  /** Checks that nothing is missing. */
  public LoopSnapshot {
    Objects.requireNonNull(name, "name");
  }
}

package org.iscsi4j.api;

/** How long the calls of a {@link BlockDevice} may keep the thread that makes them. */
public enum Blocking {
  /**
   * Never longer than copying the bytes takes: memory. Calls are made where the command arrives.
   */
  NEVER,
  /**
   * Usually not, sometimes for a moment: a local file, mostly in the page cache. Calls are made
   * where the command arrives while they prove quick, and on the executor while they prove slow.
   */
  BRIEFLY,
  /** As long as a network takes. Calls are always made on the executor. The default. */
  LONG
}

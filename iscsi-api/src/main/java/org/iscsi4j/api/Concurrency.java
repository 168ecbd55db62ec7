package org.iscsi4j.api;

/** How many calls of a {@link BlockDevice} may be under way at once. */
public enum Concurrency {
  /** Any number, from any threads. */
  PARALLEL,
  /**
   * One at a time; whoever serves the device sees to it. Calls take turns on the executor, whatever
   * {@link Capabilities#blocking} says, because a thread that serves connections must not wait for
   * its turn. Two servers know nothing of each other, so they must not share such a device.
   */
  SERIAL
}

package org.iscsi4j.api;

/** How many calls of a {@link BlockDevice} may be under way at once. */
public enum Concurrency {
  /** Any number, from any threads. */
  PARALLEL,
  /** One at a time; whoever serves the device sees to it. */
  SERIAL
}

package org.iscsi4j.api;

/**
 * A run of blocks of one allocation state.
 *
 * @param length bytes, at least one block
 * @param state what is known of all of them
 */
public record Extent(long length, State state) {

  /** The allocation state of a run. */
  public enum State {
    /** Storage stands behind every block. */
    ALLOCATED,
    /** No storage stands behind any block. */
    DEALLOCATED,
    /** The device can't say. */
    UNKNOWN
  }

  /** Checks the length. */
  public Extent {
    if (length < 1) {
      throw new IllegalArgumentException("length " + length + " is less than 1 byte");
    }
  }
}

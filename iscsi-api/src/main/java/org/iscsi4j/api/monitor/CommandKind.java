package org.iscsi4j.api.monitor;

/** What a command does with the medium, as far as statistics tell commands apart. */
public enum CommandKind {
  /** Sends blocks to the initiator: READ of all sizes. */
  READ,
  /**
   * Takes blocks from the initiator: WRITE of all sizes, WRITE AND VERIFY, WRITE SAME, WRITE
   * ATOMIC, COMPARE AND WRITE and ORWRITE.
   */
  WRITE,
  /** UNMAP. */
  UNMAP,
  /** SYNCHRONIZE CACHE of both sizes. */
  SYNCHRONIZE,
  /** Anything else, commands that the unit does not know included. */
  OTHER
}

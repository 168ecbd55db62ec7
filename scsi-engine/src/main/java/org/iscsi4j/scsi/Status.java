package org.iscsi4j.scsi;

/** Status codes (SAM-5 clause 5.3.1). */
public enum Status {
  /** The command did what it should. */
  GOOD(0x00),
  /** Sense data tells more. */
  CHECK_CONDITION(0x02),
  /** The condition that a PRE-FETCH asked for holds. */
  CONDITION_MET(0x04),
  /** Not now; trying again helps. */
  BUSY(0x08),
  /** Another initiator holds a reservation. */
  RESERVATION_CONFLICT(0x18),
  /** The task set has no room. */
  TASK_SET_FULL(0x28),
  /** An auto contingent allegiance stands. */
  ACA_ACTIVE(0x30),
  /** Another initiator ended the command. */
  TASK_ABORTED(0x40);

  private final int code;

  Status(int code) {
    this.code = code;
  }

  /** The byte on the wire. */
  public int code() {
    return code;
  }
}

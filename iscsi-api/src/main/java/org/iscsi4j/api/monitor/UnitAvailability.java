package org.iscsi4j.api.monitor;

/** Whether the medium of a logical unit can be used, and what keeps it from that. */
public enum UnitAvailability {
  /** It can. */
  READY,
  /** The host has taken the unit out of use. */
  OFFLINE,
  /** The medium of a removable unit is out. */
  EJECTED,
  /** The medium is being formatted or sanitized (SBC-4 clauses 4.33 and 4.11). */
  IN_PROGRESS,
  /** The last format or sanitize operation failed, and left the medium unusable. */
  MEDIUM_FAILED
}

package org.iscsi4j.api.monitor;

/** What initiators can do with a logical unit. */
public enum UnitState {
  /** Read and write. */
  READY,
  /** Read only: the host or the device keeps every initiator from writing. */
  READ_ONLY,
  /** Nothing with the medium, which is out. */
  EJECTED,
  /** Nothing with the medium: the host has taken the unit offline. */
  OFFLINE
}

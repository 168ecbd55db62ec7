package org.iscsi4j.api;

/**
 * How well the logical units of a server can be reached through one of its portal groups: the
 * asymmetric access states of SPC-4 clause 5.15.2 (ALUA). Initiators with several paths use the
 * best.
 */
public enum AccessState {
  /** Everything works, and this is the way that initiators should take. The state at the start. */
  ACTIVE_OPTIMIZED,
  /** Everything works, though more slowly than through a group that is optimized. */
  ACTIVE_NON_OPTIMIZED,
  /** Reads and writes are refused; initiators may take this way when the group becomes active. */
  STANDBY,
  /** As {@link #STANDBY}, with even fewer commands: the units can't be reached this way for now. */
  UNAVAILABLE,
  /** The way is out of use until somebody opens it again. */
  OFFLINE,
  /** On the way from one state to another: initiators wait and try again. */
  TRANSITIONING
}

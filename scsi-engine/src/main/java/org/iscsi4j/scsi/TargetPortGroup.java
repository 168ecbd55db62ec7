package org.iscsi4j.scsi;

import org.iscsi4j.api.AccessState;

/**
 * A target port group at one moment (SPC-4 clause 5.15.2.1). It holds one port of each target: a
 * SCSI port of iSCSI is a target together with a portal group.
 *
 * @param tag TARGET PORT GROUP, 1 to 65,535
 * @param relativePort relative target port identifier of its port
 * @param settled the last state that was no transition
 * @param preferred PREF
 * @param cause why the state is what it is
 */
record TargetPortGroup(
    int tag,
    int relativePort,
    AccessState state,
    AccessState settled,
    boolean preferred,
    Cause cause) {

  /** STATUS CODE, by its value. */
  enum Cause {
    NOTHING,
    EXPLICIT,
    IMPLICIT
  }

  static TargetPortGroup initial(int tag, int relativePort) {
    AccessState state = AccessState.ACTIVE_OPTIMIZED;
    return new TargetPortGroup(tag, relativePort, state, state, false, Cause.NOTHING);
  }

  TargetPortGroup in(AccessState next, Cause why) {
    AccessState last = next == AccessState.TRANSITIONING ? settled : next;
    return new TargetPortGroup(tag, relativePort, next, last, preferred, why);
  }

  TargetPortGroup preferred(boolean value) {
    return new TargetPortGroup(tag, relativePort, state, settled, value, cause);
  }
}

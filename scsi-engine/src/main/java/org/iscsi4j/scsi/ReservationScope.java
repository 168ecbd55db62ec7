package org.iscsi4j.scsi;

import org.iscsi4j.api.monitor.ReservationType;

/**
 * SCOPE and TYPE of a PERSISTENT RESERVE OUT.
 *
 * @param type null when it is none
 * @param refusal why they can't be had; {@link Sense#NONE} when they can
 */
record ReservationScope(ReservationType type, Sense refusal) {

  private static final int AT = 2;

  static ReservationScope of(Cdb cdb) {
    ReservationType type = ReservationType.of(cdb.u8(AT) & 0x0f).orElse(null);
    if (cdb.u8(AT) >> 4 != 0) {
      // LU_SCOPE is all there is
      return new ReservationScope(type, Sense.invalidFieldInCdb(AT, 7));
    }
    return new ReservationScope(type, type == null ? Sense.invalidFieldInCdb(AT, 3) : Sense.NONE);
  }
}

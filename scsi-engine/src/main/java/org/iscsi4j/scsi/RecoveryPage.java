package org.iscsi4j.scsi;

import org.iscsi4j.api.LogicalUnit;

/**
 * The read-write error recovery mode page (SBC-3 clause 6.5.8): nothing is reallocated or retried
 * by the unit itself. A thin unit can be told not to speak of its thresholds.
 */
final class RecoveryPage {

  static final int CODE = 0x01;

  private static final int LBPERE_AT = 5;
  private static final int LBPERE = 0x80;

  private RecoveryPage() {}

  static ModePage of(LogicalUnit unit) {
    boolean thin = unit.device().capabilities().deallocate();
    byte[] values = new byte[10];
    values[LBPERE_AT] = (byte) (thin ? LBPERE : 0);
    return ModePage.of(CODE, 0, values, values);
  }

  /** Whether a threshold that is reached is told (LBPERE). */
  static boolean reportsThresholds(byte[] values) {
    return (values[LBPERE_AT] & LBPERE) != 0;
  }
}

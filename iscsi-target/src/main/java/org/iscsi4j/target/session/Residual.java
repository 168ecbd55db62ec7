package org.iscsi4j.target.session;

import org.iscsi4j.protocol.DataInPdu;

/**
 * What differs between the data that an initiator expects and the data that a command moves (RFC
 * 7143 section 11.4.5). The flag bits are the same in Data-In and SCSI Response. Lengths are bytes.
 */
final class Residual {

  private Residual() {}

  static int flags(long expected, long moved) {
    if (moved == expected) {
      return 0;
    }
    return moved > expected ? DataInPdu.OVERFLOW : DataInPdu.UNDERFLOW;
  }

  static int count(long expected, long moved) {
    return (int) Math.abs(expected - moved);
  }
}

package org.iscsi4j.target.session;

import org.iscsi4j.protocol.DataInPdu;

/**
 * What differs between the data that an initiator expects and the data that a command moves (RFC
 * 7143 section 11.4.5). The flag bits are the same in Data-In and SCSI Response. Lengths are bytes.
 */
final class Residual {

  private Residual() {}

  /**
   * Whether the residual of a command is that of its write data. That of a bidirectional command
   * always is, and has one for its read data beside it; another command that is expected to move
   * nothing shows what it wanted to move, whichever way.
   */
  static boolean isOfWrite(
      boolean bidirectional, long expectedIn, long expectedOut, long movedOut) {
    return bidirectional || expectedOut > 0 || (expectedIn == 0 && movedOut > 0);
  }

  static int flags(long expected, long moved) {
    if (moved == expected) {
      return 0;
    }
    return moved > expected ? DataInPdu.OVERFLOW : DataInPdu.UNDERFLOW;
  }

  /** The o and u bits of a bidirectional command's read data. */
  static int readFlags(long expected, long moved) {
    return flags(expected, moved) << 2;
  }

  static int count(long expected, long moved) {
    return (int) Math.abs(expected - moved);
  }
}

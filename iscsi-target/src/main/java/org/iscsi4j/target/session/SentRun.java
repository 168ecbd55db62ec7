package org.iscsi4j.target.session;

import org.iscsi4j.protocol.ProtocolException;
import org.iscsi4j.protocol.RejectReason;

/**
 * The numbers that a SNACK asks for (RFC 7143 sections 11.16.6 and 11.16.7).
 *
 * @param from the first of them
 * @param count how many
 */
record SentRun(int from, int count) {

  /**
   * Reads BegRun and RunLength.
   *
   * @param unacknowledged the first number that was sent and is not acknowledged
   * @param next the number that was not sent yet
   * @throws ProtocolException when a number was not sent, or was acknowledged
   */
  static SentRun of(int begRun, int runLength, int unacknowledged, int next)
      throws ProtocolException {
    int available = next - unacknowledged;
    if (begRun == 0 && runLength == 0) {
      return new SentRun(unacknowledged, available);
    }
    // what lies before the first is far behind the last when numbers wrap
    int skipped = begRun - unacknowledged;
    boolean sent = Integer.compareUnsigned(skipped, available) < 0;
    int left = available - skipped;
    if (!sent || Integer.compareUnsigned(runLength, left) > 0) {
      throw new ProtocolException(
          RejectReason.PROTOCOL_ERROR,
          String.format(
              "run %s+%s is not within %s..%s",
              Integer.toUnsignedString(begRun),
              Integer.toUnsignedString(runLength),
              Integer.toUnsignedString(unacknowledged),
              Integer.toUnsignedString(next - 1)));
    }
    return new SentRun(begRun, runLength == 0 ? left : runLength);
  }
}

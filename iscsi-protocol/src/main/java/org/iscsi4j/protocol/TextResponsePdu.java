package org.iscsi4j.protocol;

import java.nio.ByteBuffer;

/**
 * Text Response (RFC 7143 section 11.11).
 *
 * @param last F: the exchange is over
 * @param continued C: the text goes on in the next response, perhaps in the middle of a pair
 * @param targetTransferTag {@link Pdu#RESERVED_TAG} when the exchange is over, otherwise the tag
 *     that the initiator's next request is to carry
 */
public record TextResponsePdu(
    boolean last,
    boolean continued,
    int dataSegmentLength,
    long lun,
    int initiatorTaskTag,
    int targetTransferTag,
    int statSn,
    int expCmdSn,
    int maxCmdSn)
    implements Pdu {

  public static TextResponsePdu decode(ByteBuffer bhs, int at) {
    return new TextResponsePdu(
        Bhs.isSet(bhs, at + 1, Bhs.FINAL), // F
        Bhs.isSet(bhs, at + 1, Bhs.CONTINUE), // C
        Pdu.dataSegmentLength(bhs, at), // DataSegmentLength
        bhs.getLong(at + 8), // LUN
        bhs.getInt(at + 16), // Initiator Task Tag
        bhs.getInt(at + 20), // Target Transfer Tag
        bhs.getInt(at + 24), // StatSN
        bhs.getInt(at + 28), // ExpCmdSN
        bhs.getInt(at + 32)); // MaxCmdSN
  }

  @Override
  public int opcode() {
    return Opcode.TEXT_RESPONSE;
  }

  @Override
  public void encode(ByteBuffer out, int at) {
    int flags = Bhs.flag(last, Bhs.FINAL) | Bhs.flag(continued, Bhs.CONTINUE);
    out.putInt(at, Bhs.word0(false, Opcode.TEXT_RESPONSE, flags, 0, 0));
    out.putInt(at + 4, Bhs.lengths(0, dataSegmentLength));
    out.putLong(at + 8, lun);
    out.putInt(at + 16, initiatorTaskTag);
    out.putInt(at + 20, targetTransferTag);
    out.putInt(at + 24, statSn);
    out.putInt(at + 28, expCmdSn);
    out.putInt(at + 32, maxCmdSn);
    out.putInt(at + 36, 0);
    out.putLong(at + 40, 0);
  }
}

package org.iscsi4j.protocol;

import java.nio.ByteBuffer;

/**
 * Text Request: key=value pairs in the full feature phase (RFC 7143 section 11.10).
 *
 * @param last F: the initiator has nothing more to say in this exchange
 * @param continued C: the text goes on in the next request, perhaps in the middle of a pair
 * @param targetTransferTag {@link Pdu#RESERVED_TAG} to begin an exchange, otherwise the tag of the
 *     target's last response
 */
public record TextRequestPdu(
    boolean immediate,
    boolean last,
    boolean continued,
    int ahsLength,
    int dataSegmentLength,
    long lun,
    int initiatorTaskTag,
    int targetTransferTag,
    int cmdSn,
    int expStatSn)
    implements Pdu {

  public static TextRequestPdu decode(ByteBuffer bhs, int at) {
    return new TextRequestPdu(
        Pdu.immediate(bhs, at), // I
        Bhs.isSet(bhs, at + 1, Bhs.FINAL), // F
        Bhs.isSet(bhs, at + 1, Bhs.CONTINUE), // C
        Pdu.ahsLength(bhs, at), // TotalAHSLength
        Pdu.dataSegmentLength(bhs, at), // DataSegmentLength
        bhs.getLong(at + 8), // LUN
        bhs.getInt(at + 16), // Initiator Task Tag
        bhs.getInt(at + 20), // Target Transfer Tag
        bhs.getInt(at + 24), // CmdSN
        bhs.getInt(at + 28)); // ExpStatSN
  }

  @Override
  public int opcode() {
    return Opcode.TEXT_REQUEST;
  }

  @Override
  public void encode(ByteBuffer out, int at) {
    int flags = Bhs.flag(last, Bhs.FINAL) | Bhs.flag(continued, Bhs.CONTINUE);
    out.putInt(at, Bhs.word0(immediate, Opcode.TEXT_REQUEST, flags, 0, 0));
    out.putInt(at + 4, Bhs.lengths(ahsLength, dataSegmentLength));
    out.putLong(at + 8, lun);
    out.putInt(at + 16, initiatorTaskTag);
    out.putInt(at + 20, targetTransferTag);
    out.putInt(at + 24, cmdSn);
    out.putInt(at + 28, expStatSn);
    out.putLong(at + 32, 0);
    out.putLong(at + 40, 0);
  }
}

package org.iscsi4j.protocol;

import java.nio.ByteBuffer;

/**
 * Reject: the header of the PDU that was refused is the data segment (RFC 7143 section 11.17).
 *
 * @param reason 0 to 255, see {@link RejectReason}
 * @param dataSn DataSN/R2TSN: the next one of the task, for rejected DataACK and Data SNACKs
 */
public record RejectPdu(
    int reason, int dataSegmentLength, int statSn, int expCmdSn, int maxCmdSn, int dataSn)
    implements Pdu {

  public static RejectPdu decode(ByteBuffer bhs, int at) {
    return new RejectPdu(
        Bhs.unsignedByte(bhs, at + 2), // Reason
        Pdu.dataSegmentLength(bhs, at), // DataSegmentLength
        bhs.getInt(at + 24), // StatSN
        bhs.getInt(at + 28), // ExpCmdSN
        bhs.getInt(at + 32), // MaxCmdSN
        bhs.getInt(at + 36)); // DataSN/R2TSN
  }

  @Override
  public int opcode() {
    return Opcode.REJECT;
  }

  /** Always {@link Pdu#RESERVED_TAG}. */
  @Override
  public int initiatorTaskTag() {
    return RESERVED_TAG;
  }

  @Override
  public void encode(ByteBuffer out, int at) {
    out.putInt(at, Bhs.word0(false, Opcode.REJECT, Bhs.FINAL, reason, 0));
    out.putInt(at + 4, Bhs.lengths(0, dataSegmentLength));
    out.putLong(at + 8, 0);
    out.putInt(at + 16, RESERVED_TAG);
    out.putInt(at + 20, 0);
    out.putInt(at + 24, statSn);
    out.putInt(at + 28, expCmdSn);
    out.putInt(at + 32, maxCmdSn);
    out.putInt(at + 36, dataSn);
    out.putLong(at + 40, 0);
  }
}

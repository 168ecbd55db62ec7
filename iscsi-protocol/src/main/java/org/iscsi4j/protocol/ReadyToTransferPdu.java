package org.iscsi4j.protocol;

import java.nio.ByteBuffer;

/**
 * Ready To Transfer: asks for a part of a command's write data (RFC 7143 section 11.8).
 *
 * @param targetTransferTag repeated by the Data-Out PDUs that answer; never {@link
 *     Pdu#RESERVED_TAG}
 * @param statSn the next StatSN of the connection, which this PDU does not use up
 * @param r2tSn the PDU's number among the command's R2T and Data-In PDUs, from 0
 * @param bufferOffset unsigned, in bytes from the start of the command's data
 * @param desiredDataTransferLength in bytes, 1 to MaxBurstLength
 */
public record ReadyToTransferPdu(
    long lun,
    int initiatorTaskTag,
    int targetTransferTag,
    int statSn,
    int expCmdSn,
    int maxCmdSn,
    int r2tSn,
    int bufferOffset,
    int desiredDataTransferLength)
    implements Pdu {

  public static ReadyToTransferPdu decode(ByteBuffer bhs, int at) {
    return new ReadyToTransferPdu(
        bhs.getLong(at + 8), // LUN
        bhs.getInt(at + 16), // Initiator Task Tag
        bhs.getInt(at + 20), // Target Transfer Tag
        bhs.getInt(at + 24), // StatSN
        bhs.getInt(at + 28), // ExpCmdSN
        bhs.getInt(at + 32), // MaxCmdSN
        bhs.getInt(at + 36), // R2TSN
        bhs.getInt(at + 40), // Buffer Offset
        bhs.getInt(at + 44)); // Desired Data Transfer Length
  }

  @Override
  public int opcode() {
    return Opcode.READY_TO_TRANSFER;
  }

  @Override
  public void encode(ByteBuffer out, int at) {
    out.putInt(at, Bhs.word0(false, Opcode.READY_TO_TRANSFER, Bhs.FINAL, 0, 0));
    out.putInt(at + 4, 0);
    out.putLong(at + 8, lun);
    out.putInt(at + 16, initiatorTaskTag);
    out.putInt(at + 20, targetTransferTag);
    out.putInt(at + 24, statSn);
    out.putInt(at + 28, expCmdSn);
    out.putInt(at + 32, maxCmdSn);
    out.putInt(at + 36, r2tSn);
    out.putInt(at + 40, bufferOffset);
    out.putInt(at + 44, desiredDataTransferLength);
  }
}

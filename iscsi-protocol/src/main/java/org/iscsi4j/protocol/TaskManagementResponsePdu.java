package org.iscsi4j.protocol;

import java.nio.ByteBuffer;

/**
 * Task Management Function Response (RFC 7143 section 11.6; the additional response information
 * from RFC 7144).
 *
 * @param response 0 to 255, see {@link TaskManagementResponse}
 * @param additionalResponse 24 bits that SAM-5 defines for QUERY ASYNCHRONOUS EVENT: the depth of
 *     pending conditions and the sense key, the additional sense code, its qualifier; 0 in the
 *     answer to any other function
 */
public record TaskManagementResponsePdu(
    int response,
    int ahsLength,
    int dataSegmentLength,
    int additionalResponse,
    int initiatorTaskTag,
    int statSn,
    int expCmdSn,
    int maxCmdSn)
    implements Pdu {

  /** An answer without additional response information. */
  public TaskManagementResponsePdu(
      int response,
      int ahsLength,
      int dataSegmentLength,
      int initiatorTaskTag,
      int statSn,
      int expCmdSn,
      int maxCmdSn) {
    this(response, ahsLength, dataSegmentLength, 0, initiatorTaskTag, statSn, expCmdSn, maxCmdSn);
  }

  public static TaskManagementResponsePdu decode(ByteBuffer bhs, int at) {
    return new TaskManagementResponsePdu(
        Bhs.unsignedByte(bhs, at + 2), // Response
        Pdu.ahsLength(bhs, at), // TotalAHSLength
        Pdu.dataSegmentLength(bhs, at), // DataSegmentLength
        bhs.getInt(at + 8) >>> 8, // Additional Response Information
        bhs.getInt(at + 16), // Initiator Task Tag
        bhs.getInt(at + 24), // StatSN
        bhs.getInt(at + 28), // ExpCmdSN
        bhs.getInt(at + 32)); // MaxCmdSN
  }

  @Override
  public int opcode() {
    return Opcode.TASK_MANAGEMENT_RESPONSE;
  }

  @Override
  public void encode(ByteBuffer out, int at) {
    out.putInt(at, Bhs.word0(false, Opcode.TASK_MANAGEMENT_RESPONSE, Bhs.FINAL, response, 0));
    out.putInt(at + 4, Bhs.lengths(ahsLength, dataSegmentLength));
    out.putInt(at + 8, additionalResponse << 8);
    out.putInt(at + 12, 0);
    out.putInt(at + 16, initiatorTaskTag);
    out.putInt(at + 20, 0);
    out.putInt(at + 24, statSn);
    out.putInt(at + 28, expCmdSn);
    out.putInt(at + 32, maxCmdSn);
    out.putInt(at + 36, 0);
    out.putLong(at + 40, 0);
  }
}

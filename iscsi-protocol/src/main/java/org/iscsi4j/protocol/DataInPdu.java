package org.iscsi4j.protocol;

import java.nio.ByteBuffer;

/**
 * SCSI Data-In: read data, the last PDU possibly with the command's status (RFC 7143 section 11.7).
 *
 * @param flags any of {@link #FINAL}, {@link #ACKNOWLEDGE}, {@link #OVERFLOW}, {@link #UNDERFLOW}
 *     and {@link #STATUS}
 * @param status the SAM status code; meaningful, like {@code statSn} and {@code residual}, only
 *     with {@link #STATUS}
 * @param targetTransferTag for the initiator's DataACK SNACK when {@link #ACKNOWLEDGE} is set,
 *     otherwise {@link Pdu#RESERVED_TAG}
 * @param dataSn the PDU's number among the command's Data-In and R2T PDUs, from 0
 * @param bufferOffset unsigned, in bytes from the start of the command's data
 * @param residual unsigned, in bytes
 */
public record DataInPdu(
    int flags,
    int status,
    int dataSegmentLength,
    long lun,
    int initiatorTaskTag,
    int targetTransferTag,
    int statSn,
    int expCmdSn,
    int maxCmdSn,
    int dataSn,
    int bufferOffset,
    int residual)
    implements Pdu {

  /** F: the last PDU of its sequence. */
  public static final int FINAL = 0x80;

  /** A: the initiator is to acknowledge everything up to here; ErrorRecoveryLevel 1 and above. */
  public static final int ACKNOWLEDGE = 0x40;

  /** O: the command wanted to move more than the expected data transfer length. */
  public static final int OVERFLOW = 0x04;

  /** U: the command moved less than the expected data transfer length. */
  public static final int UNDERFLOW = 0x02;

  /** S: the PDU carries the command's status; needs {@link #FINAL}. */
  public static final int STATUS = 0x01;

  private static final int FLAGS = FINAL | ACKNOWLEDGE | OVERFLOW | UNDERFLOW | STATUS;

  public static DataInPdu decode(ByteBuffer bhs, int at) {
    return new DataInPdu(
        bhs.get(at + 1) & FLAGS, // F, A, O, U, S
        Bhs.unsignedByte(bhs, at + 3), // Status
        Pdu.dataSegmentLength(bhs, at), // DataSegmentLength
        bhs.getLong(at + 8), // LUN
        bhs.getInt(at + 16), // Initiator Task Tag
        bhs.getInt(at + 20), // Target Transfer Tag
        bhs.getInt(at + 24), // StatSN
        bhs.getInt(at + 28), // ExpCmdSN
        bhs.getInt(at + 32), // MaxCmdSN
        bhs.getInt(at + 36), // DataSN
        bhs.getInt(at + 40), // Buffer Offset
        bhs.getInt(at + 44)); // Residual Count
  }

  @Override
  public int opcode() {
    return Opcode.DATA_IN;
  }

  @Override
  public void encode(ByteBuffer out, int at) {
    out.putInt(at, Bhs.word0(false, Opcode.DATA_IN, flags & FLAGS, 0, status));
    out.putInt(at + 4, Bhs.lengths(0, dataSegmentLength));
    out.putLong(at + 8, lun);
    out.putInt(at + 16, initiatorTaskTag);
    out.putInt(at + 20, targetTransferTag);
    out.putInt(at + 24, statSn);
    out.putInt(at + 28, expCmdSn);
    out.putInt(at + 32, maxCmdSn);
    out.putInt(at + 36, dataSn);
    out.putInt(at + 40, bufferOffset);
    out.putInt(at + 44, residual);
  }
}

package org.iscsi4j.protocol;

import java.nio.ByteBuffer;

/**
 * SCSI Response: a command's status, with sense or response data as its data segment (RFC 7143
 * section 11.4).
 *
 * @param flags any of {@link #BIDI_OVERFLOW}, {@link #BIDI_UNDERFLOW}, {@link #OVERFLOW} and {@link
 *     #UNDERFLOW}
 * @param response {@link #COMPLETED} or {@link #TARGET_FAILURE}, or 80h to ffh from a vendor
 * @param status the SAM status code; valid when {@code response} is {@link #COMPLETED}
 * @param snackTag the tag of the R-Data SNACK that this response confirms, or 0 (section 11.4.4)
 * @param expDataSn count of R2T and Data-In PDUs sent for the command (section 11.4.8)
 * @param bidirectionalReadResidual unsigned, in bytes
 * @param residual unsigned, in bytes
 */
public record ScsiResponsePdu(
    int flags,
    int response,
    int status,
    int dataSegmentLength,
    int initiatorTaskTag,
    int snackTag,
    int statSn,
    int expCmdSn,
    int maxCmdSn,
    int expDataSn,
    int bidirectionalReadResidual,
    int residual)
    implements Pdu {

  /** o: the bidirectional read wanted more than was expected. */
  public static final int BIDI_OVERFLOW = 0x10;

  /** u: the bidirectional read moved less than was expected. */
  public static final int BIDI_UNDERFLOW = 0x08;

  /** O: the command wanted to move more than the expected data transfer length. */
  public static final int OVERFLOW = 0x04;

  /** U: the command moved less than the expected data transfer length. */
  public static final int UNDERFLOW = 0x02;

  /** Response 00h: command completed at target. */
  public static final int COMPLETED = 0x00;

  /** Response 01h: target failure. */
  public static final int TARGET_FAILURE = 0x01;

  private static final int FLAGS = BIDI_OVERFLOW | BIDI_UNDERFLOW | OVERFLOW | UNDERFLOW;

  public static ScsiResponsePdu decode(ByteBuffer bhs, int at) {
    return new ScsiResponsePdu(
        bhs.get(at + 1) & FLAGS, // o, u, O, U
        Bhs.unsignedByte(bhs, at + 2), // Response
        Bhs.unsignedByte(bhs, at + 3), // Status
        Pdu.dataSegmentLength(bhs, at), // DataSegmentLength
        bhs.getInt(at + 16), // Initiator Task Tag
        bhs.getInt(at + 20), // SNACK Tag
        bhs.getInt(at + 24), // StatSN
        bhs.getInt(at + 28), // ExpCmdSN
        bhs.getInt(at + 32), // MaxCmdSN
        bhs.getInt(at + 36), // ExpDataSN
        bhs.getInt(at + 40), // Bidirectional Read Residual Count
        bhs.getInt(at + 44)); // Residual Count
  }

  @Override
  public int opcode() {
    return Opcode.SCSI_RESPONSE;
  }

  @Override
  public void encode(ByteBuffer out, int at) {
    int finalAndFlags = Bhs.FINAL | flags & FLAGS;
    out.putInt(at, Bhs.word0(false, Opcode.SCSI_RESPONSE, finalAndFlags, response, status));
    out.putInt(at + 4, Bhs.lengths(0, dataSegmentLength));
    out.putLong(at + 8, 0);
    out.putInt(at + 16, initiatorTaskTag);
    out.putInt(at + 20, snackTag);
    out.putInt(at + 24, statSn);
    out.putInt(at + 28, expCmdSn);
    out.putInt(at + 32, maxCmdSn);
    out.putInt(at + 36, expDataSn);
    out.putInt(at + 40, bidirectionalReadResidual);
    out.putInt(at + 44, residual);
  }
}

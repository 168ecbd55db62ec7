package org.iscsi4j.protocol;

import java.nio.ByteBuffer;

/**
 * Logout Request (RFC 7143 section 11.14).
 *
 * @param reason 0 to 127, see {@link LogoutReason#of}
 * @param cid the connection to close or to recover, 0 to 65535
 */
public record LogoutRequestPdu(
    boolean immediate,
    int reason,
    int ahsLength,
    int dataSegmentLength,
    int initiatorTaskTag,
    int cid,
    int cmdSn,
    int expStatSn)
    implements Pdu {

  public static LogoutRequestPdu decode(ByteBuffer bhs, int at) {
    return new LogoutRequestPdu(
        Pdu.immediate(bhs, at), // I
        bhs.get(at + 1) & 0x7f, // Reason Code
        Pdu.ahsLength(bhs, at), // TotalAHSLength
        Pdu.dataSegmentLength(bhs, at), // DataSegmentLength
        bhs.getInt(at + 16), // Initiator Task Tag
        Bhs.unsignedShort(bhs, at + 20), // CID
        bhs.getInt(at + 24), // CmdSN
        bhs.getInt(at + 28)); // ExpStatSN
  }

  @Override
  public int opcode() {
    return Opcode.LOGOUT_REQUEST;
  }

  @Override
  public void encode(ByteBuffer out, int at) {
    int finalAndReason = Bhs.FINAL | reason & 0x7f;
    out.putInt(at, Bhs.word0(immediate, Opcode.LOGOUT_REQUEST, finalAndReason, 0, 0));
    out.putInt(at + 4, Bhs.lengths(ahsLength, dataSegmentLength));
    out.putLong(at + 8, 0);
    out.putInt(at + 16, initiatorTaskTag);
    out.putInt(at + 20, Bhs.shorts(cid, 0));
    out.putInt(at + 24, cmdSn);
    out.putInt(at + 28, expStatSn);
    out.putLong(at + 32, 0);
    out.putLong(at + 40, 0);
  }
}

package org.iscsi4j.protocol;

import java.nio.ByteBuffer;

/**
 * Logout Response (RFC 7143 section 11.15).
 *
 * @param response 0 to 255, see {@link LogoutResponse}
 * @param time2Wait seconds to wait before the initiator comes back, 0 to 65535
 * @param time2Retain seconds after that for which the target keeps the tasks, 0 to 65535
 */
public record LogoutResponsePdu(
    int response,
    int initiatorTaskTag,
    int statSn,
    int expCmdSn,
    int maxCmdSn,
    int time2Wait,
    int time2Retain)
    implements Pdu {

  public static LogoutResponsePdu decode(ByteBuffer bhs, int at) {
    return new LogoutResponsePdu(
        Bhs.unsignedByte(bhs, at + 2), // Response
        bhs.getInt(at + 16), // Initiator Task Tag
        bhs.getInt(at + 24), // StatSN
        bhs.getInt(at + 28), // ExpCmdSN
        bhs.getInt(at + 32), // MaxCmdSN
        Bhs.unsignedShort(bhs, at + 40), // Time2Wait
        Bhs.unsignedShort(bhs, at + 42)); // Time2Retain
  }

  @Override
  public int opcode() {
    return Opcode.LOGOUT_RESPONSE;
  }

  @Override
  public void encode(ByteBuffer out, int at) {
    out.putInt(at, Bhs.word0(false, Opcode.LOGOUT_RESPONSE, Bhs.FINAL, response, 0));
    out.putInt(at + 4, 0);
    out.putLong(at + 8, 0);
    out.putInt(at + 16, initiatorTaskTag);
    out.putInt(at + 20, 0);
    out.putInt(at + 24, statSn);
    out.putInt(at + 28, expCmdSn);
    out.putInt(at + 32, maxCmdSn);
    out.putInt(at + 36, 0);
    out.putInt(at + 40, Bhs.shorts(time2Wait, time2Retain));
    out.putInt(at + 44, 0);
  }
}

package org.iscsi4j.protocol;

import java.nio.ByteBuffer;

/**
 * Login Response (RFC 7143 section 11.13).
 *
 * @param transit T: the login goes on to {@code nextStage}
 * @param continued C: the text goes on in the next response, perhaps in the middle of a pair
 * @param currentStage 0 to 3, see {@link LoginStage}
 * @param nextStage 0 to 3, meaningful with {@code transit}
 * @param versionMax the highest version the target knows, 0 to 255
 * @param versionActive the version in use from here on, 0 to 255
 * @param tsih the session's handle in the response that ends the login, before that the request's
 * @param statusClass 0 to 255, see {@link LoginStatus}
 * @param statusDetail 0 to 255
 */
public record LoginResponsePdu(
    boolean transit,
    boolean continued,
    int currentStage,
    int nextStage,
    int versionMax,
    int versionActive,
    int dataSegmentLength,
    Isid isid,
    int tsih,
    int initiatorTaskTag,
    int statSn,
    int expCmdSn,
    int maxCmdSn,
    int statusClass,
    int statusDetail)
    implements Pdu {

  public static LoginResponsePdu decode(ByteBuffer bhs, int at) {
    int flags = bhs.get(at + 1);
    return new LoginResponsePdu(
        (flags & Bhs.TRANSIT) != 0, // T
        (flags & Bhs.CONTINUE) != 0, // C
        flags >> 2 & 0x03, // CSG
        flags & 0x03, // NSG
        Bhs.unsignedByte(bhs, at + 2), // Version-max
        Bhs.unsignedByte(bhs, at + 3), // Version-active
        Pdu.dataSegmentLength(bhs, at), // DataSegmentLength
        Isid.decode(bhs, at + 8), // ISID
        Bhs.unsignedShort(bhs, at + 14), // TSIH
        bhs.getInt(at + 16), // Initiator Task Tag
        bhs.getInt(at + 24), // StatSN
        bhs.getInt(at + 28), // ExpCmdSN
        bhs.getInt(at + 32), // MaxCmdSN
        Bhs.unsignedByte(bhs, at + 36), // Status-Class
        Bhs.unsignedByte(bhs, at + 37)); // Status-Detail
  }

  @Override
  public int opcode() {
    return Opcode.LOGIN_RESPONSE;
  }

  @Override
  public void encode(ByteBuffer out, int at) {
    int flags =
        Bhs.flag(transit, Bhs.TRANSIT)
            | Bhs.flag(continued, Bhs.CONTINUE)
            | (currentStage & 0x03) << 2
            | nextStage & 0x03;
    out.putInt(at, Bhs.word0(false, Opcode.LOGIN_RESPONSE, flags, versionMax, versionActive));
    out.putInt(at + 4, Bhs.lengths(0, dataSegmentLength));
    out.putLong(at + 8, isid.value() << 16 | tsih & 0xffff);
    out.putInt(at + 16, initiatorTaskTag);
    out.putInt(at + 20, 0);
    out.putInt(at + 24, statSn);
    out.putInt(at + 28, expCmdSn);
    out.putInt(at + 32, maxCmdSn);
    out.put(at + 36, (byte) statusClass);
    out.put(at + 37, (byte) statusDetail);
    out.putShort(at + 38, (short) 0);
    out.putLong(at + 40, 0);
  }
}

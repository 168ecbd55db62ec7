package org.iscsi4j.protocol;

import java.nio.ByteBuffer;

/**
 * Login Request (RFC 7143 section 11.12). It is always immediate: {@link #encode} sets the I bit,
 * and {@link #decode} does not look at it.
 *
 * @param transit T: the initiator is ready to go on to {@code nextStage}
 * @param continued C: the text goes on in the next request, perhaps in the middle of a pair
 * @param currentStage 0 to 3, see {@link LoginStage}
 * @param nextStage 0 to 3, meaningful with {@code transit}
 * @param versionMax 0 to 255; RFC 7143 is version 0
 * @param versionMin 0 to 255
 * @param tsih 0 for a new session, otherwise the session that the connection is to join
 * @param cid the connection's number in its session, 0 to 65535
 */
public record LoginRequestPdu(
    boolean transit,
    boolean continued,
    int currentStage,
    int nextStage,
    int versionMax,
    int versionMin,
    int ahsLength,
    int dataSegmentLength,
    Isid isid,
    int tsih,
    int initiatorTaskTag,
    int cid,
    int cmdSn,
    int expStatSn)
    implements Pdu {

  public static LoginRequestPdu decode(ByteBuffer bhs, int at) {
    int flags = bhs.get(at + 1);
    return new LoginRequestPdu(
        (flags & Bhs.TRANSIT) != 0, // T
        (flags & Bhs.CONTINUE) != 0, // C
        flags >> 2 & 0x03, // CSG
        flags & 0x03, // NSG
        Bhs.unsignedByte(bhs, at + 2), // Version-max
        Bhs.unsignedByte(bhs, at + 3), // Version-min
        Pdu.ahsLength(bhs, at), // TotalAHSLength
        Pdu.dataSegmentLength(bhs, at), // DataSegmentLength
        Isid.decode(bhs, at + 8), // ISID
        Bhs.unsignedShort(bhs, at + 14), // TSIH
        bhs.getInt(at + 16), // Initiator Task Tag
        Bhs.unsignedShort(bhs, at + 20), // CID
        bhs.getInt(at + 24), // CmdSN
        bhs.getInt(at + 28)); // ExpStatSN
  }

  @Override
  public int opcode() {
    return Opcode.LOGIN_REQUEST;
  }

  @Override
  public void encode(ByteBuffer out, int at) {
    int flags =
        Bhs.flag(transit, Bhs.TRANSIT)
            | Bhs.flag(continued, Bhs.CONTINUE)
            | (currentStage & 0x03) << 2
            | nextStage & 0x03;
    out.putInt(at, Bhs.word0(true, Opcode.LOGIN_REQUEST, flags, versionMax, versionMin));
    out.putInt(at + 4, Bhs.lengths(ahsLength, dataSegmentLength));
    out.putLong(at + 8, isid.value() << 16 | tsih & 0xffff);
    out.putInt(at + 16, initiatorTaskTag);
    out.putInt(at + 20, Bhs.shorts(cid, 0));
    out.putInt(at + 24, cmdSn);
    out.putInt(at + 28, expStatSn);
    out.putLong(at + 32, 0);
    out.putLong(at + 40, 0);
  }
}

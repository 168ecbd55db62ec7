package org.iscsi4j.protocol;

import java.nio.ByteBuffer;

/**
 * Asynchronous Message: what a target tells without being asked (RFC 7143 section 11.9).
 *
 * @param asyncEvent 0 to 255, see {@link AsyncEvent}
 * @param asyncVCode a vendor's code for event 255, otherwise 0
 * @param parameter1 0 to 65535, by event: the CID that is dropped
 * @param parameter2 0 to 65535, by event: Time2Wait in seconds
 * @param parameter3 0 to 65535, by event: Time2Retain, or the time left for a logout or a
 *     negotiation, in seconds
 */
public record AsyncMessagePdu(
    int dataSegmentLength,
    long lun,
    int statSn,
    int expCmdSn,
    int maxCmdSn,
    int asyncEvent,
    int asyncVCode,
    int parameter1,
    int parameter2,
    int parameter3)
    implements Pdu {

  public static AsyncMessagePdu decode(ByteBuffer bhs, int at) {
    return new AsyncMessagePdu(
        Pdu.dataSegmentLength(bhs, at), // DataSegmentLength
        bhs.getLong(at + 8), // LUN
        bhs.getInt(at + 24), // StatSN
        bhs.getInt(at + 28), // ExpCmdSN
        bhs.getInt(at + 32), // MaxCmdSN
        Bhs.unsignedByte(bhs, at + 36), // AsyncEvent
        Bhs.unsignedByte(bhs, at + 37), // AsyncVCode
        Bhs.unsignedShort(bhs, at + 38), // Parameter1
        Bhs.unsignedShort(bhs, at + 40), // Parameter2
        Bhs.unsignedShort(bhs, at + 42)); // Parameter3
  }

  @Override
  public int opcode() {
    return Opcode.ASYNC_MESSAGE;
  }

  /** Always {@link Pdu#RESERVED_TAG}. */
  @Override
  public int initiatorTaskTag() {
    return RESERVED_TAG;
  }

  @Override
  public void encode(ByteBuffer out, int at) {
    out.putInt(at, Bhs.word0(false, Opcode.ASYNC_MESSAGE, Bhs.FINAL, 0, 0));
    out.putInt(at + 4, Bhs.lengths(0, dataSegmentLength));
    out.putLong(at + 8, lun);
    out.putInt(at + 16, RESERVED_TAG);
    out.putInt(at + 20, 0);
    out.putInt(at + 24, statSn);
    out.putInt(at + 28, expCmdSn);
    out.putInt(at + 32, maxCmdSn);
    out.put(at + 36, (byte) asyncEvent);
    out.put(at + 37, (byte) asyncVCode);
    out.putShort(at + 38, (short) parameter1);
    out.putInt(at + 40, Bhs.shorts(parameter2, parameter3));
    out.putInt(at + 44, 0);
  }
}

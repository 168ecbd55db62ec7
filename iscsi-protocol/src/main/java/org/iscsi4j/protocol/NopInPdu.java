package org.iscsi4j.protocol;

import java.nio.ByteBuffer;

/**
 * NOP-In: the target's answer to a ping, or its own (RFC 7143 section 11.19).
 *
 * <p>A ping of the target has an {@code initiatorTaskTag} of {@link Pdu#RESERVED_TAG} and shows the
 * next {@code statSn} without using it up; with a {@code targetTransferTag} of {@link
 * Pdu#RESERVED_TAG} it wants no answer.
 */
public record NopInPdu(
    int dataSegmentLength,
    long lun,
    int initiatorTaskTag,
    int targetTransferTag,
    int statSn,
    int expCmdSn,
    int maxCmdSn)
    implements Pdu {

  public static NopInPdu decode(ByteBuffer bhs, int at) {
    return new NopInPdu(
        Pdu.dataSegmentLength(bhs, at), // DataSegmentLength
        bhs.getLong(at + 8), // LUN
        bhs.getInt(at + 16), // Initiator Task Tag
        bhs.getInt(at + 20), // Target Transfer Tag
        bhs.getInt(at + 24), // StatSN
        bhs.getInt(at + 28), // ExpCmdSN
        bhs.getInt(at + 32)); // MaxCmdSN
  }

  @Override
  public int opcode() {
    return Opcode.NOP_IN;
  }

  @Override
  public void encode(ByteBuffer out, int at) {
    out.putInt(at, Bhs.word0(false, Opcode.NOP_IN, Bhs.FINAL, 0, 0));
    out.putInt(at + 4, Bhs.lengths(0, dataSegmentLength));
    out.putLong(at + 8, lun);
    out.putInt(at + 16, initiatorTaskTag);
    out.putInt(at + 20, targetTransferTag);
    out.putInt(at + 24, statSn);
    out.putInt(at + 28, expCmdSn);
    out.putInt(at + 32, maxCmdSn);
    out.putInt(at + 36, 0);
    out.putLong(at + 40, 0);
  }
}

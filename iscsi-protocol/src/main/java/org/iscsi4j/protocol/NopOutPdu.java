package org.iscsi4j.protocol;

import java.nio.ByteBuffer;

/**
 * NOP-Out: the initiator's ping, or its answer to the target's (RFC 7143 section 11.18).
 *
 * <p>An {@code initiatorTaskTag} of {@link Pdu#RESERVED_TAG} wants no answer; a {@code
 * targetTransferTag} other than that answers the {@link NopInPdu} it came from.
 */
public record NopOutPdu(
    boolean immediate,
    int ahsLength,
    int dataSegmentLength,
    long lun,
    int initiatorTaskTag,
    int targetTransferTag,
    int cmdSn,
    int expStatSn)
    implements Pdu {

  public static NopOutPdu decode(ByteBuffer bhs, int at) {
    return new NopOutPdu(
        Pdu.immediate(bhs, at), // I
        Pdu.ahsLength(bhs, at), // TotalAHSLength
        Pdu.dataSegmentLength(bhs, at), // DataSegmentLength
        bhs.getLong(at + 8), // LUN
        bhs.getInt(at + 16), // Initiator Task Tag
        bhs.getInt(at + 20), // Target Transfer Tag
        bhs.getInt(at + 24), // CmdSN
        bhs.getInt(at + 28)); // ExpStatSN
  }

  @Override
  public int opcode() {
    return Opcode.NOP_OUT;
  }

  @Override
  public void encode(ByteBuffer out, int at) {
    out.putInt(at, Bhs.word0(immediate, Opcode.NOP_OUT, Bhs.FINAL, 0, 0));
    out.putInt(at + 4, Bhs.lengths(ahsLength, dataSegmentLength));
    out.putLong(at + 8, lun);
    out.putInt(at + 16, initiatorTaskTag);
    out.putInt(at + 20, targetTransferTag);
    out.putInt(at + 24, cmdSn);
    out.putInt(at + 28, expStatSn);
    out.putLong(at + 32, 0);
    out.putLong(at + 40, 0);
  }
}

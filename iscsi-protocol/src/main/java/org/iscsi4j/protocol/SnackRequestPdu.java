package org.iscsi4j.protocol;

import java.nio.ByteBuffer;

/**
 * SNACK Request: asks for lost PDUs again, or acknowledges Data-In (RFC 7143 section 11.16).
 *
 * @param type 0 to 15, see {@link SnackType#of}
 * @param targetTransferTag the tag of the Data-In with the A bit for a DataACK, the SNACK tag for
 *     an R-Data SNACK, otherwise {@link Pdu#RESERVED_TAG}
 * @param begRun the first missing DataSN, R2TSN or StatSN, or the next expected DataSN of a DataACK
 * @param runLength how many are missing; 0 for all from {@code begRun} on
 */
public record SnackRequestPdu(
    int type,
    int ahsLength,
    int dataSegmentLength,
    long lun,
    int initiatorTaskTag,
    int targetTransferTag,
    int expStatSn,
    int begRun,
    int runLength)
    implements Pdu {

  public static SnackRequestPdu decode(ByteBuffer bhs, int at) {
    return new SnackRequestPdu(
        bhs.get(at + 1) & 0x0f, // Type
        Pdu.ahsLength(bhs, at), // TotalAHSLength
        Pdu.dataSegmentLength(bhs, at), // DataSegmentLength
        bhs.getLong(at + 8), // LUN
        bhs.getInt(at + 16), // Initiator Task Tag
        bhs.getInt(at + 20), // Target Transfer Tag or SNACK Tag
        bhs.getInt(at + 28), // ExpStatSN
        bhs.getInt(at + 40), // BegRun
        bhs.getInt(at + 44)); // RunLength
  }

  @Override
  public int opcode() {
    return Opcode.SNACK_REQUEST;
  }

  @Override
  public void encode(ByteBuffer out, int at) {
    out.putInt(at, Bhs.word0(false, Opcode.SNACK_REQUEST, Bhs.FINAL | type & 0x0f, 0, 0));
    out.putInt(at + 4, Bhs.lengths(ahsLength, dataSegmentLength));
    out.putLong(at + 8, lun);
    out.putInt(at + 16, initiatorTaskTag);
    out.putInt(at + 20, targetTransferTag);
    out.putInt(at + 24, 0);
    out.putInt(at + 28, expStatSn);
    out.putLong(at + 32, 0);
    out.putInt(at + 40, begRun);
    out.putInt(at + 44, runLength);
  }
}

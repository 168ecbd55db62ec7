package org.iscsi4j.protocol;

import java.nio.ByteBuffer;

/**
 * SCSI Data-Out: write data, unsolicited or for an R2T (RFC 7143 section 11.7).
 *
 * @param last F: the last PDU of its sequence
 * @param targetTransferTag the tag of the R2T that asked for the data, or {@link Pdu#RESERVED_TAG}
 *     for unsolicited data
 * @param dataSn the PDU's number in its sequence, from 0
 * @param bufferOffset unsigned, in bytes from the start of the command's data
 */
public record DataOutPdu(
    boolean last,
    int ahsLength,
    int dataSegmentLength,
    long lun,
    int initiatorTaskTag,
    int targetTransferTag,
    int expStatSn,
    int dataSn,
    int bufferOffset)
    implements Pdu {

  public static DataOutPdu decode(ByteBuffer bhs, int at) {
    return new DataOutPdu(
        Bhs.isSet(bhs, at + 1, Bhs.FINAL), // F
        Pdu.ahsLength(bhs, at), // TotalAHSLength
        Pdu.dataSegmentLength(bhs, at), // DataSegmentLength
        bhs.getLong(at + 8), // LUN
        bhs.getInt(at + 16), // Initiator Task Tag
        bhs.getInt(at + 20), // Target Transfer Tag
        bhs.getInt(at + 28), // ExpStatSN
        bhs.getInt(at + 36), // DataSN
        bhs.getInt(at + 40)); // Buffer Offset
  }

  @Override
  public int opcode() {
    return Opcode.DATA_OUT;
  }

  @Override
  public void encode(ByteBuffer out, int at) {
    out.putInt(at, Bhs.word0(false, Opcode.DATA_OUT, Bhs.flag(last, Bhs.FINAL), 0, 0));
    out.putInt(at + 4, Bhs.lengths(ahsLength, dataSegmentLength));
    out.putLong(at + 8, lun);
    out.putInt(at + 16, initiatorTaskTag);
    out.putInt(at + 20, targetTransferTag);
    out.putInt(at + 24, 0);
    out.putInt(at + 28, expStatSn);
    out.putInt(at + 32, 0);
    out.putInt(at + 36, dataSn);
    out.putInt(at + 40, bufferOffset);
    out.putInt(at + 44, 0);
  }
}

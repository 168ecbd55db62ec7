package org.iscsi4j.protocol;

import java.nio.ByteBuffer;

/**
 * SCSI Command (RFC 7143 section 11.3; the priority from RFC 7144).
 *
 * <p>The first 16 bytes of the CDB are two words, so that a command is decoded without an array;
 * the rest of a longer CDB is an {@link AdditionalHeader.ExtendedCdb}.
 *
 * @param last F: no unsolicited Data-Out PDUs follow
 * @param read R: the command is expected to read
 * @param write W: the command is expected to write
 * @param attribute the SAM task attribute, 0 to 7, of which RFC 7143 defines {@link #UNTAGGED} to
 *     {@link #ACA}
 * @param priority command priority 0 (none) to 15, meaningful from iSCSIProtocolLevel 2 on
 * @param expectedDataTransferLength unsigned, in bytes; of the write part of a bidirectional
 *     command
 * @param cdbHigh bytes 0 to 7 of the CDB, byte 0 the most significant
 * @param cdbLow bytes 8 to 15 of the CDB
 */
public record ScsiCommandPdu(
    boolean immediate,
    boolean last,
    boolean read,
    boolean write,
    int attribute,
    int priority,
    int ahsLength,
    int dataSegmentLength,
    long lun,
    int initiatorTaskTag,
    int expectedDataTransferLength,
    int cmdSn,
    int expStatSn,
    long cdbHigh,
    long cdbLow)
    implements Pdu {

  public static final int UNTAGGED = 0;
  public static final int SIMPLE = 1;
  public static final int ORDERED = 2;
  public static final int HEAD_OF_QUEUE = 3;
  public static final int ACA = 4;

  private static final int READ = 0x40;
  private static final int WRITE = 0x20;

  public static ScsiCommandPdu decode(ByteBuffer bhs, int at) {
    int flags = bhs.get(at + 1);
    return new ScsiCommandPdu(
        Pdu.immediate(bhs, at), // I
        (flags & Bhs.FINAL) != 0, // F
        (flags & READ) != 0, // R
        (flags & WRITE) != 0, // W
        flags & 0x07, // ATTR
        bhs.get(at + 2) & 0x0f, // PRI
        Pdu.ahsLength(bhs, at), // TotalAHSLength
        Pdu.dataSegmentLength(bhs, at), // DataSegmentLength
        bhs.getLong(at + 8), // LUN
        bhs.getInt(at + 16), // Initiator Task Tag
        bhs.getInt(at + 20), // Expected Data Transfer Length
        bhs.getInt(at + 24), // CmdSN
        bhs.getInt(at + 28), // ExpStatSN
        bhs.getLong(at + 32), // CDB, bytes 0-7
        bhs.getLong(at + 40)); // CDB, bytes 8-15
  }

  @Override
  public int opcode() {
    return Opcode.SCSI_COMMAND;
  }

  @Override
  public void encode(ByteBuffer out, int at) {
    int flags =
        Bhs.flag(last, Bhs.FINAL)
            | Bhs.flag(read, READ)
            | Bhs.flag(write, WRITE)
            | attribute & 0x07;
    out.putInt(at, Bhs.word0(immediate, Opcode.SCSI_COMMAND, flags, priority & 0x0f, 0));
    out.putInt(at + 4, Bhs.lengths(ahsLength, dataSegmentLength));
    out.putLong(at + 8, lun);
    out.putInt(at + 16, initiatorTaskTag);
    out.putInt(at + 20, expectedDataTransferLength);
    out.putInt(at + 24, cmdSn);
    out.putInt(at + 28, expStatSn);
    out.putLong(at + 32, cdbHigh);
    out.putLong(at + 40, cdbLow);
  }
}

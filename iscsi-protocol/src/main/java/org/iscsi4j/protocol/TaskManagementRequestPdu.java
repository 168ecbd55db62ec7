package org.iscsi4j.protocol;

import java.nio.ByteBuffer;

/**
 * Task Management Function Request (RFC 7143 section 11.5).
 *
 * @param function 0 to 127, see {@link TaskManagementFunction#of}
 * @param referencedTaskTag the initiator task tag of the task to act on, for ABORT TASK, TASK
 *     REASSIGN and QUERY TASK; otherwise {@link Pdu#RESERVED_TAG}
 * @param refCmdSn the CmdSN of that task
 * @param expDataSn for TASK REASSIGN: the next Data-In or R2T the initiator expects
 */
public record TaskManagementRequestPdu(
    boolean immediate,
    int function,
    int ahsLength,
    int dataSegmentLength,
    long lun,
    int initiatorTaskTag,
    int referencedTaskTag,
    int cmdSn,
    int expStatSn,
    int refCmdSn,
    int expDataSn)
    implements Pdu {

  public static TaskManagementRequestPdu decode(ByteBuffer bhs, int at) {
    return new TaskManagementRequestPdu(
        Pdu.immediate(bhs, at), // I
        bhs.get(at + 1) & 0x7f, // Function
        Pdu.ahsLength(bhs, at), // TotalAHSLength
        Pdu.dataSegmentLength(bhs, at), // DataSegmentLength
        bhs.getLong(at + 8), // LUN
        bhs.getInt(at + 16), // Initiator Task Tag
        bhs.getInt(at + 20), // Referenced Task Tag
        bhs.getInt(at + 24), // CmdSN
        bhs.getInt(at + 28), // ExpStatSN
        bhs.getInt(at + 32), // RefCmdSN
        bhs.getInt(at + 36)); // ExpDataSN
  }

  @Override
  public int opcode() {
    return Opcode.TASK_MANAGEMENT_REQUEST;
  }

  @Override
  public void encode(ByteBuffer out, int at) {
    int finalAndFunction = Bhs.FINAL | function & 0x7f;
    out.putInt(at, Bhs.word0(immediate, Opcode.TASK_MANAGEMENT_REQUEST, finalAndFunction, 0, 0));
    out.putInt(at + 4, Bhs.lengths(ahsLength, dataSegmentLength));
    out.putLong(at + 8, lun);
    out.putInt(at + 16, initiatorTaskTag);
    out.putInt(at + 20, referencedTaskTag);
    out.putInt(at + 24, cmdSn);
    out.putInt(at + 28, expStatSn);
    out.putInt(at + 32, refCmdSn);
    out.putInt(at + 36, expDataSn);
    out.putLong(at + 40, 0);
  }
}

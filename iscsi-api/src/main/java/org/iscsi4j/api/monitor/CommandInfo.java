package org.iscsi4j.api.monitor;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * A SCSI command that has ended. Immutable.
 *
 * @param ports who sent it, and to which target
 * @param lun the number of the logical unit as the initiator knows it
 * @param serial the serial of the unit, see {@link org.iscsi4j.api.Identity}
 * @param name the command's, such as {@code READ(10)}
 * @param kind as what it is counted
 * @param opcode operation code, 0 to 255
 * @param serviceAction of an operation code that has some, 0 to 65,535; else -1
 * @param lba first logical block, of a command that names a range
 * @param blocks number of logical blocks, of a command that names a range
 * @param bytes data that it moved between initiator and unit; 0 when it did not end well
 * @param status SAM-5 status code: 00h GOOD, 02h CHECK CONDITION, 04h CONDITION MET, 08h BUSY, 18h
 *     RESERVATION CONFLICT, 28h TASK SET FULL, 30h ACA ACTIVE; 40h TASK ABORTED of one that was
 *     ended before its time, whether or not the initiator was answered so
 * @param sense of a command that ended with CHECK CONDITION
 * @param durationNanos from its arrival to its status, the transfer of write data included
 */
public record CommandInfo(
    NexusPorts ports,
    int lun,
    String serial,
    String name,
    CommandKind kind,
    int opcode,
    int serviceAction,
    OptionalLong lba,
    OptionalLong blocks,
    long bytes,
    int status,
    Optional<SenseCode> sense,
    long durationNanos) {

  private static final int GOOD = 0x00;
  private static final int CONDITION_MET = 0x04;

  /** Whether it ended well. */
  public boolean good() {
    return status == GOOD || status == CONDITION_MET;
  }
}

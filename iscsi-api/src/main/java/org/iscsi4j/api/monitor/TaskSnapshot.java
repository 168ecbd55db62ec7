package org.iscsi4j.api.monitor;

import java.time.Duration;
import java.util.Objects;

/**
 * A SCSI command that has come and is not over, at one moment. Immutable.
 *
 * @param tag the initiator task tag, 0 to 4,294,967,294
 * @param cid the connection that it is allegiant to, see {@link ConnectionInfo#cid}
 * @param lun the logical unit, 0 to 16,383; -1 of a LUN of another form, such as a well-known one
 * @param command its name in the standards, such as {@code READ(10)}
 * @param cdb the command descriptor block in hexadecimal, 16 bytes at least
 * @param expectedIn bytes that the initiator is ready to take
 * @param expectedOut bytes that the initiator is ready to give
 * @param immediate whether it was sent for immediate delivery, outside the command window
 * @param state what it waits for
 * @param age since it came
 */
public record TaskSnapshot(
    long tag,
    int cid,
    int lun,
    String command,
    String cdb,
    long expectedIn,
    long expectedOut,
    boolean immediate,
    State state,
    Duration age) {

  /** What a command waits for. */
  public enum State {
    /** For write data of the initiator, or for room to put it. */
    AWAITS_DATA,
    /** For its turn among other commands to the unit. */
    QUEUED,
    /** For a call to the device. */
    IN_DEVICE,
    /**
     * For its data and status to be sent: for the initiator to read, or to end sending, or for a
     * connection to send them over.
     */
    ANSWERING,
    /** It was aborted, and a device call of it has not come back yet. */
    ABORTED
  }

  /** Checks that nothing is missing. */
  public TaskSnapshot {
    Objects.requireNonNull(command, "command");
    Objects.requireNonNull(cdb, "cdb");
    Objects.requireNonNull(state, "state");
    Objects.requireNonNull(age, "age");
  }
}

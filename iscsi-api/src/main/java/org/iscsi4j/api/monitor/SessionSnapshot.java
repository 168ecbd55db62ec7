package org.iscsi4j.api.monitor;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.iscsi4j.api.SessionInfo;

/**
 * A session at one moment. Immutable.
 *
 * @param info who talks to whom
 * @param opened when its leading login ended, by the clock of the machine
 * @param age since then, whatever was done to that clock
 * @param negotiated what was agreed for the session, by the names of RFC 7143 section 13 and in its
 *     order; lengths are bytes, times are seconds
 * @param errorRecoveryLevel 0 to 2
 * @param expCmdSn CmdSN of the command that comes next, 0 to 4,294,967,295
 * @param maxCmdSn the highest CmdSN that may come, 0 to 4,294,967,295; one less than {@code
 *     expCmdSn} when none may
 * @param bytesHeld bytes of commands' data that the session holds in buffers
 * @param commands commands that came since the session was opened
 * @param connections in the order in which they came; those that are lost and may be recovered
 *     first
 * @param tasks commands that are not over, the oldest first
 */
public record SessionSnapshot(
    SessionInfo info,
    Instant opened,
    Duration age,
    Map<String, String> negotiated,
    int errorRecoveryLevel,
    long expCmdSn,
    long maxCmdSn,
    long bytesHeld,
    long commands,
    List<ConnectionSnapshot> connections,
    List<TaskSnapshot> tasks) {

  /** Takes copies. */
  public SessionSnapshot {
    Objects.requireNonNull(info, "info");
    Objects.requireNonNull(opened, "opened");
    Objects.requireNonNull(age, "age");
    negotiated = InOrder.copy(negotiated);
    connections = List.copyOf(connections);
    tasks = List.copyOf(tasks);
  }
}

package org.iscsi4j.api.monitor;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;

/**
 * A connection of a session at one moment. Immutable.
 *
 * @param lost whether it is gone, and its commands wait to be reassigned to another one
 *     (ErrorRecoveryLevel 2, RFC 7143 section 7.2.2)
 * @param negotiated what was agreed for this connection alone, by the names of RFC 7143 section 13:
 *     HeaderDigest, DataDigest, and MaxRecvDataSegmentLength of the {@code initiator} and the
 *     {@code target}, in bytes
 * @param bytesIn bytes received since it was accepted, login, headers and digests included
 * @param bytesOut bytes sent since it was accepted
 * @param bytesQueued bytes that wait until the initiator reads what was sent before
 * @param idle since the initiator last showed that it lives, by sending or by taking what was sent
 */
public record ConnectionSnapshot(
    ConnectionInfo info,
    boolean lost,
    Map<String, String> negotiated,
    long bytesIn,
    long bytesOut,
    long bytesQueued,
    Duration idle) {

  /** Takes copies. */
  public ConnectionSnapshot {
    Objects.requireNonNull(info, "info");
    negotiated = InOrder.copy(negotiated);
    Objects.requireNonNull(idle, "idle");
  }
}

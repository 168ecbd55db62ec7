package org.iscsi4j.target.session;

import org.iscsi4j.target.limit.Pools;
import org.iscsi4j.target.limit.ServerLimits;

/**
 * What one session may hold, and what it says without being asked.
 *
 * @param server what holds for all sessions together, and for one that begins now
 * @param keepAliveInterval nanoseconds of silence after which the initiator is asked whether it
 *     lives
 * @param keepAliveTimeout further nanoseconds of silence after which the connection ends
 * @param abortTimeout nanoseconds that a device may hold on to an aborted write before whoever
 *     waits for the end of it is told so
 * @param reportsUnitAttentions whether unit attentions are reported as they are established
 */
public record SessionLimits(
    ServerLimits server,
    long keepAliveInterval,
    long keepAliveTimeout,
    long abortTimeout,
    boolean reportsUnitAttentions) {

  /** Commands outstanding at once in a session that begins now. */
  public int queueDepth() {
    return server.current().commandsPerSession();
  }

  /** Bytes of data that the transfers of a session that begins now hold in buffers at once. */
  long transferBytes() {
    return server.current().transferBytesPerSession();
  }

  /** What all sessions have together. */
  Pools pools() {
    return server.pools();
  }
}

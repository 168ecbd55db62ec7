package org.iscsi4j.target.session;

import org.iscsi4j.target.limit.Pools;
import org.iscsi4j.target.limit.ServerLimits;

/**
 * What one session may hold, and what it says without being asked.
 *
 * @param server what holds for all sessions together
 * @param queueDepth commands outstanding at once
 * @param keepAliveInterval nanoseconds of silence after which the initiator is asked whether it
 *     lives; 0 for never
 * @param keepAliveTimeout further nanoseconds of silence after which the connection ends
 * @param abortTimeout nanoseconds that a device may hold on to an aborted write before whoever
 *     waits for the end of it is told so
 * @param reportsUnitAttentions whether unit attentions are reported as they are established
 */
public record SessionLimits(
    ServerLimits server,
    int queueDepth,
    long keepAliveInterval,
    long keepAliveTimeout,
    long abortTimeout,
    boolean reportsUnitAttentions) {

  /** Bytes of data that the transfers of a session that begins now hold in buffers at once. */
  long transferBytes() {
    return server.current().transferBytesPerSession();
  }

  /** What all sessions have together. */
  Pools pools() {
    return server.pools();
  }
}

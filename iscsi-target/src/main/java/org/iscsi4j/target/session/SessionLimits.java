package org.iscsi4j.target.session;

import java.util.concurrent.Semaphore;

/**
 * What one session may hold, and what it says without being asked.
 *
 * @param queueDepth commands outstanding at once
 * @param transferBytes bytes of data that its transfers hold in buffers at once
 * @param keepAliveInterval nanoseconds of silence after which the initiator is asked whether it
 *     lives
 * @param keepAliveTimeout further nanoseconds of silence after which the connection ends
 * @param abortTimeout nanoseconds that a device may hold on to an aborted write before whoever
 *     waits for the end of it is told so
 * @param lostConnections places for connections that are lost and may be recovered, of all sessions
 * @param reportsUnitAttentions whether unit attentions are reported as they are established
 */
public record SessionLimits(
    int queueDepth,
    long transferBytes,
    long keepAliveInterval,
    long keepAliveTimeout,
    long abortTimeout,
    Semaphore lostConnections,
    boolean reportsUnitAttentions) {}

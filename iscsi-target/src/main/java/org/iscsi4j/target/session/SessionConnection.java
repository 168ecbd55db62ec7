package org.iscsi4j.target.session;

import java.util.ArrayDeque;
import org.iscsi4j.protocol.AsyncEvent;
import org.iscsi4j.protocol.AsyncMessagePdu;
import org.iscsi4j.protocol.NopInPdu;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.target.connection.Connection;
import org.iscsi4j.target.connection.PduWriter;

/**
 * One connection of a session in full feature phase (RFC 7143 section 4.2.1): the commands that
 * came over it are allegiant to it, their data and status go over it and no other. Touched by the
 * session's loop alone.
 */
final class SessionConnection {

  private final Session session;
  private final int cid;
  private final Connection transport;
  private final ArrayDeque<IscsiTask> awaitingOutput = new ArrayDeque<>();

  private int maxDataIn;
  private boolean resuming;
  private boolean loggedOut;

  SessionConnection(Session session, int cid, Connection transport, int maxDataIn) {
    this.session = session;
    this.cid = cid;
    this.transport = transport;
    this.maxDataIn = maxDataIn;
  }

  Session session() {
    return session;
  }

  /** Connection ID: the initiator's name for it within the session. */
  int cid() {
    return cid;
  }

  /** The TCP connection below. */
  Connection transport() {
    return transport;
  }

  // ---- output

  PduWriter writer() {
    return transport.writer();
  }

  /** StatSN of a PDU that carries status; counts on. */
  int nextStatSn() {
    return transport.nextStatSn();
  }

  /** StatSN that the next status will have. */
  int statSn() {
    return transport.statSn();
  }

  void flushLater() {
    transport.flushLater();
  }

  /** Whether nothing more may be sent. */
  boolean ending() {
    return transport.ending();
  }

  /** The most data in one Data-In PDU, in bytes. */
  int maxDataIn() {
    return maxDataIn;
  }

  /** From the next PDU on. */
  void maxDataIn(int bytes) {
    maxDataIn = bytes;
  }

  /**
   * Whether a transfer has to wait because the initiator is behind with reading; it goes on in its
   * turn then.
   */
  boolean mustWait(IscsiTask task) {
    boolean behindOthers = !awaitingOutput.isEmpty() && !resuming;
    if (behindOthers || transport.outputFull()) {
      awaitingOutput.add(task);
      return true;
    }
    return false;
  }

  /** Goes on with the transfers that wait for the output, in order, until it is full again. */
  void resumeWaiting() {
    int waiting = awaitingOutput.size();
    resuming = true;
    try {
      for (int i = 0; i < waiting && !transport.outputFull(); i++) {
        awaitingOutput.remove().resume();
      }
    } finally {
      resuming = false;
    }
  }

  /** A task that has ended waits for nothing. */
  void forget(IscsiTask task) {
    if (!awaitingOutput.isEmpty()) {
      awaitingOutput.remove(task);
    }
  }

  // ---- what the target tells unasked

  /** Sends an asynchronous message without data (RFC 7143 section 11.9). */
  void tell(AsyncEvent event, int parameter1, int parameter2, int parameter3) {
    writer()
        .send(
            new AsyncMessagePdu(
                0,
                0,
                nextStatSn(),
                session.expCmdSn(),
                session.maxCmdSn(),
                event.code(),
                0,
                parameter1,
                parameter2,
                parameter3));
    flushLater();
  }

  /** Sends a NOP-In that wants no answer, for its ExpCmdSN and MaxCmdSN (section 11.19). */
  void tellWindow() {
    writer()
        .send(
            new NopInPdu(
                0,
                0,
                Pdu.RESERVED_TAG,
                Pdu.RESERVED_TAG,
                statSn(),
                session.expCmdSn(),
                session.maxCmdSn()));
    flushLater();
  }

  // ---- end

  /** The initiator has said that the end of this connection is no failure. */
  void loggedOut() {
    loggedOut = true;
  }

  boolean isLoggedOut() {
    return loggedOut;
  }

  /** Names the connection in a log. */
  @Override
  public String toString() {
    return session.info().initiator() + " at " + transport.remote() + " cid " + cid;
  }
}

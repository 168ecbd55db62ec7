package org.iscsi4j.target.session;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.iscsi4j.api.monitor.ConnectionInfo;
import org.iscsi4j.api.monitor.EndReason;
import org.iscsi4j.protocol.AsyncEvent;
import org.iscsi4j.protocol.AsyncMessagePdu;
import org.iscsi4j.protocol.NopInPdu;
import org.iscsi4j.protocol.OperationalParameters;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.protocol.SerialNumber;
import org.iscsi4j.scsi.Sense;
import org.iscsi4j.target.connection.Connection;
import org.iscsi4j.target.connection.PduWriter;

/**
 * One connection of a session in full feature phase (RFC 7143 section 4.2.1): the commands that
 * came over it are allegiant to it, their data and status go over it and no other. Touched by the
 * session's loop alone.
 */
final class SessionConnection {

  private static final EndReason NOTHING_ACKNOWLEDGED =
      new EndReason(EndReason.Kind.PROTOCOL_ERROR, "the initiator acknowledges no status");

  private final Session session;
  private final int cid;
  private final Connection transport;
  private final OperationalParameters terms;
  private final ArrayDeque<IscsiTask> awaitingOutput = new ArrayDeque<>();

  /** Statuses that the initiator has said to have: all below this. */
  private int acknowledged;

  private final List<Fence> fences = new ArrayList<>(0);

  /** Work that waits until all statuses below a number are acknowledged. */
  private record Fence(int statSn, Runnable work) {}

  /** What may have to be sent again; null at ErrorRecoveryLevel 0. */
  private final SentLog sentLog;

  /** Made for whom waits for it. */
  private CompletableFuture<Void> settled;

  private int maxDataIn;
  private boolean resuming;
  private boolean loggedOut;
  private boolean recoverable;

  /**
   * A connection whose login has ended.
   *
   * @param terms what that agreed on
   */
  SessionConnection(Session session, int cid, Connection transport, OperationalParameters terms) {
    this.session = session;
    this.cid = cid;
    this.transport = transport;
    this.terms = terms;
    maxDataIn = terms.initiatorMaxRecvDataSegmentLength();
    OperationalParameters agreed = session.parameters();
    sentLog = agreed.errorRecoveryLevel() == 0 ? null : recordWhatIsSent();
    recoverable = agreed.errorRecoveryLevel() == 2 && agreed.defaultTime2Retain() > 0;
  }

  private SentLog recordWhatIsSent() {
    SentLog recorder =
        new SentLog(
            statSn(),
            session.mostTasks(),
            SentLog.LIMIT,
            session.recoveryBytes(),
            this::nothingAcknowledged);
    writer().recorder(recorder);
    return recorder;
  }

  private void nothingAcknowledged() {
    // not now, in the middle of the PDU that was one too many
    transport.loop().execute(() -> transport.close(NOTHING_ACKNOWLEDGED));
  }

  Session session() {
    return session;
  }

  /** Connection ID: the initiator's name for it within the session. */
  int cid() {
    return cid;
  }

  /** What its login agreed on. */
  OperationalParameters terms() {
    return terms;
  }

  /** What others know it by. */
  ConnectionInfo info() {
    return new ConnectionInfo(
        cid, transport.remote(), transport.local(), session.info().initiator().portalGroup());
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

  /** What was sent and may have to be sent again; null at ErrorRecoveryLevel 0. */
  SentLog sentLog() {
    return sentLog;
  }

  /** The initiator has every status below {@code expStatSn} (RFC 7143 section 4.2.2.2). */
  void acknowledged(int expStatSn) {
    acknowledged = expStatSn;
    if (!fences.isEmpty()) {
      openFences();
    }
    if (sentLog != null) {
      sentLog.acknowledged(expStatSn);
    }
  }

  /**
   * Runs work when the initiator has all statuses sent so far (the response fence of RFC 7143
   * section 4.2.2.3), which it is asked to say; or when the connection is gone.
   */
  void whenAcknowledged(Runnable work) {
    if (ending() || !SerialNumber.lessThan(acknowledged, statSn())) {
      work.run();
    } else {
      fences.add(new Fence(statSn(), work));
      ping();
    }
  }

  private void openFences() {
    List<Fence> open =
        fences.stream()
            .filter(each -> isLost() || !SerialNumber.lessThan(acknowledged, each.statSn()))
            .toList();
    fences.removeAll(open);
    open.forEach(each -> each.work().run());
  }

  /** Asks the initiator whether it is there (RFC 7143 section 11.19). */
  void ping() {
    nopIn(session.nextTransferTag());
  }

  /** Sends at once what went out before, over this connection or another one. */
  void sendAgain(List<SentPdu> pdus) {
    for (SentPdu pdu : pdus) {
      pdu.show(statSn(), session.expCmdSn(), session.maxCmdSn());
      writer().sendAgain(pdu.bytes());
    }
    flushLater();
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
    if (behindOthers || isLost() || transport.outputFull()) {
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
      // one that fails may end others that wait (QERR)
      for (int i = 0; i < waiting && !awaitingOutput.isEmpty() && !transport.outputFull(); i++) {
        awaitingOutput.remove().resume();
      }
    } finally {
      resuming = false;
    }
  }

  /** A task was ended without an answer: nothing that was sent for it will be asked for again. */
  void aborted(IscsiTask task) {
    if (sentLog != null) {
      sentLog.aborted(task.tag());
    }
  }

  /** Nothing will be asked for again: no connection carries on from this one. */
  void forgetSent() {
    if (sentLog != null) {
      sentLog.close();
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
    writer().send(message(event, 0, 0, parameter1, parameter2, parameter3));
    flushLater();
  }

  /**
   * Tells that the commands of this connection in a unit were ended, where FastAbort was agreed on.
   *
   * @return the StatSN whose acknowledgement says that no more data comes for them
   */
  int tellTasksTerminated(long lun) {
    AsyncMessagePdu message = message(AsyncEvent.TASKS_TERMINATED, 0, lun, 0, 0, 0);
    writer().send(message);
    flushLater();
    return message.statSn();
  }

  /**
   * Reports a unit attention (RFC 7143 section 11.9.4.1), which stays pending. Not to an initiator
   * that is behind with reading: it learns of it by its next command.
   */
  void tellScsiEvent(long lun, Sense sense, boolean descriptorFormat) {
    if (transport.outputFull()) {
      return;
    }
    int length = sense.length(descriptorFormat);
    ByteBuffer room = writer().beginData(2 + length);
    room.putShort((short) length); // SenseLength
    sense.encode(room, descriptorFormat);
    writer().endData(message(AsyncEvent.SCSI_EVENT, 2 + length, lun, 0, 0, 0), 2 + length);
    flushLater();
  }

  /** Sends a NOP-In that wants no answer, for its ExpCmdSN and MaxCmdSN (section 11.19). */
  void tellWindow() {
    nopIn(Pdu.RESERVED_TAG);
  }

  /** Its LUN is 0, which every target has, and its StatSN only that of the next status. */
  private void nopIn(int transferTag) {
    writer()
        .send(
            new NopInPdu(
                0,
                0,
                Pdu.RESERVED_TAG,
                transferTag,
                statSn(),
                session.expCmdSn(),
                session.maxCmdSn()));
    flushLater();
  }

  private AsyncMessagePdu message(
      AsyncEvent event, int dataLength, long lun, int parameter1, int parameter2, int parameter3) {
    return new AsyncMessagePdu(
        dataLength,
        lun,
        nextStatSn(),
        session.expCmdSn(),
        session.maxCmdSn(),
        event.code(),
        0,
        parameter1,
        parameter2,
        parameter3);
  }

  // ---- end

  /** The transport is closed. */
  void closed() {
    openFences();
  }

  /**
   * Completed when the connection is closed and nothing that came over it can change a unit any
   * more, or waits to be reassigned.
   */
  CompletableFuture<Void> settled() {
    if (settled == null) {
      settled = new CompletableFuture<>();
    }
    return settled;
  }

  /** Whether somebody waits until it is settled. */
  boolean isAwaited() {
    return settled != null;
  }

  /** The initiator has given the connection up, and its commands have ended. */
  void loggedOut() {
    loggedOut = true;
    recoverable = false;
  }

  /** The initiator has given the connection up, and may move its commands to others. */
  void loggedOutForRecovery() {
    loggedOut = true;
  }

  boolean isLoggedOut() {
    return loggedOut;
  }

  /** Whether the commands outlive the connection. */
  boolean isRecoverable() {
    return recoverable;
  }

  /**
   * Whether nothing can be sent any more, or may be behind a Logout Response; what its commands
   * have to say waits.
   */
  boolean isLost() {
    return transport.closed() || loggedOut;
  }

  /** Names the connection in a log. */
  @Override
  public String toString() {
    return session.info().initiator() + " at " + transport.remote() + " cid " + cid;
  }
}

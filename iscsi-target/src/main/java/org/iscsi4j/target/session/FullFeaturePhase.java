package org.iscsi4j.target.session;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Optional;
import org.iscsi4j.protocol.DataOutPdu;
import org.iscsi4j.protocol.LogoutReason;
import org.iscsi4j.protocol.LogoutRequestPdu;
import org.iscsi4j.protocol.LogoutResponse;
import org.iscsi4j.protocol.LogoutResponsePdu;
import org.iscsi4j.protocol.NopInPdu;
import org.iscsi4j.protocol.NopOutPdu;
import org.iscsi4j.protocol.Opcode;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.protocol.ProtocolException;
import org.iscsi4j.protocol.RejectPdu;
import org.iscsi4j.protocol.RejectReason;
import org.iscsi4j.protocol.ScsiCommandPdu;
import org.iscsi4j.protocol.TaskManagementRequestPdu;
import org.iscsi4j.protocol.TextRequestPdu;
import org.iscsi4j.scsi.Sense;
import org.iscsi4j.scsi.TaskAttribute;
import org.iscsi4j.target.connection.Connection;
import org.iscsi4j.target.connection.PduReader;
import org.iscsi4j.target.connection.Phase;
import org.iscsi4j.target.loop.Timers;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a connection does after login (RFC 7143 sections 4.2 and 11): takes PDUs in the order of
 * their CmdSN and hands them to whom they concern.
 */
public final class FullFeaturePhase implements Phase {

  private static final Logger log = LoggerFactory.getLogger(FullFeaturePhase.class);

  /** Immediate commands that may be outstanding besides the window (RFC 7143 section 4.2.2.1). */
  private static final int MAX_IMMEDIATE = 16;

  private final Session session;
  private final Connection connection;
  private final int cid;
  private final TextExchange text;
  private final TaskManagement taskManagement;
  private final KeepAlive keepAlive;
  private Timers.Timer keepAliveTimer;

  /** The task that the data of a Data-Out PDU is going straight to, or null. */
  private IscsiTask sinkTask;

  /** A phase that begins with the first PDU after the last login response. */
  public FullFeaturePhase(Session session, int cid, SessionLimits limits, SendTargets sendTargets) {
    this.session = session;
    this.cid = cid;
    connection = session.connection();
    text = new TextExchange(session, sendTargets);
    taskManagement = new TaskManagement(session);
    keepAlive = new KeepAlive(limits.keepAliveInterval(), limits.keepAliveTimeout());
    scheduleKeepAlive();
  }

  // ---- input ---------------------------------------------------------------------------------

  @Override
  public void pdu(ByteBuffer in, int bhsAt, int dataAt, int dataLength) throws ProtocolException {
    dispatch(in, bhsAt, dataAt, dataLength, Sense.NONE);
    runHeld();
  }

  /** Runs the requests that came early and have their turn now. */
  private void runHeld() throws ProtocolException {
    for (HeldCommands.Held next = session.takeHeld(); next != null; next = session.takeHeld()) {
      dispatch(next.pdu(), 0, next.dataAt(), next.dataLength(), next.damage());
    }
  }

  private void dispatch(ByteBuffer in, int bhsAt, int dataAt, int dataLength, Sense damage)
      throws ProtocolException {
    int opcode = Pdu.opcode(in, bhsAt);
    switch (opcode) {
      case Opcode.SCSI_COMMAND -> scsiCommand(in, bhsAt, dataAt, dataLength, damage);
      case Opcode.DATA_OUT -> dataOut(in, bhsAt, dataAt, dataLength);
      case Opcode.NOP_OUT -> nopOut(in, bhsAt, dataAt, dataLength);
      case Opcode.TASK_MANAGEMENT_REQUEST -> taskManagement(in, bhsAt, dataAt, dataLength);
      case Opcode.TEXT_REQUEST -> text(in, bhsAt, dataAt, dataLength);
      case Opcode.LOGOUT_REQUEST -> logout(in, bhsAt, dataAt, dataLength);
      case Opcode.SNACK_REQUEST -> reject(RejectReason.SNACK_REJECT, in, bhsAt);
      case Opcode.LOGIN_REQUEST -> reject(RejectReason.PROTOCOL_ERROR, in, bhsAt);
      default -> reject(RejectReason.COMMAND_NOT_SUPPORTED, in, bhsAt);
    }
  }

  private boolean runs(
      boolean immediate, int cmdSn, ByteBuffer in, int bhsAt, int dataAt, int dataLength) {
    return runs(immediate, cmdSn, in, bhsAt, dataAt, dataLength, Sense.NONE);
  }

  /** Whether a request runs now; if its turn has not come, a copy is kept. */
  private boolean runs(
      boolean immediate,
      int cmdSn,
      ByteBuffer in,
      int bhsAt,
      int dataAt,
      int dataLength,
      Sense damage) {
    if (immediate) {
      return true;
    }
    CommandWindow.Verdict verdict = session.arrived(cmdSn);
    if (verdict == CommandWindow.Verdict.HOLD) {
      session.held().hold(cmdSn, in, bhsAt, dataAt, dataLength, damage);
    }
    return verdict == CommandWindow.Verdict.RUN;
  }

  // ---- SCSI commands and their data
  // --------------------------------------------------------------

  private void scsiCommand(ByteBuffer in, int bhsAt, int dataAt, int dataLength, Sense damage)
      throws ProtocolException {
    ScsiCommandPdu pdu = ScsiCommandPdu.decode(in, bhsAt);
    if (session.draining()
        || !runs(pdu.immediate(), pdu.cmdSn(), in, bhsAt, dataAt, dataLength, damage)) {
      return;
    }
    RejectReason wrong = refusal(pdu);
    if (wrong != null) {
      reject(wrong, in, bhsAt);
      return;
    }
    IscsiTask task = session.newTask();
    task.begin(
        connection,
        pdu,
        TaskAttribute.of(pdu.attribute()).orElseThrow(),
        in,
        bhsAt + Pdu.BHS_LENGTH);
    session.started(task);
    if (damage.isNone()) {
      task.run(in, dataAt, dataLength);
    } else {
      task.failDamaged(damage);
    }
  }

  /** Why a command can't become a task; null when it can. */
  private RejectReason refusal(ScsiCommandPdu pdu) {
    if (session.info().discovery()) {
      return RejectReason.PROTOCOL_ERROR;
    }
    if (session.task(pdu.initiatorTaskTag()) != null) {
      return RejectReason.TASK_IN_PROGRESS;
    }
    boolean dataWithoutWrite = !pdu.write() && (!pdu.last() || pdu.dataSegmentLength() > 0);
    if (pdu.initiatorTaskTag() == Pdu.RESERVED_TAG
        || dataWithoutWrite
        || TaskAttribute.of(pdu.attribute()).isEmpty()) {
      return RejectReason.INVALID_PDU_FIELD;
    }
    return immediateRefusal(pdu.immediate());
  }

  private RejectReason immediateRefusal(boolean immediate) {
    boolean tooMany = immediate && session.immediateTasks() >= MAX_IMMEDIATE;
    return tooMany ? RejectReason.IMMEDIATE_COMMAND_REJECT : null;
  }

  private void dataOut(ByteBuffer in, int bhsAt, int dataAt, int dataLength) {
    dataOut(in, bhsAt, in, dataAt, dataLength);
  }

  /** A Data-Out PDU came, whose data lies in {@code data} or, when that is null, with its task. */
  private void dataOut(ByteBuffer bhs, int bhsAt, ByteBuffer data, int dataAt, int dataLength) {
    DataOutPdu pdu = DataOutPdu.decode(bhs, bhsAt);
    IscsiTask task = receiver(pdu, bhs, bhsAt);
    boolean expected =
        task == null
            || task.dataOut(
                pdu.targetTransferTag(),
                pdu.dataSn(),
                pdu.bufferOffset(),
                pdu.last(),
                data,
                dataAt,
                dataLength);
    if (!expected) {
      reject(RejectReason.INVALID_PDU_FIELD, bhs, bhsAt);
    }
  }

  /** The task that a Data-Out PDU is for; null when there is none, which was answered then. */
  private IscsiTask receiver(DataOutPdu pdu, ByteBuffer in, int bhsAt) {
    IscsiTask task = session.task(pdu.initiatorTaskTag());
    if (task == null && !session.swallows(pdu.initiatorTaskTag())) {
      reject(RejectReason.INVALID_PDU_FIELD, in, bhsAt);
    }
    return task;
  }

  @Override
  public ByteBuffer sink(ByteBuffer in, int bhsAt) {
    if (Pdu.opcode(in, bhsAt) != Opcode.DATA_OUT) {
      return PduReader.NO_SINK;
    }
    DataOutPdu pdu = DataOutPdu.decode(in, bhsAt);
    IscsiTask task = session.task(pdu.initiatorTaskTag());
    if (task == null) {
      return PduReader.NO_SINK;
    }
    ByteBuffer room = task.sinkFor(pdu.bufferOffset(), pdu.dataSegmentLength());
    if (!room.hasRemaining()) {
      return PduReader.NO_SINK;
    }
    sinkTask = task;
    return room;
  }

  private void endSink() {
    if (sinkTask != null) {
      sinkTask.sunk();
      sinkTask = null;
    }
  }

  @Override
  public void sinkFull(ByteBuffer bhs) {
    endSink();
    dataOut(bhs, 0, null, 0, Pdu.dataSegmentLength(bhs, 0));
  }

  @Override
  public void dataDigestError(ByteBuffer in, int bhsAt) throws ProtocolException {
    endSink();
    log.info("{}: data digest error in {}", session, Opcode.name(Pdu.opcode(in, bhsAt)));
    reject(RejectReason.DATA_DIGEST_ERROR, in, bhsAt);
    int opcode = Pdu.opcode(in, bhsAt);
    if (opcode == Opcode.SCSI_COMMAND) {
      int dataAt = bhsAt + Pdu.BHS_LENGTH + Pdu.ahsLength(in, bhsAt);
      scsiCommand(in, bhsAt, dataAt, 0, Sense.PROTOCOL_SERVICE_CRC_ERROR);
      runHeld();
    } else if (opcode == Opcode.DATA_OUT) {
      IscsiTask task = session.task(DataOutPdu.decode(in, bhsAt).initiatorTaskTag());
      if (task != null) {
        task.dataOutDamaged(Sense.PROTOCOL_SERVICE_CRC_ERROR);
      }
    }
  }

  // ---- everything else
  // ---------------------------------------------------------------------------

  private void nopOut(ByteBuffer in, int bhsAt, int dataAt, int dataLength) {
    NopOutPdu pdu = NopOutPdu.decode(in, bhsAt);
    if (!runs(pdu.immediate(), pdu.cmdSn(), in, bhsAt, dataAt, dataLength)
        || pdu.initiatorTaskTag() == Pdu.RESERVED_TAG) {
      return; // the answer to a ping of ours, or news of ExpStatSN: that it came is all it says
    }
    int length = Math.min(dataLength, session.maxDataIn());
    connection
        .writer()
        .send(
            new NopInPdu(
                length,
                pdu.lun(),
                pdu.initiatorTaskTag(),
                Pdu.RESERVED_TAG,
                connection.nextStatSn(),
                session.expCmdSn(),
                session.maxCmdSn()),
            in.limit(dataAt + length).position(dataAt));
    connection.flushLater();
  }

  private void taskManagement(ByteBuffer in, int bhsAt, int dataAt, int dataLength) {
    TaskManagementRequestPdu pdu = TaskManagementRequestPdu.decode(in, bhsAt);
    if (!runs(pdu.immediate(), pdu.cmdSn(), in, bhsAt, dataAt, dataLength)) {
      return;
    }
    if (session.info().discovery()) {
      reject(RejectReason.PROTOCOL_ERROR, in, bhsAt);
    } else {
      taskManagement.execute(pdu);
    }
  }

  private void text(ByteBuffer in, int bhsAt, int dataAt, int dataLength) {
    TextRequestPdu pdu = TextRequestPdu.decode(in, bhsAt);
    if (!runs(pdu.immediate(), pdu.cmdSn(), in, bhsAt, dataAt, dataLength)) {
      return;
    }
    try {
      text.request(pdu, in.limit(dataAt + dataLength).position(dataAt));
    } catch (ProtocolException e) {
      log.info("{}: text request refused: {}", session, e.getMessage());
      in.clear();
      reject(e.reason(), in, bhsAt);
    }
  }

  private void logout(ByteBuffer in, int bhsAt, int dataAt, int dataLength) {
    LogoutRequestPdu pdu = LogoutRequestPdu.decode(in, bhsAt);
    if (!runs(pdu.immediate(), pdu.cmdSn(), in, bhsAt, dataAt, dataLength)) {
      return;
    }
    LogoutResponse response = logoutResponse(pdu);
    boolean ends = response == LogoutResponse.SUCCESS;
    if (ends) {
      // what is outstanding ends without a response (RFC 7143 section 11.14)
      session.abortTasks(task -> true);
    }
    connection
        .writer()
        .send(
            new LogoutResponsePdu(
                response.code(),
                pdu.initiatorTaskTag(),
                connection.nextStatSn(),
                session.expCmdSn(),
                session.maxCmdSn(),
                session.parameters().defaultTime2Wait(),
                session.parameters().defaultTime2Retain()));
    if (ends) {
      connection.closeWhenFlushed("logout");
    } else {
      connection.flushLater();
    }
  }

  private LogoutResponse logoutResponse(LogoutRequestPdu pdu) {
    Optional<LogoutReason> reason = LogoutReason.of(pdu.reason());
    if (reason.isEmpty() || reason.get() == LogoutReason.REMOVE_CONNECTION_FOR_RECOVERY) {
      return LogoutResponse.RECOVERY_NOT_SUPPORTED;
    }
    boolean another = reason.get() == LogoutReason.CLOSE_CONNECTION && pdu.cid() != cid;
    return another ? LogoutResponse.CID_NOT_FOUND : LogoutResponse.SUCCESS;
  }

  /** Tells the initiator which PDU was refused (RFC 7143 section 11.17). */
  private void reject(RejectReason reason, ByteBuffer in, int bhsAt) {
    log.debug("{}: {} rejected: {}", session, Opcode.name(Pdu.opcode(in, bhsAt)), reason);
    int length = Pdu.BHS_LENGTH;
    ByteBuffer header =
        ByteBuffer.allocate(length).order(ByteOrder.BIG_ENDIAN).put(0, in, bhsAt, length);
    connection
        .writer()
        .send(
            new RejectPdu(
                reason.code(),
                length,
                connection.nextStatSn(),
                session.expCmdSn(),
                session.maxCmdSn(),
                0),
            header);
    connection.flushLater();
  }

  // ---- output and time
  // -----------------------------------------------------------------------------

  @Override
  public boolean drained() {
    return session.resumeWaiting();
  }

  private void scheduleKeepAlive() {
    long delay = keepAlive.nextCheck(System.nanoTime(), connection.lastReceived());
    keepAliveTimer = connection.loop().after(Duration.ofNanos(delay), this::checkAlive);
  }

  private void checkAlive() {
    switch (keepAlive.check(System.nanoTime(), connection.lastReceived())) {
      case WAIT -> {}
      case PING -> ping();
      case GIVE_UP -> {
        log.info("{}: no answer to a ping, closing", session);
        connection.close("no answer to a ping");
        return;
      }
    }
    scheduleKeepAlive();
  }

  private void ping() {
    connection
        .writer()
        .send(
            new NopInPdu(
                0,
                0,
                Pdu.RESERVED_TAG,
                session.nextTransferTag(),
                connection.statSn(),
                session.expCmdSn(),
                session.maxCmdSn()));
    connection.flush();
  }

  @Override
  public void closed(String reason) {
    keepAliveTimer.cancel();
    endSink();
    session.connectionClosed(reason);
  }
}

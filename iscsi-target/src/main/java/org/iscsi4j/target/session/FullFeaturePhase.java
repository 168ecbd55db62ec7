package org.iscsi4j.target.session;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.iscsi4j.api.monitor.EndReason;
import org.iscsi4j.protocol.DataOutPdu;
import org.iscsi4j.protocol.LogoutRequestPdu;
import org.iscsi4j.protocol.NopOutPdu;
import org.iscsi4j.protocol.Opcode;
import org.iscsi4j.protocol.OperationalParameters;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a connection does after login (RFC 7143 sections 4.2 and 11): takes PDUs in the order of
 * their CmdSN and hands them to whom they concern.
 */
public final class FullFeaturePhase implements Phase {

  private static final Logger log = LoggerFactory.getLogger(FullFeaturePhase.class);

  /** Immediate commands that may be outstanding besides the window (RFC 7143 section 4.2.2.1). */
  static final int MAX_IMMEDIATE = 16;

  private static final int ITT_AT = 16;
  private static final int CMD_SN_AT = 24;
  private static final int EXP_STAT_SN_AT = 28;

  private final Session session;
  private final SessionConnection connection;
  private final TextExchange text;
  private final TaskManagement taskManagement;
  private final Logout logout;
  private final Pings pings;
  private final Snack snack;

  /** The task that the data of a Data-Out PDU is going straight to, or null. */
  private IscsiTask sinkTask;

  /**
   * A phase that begins with the first PDU after the last login response.
   *
   * @param agreed what this connection's login agreed on
   */
  public FullFeaturePhase(
      Session session,
      int cid,
      Connection transport,
      OperationalParameters agreed,
      SessionLimits limits,
      SendTargets sendTargets,
      SessionRegistry registry) {
    this.session = session;
    connection = new SessionConnection(session, cid, transport, agreed);
    text = new TextExchange(connection, sendTargets);
    taskManagement = new TaskManagement(connection, limits, registry);
    logout = new Logout(connection);
    pings = new Pings(connection, limits);
    snack = new Snack(connection, this::reject);
    log.debug("{}: agreed on {}", connection, agreed);
    session.connections().join(connection); // now that nothing can fail any more
  }

  // ---- input

  @Override
  public void pdu(ByteBuffer in, int bhsAt, int dataAt, int dataLength) {
    connection.acknowledged(in.getInt(bhsAt + EXP_STAT_SN_AT));
    dispatch(in, bhsAt, dataAt, dataLength, Sense.NONE);
    runHeld();
  }

  /** Runs the requests that came early and have their turn now. */
  private void runHeld() {
    for (HeldCommands.Held next = session.takeHeld(); next != null; next = session.takeHeld()) {
      next.from().runHeld(next);
    }
    session.commandsCame();
  }

  private void runHeld(HeldCommands.Held request) {
    if (connection.ending()) {
      return;
    }
    dispatch(request.pdu(), 0, request.dataAt(), request.dataLength(), request.damage());
    request.dataOut().forEach(this::heldDataOut);
    connection.flushLater();
  }

  private void heldDataOut(ByteBuffer pdu) {
    int length = Pdu.dataSegmentLength(pdu, 0);
    dataOut(pdu, 0, pdu.capacity() - length, length);
  }

  private void dispatch(ByteBuffer in, int bhsAt, int dataAt, int dataLength, Sense damage) {
    int opcode = Pdu.opcode(in, bhsAt);
    switch (opcode) {
      case Opcode.SCSI_COMMAND -> scsiCommand(in, bhsAt, dataAt, dataLength, damage);
      case Opcode.DATA_OUT -> dataOut(in, bhsAt, dataAt, dataLength);
      case Opcode.NOP_OUT -> nopOut(in, bhsAt, dataAt, dataLength);
      case Opcode.TASK_MANAGEMENT_REQUEST -> taskManagement(in, bhsAt, dataAt, dataLength);
      case Opcode.TEXT_REQUEST -> text(in, bhsAt, dataAt, dataLength);
      case Opcode.LOGOUT_REQUEST -> logout(in, bhsAt, dataAt, dataLength);
      case Opcode.SNACK_REQUEST -> snack.request(in, bhsAt);
      case Opcode.LOGIN_REQUEST -> reject(RejectReason.PROTOCOL_ERROR, in, bhsAt);
      default -> reject(RejectReason.COMMAND_NOT_SUPPORTED, in, bhsAt);
    }
  }

  private boolean runs(
      boolean immediate, int cmdSn, ByteBuffer in, int bhsAt, int dataAt, int dataLength) {
    if (!runs(immediate, cmdSn, in, bhsAt, dataAt, dataLength, Sense.NONE)) {
      return false;
    }
    RejectReason wrong = tagRefusal(in, bhsAt);
    if (wrong != null) {
      reject(wrong, in, bhsAt);
    }
    return wrong == null;
  }

  /** Why a request that is no SCSI command can't have its tag (RFC 7143 section 11.2.1.8). */
  private RejectReason tagRefusal(ByteBuffer in, int bhsAt) {
    int tag = in.getInt(bhsAt + ITT_AT);
    if (tag == Pdu.RESERVED_TAG) {
      // only a NOP-Out that wants no answer has none, and it is immediate (section 11.18.1)
      boolean answer = Pdu.opcode(in, bhsAt) == Opcode.NOP_OUT && Pdu.immediate(in, bhsAt);
      return answer ? null : RejectReason.INVALID_PDU_FIELD;
    }
    return session.task(tag) == null ? null : RejectReason.TASK_IN_PROGRESS;
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
      session.held().hold(this, cmdSn, in, bhsAt, dataAt, dataLength, damage);
    }
    return verdict == CommandWindow.Verdict.RUN;
  }

  // ---- SCSI commands and their data

  private void scsiCommand(ByteBuffer in, int bhsAt, int dataAt, int dataLength, Sense damage) {
    ScsiCommandPdu pdu = ScsiCommandPdu.decode(in, bhsAt);
    if (session.draining()
        || !runs(pdu.immediate(), pdu.cmdSn(), in, bhsAt, dataAt, dataLength, damage)) {
      return;
    }
    RejectReason wrong = refusal(pdu);
    if (wrong != null) {
      refuse(pdu, wrong, in, bhsAt);
      return;
    }
    IscsiTask task = session.newTask();
    if (!begin(task, pdu, in, bhsAt)) {
      return;
    }
    session.started(task);
    boolean noRoom = !damage.isNone() && damage.equals(HeldCommands.NO_ROOM);
    if (noRoom || !session.admits(task)) {
      log.debug("{}: no room for a command", connection);
      task.taskSetFull();
      return;
    }
    boolean lost = dataLength < pdu.dataSegmentLength();
    if (lost && session.parameters().errorRecoveryLevel() > 0) {
      task.write().immediateDataLost();
      task.run(in, dataAt, 0);
    } else if (damage.isNone()) {
      task.run(in, dataAt, dataLength);
    } else {
      task.transferFailed(damage);
    }
  }

  private void refuse(ScsiCommandPdu pdu, RejectReason reason, ByteBuffer in, int bhsAt) {
    if (!pdu.last() && reason != RejectReason.TASK_IN_PROGRESS) {
      session.swallow(pdu.initiatorTaskTag()); // its data is on its way all the same
    }
    reject(reason, in, bhsAt);
  }

  /** Whether a command makes sense with its additional header segments; else it is answered. */
  private boolean begin(IscsiTask task, ScsiCommandPdu pdu, ByteBuffer in, int bhsAt) {
    try {
      task.begin(
          connection,
          pdu,
          TaskAttribute.of(pdu.attribute()).orElseThrow(),
          in,
          bhsAt + Pdu.BHS_LENGTH,
          connection.transport().lastAlive());
      return true;
    } catch (ProtocolException e) {
      log.info("{}: {}", connection, e.getMessage());
      session.recycle(task);
      refuse(pdu, e.reason(), in, bhsAt);
      return false;
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
    boolean noDirection =
        !pdu.read() && !pdu.write() && pdu.expectedDataTransferLength() != 0; // 11.3.1
    if (pdu.initiatorTaskTag() == Pdu.RESERVED_TAG
        || dataWithoutWrite
        || noDirection
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
    IscsiTask task = session.task(pdu.initiatorTaskTag());
    boolean expected =
        task == null
            ? isHeldOrSwallowed(pdu, data, bhsAt, dataAt, dataLength)
            : isFor(task, pdu)
                && task.write()
                    .accept(
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

  /**
   * Data comes over the connection of its command (RFC 7143 section 4.2.1), and with a Target
   * Transfer Tag the LUN is that of the R2T (section 11.7.4).
   */
  private boolean isFor(IscsiTask task, DataOutPdu pdu) {
    boolean toUnit = pdu.targetTransferTag() == Pdu.RESERVED_TAG || pdu.lun() == task.lun();
    return toUnit && task.connection() == connection;
  }

  /** Whether a Data-Out PDU that no task waits for is for one that is yet to come, or is gone. */
  private boolean isHeldOrSwallowed(
      DataOutPdu pdu, ByteBuffer whole, int bhsAt, int dataAt, int dataLength) {
    int tag = pdu.initiatorTaskTag();
    boolean held = whole != null && session.held().holdData(tag, whole, bhsAt, dataAt, dataLength);
    return held || session.swallows(pdu);
  }

  @Override
  public ByteBuffer sink(ByteBuffer in, int bhsAt) {
    if (Pdu.opcode(in, bhsAt) != Opcode.DATA_OUT) {
      return PduReader.NO_SINK;
    }
    DataOutPdu pdu = DataOutPdu.decode(in, bhsAt);
    IscsiTask task = session.task(pdu.initiatorTaskTag());
    if (task == null || task.connection() != connection) {
      return PduReader.NO_SINK;
    }
    ByteBuffer room = task.write().sinkFor(pdu.bufferOffset(), pdu.dataSegmentLength());
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
    connection.acknowledged(bhs.getInt(EXP_STAT_SN_AT));
    dataOut(bhs, 0, null, 0, Pdu.dataSegmentLength(bhs, 0));
  }

  @Override
  public void dataDigestError(ByteBuffer in, int bhsAt) {
    endSink();
    connection.acknowledged(in.getInt(bhsAt + EXP_STAT_SN_AT));
    int opcode = Pdu.opcode(in, bhsAt);
    log.info("{}: data digest error in {}", connection, Opcode.name(opcode));
    session.watcher().damaged(connection.info(), "data digest error in " + Opcode.name(opcode));
    if (isLost(opcode, in, bhsAt)) {
      session.skip(in.getInt(bhsAt + CMD_SN_AT));
    }
    reject(RejectReason.DATA_DIGEST_ERROR, in, bhsAt);
    if (opcode == Opcode.SCSI_COMMAND) {
      int dataAt = bhsAt + Pdu.BHS_LENGTH + Pdu.ahsLength(in, bhsAt);
      scsiCommand(in, bhsAt, dataAt, 0, Sense.PROTOCOL_SERVICE_CRC_ERROR);
    } else if (opcode == Opcode.DATA_OUT) {
      DataOutPdu pdu = DataOutPdu.decode(in, bhsAt);
      IscsiTask task = session.task(pdu.initiatorTaskTag());
      if (task == null) {
        session.held().dataLost(pdu.initiatorTaskTag(), in, bhsAt);
      } else if (task.connection() == connection) {
        task.write().damaged(pdu);
      }
    }
    runHeld();
  }

  /**
   * Whether a damaged request will never have its turn: without error recovery nobody sends it
   * again, and what comes behind it must not wait for it.
   */
  private boolean isLost(int opcode, ByteBuffer in, int bhsAt) {
    boolean numbered =
        opcode == Opcode.NOP_OUT
            || opcode == Opcode.TASK_MANAGEMENT_REQUEST
            || opcode == Opcode.TEXT_REQUEST
            || opcode == Opcode.LOGOUT_REQUEST;
    return numbered && !Pdu.immediate(in, bhsAt) && session.parameters().errorRecoveryLevel() == 0;
  }

  // ---- everything else

  private void nopOut(ByteBuffer in, int bhsAt, int dataAt, int dataLength) {
    NopOutPdu pdu = NopOutPdu.decode(in, bhsAt);
    if (!runs(pdu.immediate(), pdu.cmdSn(), in, bhsAt, dataAt, dataLength)) {
      return;
    }
    if (pdu.initiatorTaskTag() == Pdu.RESERVED_TAG) {
      session.fastAbort().acknowledged(connection, pdu);
      return; // the answer to a ping of ours, or news of ExpStatSN
    }
    pings.echo(pdu, in.limit(dataAt + dataLength).position(dataAt));
  }

  private void taskManagement(ByteBuffer in, int bhsAt, int dataAt, int dataLength) {
    TaskManagementRequestPdu pdu = TaskManagementRequestPdu.decode(in, bhsAt);
    if (!runs(pdu.immediate(), pdu.cmdSn(), in, bhsAt, dataAt, dataLength)) {
      return;
    }
    if (session.info().discovery()) {
      reject(RejectReason.PROTOCOL_ERROR, in, bhsAt);
    } else if (pdu.immediate() && taskManagement.full()) {
      reject(RejectReason.IMMEDIATE_COMMAND_REJECT, in, bhsAt);
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
      log.info("{}: text request refused: {}", connection, e.getMessage());
      in.clear();
      reject(e.reason(), in, bhsAt);
    }
  }

  private void logout(ByteBuffer in, int bhsAt, int dataAt, int dataLength) {
    LogoutRequestPdu pdu = LogoutRequestPdu.decode(in, bhsAt);
    if (!runs(pdu.immediate(), pdu.cmdSn(), in, bhsAt, dataAt, dataLength)) {
      return;
    }
    logout.request(pdu);
  }

  /** Tells the initiator which PDU was refused (RFC 7143 section 11.17). */
  private void reject(RejectReason reason, ByteBuffer in, int bhsAt) {
    reject(reason, 0, in, bhsAt);
  }

  private void reject(RejectReason reason, int dataSn, ByteBuffer in, int bhsAt) {
    log.debug("{}: {} rejected: {}", connection, Opcode.name(Pdu.opcode(in, bhsAt)), reason);
    // 255 words of additional headers are more than an initiator has to take
    int length = Math.min(Pdu.BHS_LENGTH + Pdu.ahsLength(in, bhsAt), connection.maxDataIn());
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
                dataSn),
            header);
    connection.flushLater();
  }

  /** Whether it is the phase of a connection. */
  boolean isOf(SessionConnection other) {
    return connection == other;
  }

  // ---- output and end

  /** Session recovery is all that is left, whatever the level (RFC 7143 section 7.7). */
  @Override
  public void formatError(EndReason what) {
    session.close(what);
  }

  @Override
  public void drained() {
    snack.drained();
    connection.resumeWaiting();
  }

  @Override
  public void closed(EndReason reason) {
    pings.stop();
    endSink();
    connection.closed();
    session.connections().lost(connection, reason);
  }
}

package org.iscsi4j.target.session;

import java.nio.ByteBuffer;
import java.util.List;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.protocol.ProtocolException;
import org.iscsi4j.protocol.RejectReason;
import org.iscsi4j.protocol.SnackRequestPdu;
import org.iscsi4j.protocol.SnackType;
import org.iscsi4j.scsi.Sense;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SNACK requests (RFC 7143 section 11.16): sends again what the initiator missed, and takes its
 * acknowledgements of data.
 */
final class Snack {

  private static final Logger log = LoggerFactory.getLogger(Snack.class);

  private final Session session;
  private final SessionConnection connection;
  private final Rejects rejects;

  /** What was sent; null at ErrorRecoveryLevel 0, where nothing is sent again. */
  private final SentLog sent;

  /** Whether nothing is read until the initiator has taken what it asked for. */
  private boolean paused;

  /** Refuses a request. */
  @FunctionalInterface
  interface Rejects {

    /**
     * Sends a Reject.
     *
     * @param dataSn DataSN or R2TSN of the next PDU of the command (RFC 7143 section 11.17.2)
     */
    void reject(RejectReason reason, int dataSn, ByteBuffer in, int bhsAt);
  }

  Snack(SessionConnection connection, Rejects rejects) {
    this.connection = connection;
    this.rejects = rejects;
    session = connection.session();
    sent = connection.sentLog();
  }

  void request(ByteBuffer in, int bhsAt) {
    SnackRequestPdu pdu = SnackRequestPdu.decode(in, bhsAt);
    try {
      request(pdu);
    } catch (ProtocolException e) {
      log.info("{}: SNACK refused: {}", connection, e.getMessage());
      rejects.reject(e.reason(), nextDataSn(pdu.initiatorTaskTag()), in, bhsAt);
      if (e.reason() == RejectReason.SNACK_REJECT) {
        lost(pdu.initiatorTaskTag());
      }
    }
  }

  private void request(SnackRequestPdu pdu) throws ProtocolException {
    if (sent == null) {
      throw new ProtocolException(
          RejectReason.SNACK_REJECT, "nothing is sent again at ErrorRecoveryLevel 0");
    }
    SnackType type =
        SnackType.of(pdu.type())
            .orElseThrow(
                () ->
                    new ProtocolException(
                        RejectReason.INVALID_PDU_FIELD, "SNACK type " + pdu.type()));
    switch (type) {
      case DATA_R2T ->
          sendAgain(command(pdu.initiatorTaskTag()).run(pdu.begRun(), pdu.runLength()));
      case STATUS -> sendAgain(sent.statuses(pdu.begRun(), pdu.runLength()));
      case DATA_ACK -> dataAck(pdu);
      case R_DATA -> resegment(pdu);
    }
  }

  /** What was sent for the command of a tag, be it under way or ended. */
  private SentCommand command(int tag) throws ProtocolException {
    SentCommand command = current(tag);
    boolean active = active(tag) != null;
    if (command == null && !active) {
      throw new ProtocolException(
          RejectReason.PROTOCOL_ERROR,
          "nothing was sent for tag " + Integer.toUnsignedString(tag) + ", or all is acknowledged");
    }
    return command == null ? new SentCommand(tag) : command;
  }

  /** As {@link #command}, or null; one that has ended is not the one that runs with its tag now. */
  private SentCommand current(int tag) {
    SentCommand command = sent.command(tag);
    boolean active = active(tag) != null;
    return command == null || command.ended() == active ? null : command;
  }

  /** The command that is under way on this connection with a tag, or null. */
  private IscsiTask active(int tag) {
    IscsiTask task = session.task(tag);
    return task == null || task.connection() != connection ? null : task;
  }

  private void dataAck(SnackRequestPdu pdu) throws ProtocolException {
    if (pdu.runLength() != 0) {
      throw new ProtocolException(
          RejectReason.INVALID_DATA_ACK, "RunLength " + pdu.runLength() + " in a DataACK");
    }
    sent.dataAcknowledged(pdu.targetTransferTag(), pdu.begRun());
  }

  private void resegment(SnackRequestPdu pdu) throws ProtocolException {
    int snackTag = pdu.targetTransferTag();
    boolean tagged = snackTag != 0 && snackTag != Pdu.RESERVED_TAG;
    if (!tagged || pdu.begRun() != 0 || pdu.runLength() != 0) {
      throw new ProtocolException(
          RejectReason.INVALID_PDU_FIELD, "BegRun, RunLength or SNACK Tag of an R-Data SNACK");
    }
    SentCommand command = command(pdu.initiatorTaskTag());
    List<SentPdu> again = sent.cutAnew(command, connection.maxDataIn(), snackTag);
    if (!command.ended()) {
      active(pdu.initiatorTaskTag()).read().resegmented(command.next(), snackTag);
    }
    sendAgain(again);
  }

  /** Sends at once, so that the order stays; then the initiator has to read before it asks more. */
  private void sendAgain(List<SentPdu> pdus) {
    connection.sendAgain(pdus);
    if (connection.transport().outputFull()) {
      paused = true;
      connection.transport().pause();
    }
  }

  /** The output is empty. */
  void drained() {
    if (paused) {
      paused = false;
      connection.transport().loop().execute(this::resume);
    }
  }

  private void resume() {
    if (!connection.ending()) {
      connection.transport().resume();
    }
  }

  private int nextDataSn(int tag) {
    SentCommand command = sent == null ? null : current(tag);
    return command == null ? 0 : command.next();
  }

  /** A command whose data the initiator has lost for good can't end well (section 11.4.7.2). */
  private void lost(int tag) {
    IscsiTask task = active(tag);
    if (task != null && sent != null) {
      task.transferLost(Sense.FAILED_RETRANSMISSION_REQUEST);
    }
  }
}

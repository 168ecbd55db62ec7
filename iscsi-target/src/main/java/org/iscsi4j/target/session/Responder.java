package org.iscsi4j.target.session;

import java.nio.ByteBuffer;
import org.iscsi4j.protocol.ScsiResponsePdu;
import org.iscsi4j.scsi.Sense;
import org.iscsi4j.scsi.Status;
import org.iscsi4j.target.connection.PduWriter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers a command that has ended (RFC 7143 section 11.4). */
final class Responder {

  private static final Logger log = LoggerFactory.getLogger(Responder.class);

  private static final int COMPLETED_AT_TARGET = 0;

  private final IscsiTask task;

  Responder(IscsiTask task) {
    this.task = task;
  }

  void respond() {
    if (task.read().statusSent()) {
      return;
    }
    if (task.status() == Status.GOOD && task.hasDataIn() && task.expectedDataIn() > 0) {
      task.read().sendAll(task.dataIn());
    }
    if (!task.read().statusSent()) {
      sendResponse();
    }
    task.connection().flushLater();
  }

  /** Tells that another initiator has ended the command. */
  void taskAborted() {
    if (!task.read().statusSent() && !task.connection().isLost()) {
      task.connection().writer().send(response(Status.TASK_ABORTED, 0));
      task.connection().flushLater();
    }
  }

  private void sendResponse() {
    PduWriter writer = task.connection().writer();
    if (task.status() != Status.CHECK_CONDITION) {
      writer.send(response(task.status(), 0));
      return;
    }
    Sense sense = task.sense();
    log.debug("{}: {}: {}", task.session(), task, sense);
    boolean descriptor = task.descriptorSense();
    int length = sense.length(descriptor);
    ByteBuffer room = writer.beginData(2 + length);
    room.putShort((short) length); // SenseLength
    sense.encode(room, descriptor);
    writer.endData(response(Status.CHECK_CONDITION, 2 + length), 2 + length);
  }

  private ScsiResponsePdu response(Status status, int dataLength) {
    Session session = task.session();
    boolean bidirectional = task.bidirectional();
    boolean out =
        Residual.isOfWrite(
            bidirectional, task.expectedDataIn(), task.expectedDataOut(), task.dataOutLength());
    long expected = out ? task.expectedDataOut() : task.expectedDataIn();
    long moved = out ? task.dataOutLength() : movedIn();
    int flags = Residual.flags(expected, moved);
    if (bidirectional) {
      flags |= Residual.readFlags(task.expectedDataIn(), movedIn());
    }
    return new ScsiResponsePdu(
        flags,
        COMPLETED_AT_TARGET,
        status.code(),
        dataLength,
        task.tag(),
        task.read().snackTag(),
        task.connection().nextStatSn(),
        session.expCmdSn(),
        session.maxCmdSn(),
        task.read().count() + task.write().r2tCount(),
        bidirectional ? Residual.count(task.expectedDataIn(), movedIn()) : 0,
        Residual.count(expected, moved));
  }

  /** What the command reads: all that it wanted, or what went over the wire before it failed. */
  private long movedIn() {
    return task.status() == Status.GOOD ? task.wantedIn() : task.read().sent();
  }
}

package org.iscsi4j.target.session;

import java.nio.ByteBuffer;
import org.iscsi4j.protocol.DataInPdu;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.scsi.DeviceIo;
import org.iscsi4j.scsi.Sense;
import org.iscsi4j.target.connection.PduWriter;

/**
 * Sends a range of a device as Data-In PDUs (RFC 7143 section 11.7), no faster than the initiator
 * takes it. Small pieces are read into the output behind their header, large ones are sent from
 * where they were read to; the last PDU carries the status.
 */
final class DataInTransfer {

  /** The most data in one PDU, in bytes, whatever the initiator would take. */
  private static final int MAX_PIECE = 256 * 1024;

  /** The most that is read elsewhere at once, in bytes. */
  private static final int MAX_ELSEWHERE = 1 << 20;

  private final IscsiTask task;

  private DeviceIo io;
  private long deviceOffset;
  private int remaining;
  private int sent;
  private int burstLeft;
  private int dataSn;
  private boolean statusSent;

  /** Where a read elsewhere goes; null when none is under way. */
  private ByteBuffer elsewhere;

  DataInTransfer(IscsiTask task) {
    this.task = task;
  }

  void begin() {
    io = null;
    remaining = 0;
    sent = 0;
    dataSn = 0;
    statusSent = false;
  }

  void start(DeviceIo from, long offset, int length) {
    io = from;
    deviceOffset = offset;
    remaining = length;
    burstLeft = task.session().parameters().maxBurstLength();
  }

  boolean started() {
    return io != null;
  }

  /** Sends as much as there is room for; waits for more room, or ends the command. */
  void pump() {
    while (remaining > 0) {
      if (task.connection().mustWait(task)) {
        return;
      }
      int length = pieceLength(remaining);
      if (!io.quick(length)) {
        readElsewhere();
        return;
      }
      Sense outcome = length <= PduWriter.SMALL_DATA ? readSmall(length) : readLarge(length);
      if (!outcome.isNone()) {
        task.deviceReadDone(outcome);
        return;
      }
    }
    task.deviceReadDone(Sense.NONE);
  }

  private Sense readSmall(int length) {
    PduWriter writer = task.connection().writer();
    Sense outcome = io.read(deviceOffset, writer.beginData(length));
    if (outcome.isNone()) {
      writer.endData(next(length), length);
      task.connection().flushLater();
    }
    return outcome;
  }

  private Sense readLarge(int length) {
    ByteBuffer data = task.session().buffers().take(length).limit(length);
    Sense outcome = io.read(deviceOffset, data);
    if (!outcome.isNone()) {
      task.session().buffers().give(data);
      return outcome;
    }
    task.connection()
        .writer()
        .sendInPlace(next(length), data.flip(), () -> task.session().buffers().give(data));
    task.connection().flushLater();
    return outcome;
  }

  private void readElsewhere() {
    int length = Math.min(remaining, MAX_ELSEWHERE);
    if (!task.session().budget().tryTake(task.lun(), length)) {
      task.session().awaitBudget(task);
      return;
    }
    elsewhere = task.session().buffers().take(length).limit(length);
    task.readElsewhere(io, deviceOffset, elsewhere, this::cameBack);
  }

  private void cameBack(Sense outcome) {
    ByteBuffer data = elsewhere;
    elsewhere = null;
    Session session = task.session();
    int length = data.limit();
    long lun = task.lun();
    Runnable free =
        () -> {
          session.budget().give(lun, length);
          session.buffers().give(data);
        };
    if (!outcome.isNone()) {
      free.run();
      task.deviceReadDone(outcome);
      return;
    }
    sendPieces(data, length, free);
    task.connection().flushLater();
    pump();
  }

  private void sendPieces(ByteBuffer data, int length, Runnable free) {
    for (int at = 0; at < length; ) {
      int piece = pieceLength(length - at);
      boolean last = at + piece == length;
      task.connection()
          .writer()
          .sendInPlace(next(piece), data.slice(at, piece), last ? free : () -> {});
      at += piece;
    }
  }

  private int pieceLength(int left) {
    int limit = Math.min(task.connection().maxDataIn(), MAX_PIECE);
    return Math.min(Math.min(left, limit), burstLeft);
  }

  /** The header of the next piece; the last one ends the command (phase collapse). */
  private DataInPdu next(int length) {
    int offset = sent;
    deviceOffset += length;
    remaining -= length;
    sent += length;
    burstLeft -= length;
    boolean end = remaining == 0;
    // Data-In has one residual count, and a command that moves data both ways needs two
    boolean last = end && !task.bidirectional();
    int flags = end || burstLeft == 0 ? DataInPdu.FINAL : 0;
    if (burstLeft == 0) {
      burstLeft = task.session().parameters().maxBurstLength();
    }
    if (last) {
      statusSent = true;
      task.session().ended(task);
      flags |= DataInPdu.STATUS | Residual.flags(task.expectedDataIn(), task.wantedIn());
    }
    Session session = task.session();
    return new DataInPdu(
        flags,
        0, // GOOD
        length,
        0,
        task.tag(),
        Pdu.RESERVED_TAG,
        last ? task.connection().nextStatSn() : 0,
        session.expCmdSn(),
        session.maxCmdSn(),
        dataSn++,
        offset,
        last ? Residual.count(task.expectedDataIn(), task.wantedIn()) : 0);
  }

  /** Sends parameter data that lies in memory, with the status in the last PDU. */
  void sendAll(ByteBuffer data) {
    remaining = (int) Math.min(data.remaining(), task.expectedDataIn());
    burstLeft = task.session().parameters().maxBurstLength();
    int end = data.position() + remaining;
    while (remaining > 0) {
      int length = Math.min(pieceLength(remaining), PduWriter.SMALL_DATA);
      int from = end - remaining;
      task.connection().writer().send(next(length), data.limit(from + length).position(from));
    }
  }

  /** Whether the status left with the data. */
  boolean statusSent() {
    return statusSent;
  }

  /** Data-In PDUs sent so far. */
  int count() {
    return dataSn;
  }

  /** Bytes sent so far. */
  int sent() {
    return sent;
  }

  /** Gives back the buffer of a read that ended after the task was aborted. */
  void release() {
    if (elsewhere != null) {
      task.session().budget().give(task.lun(), elsewhere.limit());
      task.session().buffers().give(elsewhere);
      elsewhere = null;
    }
  }
}

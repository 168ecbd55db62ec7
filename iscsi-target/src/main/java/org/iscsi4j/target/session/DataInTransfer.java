package org.iscsi4j.target.session;

import java.nio.ByteBuffer;
import org.iscsi4j.protocol.DataInPdu;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.scsi.DeviceIo;
import org.iscsi4j.scsi.Sense;
import org.iscsi4j.target.connection.PduWriter;

/**
 * Sends a range of a device, or of memory, as Data-In PDUs (RFC 7143 section 11.7), no faster than
 * the initiator takes it. Small pieces are read into the output behind their header, large ones are
 * sent from where they were read to; the last PDU carries the status.
 */
final class DataInTransfer {

  /** The most data in one PDU, in bytes, whatever the initiator would take. */
  private static final int MAX_PIECE = 256 * 1024;

  /** The most that is read elsewhere at once, in bytes. */
  private static final int MAX_ELSEWHERE = 1 << 20;

  private final IscsiTask task;

  /** Null when the data lie in memory. */
  private DeviceIo io;

  private long deviceOffset;

  /** What is sent from memory and was not sent yet; null when it is read from the device. */
  private ByteBuffer memory;

  private int remaining;
  private int sent;
  private int burstLeft;
  private int dataSn;
  private boolean statusSent;

  /** What the initiator acknowledges this data with; the reserved tag until it is asked to. */
  private int transferTag;

  /** The tag of the last R-Data SNACK, which the SCSI Response has to carry; 0 without one. */
  private int snackTag;

  /** Why the command fails when the read that is under way has come back. */
  private Sense failure;

  /** Where a read elsewhere goes; null when none is under way. */
  private ByteBuffer elsewhere;

  DataInTransfer(IscsiTask task) {
    this.task = task;
  }

  void begin() {
    io = null;
    memory = null;
    remaining = 0;
    sent = 0;
    dataSn = 0;
    statusSent = false;
    transferTag = Pdu.RESERVED_TAG;
    snackTag = 0;
    failure = Sense.NONE;
  }

  void start(DeviceIo from, long offset, int length) {
    io = from;
    deviceOffset = offset;
    remaining = length;
    burstLeft = task.session().parameters().maxBurstLength();
  }

  /** As {@link #start(DeviceIo, long, int)}, for data that stay in memory until the task ends. */
  void start(ByteBuffer data, int length) {
    memory = data.slice(data.position(), length);
    remaining = length;
    burstLeft = task.session().parameters().maxBurstLength();
  }

  boolean started() {
    return io != null || memory != null;
  }

  /** Sends as much as there is room for; waits for more room, or ends the command. */
  void pump() {
    while (remaining > 0) {
      if (task.connection().mustWait(task)) {
        return;
      }
      int length = pieceLength(remaining);
      if (memory != null) {
        copy(length);
        continue;
      }
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

  /** Copied, since the memory may be used again before all is sent. */
  private void copy(int length) {
    if (length <= PduWriter.SMALL_DATA) {
      take(task.connection().writer().beginData(length), length);
      task.connection().writer().endData(next(length), length);
    } else {
      copyLarge(length);
    }
    task.connection().flushLater();
  }

  private void copyLarge(int length) {
    ByteBuffer data = task.session().buffers().take(length).limit(length);
    take(data, length);
    task.connection()
        .writer()
        .sendInPlace(next(length), data.flip(), () -> task.session().buffers().give(data));
  }

  private void take(ByteBuffer into, int length) {
    into.put(memory.slice(memory.position(), length));
    memory.position(memory.position() + length);
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
      task.session().budgetQueue().add(task);
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
          session.budgetQueue().give(lun, length);
          session.buffers().give(data);
        };
    Sense wrong = failure.isNone() ? outcome : failure;
    if (!wrong.isNone()) {
      free.run();
      task.deviceReadDone(wrong);
      return;
    }
    if (task.connection().isLost()) {
      free.run(); // read again when there is a connection to send it over
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
    // Data-In carries no sense; and it has one residual count, where a command that moves data both
    // ways needs two
    boolean last = end && !task.bidirectional() && snackTag == 0 && !task.endsWithSense();
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
    boolean acknowledge = asksForAcknowledgement(flags);
    return new DataInPdu(
        acknowledge ? flags | DataInPdu.ACKNOWLEDGE : flags,
        0, // GOOD
        length,
        acknowledge ? task.lun() : 0,
        task.tag(),
        acknowledge ? transferTag : Pdu.RESERVED_TAG,
        last ? task.connection().nextStatSn() : 0,
        session.expCmdSn(),
        session.maxCmdSn(),
        task.write().r2tCount() + dataSn++, // R2Ts have the same numbers (section 4.2.2.4)
        offset,
        last ? Residual.count(task.expectedDataIn(), task.wantedIn()) : 0);
  }

  /**
   * Whether the A bit is due (RFC 7143 section 11.7.2): at the end of each sequence, unless the
   * status is acknowledged for the data too.
   */
  private boolean asksForAcknowledgement(int flags) {
    boolean ends = (flags & (DataInPdu.FINAL | DataInPdu.STATUS)) == DataInPdu.FINAL;
    if (!ends || task.connection().sentLog() == null) {
      return false;
    }
    if (transferTag == Pdu.RESERVED_TAG) {
      transferTag = task.session().nextTransferTag();
    }
    return true;
  }

  /**
   * What was sent was cut anew: the next PDU has another number now, and the status must come with
   * the tag of the SNACK that wanted it so (RFC 7143 section 11.16.3).
   */
  void resegmented(int nextDataSn, int tag) {
    dataSn = nextDataSn - task.write().r2tCount();
    snackTag = tag;
  }

  /** The command goes on over another connection, with this DataSN. */
  void reassigned(int nextDataSn) {
    dataSn = nextDataSn - task.write().r2tCount();
  }

  /** Goes on, unless it does so anyway when a read has come back. */
  void resume() {
    if (elsewhere == null) {
      pump();
    }
  }

  /** The initiator will never have all data. */
  void lost(Sense why) {
    if (elsewhere == null) {
      task.transferFailed(why);
    } else {
      failure = why; // the device is still writing to our buffer
    }
  }

  /** The SNACK Tag of the command's SCSI Response. */
  int snackTag() {
    return snackTag;
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
      task.session().budgetQueue().give(task.lun(), elsewhere.limit());
      task.session().buffers().give(elsewhere);
      elsewhere = null;
    }
  }
}

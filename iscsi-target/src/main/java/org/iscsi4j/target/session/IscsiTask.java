package org.iscsi4j.target.session;

import java.nio.ByteBuffer;
import java.util.List;
import org.iscsi4j.protocol.AdditionalHeader;
import org.iscsi4j.protocol.ProtocolException;
import org.iscsi4j.protocol.ScsiCommandPdu;
import org.iscsi4j.scsi.DeviceIo;
import org.iscsi4j.scsi.Lun;
import org.iscsi4j.scsi.ScsiTask;
import org.iscsi4j.scsi.Sense;
import org.iscsi4j.scsi.TaskAttribute;
import org.iscsi4j.target.connection.Connection;

/**
 * A SCSI command of a session: the data that it moves, and its answer. Used again for another
 * command when it has ended, so that a command allocates nothing.
 */
final class IscsiTask extends ScsiTask {

  private static final ByteBuffer NO_DATA = ByteBuffer.allocate(0);

  private final Session session;
  private final WriteTransfer write = new WriteTransfer();
  private final DataInTransfer read = new DataInTransfer(this);
  private final Responder responder = new Responder(this);

  private Connection connection;
  private int tag;
  private boolean immediate;

  /** Bytes that the command reads by its CDB, whatever the initiator expects. */
  private long wantedIn;

  /** The PDU with the command's immediate data, while it is being delivered; else null. */
  private ByteBuffer arriving;

  private int arrivingAt;
  private int arrivingLength;

  /** Write data that is gathered or kept; null while there is none. */
  private ByteBuffer dataOut;

  /** What {@link #dataOut} takes of the session's budget. */
  private int budgeted;

  private boolean delivered;
  private boolean ended;
  private boolean aborted;
  private boolean deviceLetGo;
  private boolean sinking;

  IscsiTask(Session session) {
    this.session = session;
  }

  // ---- from the initiator ----------------------------------------------------------------------

  /** Takes the facts of a command that is about to {@link #run}. */
  void begin(Connection from, ScsiCommandPdu pdu, TaskAttribute attribute, ByteBuffer in, int ahsAt)
      throws ProtocolException {
    connection = from;
    tag = pdu.initiatorTaskTag();
    immediate = pdu.immediate();
    wantedIn = 0;
    ended = false;
    aborted = false;
    delivered = false;
    read.begin();
    long expected = pdu.expectedDataTransferLength() & 0xffff_ffffL;
    long expectedIn = pdu.read() && !pdu.write() ? expected : 0;
    long expectedOut = pdu.write() ? expected : 0;
    cdb().set(pdu.cdbHigh(), pdu.cdbLow());
    if (pdu.ahsLength() > 0) {
      expectedIn = additionalHeaders(in, ahsAt, pdu, expectedIn);
    }
    begin(session.nexus(), pdu.lun(), attribute, expectedIn, expectedOut);
    int limit = (int) Math.min(expectedOut, session.parameters().firstBurstLength());
    write.begin(
        pdu.dataSegmentLength(),
        !pdu.last(),
        limit,
        session.parameters().maxBurstLength(),
        session.parameters().maxOutstandingR2t());
  }

  private long additionalHeaders(ByteBuffer in, int at, ScsiCommandPdu pdu, long expectedIn)
      throws ProtocolException {
    long expected = expectedIn;
    List<AdditionalHeader> headers = AdditionalHeader.decodeAll(in, at, pdu.ahsLength());
    for (AdditionalHeader header : headers) {
      if (header instanceof AdditionalHeader.ExtendedCdb cdb) {
        extendCdb(pdu, cdb);
      } else if (header instanceof AdditionalHeader.BidirectionalReadLength length
          && pdu.read()
          && pdu.write()) {
        expected = length.length() & 0xffff_ffffL;
      }
    }
    return expected;
  }

  private void extendCdb(ScsiCommandPdu pdu, AdditionalHeader.ExtendedCdb rest) {
    byte[] more = rest.bytes();
    ByteBuffer whole = ByteBuffer.allocate(16 + more.length);
    whole.putLong(pdu.cdbHigh()).putLong(pdu.cdbLow()).put(more).flip();
    cdb().set(whole);
  }

  /**
   * Runs the command.
   *
   * @param in holds the immediate data until this returns
   */
  void run(ByteBuffer in, int dataAt, int dataLength) {
    arriving = in;
    arrivingAt = dataAt;
    arrivingLength = dataLength;
    try {
      Sense refused = unsolicitedDataRefused(dataLength);
      if (refused.isNone()) {
        session.router().execute(this);
      } else {
        transferFailed(refused);
      }
    } finally {
      arriving = null;
    }
  }

  /**
   * What the initiator sends without being asked must be what was agreed (RFC 7143 13.10, 13.11).
   */
  private Sense unsolicitedDataRefused(int dataLength) {
    boolean r2tFirst = write.unsolicited() && session.parameters().initialR2t();
    boolean immediateRefused = dataLength > 0 && !session.parameters().immediateData();
    if (r2tFirst || immediateRefused) {
      return Sense.UNEXPECTED_UNSOLICITED_DATA;
    }
    return dataLength > write.unsolicitedLimit() ? Sense.INCORRECT_AMOUNT_OF_DATA : Sense.NONE;
  }

  /**
   * Where the data of a Data-Out PDU that is not there yet may go directly; empty when nowhere. The
   * buffer is the reader's until {@link #sunk}, even if the command is aborted meanwhile.
   */
  ByteBuffer sinkFor(int offset, int length) {
    boolean fits =
        dataOut != null
            && !delivered
            && !ended
            && offset == write.received()
            && offset + length <= dataOut.limit();
    if (!fits) {
      return NO_DATA;
    }
    sinking = true;
    return dataOut.slice(offset, length);
  }

  /** The reader has done with the buffer of {@link #sinkFor}. */
  void sunk() {
    sinking = false;
    recycleIfAborted();
  }

  /**
   * A Data-Out PDU's data came; it lies in {@code in}, or is where {@link #sinkFor} wanted it.
   *
   * @return whether the command expects data at all; if not, nothing is wrong with it
   */
  boolean dataOut(
      int transferTag, int dataSn, int offset, boolean last, ByteBuffer in, int at, int length) {
    if (!write.expectsData()) {
      return false;
    }
    switch (write.dataOut(transferTag, dataSn, offset, length, last)) {
      case ACCEPTED -> {
        if (in != null) {
          store(in, at, offset, length);
        }
        proceed();
      }
      case VIOLATION -> failData(Sense.UNEXPECTED_UNSOLICITED_DATA);
      case WRONG_AMOUNT -> failData(Sense.INCORRECT_AMOUNT_OF_DATA);
    }
    return true;
  }

  /** A Data-Out PDU came damaged. */
  void dataOutDamaged(Sense why) {
    if (write
        .expectsData()) { // else the command has all that it needs, and the device may be using it
      failData(why);
    }
  }

  /** Data that the command expects can't be had: the rest of it is thrown away as it comes. */
  private void failData(Sense why) {
    abandonData();
    if (ended) {
      respond();
    } else if (!delivered) {
      transferFailed(why);
    }
  }

  /** The command's own PDU came damaged, so that it never began. */
  void failDamaged(Sense why) {
    abandonData();
    transferFailed(why);
  }

  private void abandonData() {
    session.swallow(tag);
    write.abandon();
  }

  private void store(ByteBuffer in, int at, int offset, int length) {
    if (dataOut == null || delivered) {
      return; // the command has ended or has what it needs: the rest of its data is of no use
    }
    int useful = Math.min(length, dataOut.limit() - offset);
    if (useful > 0) {
      dataOut.put(offset, in, at, useful);
    }
  }

  private void proceed() {
    if (ended) {
      if (!write.expectsData()) {
        respond();
      }
    } else if (!delivered && write.whole()) {
      deliver(dataOut.clear().limit(write.wanted()));
    } else if (!delivered) {
      requestMore();
    }
  }

  /** Hands the data on, once: from now on it is the engine's, and the device's. */
  private void deliver(ByteBuffer data) {
    delivered = true;
    deliverDataOut(data);
  }

  // ---- what the engine asks for
  // ------------------------------------------------------------------

  @Override
  protected void onDataOutRequested(int length) {
    int want = (int) Math.min(length, expectedDataOut());
    write.want(want);
    if (arriving != null && arrivingLength >= want) {
      deliver(arriving.limit(arrivingAt + want).position(arrivingAt));
      return;
    }
    gather(want);
    requestMore();
  }

  /**
   * Takes a buffer for the whole write, or for what comes unsolicited when that is too much now:
   * the window bounds the latter, so that the budget is there for those who wait.
   */
  private void gather(int want) {
    int have = write.received();
    if (session.budget().tryTake(want)) {
      budgeted = want;
      own(want);
    } else {
      own(Math.max(Math.min(want, write.unsolicitedLimit()), have));
    }
    if (have > 0) {
      dataOut.put(0, arriving, arrivingAt, Math.min(have, dataOut.limit()));
    }
  }

  private void own(int size) {
    dataOut = session.buffers().take(size).limit(size);
  }

  private void requestMore() {
    if (!write.mayRequest()) {
      return;
    }
    if (!hasRoom()) {
      session.awaitRoom(this);
      return;
    }
    while (write.mayRequest()) {
      session.sendR2t(this, write.request(session.nextTransferTag()));
    }
  }

  /**
   * Whether the buffer takes the whole write; a small one is exchanged when the budget allows it.
   */
  private boolean hasRoom() {
    if (dataOut.limit() >= write.wanted()) {
      return true;
    }
    if (!session.budget().tryTake(write.wanted())) {
      return false;
    }
    budgeted = write.wanted();
    ByteBuffer small = dataOut;
    own(write.wanted());
    dataOut.put(0, small, 0, Math.min(small.limit(), write.received()));
    session.buffers().give(small);
    return true;
  }

  @Override
  protected void onDeviceRead(DeviceIo io, long offset, int length) {
    wantedIn = length;
    read.start(io, offset, (int) Math.min(length, expectedDataIn()));
    session.continueOrWait(this);
  }

  @Override
  protected ByteBuffer keep(ByteBuffer data) {
    if (dataOut != null) {
      return data; // it was gathered, so it is the task's own already
    }
    budgeted = data.remaining();
    session.budget().take(budgeted);
    own(budgeted);
    dataOut.put(0, data, data.position(), budgeted);
    return dataOut;
  }

  /**
   * Goes on with what waited for room.
   *
   * @return whether it need not wait any longer
   */
  boolean resume() {
    if (read.started()) {
      return read.pump();
    }
    if (!hasRoom()) {
      return false;
    }
    requestMore();
    return true;
  }

  // ---- the end
  // -----------------------------------------------------------------------------------

  @Override
  protected void onEnded() {
    ended = true;
    if (hasDataIn()) {
      wantedIn = dataIn().remaining();
    }
    // the initiator may not use the tag again while it still sends for it (RFC 7143 section 7.3)
    if (!write.expectsData()) {
      respond();
    }
  }

  private void respond() {
    session.ended(this);
    responder.respond();
    session.recycle(this);
  }

  /** Ends the command without an answer. */
  void end() {
    if (write.expectsData()) {
      session.swallow(tag);
    }
    aborted = true;
    deviceLetGo = abort();
    session.ended(this);
    recycleIfAborted();
  }

  @Override
  protected void onReleased() {
    deviceLetGo = true;
    recycleIfAborted();
  }

  /** An aborted command is used again only when nobody writes to its buffers any more. */
  private void recycleIfAborted() {
    if (aborted && deviceLetGo && !sinking) {
      session.recycle(this);
    }
  }

  /** Gives back what the command held. */
  void release() {
    if (dataOut != null) {
      session.budget().give(budgeted);
      session.buffers().give(dataOut);
      budgeted = 0;
      dataOut = null;
    }
    read.release();
  }

  // ---- facts
  // --------------------------------------------------------------------------------------

  Session session() {
    return session;
  }

  Connection connection() {
    return connection;
  }

  DataInTransfer read() {
    return read;
  }

  int tag() {
    return tag;
  }

  boolean immediate() {
    return immediate;
  }

  long wantedIn() {
    return wantedIn;
  }

  int r2tCount() {
    return write.r2tCount();
  }

  boolean addresses(int lunNumber) {
    return Lun.decode(lun()) == lunNumber;
  }
}

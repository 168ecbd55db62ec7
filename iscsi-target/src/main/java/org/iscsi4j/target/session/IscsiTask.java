package org.iscsi4j.target.session;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.iscsi4j.api.monitor.TaskSnapshot;
import org.iscsi4j.protocol.AdditionalHeader;
import org.iscsi4j.protocol.ProtocolException;
import org.iscsi4j.protocol.ScsiCommandPdu;
import org.iscsi4j.scsi.DeviceIo;
import org.iscsi4j.scsi.Lun;
import org.iscsi4j.scsi.ScsiTask;
import org.iscsi4j.scsi.Sense;
import org.iscsi4j.scsi.TaskAttribute;

/**
 * A SCSI command of a session: the data that it moves, and its answer. Used again for another
 * command when it has ended, so that a command allocates nothing.
 */
final class IscsiTask extends ScsiTask {

  private final Session session;
  private final DataOutTransfer write = new DataOutTransfer(this);
  private final DataInTransfer read = new DataInTransfer(this);
  private final Responder responder = new Responder(this);

  private SessionConnection connection;
  private int tag;
  private int cmdSn;
  private boolean immediate;

  /** Whether the initiator is ready for data both ways (R and W). */
  private boolean bidirectional;

  /** Bytes that the command reads by its CDB, whatever the initiator expects. */
  private long wantedIn;

  /** Whether it counts among the commands of all sessions. */
  private boolean counted;

  private boolean ended;
  private boolean aborted;
  private boolean deviceLetGo;

  /** Who waits for the device call of an aborted command. */
  private final List<Runnable> settled = new ArrayList<>(0);

  IscsiTask(Session session) {
    this.session = session;
  }

  // ---- from the initiator

  /**
   * Takes the facts of a command that is about to {@link #run}.
   *
   * @param arrived when it was read, with all that came with it
   */
  void begin(
      SessionConnection from,
      ScsiCommandPdu pdu,
      TaskAttribute attribute,
      ByteBuffer in,
      int ahsAt,
      long arrived)
      throws ProtocolException {
    connection = from;
    tag = pdu.initiatorTaskTag();
    cmdSn = pdu.cmdSn();
    immediate = pdu.immediate();
    bidirectional = pdu.read() && pdu.write();
    wantedIn = 0;
    ended = false;
    aborted = false;
    long expected = pdu.expectedDataTransferLength() & 0xffff_ffffL;
    long expectedIn = pdu.read() && !pdu.write() ? expected : 0;
    long expectedOut = pdu.write() ? expected : 0;
    cdb().set(pdu.cdbHigh(), pdu.cdbLow());
    if (pdu.ahsLength() > 0) {
      expectedIn = additionalHeaders(in, ahsAt, pdu, expectedIn);
    }
    begin(session.nexus(), pdu.lun(), attribute, expectedIn, expectedOut, arrived);
    read.begin();
    write.begin(pdu, expectedOut);
  }

  private long additionalHeaders(ByteBuffer in, int at, ScsiCommandPdu pdu, long expectedIn)
      throws ProtocolException {
    long expected = expectedIn;
    List<AdditionalHeader> headers = AdditionalHeader.decodeAll(in, at, pdu.ahsLength());
    for (AdditionalHeader header : headers) {
      if (header instanceof AdditionalHeader.ExtendedCdb cdb) {
        extendCdb(pdu, cdb);
      } else if (header instanceof AdditionalHeader.BidirectionalReadLength length
          && bidirectional) {
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

  /** It counts among the commands of all sessions from now on, until it is used for another. */
  void counted() {
    counted = true;
  }

  /**
   * Runs the command.
   *
   * @param in holds the immediate data until this returns
   */
  void run(ByteBuffer in, int dataAt, int dataLength) {
    write.arrives(in, dataAt, dataLength);
    try {
      Sense refused = write.unsolicitedDataRefused();
      if (refused.isNone()) {
        session.router().execute(this);
      } else {
        transferFailed(refused);
      }
    } finally {
      write.arrived();
    }
  }

  /** The reader has done with the buffer that it was given by {@link DataOutTransfer#sinkFor}. */
  void sunk() {
    write.sunk();
    recycleIfAborted();
  }

  // ---- what the engine asks for

  @Override
  protected void onDataOutRequested(int length) {
    write.want((int) Math.min(length, expectedDataOut()));
  }

  @Override
  protected void onDeviceRead(DeviceIo io, long offset, int length) {
    wantedIn = length;
    read.start(io, offset, (int) Math.min(length, expectedDataIn()));
    read.pump();
  }

  @Override
  protected void onDataIn(ByteBuffer data) {
    wantedIn = data.remaining();
    read.start(data, (int) Math.min(wantedIn, expectedDataIn()));
    read.pump();
  }

  @Override
  protected ByteBuffer keep(ByteBuffer data) {
    return write.keep(data);
  }

  /**
   * What was sent for the command was lost on its way, and can't be sent again: it fails if it
   * still needs that.
   */
  void transferLost(Sense why) {
    if (write.expectsData()) {
      write.lost(why);
    } else if (read.started()) {
      read.lost(why);
    }
  }

  /** Goes on with what waited for room in the output or in the budget. */
  void resume() {
    if (read.started()) {
      read.resume();
    } else {
      write.requestMore();
    }
  }

  /**
   * The command goes on over another connection (RFC 7143 section 7.2.2).
   *
   * @param sent what was sent for it and is sent there again, or null
   * @param expDataSn as in the request to move it
   */
  void reassigned(SessionConnection to, SentCommand sent, int expDataSn) {
    connection = to;
    session.budgetQueue().remove(this);
    if (sent != null) {
      read.reassigned(sent.next());
    }
    write.reassigned(expDataSn);
    if (!ended && read.started()) {
      read.resume();
    }
  }

  // ---- the end

  @Override
  protected void onEnded() {
    ended = true;
    if (hasDataIn()) {
      wantedIn = dataIn().remaining();
    }
    respondUnlessDataComes();
  }

  /**
   * Answers the command that has ended. The initiator may not use its tag again while it still
   * sends for it, so the answer waits for that (RFC 7143 section 7.3).
   */
  void respondUnlessDataComes() {
    if (connection.isLost()) {
      return; // whoever reassigns the command has the answer
    }
    if (!write.expectsData()) {
      session.ended(this);
      responder.respond();
      session.recycle(this);
    }
  }

  /**
   * Ends the command before its time.
   *
   * @param answered whether it is answered with TASK ABORTED
   * @param whenSettled runs once, when it can't change the device any more
   */
  void end(boolean answered, Runnable whenSettled) {
    if (write.expectsData()) {
      session.swallow(tag);
    }
    aborted = true;
    deviceLetGo = abort();
    if (!deviceLetGo) {
      session.lingers(this); // before the session learns that it is idle, and may end by that
    }
    session.ended(this);
    if (answered) {
      responder.taskAborted();
    } else {
      session.freedSilently();
      connection.aborted(this);
    }
    whenSettled(whenSettled);
    recycleIfAborted();
  }

  /** Runs work once when the command, which is aborted, can't change the device any more. */
  void whenSettled(Runnable work) {
    if (stillChanging()) {
      settled.add(work);
    } else {
      work.run();
    }
  }

  @Override
  protected void onReleased() {
    deviceLetGo = true;
    session.lingersNoMore(this);
    List<Runnable> told = List.copyOf(settled);
    settled.clear();
    told.forEach(Runnable::run);
    recycleIfAborted();
  }

  /** An aborted command is used again only when nobody writes to its buffers any more. */
  private void recycleIfAborted() {
    if (aborted && deviceLetGo && !write.sinking()) {
      session.recycle(this);
    }
  }

  /** Gives back what the command held. */
  void release() {
    write.release();
    read.release();
    if (counted) {
      counted = false;
      session.uncount();
    }
  }

  // ---- facts

  Session session() {
    return session;
  }

  SessionConnection connection() {
    return connection;
  }

  DataOutTransfer write() {
    return write;
  }

  DataInTransfer read() {
    return read;
  }

  int tag() {
    return tag;
  }

  int cmdSn() {
    return cmdSn;
  }

  boolean immediate() {
    return immediate;
  }

  /** What the command waits for. */
  TaskSnapshot.State state() {
    if (aborted) {
      return TaskSnapshot.State.ABORTED;
    }
    if (ended) {
      return TaskSnapshot.State.ANSWERING;
    }
    if (awaitsCall()) {
      return TaskSnapshot.State.IN_DEVICE;
    }
    if (write.awaitsData()) {
      return TaskSnapshot.State.AWAITS_DATA;
    }
    return read.started() ? TaskSnapshot.State.ANSWERING : TaskSnapshot.State.QUEUED;
  }

  boolean bidirectional() {
    return bidirectional;
  }

  long wantedIn() {
    return wantedIn;
  }

  /** Whether the command has ended, and is answered as soon as no data for it is on its way. */
  boolean ended() {
    return ended;
  }

  boolean addresses(int lunNumber) {
    return Lun.decode(lun()) == lunNumber;
  }

  /** Whether an 8-byte LUN is that of the command, in whatever form. */
  boolean isFor(long otherLun) {
    return lun() == otherLun
        || (Lun.decode(otherLun) != Lun.UNKNOWN && addresses(Lun.decode(otherLun)));
  }
}

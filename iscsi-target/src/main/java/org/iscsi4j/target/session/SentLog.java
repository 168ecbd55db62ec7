package org.iscsi4j.target.session;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntSupplier;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.protocol.ProtocolException;
import org.iscsi4j.protocol.RejectReason;
import org.iscsi4j.protocol.SerialNumber;
import org.iscsi4j.target.connection.PduRecorder;
import org.iscsi4j.target.limit.Share;

/**
 * What went out on one connection and may have to go out again, at ErrorRecoveryLevel 1 and above
 * (RFC 7143 sections 4.2.2.2, 7.2.2 and 11.16): every PDU with status until its StatSN is
 * acknowledged, and the Data-In and R2T PDUs of every command until they are, or its status is.
 * Touched by the connection's loop alone.
 */
final class SentLog implements PduRecorder {

  /**
   * Bytes that are kept of one connection. What an initiator has not acknowledged is on its way: in
   * the output, which ends at a megabyte, in the buffers of two sockets, and in a sequence or two
   * whose acknowledgement is coming back. When it is more, the oldest data is let go.
   */
  static final int LIMIT = 8 << 20;

  /**
   * Statuses without an acknowledgement for each command that may be outstanding. One would do for
   * an initiator that misses nothing, as each command acknowledges what came before it; one that
   * recovers a status may send and end some windows of commands meanwhile.
   */
  static final int WINDOWS = 4;

  private final int limit;
  private final Share share;
  private final int maxStatuses;
  private final Runnable tooManyStatuses;

  private final Map<Integer, SentPdu> statuses = new HashMap<>();

  /** The latest command of each tag of which something may be asked for. */
  private final Map<Integer, SentCommand> commands = new HashMap<>();

  private final Map<Integer, SentCommand> byTransferTag = new HashMap<>();

  /** Tags that a DataACK may still come for after the status was acknowledged. */
  private final RecentTags formerTransferTags;

  /** What can be let go, the oldest first. */
  private final Set<SentPdu> byAge = new LinkedHashSet<>();

  private int bytes;
  private boolean closed;
  private int unacknowledged;
  private int next;

  /**
   * An empty log.
   *
   * @param firstStatSn StatSN of the first status that it will be told of
   * @param queueDepth commands that may be outstanding
   * @param limit bytes to keep
   * @param share what it has of the bytes that the server keeps
   * @param tooManyStatuses runs when the initiator acknowledges nothing any more
   */
  SentLog(int firstStatSn, int queueDepth, int limit, Share share, Runnable tooManyStatuses) {
    this.limit = limit;
    this.share = share;
    this.tooManyStatuses = tooManyStatuses;
    maxStatuses = WINDOWS * queueDepth;
    formerTransferTags = new RecentTags(queueDepth);
    unacknowledged = firstStatSn;
    next = firstStatSn;
  }

  // ---- what was sent

  @Override
  public void sent(ByteBuffer header, int headerAt, ByteBuffer data, int dataAt, int dataLength) {
    boolean numbered = SentPdu.isNumbered(header, headerAt);
    boolean status = SentPdu.carriesStatus(header, headerAt);
    if (closed || (!numbered && !status)) {
      return; // our own ping: nobody asks for it again
    }
    SentPdu pdu = SentPdu.copyOf(header, headerAt, data, dataAt, dataLength);
    if (numbered) {
      add(open(pdu.tag()), pdu);
    }
    if (status) {
      addStatus(pdu);
    }
    letGoOldest();
  }

  private void addStatus(SentPdu pdu) {
    if (pdu.endsCommand()) {
      open(pdu.tag()).end(pdu);
    }
    if (!pdu.isNumbered()) {
      keep(pdu);
    }
    number(pdu);
  }

  private void number(SentPdu status) {
    statuses.put(status.statSn(), status);
    next = status.statSn() + 1;
    if (next - unacknowledged == maxStatuses + 1) {
      tooManyStatuses.run();
    }
  }

  /** The command under way with a tag; one that has ended with the same tag is another. */
  private SentCommand open(int tag) {
    SentCommand command = commands.get(tag);
    if (command == null || command.ended()) {
      command = new SentCommand(tag);
      commands.put(tag, command);
    }
    return command;
  }

  private void add(SentCommand command, SentPdu pdu) {
    if (pdu.number() != command.next()) {
      command.takeBack(pdu.number()).forEach(this::forget);
    }
    command.add(pdu);
    keep(pdu);
    if (pdu.asksForAcknowledgement()) {
      byTransferTag.put(pdu.transferTag(), command);
    }
  }

  private void keep(SentPdu pdu) {
    bytes += pdu.size();
    share.take(pdu.size());
    if (!pdu.isLasting()) {
      byAge.add(pdu);
    }
  }

  private void letGoOldest() {
    for (Iterator<SentPdu> oldest = byAge.iterator(); isTooMuch() && oldest.hasNext(); ) {
      SentPdu pdu = oldest.next();
      oldest.remove();
      gone(pdu.size());
      pdu.letGo();
      if (pdu.command() != null) {
        pdu.command().drop(pdu);
      }
    }
  }

  private boolean isTooMuch() {
    return bytes > limit || share.isTooMuch();
  }

  private void gone(int size) {
    bytes -= size;
    share.give(size);
  }

  // ---- what came

  /** The initiator has every status below {@code expStatSn}, as each of its PDUs tells. */
  void acknowledged(int expStatSn) {
    if (!SerialNumber.between(unacknowledged, expStatSn, next)) {
      return; // an older PDU that was overtaken, or a number that no status has yet
    }
    for (; unacknowledged != expStatSn; unacknowledged++) {
      SentPdu status = statuses.remove(unacknowledged);
      if (status != null) { // else it went to another connection with its command
        forget(status);
        forgetCommandOf(status);
      }
    }
  }

  /**
   * The initiator has all data below {@code expDataSn} of a command.
   *
   * @param transferTag what came with the request to acknowledge it
   * @throws ProtocolException when nothing was to be acknowledged so
   */
  void dataAcknowledged(int transferTag, int expDataSn) throws ProtocolException {
    SentCommand command = byTransferTag.get(transferTag);
    if (command == null && formerTransferTags.contains(transferTag)) {
      return; // it crossed with the end of the command
    }
    if (command == null || !command.mayAcknowledge(expDataSn)) {
      throw new ProtocolException(
          RejectReason.INVALID_DATA_ACK,
          String.format("no data below %s is with tag %08x", expDataSn, transferTag));
    }
    for (SentPdu pdu : command.acknowledge(expDataSn)) {
      if (pdu != command.status()) {
        forget(pdu);
      }
    }
  }

  /** Nothing of a command that was aborted will be asked for. */
  void aborted(int tag) {
    SentCommand command = commands.get(tag);
    if (command != null && !command.ended()) {
      forget(command);
    }
  }

  private void forgetCommandOf(SentPdu status) {
    if (status.command() != null) {
      forget(status.command());
    }
  }

  private void forget(SentCommand command) {
    command.pdus().forEach(this::forget);
    commands.remove(command.tag(), command);
    if (byTransferTag.remove(command.transferTag(), command)) {
      formerTransferTags.add(command.transferTag());
    }
  }

  private void forget(SentPdu pdu) {
    release(pdu);
    pdu.letGo();
  }

  /** Gives the bytes of a PDU back; nothing if it was let go. */
  private void release(SentPdu pdu) {
    byAge.remove(pdu);
    if (!pdu.isLetGo()) {
      gone(pdu.size());
    }
  }

  // ---- what is asked for again

  /**
   * The statuses that a Status SNACK asks for.
   *
   * @throws ProtocolException when they were not sent, are acknowledged or were let go
   */
  List<SentPdu> statuses(int begRun, int runLength) throws ProtocolException {
    SentRun run = SentRun.of(begRun, runLength, unacknowledged, next);
    List<SentPdu> found = new ArrayList<>();
    for (int i = 0; i < run.count(); i++) {
      SentPdu status = statuses.get(run.from() + i);
      if (status.isLetGo()) {
        throw new ProtocolException(
            RejectReason.SNACK_REJECT, "status " + (run.from() + i) + " is not kept any more");
      }
      found.add(status);
    }
    return found;
  }

  /** What was sent for the latest command of a tag and may be asked for, or null. */
  SentCommand command(int tag) {
    return commands.get(tag);
  }

  /**
   * Cuts the unacknowledged data of a command to another limit, as an R-Data SNACK wants it; a
   * command that has ended gets a SCSI Response that says so (RFC 7143 section 11.16.3).
   *
   * @param snackTag the tag of the SNACK
   * @return what is to be sent, in order
   * @throws ProtocolException when some of it was let go
   */
  List<SentPdu> cutAnew(SentCommand command, int limit, int snackTag) throws ProtocolException {
    command.cutAnew(limit).forEach(this::forget);
    letGoOldest(); // before, as what is kept from here on is about to be sent
    List<SentPdu> again = new ArrayList<>(command.dataIn());
    again.forEach(this::keep);
    if (command.ended()) {
      SentPdu response = command.status();
      response.snackTag(snackTag);
      if (statuses.put(response.statSn(), response) != response) {
        keep(response);
      }
      again.add(response);
    }
    return again;
  }

  // ---- commands that change their connection

  /**
   * Hands over what is kept of the latest command of a tag, for {@link #adopt} by the log of
   * another connection (RFC 7143 section 7.2.2). Nothing is kept of it here any more.
   *
   * @return the command, or null when nothing was sent for it
   */
  SentCommand takeCommand(int tag) {
    SentCommand command = commands.remove(tag);
    if (command == null) {
      return null;
    }
    byTransferTag.remove(command.transferTag(), command);
    command.pdus().forEach(this::release);
    if (command.ended() && !command.status().isLetGo()) {
      statuses.remove(command.status().statSn());
      if (!command.pdus().contains(command.status())) {
        release(command.status());
      }
    }
    return command;
  }

  /**
   * Takes over a command from the log of a connection that is gone. Its data is cut to the limit of
   * this connection, and its status gets a number of this connection.
   *
   * @param expDataSn what the reassignment acknowledges (RFC 7143 section 11.5.6)
   * @param limit the most bytes in a Data-In of this connection
   * @param nextStatSn StatSN of this connection; asked for once if the command has a status
   * @return what is to be sent, in order
   * @throws ProtocolException when some of it was let go; the command is not adopted then
   */
  List<SentPdu> adopt(SentCommand command, int expDataSn, int limit, IntSupplier nextStatSn)
      throws ProtocolException {
    if (expDataSn != 0 && command.mayAcknowledge(expDataSn)) {
      command.acknowledge(expDataSn);
    }
    command.cutAnew(limit);
    commands.put(command.tag(), command);
    if (command.transferTag() != Pdu.RESERVED_TAG) { // else nothing was to be acknowledged yet
      byTransferTag.put(command.transferTag(), command);
    }
    List<SentPdu> again = new ArrayList<>(command.pdus());
    if (command.ended()) {
      command.status().statSn(nextStatSn.getAsInt());
      number(command.status());
      again.add(command.status());
    }
    letGoOldest(); // before, as what is kept from here on is about to be sent
    again.forEach(this::keep);
    return again;
  }

  // ---- the end

  /** Forgets everything; nothing is kept from now on. Idempotent. */
  void close() {
    closed = true;
    gone(bytes);
    statuses.clear();
    commands.clear();
    byTransferTag.clear();
    byAge.clear();
  }

  /** Bytes that are kept. */
  int bytes() {
    return bytes;
  }
}

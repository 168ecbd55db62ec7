package org.iscsi4j.target.session;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.protocol.ProtocolException;
import org.iscsi4j.protocol.RejectReason;

/**
 * What was sent for a command and is not acknowledged: its Data-In and R2T PDUs, which share their
 * numbers (RFC 7143 section 4.2.2.4), and its status.
 */
final class SentCommand {

  private final int tag;

  /** Those that can be sent again, in the order of their numbers, up to the last one sent. */
  private final ArrayDeque<SentPdu> pdus = new ArrayDeque<>();

  /** The number that the initiator has not acknowledged; those from here on may be gone already. */
  private int unacknowledged;

  private int next;
  private int transferTag = Pdu.RESERVED_TAG;
  private SentPdu status;

  SentCommand(int tag) {
    this.tag = tag;
  }

  /** Initiator Task Tag. */
  int tag() {
    return tag;
  }

  /** DataSN or R2TSN of the next PDU. */
  int next() {
    return next;
  }

  /** What the initiator acknowledges its data with, or the reserved tag. */
  int transferTag() {
    return transferTag;
  }

  /** The PDU with the status; null while the command has not ended. */
  SentPdu status() {
    return status;
  }

  boolean ended() {
    return status != null;
  }

  /** Whether nothing is missing of what the initiator has not acknowledged. */
  boolean isWhole() {
    return pdus.size() == next - unacknowledged && !(ended() && status.isLetGo());
  }

  /** The PDUs that can be sent again. */
  List<SentPdu> pdus() {
    return List.copyOf(pdus);
  }

  /** Those of them with data. */
  List<SentPdu> dataIn() {
    return pdus.stream().filter(SentPdu::isDataIn).toList();
  }

  // ---- growing

  /** The next Data-In or R2T went out. */
  void add(SentPdu pdu) {
    pdu.command(this);
    pdus.add(pdu);
    next = pdu.number() + 1;
    if (pdu.asksForAcknowledgement()) {
      transferTag = pdu.transferTag();
    }
  }

  /** The status went out, alone or with the last data. */
  void end(SentPdu with) {
    with.command(this);
    status = with;
  }

  // ---- shrinking

  /**
   * The PDUs from a number on are sent anew, as R2Ts for what is still missing are when the command
   * has changed its connection.
   *
   * @return those that this replaces
   */
  List<SentPdu> takeBack(int number) {
    List<SentPdu> replaced = new ArrayList<>();
    while (!pdus.isEmpty() && pdus.peekLast().number() - number >= 0) {
      replaced.add(pdus.removeLast());
    }
    return replaced;
  }

  /** Whether everything below a number may be acknowledged now. */
  boolean mayAcknowledge(int number) {
    return Integer.compareUnsigned(number - unacknowledged, next - unacknowledged) <= 0;
  }

  /**
   * Everything below a number came.
   *
   * @return the PDUs that need not be kept for it any more
   */
  List<SentPdu> acknowledge(int number) {
    unacknowledged = number;
    List<SentPdu> came = new ArrayList<>();
    while (!pdus.isEmpty() && pdus.peek().number() - number < 0) {
      came.add(pdus.remove());
    }
    return came;
  }

  /** Forgets a PDU that was let go: those that are older went before it. */
  void drop(SentPdu pdu) {
    pdus.remove(pdu);
  }

  // ---- sending again

  /**
   * The PDUs that a Data/R2T SNACK asks for.
   *
   * @throws ProtocolException when they were not sent, are acknowledged or were let go
   */
  List<SentPdu> run(int begRun, int runLength) throws ProtocolException {
    SentRun run = SentRun.of(begRun, runLength, unacknowledged, next);
    int gone = next - pdus.size() - run.from();
    if (run.count() > 0 && gone > 0) {
      throw letGo();
    }
    return pdus.stream().skip(-gone).limit(run.count()).toList();
  }

  private ProtocolException letGo() {
    return new ProtocolException(
        RejectReason.SNACK_REJECT,
        "the data of tag " + Integer.toUnsignedString(tag) + " is not kept any more");
  }

  /**
   * Cuts the unacknowledged Data-In PDUs anew (RFC 7143 section 11.16.3), and takes the status out
   * of the last one. R2Ts stay as they are: they went before the first data.
   *
   * @param limit the most bytes in one
   * @return what was replaced
   * @throws ProtocolException when some of it was let go
   */
  List<SentPdu> cutAnew(int limit) throws ProtocolException {
    if (!isWhole()) {
      throw letGo();
    }
    List<SentPdu> old = new ArrayList<>(dataIn());
    if (!old.isEmpty()) {
      next = old.get(0).number();
      pdus.removeIf(SentPdu::isDataIn);
    }
    for (SentPdu each : old) {
      each.cut(limit, next).forEach(this::add);
    }
    if (ended()) {
      separateStatus().filter(dataIn -> !old.contains(dataIn)).ifPresent(old::add);
    }
    return old;
  }

  /** Sees to it that the status is a SCSI Response. Gives the Data-In that it was in, if any. */
  private Optional<SentPdu> separateStatus() {
    Optional<SentPdu> dataIn = Optional.of(status).filter(SentPdu::isDataIn);
    dataIn.map(SentPdu::response).ifPresent(this::end);
    status.expDataSn(next);
    return dataIn;
  }
}

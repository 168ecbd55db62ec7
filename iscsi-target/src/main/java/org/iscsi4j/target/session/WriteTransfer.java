package org.iscsi4j.target.session;

import java.util.ArrayDeque;
import java.util.List;
import org.iscsi4j.protocol.OperationalParameters;
import org.iscsi4j.protocol.Pdu;

/**
 * The rules for the data of one write (RFC 7143 sections 4.2.5.2, 11.7, 11.8): what came with the
 * command, what follows it unsolicited, and what is asked for by R2T. Data that comes byte after
 * byte is counted here; from the first PDU on that is out of order, where that may be, until
 * everything asked for is there, {@link ScatteredData} keeps the books. Holds no data; offsets and
 * lengths are bytes.
 */
final class WriteTransfer {

  /** How much a command needs before it has said so. */
  private static final int UNKNOWN = Integer.MAX_VALUE;

  private OperationalParameters agreed;
  private int wanted;
  private int received;
  private int requested;

  private int immediate;
  private boolean unsolicited;
  private int unsolicitedLimit;
  private int nextDataSn;

  private int maxOutstanding;
  private int r2tSn;
  private boolean draining;
  private final ArrayDeque<R2t> open = new ArrayDeque<>(1);

  /** Whether all that came came in order, so that {@link #received} says what came. */
  private boolean straight;

  /** Keeps the books while data is not {@link #straight}; null until it was not. */
  private ScatteredData scattered;

  /** A sequence that was asked for and has not come whole. */
  record R2t(int tag, int number, int offset, int length) {

    /** Whether a PDU brings the last byte of the sequence. */
    private boolean endsIn(int from, int count) {
      int end = offset + length;
      return from >= offset && from <= end && count >= end - from;
    }
  }

  /** What becomes of a Data-Out PDU. */
  enum Verdict {
    /** Its data belongs to the write. */
    ACCEPTED,
    /** It belongs to no sequence of this write, or breaks the order that was agreed. */
    VIOLATION,
    /** Its sequence has another amount of data than announced, and that is not to be mended. */
    WRONG_AMOUNT
  }

  /**
   * A command came.
   *
   * @param immediateData bytes of data in the command's own PDU
   * @param unsolicitedFollows whether the initiator sends more without being asked (F = 0)
   * @param expected bytes that the initiator is ready to give
   */
  void begin(
      int immediateData, boolean unsolicitedFollows, long expected, OperationalParameters terms) {
    agreed = terms;
    wanted = UNKNOWN;
    received = immediateData;
    requested = immediateData;
    immediate = immediateData;
    unsolicited = unsolicitedFollows;
    unsolicitedLimit = (int) Math.min(expected, terms.firstBurstLength());
    nextDataSn = 0;
    // only the last R2T may be tried again then (RFC 7143 section 13.19)
    boolean oneByOne = terms.errorRecoveryLevel() > 0 && terms.dataSequenceInOrder();
    maxOutstanding = oneByOne ? 1 : terms.maxOutstandingR2t();
    r2tSn = 0;
    draining = false;
    straight = true;
    scattered = null;
    if (!open.isEmpty()) {
      open.clear();
    }
  }

  /** The data in the command's own PDU came damaged: it is asked for again. */
  void immediateLost() {
    received = 0;
    requested = 0;
    if (unsolicited) {
      scatter().open(Pdu.RESERVED_TAG, 0, unsolicitedLimit, immediate, 0);
    }
  }

  /** The command turned out to need so many bytes, all of which the initiator is ready to give. */
  void want(int bytes) {
    wanted = bytes;
    if (!straight) {
      scattered.trim(bytes);
      settle();
    }
  }

  /** Bytes that the command needs. */
  int wanted() {
    return wanted;
  }

  /** Bytes that came so far, from 0 up to the first hole. */
  int received() {
    return straight ? received : scattered.prefix();
  }

  /** Where what came so far ends, holes or not. */
  int reach() {
    return straight ? received : scattered.end();
  }

  /** Whether data is on its way, and none of a range has come yet. */
  boolean awaits(int offset, int length) {
    boolean isNew =
        straight ? offset == received : offset >= 0 && scattered.isNew(offset, offset + length);
    return isNew && expectsData();
  }

  /** Whether the initiator is still sending without being asked. */
  boolean unsolicited() {
    return unsolicited;
  }

  /** Whether Data-Out PDUs are on their way. */
  boolean expectsData() {
    return unsolicited || !open.isEmpty();
  }

  /** The Target Transfer Tags that Data-Out PDUs are on their way for. */
  List<Integer> openTransferTags() {
    return open.stream().map(R2t::tag).toList();
  }

  /** Whether everything that the command needs is there and nothing else is on its way. */
  boolean whole() {
    return straight && received >= wanted && !unsolicited;
  }

  /** The most unsolicited data that may come, immediate data included. */
  int unsolicitedLimit() {
    return unsolicitedLimit;
  }

  // ---- R2Ts

  /** Whether the next sequence may be asked for now. */
  boolean mayRequest() {
    return !unsolicited && open.size() < maxOutstanding && (requested < wanted || hasLost());
  }

  private boolean hasLost() {
    return !straight && scattered.hasLost();
  }

  /** Asks for the next sequence, or for one that was lost. */
  R2t request(int tag) {
    R2t r2t = hasLost() ? recovery(tag) : next(tag);
    if (!straight) {
      scattered.open(tag, r2t.offset(), r2t.offset() + r2t.length(), r2t.offset(), 0);
    } else if (open.isEmpty()) {
      nextDataSn = 0;
    }
    open.add(r2t);
    return r2t;
  }

  private R2t next(int tag) {
    int length = Math.min(agreed.maxBurstLength(), wanted - requested);
    R2t r2t = new R2t(tag, r2tSn++, requested, length);
    requested += length;
    return r2t;
  }

  private R2t recovery(int tag) {
    ScatteredData.Range lost = scattered.takeLost(agreed.maxBurstLength());
    return new R2t(tag, r2tSn++, lost.from(), lost.to() - lost.from());
  }

  /** R2Ts sent so far. */
  int r2tCount() {
    return r2tSn;
  }

  // ---- Data-Out PDUs

  /** Checks a Data-Out PDU and counts its data. */
  Verdict dataOut(int tag, int dataSn, int offset, int length, boolean last) {
    if (draining) {
      drained(tag, offset, length, last);
      return Verdict.ACCEPTED;
    }
    if (straight) {
      Verdict verdict = nextInOrder(tag, dataSn, offset, length, last);
      if (verdict == Verdict.ACCEPTED || !mayScatter()) {
        return verdict;
      }
    }
    return outOfOrder(tag, dataSn, offset, length, last, false);
  }

  /** As {@link #dataOut}, of a PDU whose data came damaged. */
  Verdict damaged(int tag, int dataSn, int offset, int length, boolean last) {
    if (draining) {
      drained(tag, offset, length, last);
      return Verdict.ACCEPTED;
    }
    return agreed.errorRecoveryLevel() > 0
        ? outOfOrder(tag, dataSn, offset, length, last, true)
        : Verdict.VIOLATION;
  }

  private boolean mayScatter() {
    return !agreed.dataPduInOrder()
        || !agreed.dataSequenceInOrder()
        || agreed.errorRecoveryLevel() > 0;
  }

  private Verdict nextInOrder(int tag, int dataSn, int offset, int length, boolean last) {
    if (dataSn != nextDataSn || offset != received) {
      return Verdict.VIOLATION;
    }
    return tag == Pdu.RESERVED_TAG ? unsolicited(length, last) : solicited(tag, length, last);
  }

  private Verdict unsolicited(int length, boolean last) {
    if (!unsolicited) {
      return Verdict.VIOLATION;
    }
    if (length > unsolicitedLimit - received) {
      return Verdict.WRONG_AMOUNT;
    }
    unsolicited = !last;
    received += length;
    requested = received;
    nextDataSn = last ? 0 : nextDataSn + 1;
    return Verdict.ACCEPTED;
  }

  private Verdict solicited(int tag, int length, boolean last) {
    R2t first = open.peek();
    if (first == null || first.tag() != tag) {
      return Verdict.VIOLATION;
    }
    int end = first.offset() + first.length();
    if (length > end - received || last != (received + length == end)) {
      return Verdict.WRONG_AMOUNT;
    }
    received += length;
    nextDataSn = last ? 0 : nextDataSn + 1;
    if (last) {
      open.remove();
    }
    return Verdict.ACCEPTED;
  }

  // ---- data that is not straight

  private Verdict outOfOrder(
      int tag, int dataSn, int offset, int length, boolean last, boolean damaged) {
    if (straight) {
      scatterWithOpen();
    }
    Verdict verdict = scattered.dataOut(tag, dataSn, offset, length, last, wanted, damaged);
    if (verdict == Verdict.ACCEPTED && last) {
      ended(tag);
    }
    return verdict;
  }

  private ScatteredData scatter() {
    if (scattered == null) {
      scattered = new ScatteredData(agreed);
    }
    scattered.reset(received);
    straight = false;
    return scattered;
  }

  private void scatterWithOpen() {
    scatter();
    if (unsolicited) {
      scattered.open(Pdu.RESERVED_TAG, immediate, unsolicitedLimit, received, nextDataSn);
    }
    int inFirst = nextDataSn;
    for (R2t r2t : open) {
      int at = Math.max(r2t.offset(), received);
      scattered.open(r2t.tag(), r2t.offset(), r2t.offset() + r2t.length(), at, inFirst);
      inFirst = 0;
    }
  }

  private void ended(int tag) {
    if (tag == Pdu.RESERVED_TAG) {
      unsolicited = false;
      requested = scattered.end();
    } else {
      open.removeIf(r2t -> r2t.tag() == tag);
    }
    settle();
  }

  /** Data is straight again when all that was asked for is there. */
  private void settle() {
    if (!expectsData() && !scattered.hasLost()) {
      received = scattered.prefix();
      nextDataSn = 0;
      straight = true;
    }
  }

  // ---- the end

  /**
   * The write failed. Nothing more is asked for; what is on its way is taken as it comes, and is
   * waited for (RFC 7143 section 11.17.1). The parameters tell of the PDU that it failed with.
   */
  void drain(int tag, int offset, int length, boolean last) {
    draining = true;
    wanted = 0;
    straight = true;
    drained(tag, offset, length, last);
  }

  /** The write failed because R2Ts were lost: nothing that they ask for is waited for. */
  void abandon() {
    draining = true;
    wanted = 0;
    straight = true;
    open.clear();
  }

  private void drained(int tag, int offset, int length, boolean last) {
    if (tag == Pdu.RESERVED_TAG) {
      unsolicited &= !last;
    } else {
      open.removeIf(r2t -> r2t.tag() == tag && (last || r2t.endsIn(offset, length)));
    }
  }

  /**
   * The command goes on over another connection (RFC 7143 section 7.2.2). Nothing that was on its
   * way comes any more; what has not come is asked for.
   *
   * @param expR2tSn R2TSN that the initiator expects next; 0 is that of the first R2T that it has
   *     not answered
   */
  void reassigned(int expR2tSn) {
    R2t unanswered = open.peek();
    if (expR2tSn > 0 && expR2tSn <= r2tSn) {
      r2tSn = expR2tSn;
    } else if (unanswered != null) {
      r2tSn = unanswered.number();
    }
    open.clear();
    unsolicited = false;
    nextDataSn = 0;
    if (straight) {
      requested = received;
    } else {
      scattered.forgetSequences();
      requested = scattered.end();
      want(wanted);
    }
  }
}

package org.iscsi4j.target.session;

import java.util.ArrayDeque;
import org.iscsi4j.protocol.Pdu;

/**
 * The rules for the data of one write (RFC 7143 sections 4.2.5.2, 11.7, 11.8): what came with the
 * command, what follows it unsolicited, and what is asked for by R2T. Holds no data; offsets and
 * lengths are bytes.
 */
final class WriteTransfer {

  private int wanted;
  private int received;
  private int requested;

  private boolean unsolicited;
  private int unsolicitedLimit;
  private int nextDataSn;

  private int maxBurst;
  private int maxOutstanding;
  private int r2tSn;
  private boolean draining;
  private final ArrayDeque<R2t> open = new ArrayDeque<>(1);

  /** A sequence that was asked for and has not come whole. */
  record R2t(int tag, int number, int offset, int length) {}

  /** What becomes of a Data-Out PDU. */
  enum Verdict {
    /** Its data belongs to the write. */
    ACCEPTED,
    /** It belongs to no sequence of this write, or breaks the order of its sequence. */
    VIOLATION,
    /** Its sequence ended with another amount of data than announced. */
    WRONG_AMOUNT
  }

  /**
   * A command came.
   *
   * @param immediate bytes of data in the command's own PDU
   * @param unsolicitedFollows whether the initiator sends more without being asked (F = 0)
   * @param limit the most unsolicited data, immediate data included
   */
  void begin(int immediate, boolean unsolicitedFollows, int limit, int burst, int outstandingR2ts) {
    wanted = 0;
    received = immediate;
    requested = immediate;
    unsolicited = unsolicitedFollows;
    unsolicitedLimit = limit;
    nextDataSn = 0;
    maxBurst = burst;
    maxOutstanding = outstandingR2ts;
    r2tSn = 0;
    draining = false;
    if (!open.isEmpty()) {
      open.clear();
    }
  }

  /** The command turned out to need so many bytes, all of which the initiator is ready to give. */
  void want(int bytes) {
    wanted = bytes;
  }

  /** Bytes that the command needs. */
  int wanted() {
    return wanted;
  }

  /** Bytes that came so far, in order from 0. */
  int received() {
    return received;
  }

  /** Whether the initiator is still sending without being asked. */
  boolean unsolicited() {
    return unsolicited;
  }

  /** Whether Data-Out PDUs are on their way. */
  boolean expectsData() {
    return unsolicited || !open.isEmpty();
  }

  /** Whether everything that the command needs is there and nothing else is on its way. */
  boolean whole() {
    return received >= wanted && !unsolicited;
  }

  /** The most unsolicited data that may come, immediate data included. */
  int unsolicitedLimit() {
    return unsolicitedLimit;
  }

  /** Whether the next sequence may be asked for now. */
  boolean mayRequest() {
    return !unsolicited && requested < wanted && open.size() < maxOutstanding;
  }

  /** Asks for the next sequence. */
  R2t request(int tag) {
    int length = Math.min(maxBurst, wanted - requested);
    R2t r2t = new R2t(tag, r2tSn++, requested, length);
    if (open.isEmpty()) {
      nextDataSn = 0;
    }
    open.add(r2t);
    requested += length;
    return r2t;
  }

  /** R2Ts sent so far. */
  int r2tCount() {
    return r2tSn;
  }

  /**
   * The write failed. Nothing more is asked for, and what was asked for is not waited for;
   * unsolicited data is taken as it comes, up to its last PDU (RFC 7143 section 7.3).
   *
   * @param last whether the PDU that it failed with was the last one of the unsolicited data
   */
  void drain(boolean last) {
    draining = true;
    wanted = 0;
    open.clear();
    unsolicited &= !last;
  }

  /** Checks a Data-Out PDU and counts its data. */
  Verdict dataOut(int tag, int dataSn, int offset, int length, boolean last) {
    if (draining) {
      unsolicited &= !(last && tag == Pdu.RESERVED_TAG);
      return Verdict.ACCEPTED;
    }
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
}

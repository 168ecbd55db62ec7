package org.iscsi4j.target.session;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.iscsi4j.protocol.OperationalParameters;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.target.session.WriteTransfer.Verdict;

/**
 * The data of a write that does not come byte after byte: PDUs or sequences in any order where that
 * was agreed (RFC 7143 sections 13.18 and 13.19), and data that was lost and is asked for again by
 * a recovery R2T where the error recovery level allows it (sections 7.8 and 11.8). Holds no data.
 */
final class ScatteredData {

  /** What may be lost of one command before it is given up, in pieces. */
  static final int MAX_RECOVERIES = 32;

  private final boolean pduInOrder;
  private final boolean sequenceInOrder;
  private final boolean recovers;

  private final Extents came = new Extents();
  private final List<Sequence> sequences = new ArrayList<>(2);
  private final ArrayDeque<Range> lost = new ArrayDeque<>(2);
  private int recoveries;

  /** Data that was sent for, did not come, and is not on its way. */
  record Range(int from, int to) {}

  /** What has come of a sequence that has not ended. */
  private static final class Sequence {
    private final int tag;
    private final int from;
    private final int to;

    /** Where the next PDU begins when they come in order. */
    private int at;

    private int nextDataSn;

    Sequence(int tag, int from, int to, int at, int nextDataSn) {
      this.tag = tag;
      this.from = from;
      this.to = to;
      this.at = at;
      this.nextDataSn = nextDataSn;
    }
  }

  ScatteredData(OperationalParameters agreed) {
    pduInOrder = agreed.dataPduInOrder();
    sequenceInOrder = agreed.dataSequenceInOrder();
    recovers = agreed.errorRecoveryLevel() > 0;
  }

  /** Begins with what came in order; no sequence is open. */
  void reset(int received) {
    sequences.clear();
    came.clear();
    came.add(0, received);
  }

  /**
   * A sequence is on its way.
   *
   * @param from where it begins
   * @param to where it ends, at the latest when it is unsolicited
   * @param at what has come of it in order ends there
   * @param nextDataSn PDUs of it that have come
   */
  void open(int tag, int from, int to, int at, int nextDataSn) {
    sequences.add(new Sequence(tag, from, to, at, nextDataSn));
  }

  /** The command needs no more than so many bytes, so that what is lost behind them is no loss. */
  void trim(int wanted) {
    for (int left = lost.size(); left > 0; left--) {
      Range range = lost.remove();
      if (range.from() < wanted) {
        lost.add(new Range(range.from(), Math.min(range.to(), wanted)));
      }
    }
  }

  /**
   * Checks a Data-Out PDU and notes what came.
   *
   * @param wanted bytes that the command needs
   * @param damaged whether the PDU's data is of no use
   */
  Verdict dataOut(
      int tag, int dataSn, int offset, int length, boolean last, int wanted, boolean damaged) {
    Sequence sequence = find(tag);
    if (sequence == null) {
      return Verdict.VIOLATION;
    }
    Verdict verdict = check(sequence, dataSn, offset, length, last);
    if (verdict != Verdict.ACCEPTED) {
      return verdict;
    }
    if (!damaged && !came.add(offset, offset + length)) {
      return Verdict.VIOLATION;
    }
    sequence.at = offset + length;
    sequence.nextDataSn = dataSn + 1;
    return last ? end(sequence, wanted) : Verdict.ACCEPTED;
  }

  private Sequence find(int tag) {
    int candidates = sequenceInOrder ? Math.min(1, sequences.size()) : sequences.size();
    for (int i = 0; i < candidates; i++) {
      if (sequences.get(i).tag == tag) {
        return sequences.get(i);
      }
    }
    return null;
  }

  private Verdict check(Sequence sequence, int dataSn, int offset, int length, boolean last) {
    int skipped = dataSn - sequence.nextDataSn;
    boolean inTurn = skipped == 0 || (skipped > 0 && recovers);
    if (!inTurn || !inPlace(sequence, skipped > 0, offset)) {
      return Verdict.VIOLATION;
    }
    boolean full = length == sequence.to - offset;
    boolean unfinished = full && !last && pduInOrder && sequence.tag != Pdu.RESERVED_TAG;
    return length > sequence.to - offset || unfinished ? Verdict.WRONG_AMOUNT : Verdict.ACCEPTED;
  }

  private boolean inPlace(Sequence sequence, boolean behindLost, int offset) {
    int least = pduInOrder ? sequence.at : sequence.from;
    int most = pduInOrder && !behindLost ? sequence.at : sequence.to;
    return offset >= least && offset <= most;
  }

  /** A sequence has ended: its holes are to be recovered, or it is of the wrong length. */
  private Verdict end(Sequence sequence, int wanted) {
    sequences.remove(sequence);
    int end = Math.min(wanted, sequence.tag == Pdu.RESERVED_TAG ? came.end() : sequence.to);
    for (int at = came.holeFrom(sequence.from); at < end; at = came.holeFrom(came.holeTo(at))) {
      recoveries++;
      if (!recovers || recoveries > MAX_RECOVERIES) {
        return Verdict.WRONG_AMOUNT;
      }
      lost.add(new Range(at, Math.min(came.holeTo(at), end)));
    }
    return Verdict.ACCEPTED;
  }

  /** Nothing is on its way any more: whatever has not come is lost, and no fault of the data. */
  void forgetSequences() {
    sequences.clear();
    lost.clear();
    for (int at = came.holeFrom(0); at < came.end(); at = came.holeFrom(came.holeTo(at))) {
      lost.add(new Range(at, came.holeTo(at)));
    }
  }

  /** Whether data must be asked for again. */
  boolean hasLost() {
    return !lost.isEmpty();
  }

  /** What must be asked for again, at most so many bytes of it; it counts as asked for then. */
  Range takeLost(int most) {
    Range range = lost.remove();
    int to = Math.min(range.to(), range.from() + most);
    if (to < range.to()) {
      lost.addFirst(new Range(to, range.to()));
    }
    return new Range(range.from(), to);
  }

  /** Where what came ends, holes or not. */
  int end() {
    return came.end();
  }

  /** Bytes that came without a hole, from 0. */
  int prefix() {
    return came.holeFrom(0);
  }

  /** Whether none of a range has come. */
  boolean isNew(int from, int to) {
    return !came.touches(from, to);
  }
}

package org.iscsi4j.target.session;

import java.nio.ByteBuffer;
import java.util.List;
import org.iscsi4j.protocol.DataOutPdu;
import org.iscsi4j.protocol.OperationalParameters;
import org.iscsi4j.protocol.ScsiCommandPdu;
import org.iscsi4j.scsi.Sense;

/**
 * Gathers the data of a write (RFC 7143 sections 4.2.5.2, 11.7, 11.8), by the rules of {@link
 * WriteTransfer}. Data that came whole with its command is handed on where it lies; what comes in
 * parts is gathered in a buffer of the command's own.
 */
final class DataOutTransfer {

  private static final ByteBuffer NO_DATA = ByteBuffer.allocate(0);

  private final IscsiTask task;
  private final WriteTransfer rules = new WriteTransfer();

  /** The PDU with the command's immediate data, while it is being delivered; else null. */
  private ByteBuffer arriving;

  private int arrivingAt;
  private int arrivingLength;

  /** Data that is gathered or kept; null while there is none. */
  private ByteBuffer own;

  /** What {@link #own} takes of the session's budget. */
  private int budgeted;

  /** What it takes of that for data that comes unasked. */
  private int unasked;

  /** Whether the engine has asked for the data. */
  private boolean wanted;

  /** Whether the engine has the data: from then on it is the device's to use. */
  private boolean delivered;

  private boolean sinking;

  DataOutTransfer(IscsiTask task) {
    this.task = task;
  }

  /** A command came that expects to give so many bytes. */
  void begin(ScsiCommandPdu pdu, long expected) {
    wanted = false;
    delivered = false;
    rules.begin(pdu.dataSegmentLength(), !pdu.last(), expected, task.session().parameters());
  }

  /**
   * The command's immediate data came damaged, and the command is to {@linkplain IscsiTask#run run}
   * without it: at error recovery level 1 and above it is asked for by R2T. Called right after
   * {@link #begin}.
   */
  void immediateDataLost() {
    rules.immediateLost();
  }

  /** The command's immediate data lies here, until {@link #arrived}. */
  void arrives(ByteBuffer in, int at, int length) {
    arriving = in;
    arrivingAt = at;
    arrivingLength = length;
  }

  void arrived() {
    if (!wanted && !task.ended() && (arrivingLength > 0 || rules.unsolicited())) {
      holdBack();
    }
    arriving = null;
  }

  /** Keeps what comes unasked for a command that waits for its turn (SAM-5 clause 8). */
  private void holdBack() {
    takeUnasked(Math.max(rules.unsolicitedLimit(), arrivingLength));
    own.put(0, arriving, arrivingAt, arrivingLength);
  }

  /** The most bytes that may come unasked. */
  int mayComeUnasked() {
    return rules.unsolicited() ? rules.unsolicitedLimit() : rules.received();
  }

  /** What comes without being asked for must be what was agreed (RFC 7143 13.10, 13.11, 13.14). */
  Sense unsolicitedDataRefused() {
    OperationalParameters agreed = task.session().parameters();
    boolean r2tFirst = rules.unsolicited() && agreed.initialR2t();
    boolean immediateRefused = arrivingLength > 0 && !agreed.immediateData();
    if (r2tFirst || immediateRefused) {
      return Sense.UNEXPECTED_UNSOLICITED_DATA;
    }
    return arrivingLength > rules.unsolicitedLimit() ? Sense.INCORRECT_AMOUNT_OF_DATA : Sense.NONE;
  }

  // ---- what the engine asks for

  /** The command needs so many bytes, all of which the initiator is ready to give. */
  void want(int bytes) {
    wanted = true;
    rules.want(bytes);
    if (own != null) {
      proceed();
      return;
    }
    if (arriving != null && arrivingLength >= bytes) {
      deliver(arriving.limit(arrivingAt + bytes).position(arrivingAt));
      return;
    }
    gather(bytes);
    requestMore();
  }

  /**
   * Takes a buffer for the whole write, or for what comes unsolicited when that is too much now.
   */
  private void gather(int bytes) {
    int have = rules.received();
    if (task.session().budget().tryTake(task.lun(), bytes)) {
      budgeted = bytes;
      take(bytes);
    } else if (mayComeUnasked() > 0) {
      takeUnasked(Math.max(Math.min(bytes, mayComeUnasked()), have));
    }
    if (have > 0) {
      own.put(0, arriving, arrivingAt, Math.min(have, own.limit()));
    }
  }

  private void takeUnasked(int size) {
    unasked = size;
    task.session().budget().takeUnasked(task.lun(), size);
    take(size);
  }

  private void take(int size) {
    own = task.session().buffers().take(size).limit(size);
  }

  /** Asks for what may be asked for now, or waits for room. */
  void requestMore() {
    if (!rules.mayRequest() || task.connection().isLost()) {
      return;
    }
    if (!hasRoom()) {
      task.session().budgetQueue().add(task);
      return;
    }
    while (rules.mayRequest()) {
      task.session().sendR2t(task, rules.request(task.session().nextTransferTag()));
    }
  }

  /**
   * Whether the buffer takes the whole write; a small one is exchanged when the budget allows it.
   */
  private boolean hasRoom() {
    if (own != null && own.limit() >= rules.wanted()) {
      return true;
    }
    if (!task.session().budget().tryTake(task.lun(), rules.wanted())) {
      return false;
    }
    budgeted = rules.wanted();
    ByteBuffer small = own;
    take(rules.wanted());
    if (small != null) {
      own.put(0, small, 0, Math.min(small.limit(), rules.reach()));
      task.session().buffers().give(small);
      giveUnasked();
    }
    return true;
  }

  /** Data that outlives the PDU that it came in. */
  ByteBuffer keep(ByteBuffer data) {
    if (own != null) {
      return data; // it was gathered, so it is the command's own already
    }
    budgeted = data.remaining();
    task.session().budget().take(task.lun(), budgeted);
    take(budgeted);
    own.put(0, data, data.position(), budgeted);
    return own;
  }

  // ---- Data-Out PDUs

  /**
   * Where the data of a PDU that is not there yet may go directly; empty when nowhere. The buffer
   * is the reader's until {@link #sunk}, even if the command is aborted meanwhile.
   */
  ByteBuffer sinkFor(int offset, int length) {
    boolean fits =
        own != null
            && !delivered
            && !task.ended()
            && length <= own.limit() - offset
            && rules.awaits(offset, length);
    if (!fits) {
      return NO_DATA;
    }
    sinking = true;
    return own.slice(offset, length);
  }

  void sunk() {
    sinking = false;
  }

  /** Whether the reader puts data into the command's buffer. */
  boolean sinking() {
    return sinking;
  }

  /** Whether the command waits for data, on its way or not. */
  boolean awaitsData() {
    return rules.expectsData() || (wanted && !delivered);
  }

  /** Whether data is on its way. */
  boolean expectsData() {
    return rules.expectsData();
  }

  /** The Target Transfer Tags that data is on its way for. */
  List<Integer> openTransferTags() {
    return rules.openTransferTags();
  }

  /**
   * A PDU's data came; it lies in {@code in}, or is where {@link #sinkFor} wanted it.
   *
   * @return whether the command expects data at all; if not, nothing is wrong with it
   */
  boolean accept(
      int transferTag, int dataSn, int offset, boolean last, ByteBuffer in, int at, int length) {
    if (!rules.expectsData()) {
      return false;
    }
    WriteTransfer.Verdict verdict = rules.dataOut(transferTag, dataSn, offset, length, last);
    if (verdict == WriteTransfer.Verdict.ACCEPTED) {
      if (in != null) {
        store(in, at, offset, length);
      }
      proceed();
    } else {
      rules.drain(transferTag, offset, length, last);
      boolean unexpected = verdict == WriteTransfer.Verdict.VIOLATION;
      fail(unexpected ? Sense.UNEXPECTED_UNSOLICITED_DATA : Sense.INCORRECT_AMOUNT_OF_DATA);
    }
    return true;
  }

  /**
   * A PDU came damaged. At error recovery level 1 and above its data is asked for again when its
   * sequence has ended (RFC 7143 section 7.8).
   */
  void damaged(DataOutPdu pdu) {
    if (!rules.expectsData()) {
      return; // the command has what it needs, and the device may be using it
    }
    int tag = pdu.targetTransferTag();
    int offset = pdu.bufferOffset();
    int length = pdu.dataSegmentLength();
    if (rules.damaged(tag, pdu.dataSn(), offset, length, pdu.last())
        == WriteTransfer.Verdict.ACCEPTED) {
      proceed();
    } else {
      rules.drain(tag, offset, length, pdu.last());
      fail(Sense.PROTOCOL_SERVICE_CRC_ERROR);
    }
  }

  /**
   * The command goes on over another connection (RFC 7143 section 7.2.2): what was on its way is
   * not waited for, and what has not come is asked for there.
   *
   * @param expR2tSn R2TSN that the initiator expects next, or 0
   */
  void reassigned(int expR2tSn) {
    rules.reassigned(expR2tSn);
    proceed();
  }

  /** What was asked for will never come. */
  void lost(Sense why) {
    rules.abandon();
    fail(why);
  }

  private void store(ByteBuffer in, int at, int offset, int length) {
    if (own == null || delivered) {
      return; // the command has ended or has what it needs: the rest of its data is of no use
    }
    int useful = Math.min(length, own.limit() - offset);
    if (useful > 0) {
      own.put(offset, in, at, useful);
    }
  }

  private void proceed() {
    if (task.ended()) {
      task.respondUnlessDataComes();
    } else if (!wanted) {
      return; // the command waits for its turn
    } else if (!delivered && rules.whole()) {
      deliver(own.clear().limit(rules.wanted()));
    } else if (!delivered) {
      requestMore();
    }
  }

  private void deliver(ByteBuffer data) {
    delivered = true;
    task.deliverDataOut(data);
  }

  /**
   * Data that the command expects can't be had. What is still on its way is thrown away; the answer
   * waits for the end of it (RFC 7143 section 11.17.1).
   */
  private void fail(Sense why) {
    task.session().swallow(task.tag());
    if (task.ended()) {
      task.respondUnlessDataComes();
    } else if (!delivered) {
      task.transferFailed(why);
    }
  }

  // ---- the end

  /** R2Ts sent for the command. */
  int r2tCount() {
    return rules.r2tCount();
  }

  void release() {
    if (own != null) {
      task.session().budgetQueue().give(task.lun(), budgeted);
      task.session().buffers().give(own);
      giveUnasked();
      budgeted = 0;
      own = null;
    }
  }

  private void giveUnasked() {
    task.session().budgetQueue().giveUnasked(task.lun(), unasked);
    unasked = 0;
  }
}

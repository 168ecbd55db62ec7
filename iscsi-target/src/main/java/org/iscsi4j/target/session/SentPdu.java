package org.iscsi4j.target.session;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.iscsi4j.protocol.DataInPdu;
import org.iscsi4j.protocol.Opcode;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.protocol.ScsiResponsePdu;

/**
 * A PDU that was sent and may be asked for again (RFC 7143 section 11.16): its header and its data
 * on the heap, to the byte as long as they are.
 */
final class SentPdu {

  /** A status up to this size is kept whatever else there is: sense data always fits. */
  private static final int LASTING = 1024;

  /** What the objects and tables around one PDU take, in bytes, so that small ones count right. */
  private static final int OVERHEAD = 128;

  private static final int FLAGS_AT = 1;
  private static final int TAG_AT = 16;
  private static final int TRANSFER_TAG_AT = 20; // SNACK Tag in a SCSI Response
  private static final int STAT_SN_AT = 24;
  private static final int EXP_CMD_SN_AT = 28;
  private static final int MAX_CMD_SN_AT = 32;
  private static final int NUMBER_AT = 36; // DataSN, R2TSN; ExpDataSN in a SCSI Response

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  /** Header and data; empty once they were let go. */
  private ByteBuffer bytes;

  /** The command whose data or status it is, or null. */
  private SentCommand command;

  private SentPdu(ByteBuffer bytes) {
    this.bytes = bytes;
  }

  static SentPdu copyOf(ByteBuffer header, int at, ByteBuffer data, int dataAt, int dataLength) {
    ByteBuffer copy = ByteBuffer.allocate(Pdu.BHS_LENGTH + dataLength);
    copy.put(0, header, at, Pdu.BHS_LENGTH).put(Pdu.BHS_LENGTH, data, dataAt, dataLength);
    return new SentPdu(copy);
  }

  private static SentPdu of(Pdu pdu, ByteBuffer data, int dataAt, int dataLength) {
    ByteBuffer header = ByteBuffer.allocate(Pdu.BHS_LENGTH);
    pdu.encode(header, 0);
    return copyOf(header, 0, data, dataAt, dataLength);
  }

  // ---- what it is

  /** Whether a PDU uses up a StatSN (RFC 7143 section 4.2.2.2). */
  static boolean carriesStatus(ByteBuffer header, int at) {
    return switch (Pdu.opcode(header, at)) {
      case Opcode.DATA_IN -> (header.get(at + FLAGS_AT) & DataInPdu.STATUS) != 0;
      case Opcode.NOP_IN -> header.getInt(at + TAG_AT) != Pdu.RESERVED_TAG;
      case Opcode.READY_TO_TRANSFER -> false;
      default -> true;
    };
  }

  /** Whether a PDU is numbered within its command, by DataSN or R2TSN (section 4.2.2.4). */
  static boolean isNumbered(ByteBuffer header, int at) {
    return isDataIn(header, at) || Pdu.opcode(header, at) == Opcode.READY_TO_TRANSFER;
  }

  private static boolean isDataIn(ByteBuffer header, int at) {
    return Pdu.opcode(header, at) == Opcode.DATA_IN;
  }

  boolean carriesStatus() {
    return carriesStatus(bytes, 0);
  }

  boolean isNumbered() {
    return isNumbered(bytes, 0);
  }

  boolean isDataIn() {
    return isDataIn(bytes, 0);
  }

  boolean isR2t() {
    return Pdu.opcode(bytes, 0) == Opcode.READY_TO_TRANSFER;
  }

  /** Whether it ends a command. */
  boolean endsCommand() {
    return Pdu.opcode(bytes, 0) == Opcode.SCSI_RESPONSE || (isDataIn() && carriesStatus());
  }

  /** Whether it asks for a DataACK. */
  boolean asksForAcknowledgement() {
    return isDataIn() && (bytes.get(FLAGS_AT) & DataInPdu.ACKNOWLEDGE) != 0;
  }

  /**
   * Whether it is small and carries status: such PDUs are bounded by their number, and never let
   * go.
   */
  boolean isLasting() {
    return carriesStatus() && bytes.capacity() <= LASTING;
  }

  int tag() {
    return bytes.getInt(TAG_AT);
  }

  int transferTag() {
    return bytes.getInt(TRANSFER_TAG_AT);
  }

  int statSn() {
    return bytes.getInt(STAT_SN_AT);
  }

  /** DataSN or R2TSN. */
  int number() {
    return bytes.getInt(NUMBER_AT);
  }

  /** Header and data, from 0 to the capacity. */
  ByteBuffer bytes() {
    return bytes;
  }

  /** What it takes of the memory that is there for such PDUs, in bytes. */
  int size() {
    return OVERHEAD + bytes.capacity();
  }

  SentCommand command() {
    return command;
  }

  void command(SentCommand value) {
    command = value;
  }

  // ---- what becomes of it

  /** Forgets the content, of which there is too much: it can't be sent again. */
  void letGo() {
    bytes = NOTHING;
  }

  boolean isLetGo() {
    return bytes.capacity() == 0;
  }

  /** Shows the current numbers, as every PDU that is sent again does. */
  void show(int statSn, int expCmdSn, int maxCmdSn) {
    if (Pdu.opcode(bytes, 0) == Opcode.READY_TO_TRANSFER) {
      bytes.putInt(STAT_SN_AT, statSn);
    }
    bytes.putInt(EXP_CMD_SN_AT, expCmdSn).putInt(MAX_CMD_SN_AT, maxCmdSn);
  }

  /** Takes a number of another connection. */
  void statSn(int value) {
    bytes.putInt(STAT_SN_AT, value);
  }

  /** Takes another count of Data-In and R2T PDUs; this is a SCSI Response. */
  void expDataSn(int value) {
    bytes.putInt(NUMBER_AT, value);
  }

  /** Takes the tag of an R-Data SNACK; this is a SCSI Response. */
  void snackTag(int value) {
    bytes.putInt(TRANSFER_TAG_AT, value);
  }

  /**
   * The same data in PDUs of at most {@code limit} bytes without status; this is a Data-In. What
   * its flags say holds for the last of them, so the sequences end where they did.
   *
   * @param firstDataSn DataSN of the first of them
   */
  List<SentPdu> cut(int limit, int firstDataSn) {
    DataInPdu whole = DataInPdu.decode(bytes, 0);
    int length = bytes.capacity() - Pdu.BHS_LENGTH;
    List<SentPdu> pieces = new ArrayList<>();
    for (int at = 0; at < length; at += limit) {
      int piece = Math.min(limit, length - at);
      boolean last = at + piece == length;
      DataInPdu pdu = piece(whole, at, piece, firstDataSn + pieces.size(), last);
      pieces.add(of(pdu, bytes, Pdu.BHS_LENGTH + at, piece));
    }
    return pieces;
  }

  private static DataInPdu piece(DataInPdu whole, int at, int length, int dataSn, boolean last) {
    return new DataInPdu(
        last ? whole.flags() & (DataInPdu.FINAL | DataInPdu.ACKNOWLEDGE) : 0,
        0,
        length,
        last ? whole.lun() : 0,
        whole.initiatorTaskTag(),
        last ? whole.targetTransferTag() : Pdu.RESERVED_TAG,
        0,
        whole.expCmdSn(),
        whole.maxCmdSn(),
        dataSn,
        whole.bufferOffset() + at,
        0);
  }

  /** The status of this Data-In in a PDU of its own. */
  SentPdu response() {
    DataInPdu dataIn = DataInPdu.decode(bytes, 0);
    ScsiResponsePdu response =
        new ScsiResponsePdu(
            dataIn.flags() & (DataInPdu.OVERFLOW | DataInPdu.UNDERFLOW),
            ScsiResponsePdu.COMPLETED,
            dataIn.status(),
            0,
            dataIn.initiatorTaskTag(),
            0,
            dataIn.statSn(),
            dataIn.expCmdSn(),
            dataIn.maxCmdSn(),
            0,
            0,
            dataIn.residual());
    return of(response, NOTHING, 0, 0);
  }
}

package org.iscsi4j.protocol;

import java.nio.ByteBuffer;

/**
 * The basic header segment of one iSCSI protocol data unit (RFC 7143 section 11).
 *
 * <p>There is one record per PDU. Its components stand in wire order; its static {@code decode}
 * reads them from a buffer and {@link #encode} writes them back. Both use absolute positions,
 * allocate nothing but the record, and ask for a buffer in {@link java.nio.ByteOrder#BIG_ENDIAN}
 * order with {@value #BHS_LENGTH} bytes at the given index; a shorter one ends in {@link
 * IndexOutOfBoundsException}. Reserved bits are ignored on receipt and sent as zero (section 11.1).
 *
 * <p>Sequence numbers, tags, lengths and offsets of 32 bits are unsigned values held in an {@code
 * int}: compare sequence numbers with {@link SerialNumber}, lengths with {@link
 * Integer#compareUnsigned}. A component that is wider than its field is cut to the field by {@code
 * encode}.
 *
 * <p>A record holds the header only. Additional header segments, digests and data follow it in the
 * stream, see {@link AdditionalHeader} and {@link PduFramer}.
 */
public sealed interface Pdu
    permits NopOutPdu,
        ScsiCommandPdu,
        TaskManagementRequestPdu,
        LoginRequestPdu,
        TextRequestPdu,
        DataOutPdu,
        LogoutRequestPdu,
        SnackRequestPdu,
        NopInPdu,
        ScsiResponsePdu,
        TaskManagementResponsePdu,
        LoginResponsePdu,
        TextResponsePdu,
        DataInPdu,
        LogoutResponsePdu,
        ReadyToTransferPdu,
        AsyncMessagePdu,
        RejectPdu {

  /** Length of the basic header segment, in bytes. */
  int BHS_LENGTH = 48;

  /** The tag that names no task and no transfer (sections 11.2.1.8 and 11.7.4). */
  int RESERVED_TAG = 0xffffffff;

  /** The PDU's type, one of the constants of {@link Opcode}. */
  int opcode();

  /** Length of the additional header segments, in bytes: a multiple of 4, at most 1020. */
  default int ahsLength() {
    return 0;
  }

  /** Length of the data segment in bytes without padding, 0 to 2<sup>24</sup>-1. */
  default int dataSegmentLength() {
    return 0;
  }

  /** The tag the initiator gave to the task, or {@link #RESERVED_TAG}. */
  int initiatorTaskTag();

  /**
   * Writes all {@value #BHS_LENGTH} bytes of the header, reserved ones as zero.
   *
   * @param out a big-endian buffer; its position and limit stay as they are
   * @param at absolute index of the header's first byte
   */
  void encode(ByteBuffer out, int at);

  /** Opcode of the header at {@code at}, without the I bit: 0 to 3fh. */
  static int opcode(ByteBuffer bhs, int at) {
    return bhs.get(at) & 0x3f;
  }

  /** Whether the header at {@code at} asks for immediate delivery (section 11.2.1.1). */
  static boolean immediate(ByteBuffer bhs, int at) {
    return (bhs.get(at) & Bhs.IMMEDIATE) != 0;
  }

  /** TotalAHSLength of the header at {@code at}, in bytes: 0 to 1020 (section 11.2.1.5). */
  static int ahsLength(ByteBuffer bhs, int at) {
    return (bhs.get(at + 4) & 0xff) << 2;
  }

  /** DataSegmentLength of the header at {@code at}, in bytes without padding (section 11.2.1.6). */
  static int dataSegmentLength(ByteBuffer bhs, int at) {
    return bhs.getInt(at + 4) & 0x00ffffff;
  }

  /** A segment's length in bytes, rounded up to whole words of four (section 11.1). */
  static int padded(int length) {
    return length + 3 & ~3;
  }

  /**
   * Decodes the header at {@code at} by its opcode.
   *
   * @throws ProtocolException with {@link RejectReason#COMMAND_NOT_SUPPORTED} for an opcode that
   *     RFC 7143 does not define
   */
  static Pdu decode(ByteBuffer bhs, int at) throws ProtocolException {
    int opcode = opcode(bhs, at);
    return switch (opcode) {
      case Opcode.NOP_OUT -> NopOutPdu.decode(bhs, at);
      case Opcode.SCSI_COMMAND -> ScsiCommandPdu.decode(bhs, at);
      case Opcode.TASK_MANAGEMENT_REQUEST -> TaskManagementRequestPdu.decode(bhs, at);
      case Opcode.LOGIN_REQUEST -> LoginRequestPdu.decode(bhs, at);
      case Opcode.TEXT_REQUEST -> TextRequestPdu.decode(bhs, at);
      case Opcode.DATA_OUT -> DataOutPdu.decode(bhs, at);
      case Opcode.LOGOUT_REQUEST -> LogoutRequestPdu.decode(bhs, at);
      case Opcode.SNACK_REQUEST -> SnackRequestPdu.decode(bhs, at);
      case Opcode.NOP_IN -> NopInPdu.decode(bhs, at);
      case Opcode.SCSI_RESPONSE -> ScsiResponsePdu.decode(bhs, at);
      case Opcode.TASK_MANAGEMENT_RESPONSE -> TaskManagementResponsePdu.decode(bhs, at);
      case Opcode.LOGIN_RESPONSE -> LoginResponsePdu.decode(bhs, at);
      case Opcode.TEXT_RESPONSE -> TextResponsePdu.decode(bhs, at);
      case Opcode.DATA_IN -> DataInPdu.decode(bhs, at);
      case Opcode.LOGOUT_RESPONSE -> LogoutResponsePdu.decode(bhs, at);
      case Opcode.READY_TO_TRANSFER -> ReadyToTransferPdu.decode(bhs, at);
      case Opcode.ASYNC_MESSAGE -> AsyncMessagePdu.decode(bhs, at);
      case Opcode.REJECT -> RejectPdu.decode(bhs, at);
      default ->
          throw new ProtocolException(
              RejectReason.COMMAND_NOT_SUPPORTED,
              "opcode " + Opcode.name(opcode) + " is not supported");
    };
  }
}

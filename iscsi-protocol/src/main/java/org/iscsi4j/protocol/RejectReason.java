package org.iscsi4j.protocol;

import java.util.Arrays;
import java.util.Optional;

/** Why a PDU was refused (RFC 7143 section 11.17.1). */
public enum RejectReason {
  DATA_DIGEST_ERROR(0x02),
  SNACK_REJECT(0x03),
  /** For example a SNACK for a status that was already acknowledged. */
  PROTOCOL_ERROR(0x04),
  COMMAND_NOT_SUPPORTED(0x05),
  /** Too many immediate commands. */
  IMMEDIATE_COMMAND_REJECT(0x06),
  TASK_IN_PROGRESS(0x07),
  INVALID_DATA_ACK(0x08),
  INVALID_PDU_FIELD(0x09),
  /** The target can't generate a target transfer tag: out of resources. */
  LONG_OPERATION_REJECT(0x0a),
  /** Obsolete in RFC 7143: understood, never sent. */
  NEGOTIATION_RESET(0x0b),
  WAITING_FOR_LOGOUT(0x0c);

  private final int code;

  RejectReason(int code) {
    this.code = code;
  }

  /** The value of {@link RejectPdu#reason()}. */
  public int code() {
    return code;
  }

  public static Optional<RejectReason> of(int code) {
    return Arrays.stream(values()).filter(reason -> reason.code == code).findFirst();
  }
}

package org.iscsi4j.protocol;

import java.util.Arrays;
import java.util.Optional;

/** What a SNACK asks for (RFC 7143 section 11.16.1). */
public enum SnackType {
  /** Lost Data-In or R2T PDUs, unchanged. */
  DATA_R2T(0),
  STATUS(1),
  /** Asks for nothing: acknowledges Data-In. */
  DATA_ACK(2),
  /** Lost Data-In PDUs, cut anew to the current MaxRecvDataSegmentLength. */
  R_DATA(3);

  private final int code;

  SnackType(int code) {
    this.code = code;
  }

  /** The value of {@link SnackRequestPdu#type()}. */
  public int code() {
    return code;
  }

  public static Optional<SnackType> of(int code) {
    return Arrays.stream(values()).filter(type -> type.code == code).findFirst();
  }
}

package org.iscsi4j.protocol;

import java.util.Arrays;
import java.util.Optional;

/** Why an initiator logs out (RFC 7143 section 11.14.1). */
public enum LogoutReason {
  CLOSE_SESSION(0),
  CLOSE_CONNECTION(1),
  REMOVE_CONNECTION_FOR_RECOVERY(2);

  private final int code;

  LogoutReason(int code) {
    this.code = code;
  }

  /** The value of {@link LogoutRequestPdu#reason()}. */
  public int code() {
    return code;
  }

  public static Optional<LogoutReason> of(int code) {
    return Arrays.stream(values()).filter(reason -> reason.code == code).findFirst();
  }
}

package org.iscsi4j.protocol;

import java.util.Arrays;
import java.util.Optional;

/** How a logout ended (RFC 7143 section 11.15.1). */
public enum LogoutResponse {
  SUCCESS(0),
  CID_NOT_FOUND(1),
  RECOVERY_NOT_SUPPORTED(2),
  CLEANUP_FAILED(3);

  private final int code;

  LogoutResponse(int code) {
    this.code = code;
  }

  /** The value of {@link LogoutResponsePdu#response()}. */
  public int code() {
    return code;
  }

  public static Optional<LogoutResponse> of(int code) {
    return Arrays.stream(values()).filter(response -> response.code == code).findFirst();
  }
}

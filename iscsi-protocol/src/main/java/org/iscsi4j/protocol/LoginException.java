package org.iscsi4j.protocol;

/**
 * A login that fails: {@link #status()} goes into the last {@link LoginResponsePdu}, then the
 * connection is closed (RFC 7143 section 11.13.5).
 */
public final class LoginException extends Exception {
  private static final long serialVersionUID = 1;

  private final LoginStatus status;

  /**
   * @param status what the initiator is told
   * @param message why, for the target's log; it never holds a secret
   */
  public LoginException(LoginStatus status, String message) {
    super(message);
    this.status = status;
  }

  public LoginStatus status() {
    return status;
  }
}

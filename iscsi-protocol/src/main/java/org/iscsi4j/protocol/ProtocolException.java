package org.iscsi4j.protocol;

/**
 * The peer broke a rule of the protocol. In full feature phase it becomes a {@link RejectPdu} with
 * {@link #reason()}, or the end of the connection where framing is lost; during login it becomes a
 * login response.
 */
public final class ProtocolException extends Exception {
  private static final long serialVersionUID = 1;

  private final RejectReason reason;

  /**
   * @param reason what a Reject PDU would say
   * @param message field, value and limit
   */
  public ProtocolException(RejectReason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public RejectReason reason() {
    return reason;
  }
}

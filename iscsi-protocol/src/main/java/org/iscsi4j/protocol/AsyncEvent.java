package org.iscsi4j.protocol;

import java.util.Arrays;
import java.util.Optional;

/** What an asynchronous message tells (RFC 7143 section 11.9.1). */
public enum AsyncEvent {
  /** Sense data follows in the data segment. */
  SCSI_EVENT(0),
  /** The target asks for a logout within Parameter3 seconds. */
  LOGOUT_REQUEST(1),
  /** The target drops connection Parameter1. */
  DROP_CONNECTION(2),
  DROP_SESSION(3),
  /** The target asks for a text negotiation within Parameter3 seconds. */
  NEGOTIATION_REQUEST(4),
  /** All tasks of the logical unit ended; only with TaskReporting FastAbort. */
  TASKS_TERMINATED(5),
  VENDOR(255);

  private final int code;

  AsyncEvent(int code) {
    this.code = code;
  }

  /** The value of {@link AsyncMessagePdu#asyncEvent()}. */
  public int code() {
    return code;
  }

  public static Optional<AsyncEvent> of(int code) {
    return Arrays.stream(values()).filter(event -> event.code == code).findFirst();
  }
}

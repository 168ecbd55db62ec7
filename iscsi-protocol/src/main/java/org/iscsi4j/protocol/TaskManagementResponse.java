package org.iscsi4j.protocol;

import java.util.Arrays;
import java.util.Optional;

/** How a task management function ended (RFC 7143 section 11.6.1, RFC 7144). */
public enum TaskManagementResponse {
  FUNCTION_COMPLETE(0),
  TASK_DOES_NOT_EXIST(1),
  LUN_DOES_NOT_EXIST(2),
  TASK_STILL_ALLEGIANT(3),
  TASK_ALLEGIANCE_REASSIGNMENT_NOT_SUPPORTED(4),
  FUNCTION_NOT_SUPPORTED(5),
  FUNCTION_AUTHORIZATION_FAILED(6),
  /** A query function of RFC 7144 found what it asked for. */
  FUNCTION_SUCCEEDED(7),
  FUNCTION_REJECTED(255);

  private final int code;

  TaskManagementResponse(int code) {
    this.code = code;
  }

  /** The value of {@link TaskManagementResponsePdu#response()}. */
  public int code() {
    return code;
  }

  public static Optional<TaskManagementResponse> of(int code) {
    return Arrays.stream(values()).filter(response -> response.code == code).findFirst();
  }
}

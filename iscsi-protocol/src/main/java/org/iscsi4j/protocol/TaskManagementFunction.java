package org.iscsi4j.protocol;

import java.util.Arrays;
import java.util.Optional;

/**
 * What a task management request asks for (RFC 7143 section 11.5.1; from {@link #QUERY_TASK} on RFC
 * 7144, which needs iSCSIProtocolLevel 2).
 */
public enum TaskManagementFunction {
  ABORT_TASK(1),
  ABORT_TASK_SET(2),
  CLEAR_ACA(3),
  CLEAR_TASK_SET(4),
  LOGICAL_UNIT_RESET(5),
  TARGET_WARM_RESET(6),
  TARGET_COLD_RESET(7),
  TASK_REASSIGN(8),
  QUERY_TASK(9),
  QUERY_TASK_SET(10),
  I_T_NEXUS_RESET(11),
  QUERY_ASYNC_EVENT(12);

  private final int code;

  TaskManagementFunction(int code) {
    this.code = code;
  }

  /** The value of {@link TaskManagementRequestPdu#function()}. */
  public int code() {
    return code;
  }

  /** The iSCSIProtocolLevel that a session has to agree on before the function may be used. */
  public int protocolLevel() {
    return compareTo(QUERY_TASK) < 0 ? 0 : 2;
  }

  public static Optional<TaskManagementFunction> of(int code) {
    return Arrays.stream(values()).filter(function -> function.code == code).findFirst();
  }
}

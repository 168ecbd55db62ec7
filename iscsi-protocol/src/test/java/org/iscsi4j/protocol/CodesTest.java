package org.iscsi4j.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.Test;

/** The code tables, spelled out once more from the RFCs. */
class CodesTest {

  @Test
  void rejectReasons() {
    assertTable(
        RejectReason.class,
        RejectReason::code,
        RejectReason::of,
        """
        2 DATA_DIGEST_ERROR
        3 SNACK_REJECT
        4 PROTOCOL_ERROR
        5 COMMAND_NOT_SUPPORTED
        6 IMMEDIATE_COMMAND_REJECT
        7 TASK_IN_PROGRESS
        8 INVALID_DATA_ACK
        9 INVALID_PDU_FIELD
        10 LONG_OPERATION_REJECT
        11 NEGOTIATION_RESET
        12 WAITING_FOR_LOGOUT
        """);
  }

  @Test
  void loginStatus() {
    assertTable(
        LoginStatus.class,
        status -> status.statusClass() * 100 + status.statusDetail(),
        code -> LoginStatus.of(code / 100, code % 100),
        """
        0 SUCCESS
        101 TARGET_MOVED_TEMPORARILY
        102 TARGET_MOVED_PERMANENTLY
        200 INITIATOR_ERROR
        201 AUTHENTICATION_FAILURE
        202 AUTHORIZATION_FAILURE
        203 TARGET_NOT_FOUND
        204 TARGET_REMOVED
        205 UNSUPPORTED_VERSION
        206 TOO_MANY_CONNECTIONS
        207 MISSING_PARAMETER
        208 CANNOT_INCLUDE_IN_SESSION
        209 SESSION_TYPE_NOT_SUPPORTED
        210 SESSION_DOES_NOT_EXIST
        211 INVALID_DURING_LOGIN
        300 TARGET_ERROR
        301 SERVICE_UNAVAILABLE
        302 OUT_OF_RESOURCES
        """);
  }

  @Test
  void taskManagementFunctions() {
    assertTable(
        TaskManagementFunction.class,
        TaskManagementFunction::code,
        TaskManagementFunction::of,
        """
        1 ABORT_TASK
        2 ABORT_TASK_SET
        3 CLEAR_ACA
        4 CLEAR_TASK_SET
        5 LOGICAL_UNIT_RESET
        6 TARGET_WARM_RESET
        7 TARGET_COLD_RESET
        8 TASK_REASSIGN
        9 QUERY_TASK
        10 QUERY_TASK_SET
        11 I_T_NEXUS_RESET
        12 QUERY_ASYNC_EVENT
        """);
  }

  @Test
  void taskManagementResponses() {
    assertTable(
        TaskManagementResponse.class,
        TaskManagementResponse::code,
        TaskManagementResponse::of,
        """
        0 FUNCTION_COMPLETE
        1 TASK_DOES_NOT_EXIST
        2 LUN_DOES_NOT_EXIST
        3 TASK_STILL_ALLEGIANT
        4 TASK_ALLEGIANCE_REASSIGNMENT_NOT_SUPPORTED
        5 FUNCTION_NOT_SUPPORTED
        6 FUNCTION_AUTHORIZATION_FAILED
        7 FUNCTION_SUCCEEDED
        255 FUNCTION_REJECTED
        """);
  }

  @Test
  void logout() {
    assertTable(
        LogoutReason.class,
        LogoutReason::code,
        LogoutReason::of,
        """
        0 CLOSE_SESSION
        1 CLOSE_CONNECTION
        2 REMOVE_CONNECTION_FOR_RECOVERY
        """);
    assertTable(
        LogoutResponse.class,
        LogoutResponse::code,
        LogoutResponse::of,
        """
        0 SUCCESS
        1 CID_NOT_FOUND
        2 RECOVERY_NOT_SUPPORTED
        3 CLEANUP_FAILED
        """);
  }

  @Test
  void asyncEvents() {
    assertTable(
        AsyncEvent.class,
        AsyncEvent::code,
        AsyncEvent::of,
        """
        0 SCSI_EVENT
        1 LOGOUT_REQUEST
        2 DROP_CONNECTION
        3 DROP_SESSION
        4 NEGOTIATION_REQUEST
        5 TASKS_TERMINATED
        255 VENDOR
        """);
  }

  @Test
  void snackTypes() {
    assertTable(
        SnackType.class,
        SnackType::code,
        SnackType::of,
        """
        0 DATA_R2T
        1 STATUS
        2 DATA_ACK
        3 R_DATA
        """);
  }

  @Test
  void loginStages() {
    assertThat(LoginStage.isDefined(LoginStage.SECURITY)).isTrue();
    assertThat(LoginStage.isDefined(LoginStage.OPERATIONAL)).isTrue();
    assertThat(LoginStage.isDefined(2)).isFalse();
    assertThat(LoginStage.isDefined(LoginStage.FULL_FEATURE)).isTrue();
  }

  private static <E extends Enum<E>> void assertTable(
      Class<E> type, ToIntFunction<E> code, IntFunction<Optional<E>> of, String expected) {
    String actual = "";
    for (int i = 0; i < 1000; i++) {
      actual += of.apply(i).map(value -> code.applyAsInt(value) + " " + value + "\n").orElse("");
    }
    assertThat(actual).isEqualTo(expected);
    assertThat(Arrays.stream(type.getEnumConstants()).map(code::applyAsInt))
        .doesNotHaveDuplicates();
  }
}

package org.iscsi4j.target.rfc7143;

import static org.assertj.core.api.Assertions.assertThat;

import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.protocol.TaskManagementFunction;
import org.iscsi4j.protocol.TaskManagementResponse;
import org.iscsi4j.protocol.TaskManagementResponsePdu;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.Exchange;
import org.iscsi4j.target.fixture.GatedDevice;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What iSCSIProtocolLevel 2 adds (RFC 7144). */
class QueryFunctionsTest {

  private static final String LEVEL_2 = "iSCSIProtocolLevel 2 brings the functions of RFC 7144";
  private static final byte[] SUPPORTED_FUNCTIONS =
      new byte[] {(byte) 0xa3, 0x0d, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0};

  private GatedDevice device;
  private TestServer server;
  private ScriptedInitiator initiator;

  @BeforeEach
  void start() {
    device = new GatedDevice(1 << 20);
    server = TestServer.serving(settings -> settings.iscsiProtocolLevel(2), device);
    initiator = server.login(login -> login.offer("iSCSIProtocolLevel", 2));
  }

  @AfterEach
  void stop() {
    device.release();
    initiator.close();
    server.close();
  }

  private static TaskManagementResponse ask(
      ScriptedInitiator by, TaskManagementFunction function, int lun, Exchange about) {
    int code = by.taskManagement(function.code(), lun, about.tag(), about.cmdSn());
    return TaskManagementResponse.of(code).orElseThrow();
  }

  private TaskManagementResponse ask(TaskManagementFunction function, int lun) {
    int code = initiator.taskManagement(function.code(), lun, Pdu.RESERVED_TAG, 0);
    return TaskManagementResponse.of(code).orElseThrow();
  }

  private Exchange hangingRead() {
    device.hold();
    Exchange read = initiator.command(Cdbs.read10(0, 8)).read(4096).send();
    device.awaitCall();
    return read;
  }

  // ---- the level ------------------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource(names = {"QUERY_TASK", "QUERY_TASK_SET", "I_T_NEXUS_RESET", "QUERY_ASYNC_EVENT"})
  @Item(value = 32, section = "13.24", rule = LEVEL_2)
  void belowLevel2TheyAreNotSupported(TaskManagementFunction function) {
    try (ScriptedInitiator old = server.login(login -> login.isid(2))) {
      assertThat(old.taskManagement(function.code(), 0, Pdu.RESERVED_TAG, 0))
          .isEqualTo(TaskManagementResponse.FUNCTION_NOT_SUPPORTED.code());
    }
  }

  @Test
  @Item(value = 32, section = "13.24", rule = LEVEL_2)
  void reportSupportedTaskManagementFunctionsTellsWhatTheSessionMayUse() {
    assertThat(initiator.command(SUPPORTED_FUNCTIONS).read(4).await().data())
        .containsExactly(0xfc, 0x07, 0, 0);
    try (ScriptedInitiator old = server.login(login -> login.isid(2))) {
      assertThat(old.command(SUPPORTED_FUNCTIONS).read(4).await().data())
          .containsExactly(0xf8, 0, 0, 0);
    }
  }

  // ---- queries --------------------------------------------------------------------------------

  @Test
  @Item(value = 32, section = "RFC 7144 QUERY TASK", rule = LEVEL_2)
  void queryTaskSucceedsWhileTheTaskIsThere() {
    Exchange read = hangingRead();

    assertThat(ask(initiator, TaskManagementFunction.QUERY_TASK, 0, read))
        .isEqualTo(TaskManagementResponse.FUNCTION_SUCCEEDED);
    device.release();
    assertThat(read.await().outcome()).as("it goes on").isEqualTo("GOOD");
    assertThat(ask(initiator, TaskManagementFunction.QUERY_TASK, 0, read))
        .isEqualTo(TaskManagementResponse.FUNCTION_COMPLETE);
    assertThat(ask(initiator, TaskManagementFunction.QUERY_TASK, 9, read))
        .isEqualTo(TaskManagementResponse.LUN_DOES_NOT_EXIST);
  }

  @Test
  @Item(value = 32, section = "RFC 7144 QUERY TASK", rule = LEVEL_2)
  void queryTaskSucceedsForACommandThatHasNotHadItsTurn() {
    int first = initiator.nextCmdSn();
    Exchange held = initiator.command(Cdbs.testUnitReady()).cmdSn(first + 1).send();

    assertThat(ask(initiator, TaskManagementFunction.QUERY_TASK, 0, held))
        .isEqualTo(TaskManagementResponse.FUNCTION_SUCCEEDED);
    int missing =
        initiator.taskManagement(TaskManagementFunction.QUERY_TASK.code(), 0, 0x7777, first);
    assertThat(missing).isEqualTo(TaskManagementResponse.FUNCTION_SUCCEEDED.code());

    assertThat(initiator.command(Cdbs.testUnitReady()).cmdSn(first).await().outcome())
        .as("its CmdSN is not used up")
        .isEqualTo("GOOD");
    assertThat(held.await().outcome()).isEqualTo("GOOD");
  }

  @Test
  @Item(value = 32, section = "RFC 7144 QUERY TASK SET", rule = LEVEL_2)
  void queryTaskSetSucceedsWhileTheNexusHasATask() {
    Exchange read = hangingRead();

    assertThat(ask(TaskManagementFunction.QUERY_TASK_SET, 0))
        .isEqualTo(TaskManagementResponse.FUNCTION_SUCCEEDED);
    device.release();
    read.await();
    assertThat(ask(TaskManagementFunction.QUERY_TASK_SET, 0))
        .isEqualTo(TaskManagementResponse.FUNCTION_COMPLETE);
    assertThat(ask(TaskManagementFunction.QUERY_TASK_SET, 9))
        .isEqualTo(TaskManagementResponse.LUN_DOES_NOT_EXIST);
  }

  @Test
  @Item(value = 32, section = "RFC 7144 QUERY ASYNCHRONOUS EVENT", rule = LEVEL_2)
  void queryAsyncEventTellsWhichUnitAttentionIsPending() {
    assertThat(queryAsyncEvent().additionalResponse()).isZero();
    try (ScriptedInitiator other = server.login(login -> login.isid(2))) {
      other.taskManagement(
          TaskManagementFunction.LOGICAL_UNIT_RESET.code(), 0, Pdu.RESERVED_TAG, 0);
    }

    TaskManagementResponsePdu told = queryAsyncEvent();

    assertThat(told.response()).isEqualTo(TaskManagementResponse.FUNCTION_SUCCEEDED.code());
    assertThat(told.additionalResponse()).as("one, 6/29/03").isEqualTo(0x16_29_03);
    assertThat(initiator.command(Cdbs.testUnitReady()).await().outcome())
        .as("it is pending yet")
        .isEqualTo("CHECK CONDITION 6/29/03");
    assertThat(queryAsyncEvent().response())
        .isEqualTo(TaskManagementResponse.FUNCTION_COMPLETE.code());
  }

  private TaskManagementResponsePdu queryAsyncEvent() {
    int tag =
        initiator.sendTaskManagement(
            TaskManagementFunction.QUERY_ASYNC_EVENT.code(),
            0,
            Pdu.RESERVED_TAG,
            0,
            initiator.nextCmdSn());
    return initiator.answer(tag, "a response").as(TaskManagementResponsePdu.class);
  }

  // ---- I_T NEXUS RESET ------------------------------------------------------------------------

  @Test
  @Item(value = 32, section = "RFC 7144 I_T NEXUS RESET", rule = LEVEL_2)
  void nexusResetEndsTheTasksOfTheSessionAndKeepsIt() {
    try (ScriptedInitiator other = server.login(login -> login.isid(2))) {
      Exchange mine = hangingRead();
      Exchange theirs = other.command(Cdbs.read10(0, 8)).read(4096).send();
      device.awaitCall();

      assertThat(ask(TaskManagementFunction.I_T_NEXUS_RESET, 0))
          .isEqualTo(TaskManagementResponse.FUNCTION_COMPLETE);

      initiator.forget(mine);
      device.release();
      assertThat(theirs.await().outcome()).isEqualTo("GOOD");
      assertThat(initiator.command(Cdbs.testUnitReady()).await().outcome())
          .isEqualTo("CHECK CONDITION 6/29/07");
      assertThat(other.command(Cdbs.testUnitReady()).await().outcome()).isEqualTo("GOOD");
    }
  }

  // ---- command priority and status qualifier --------------------------------------------------

  @Test
  @Item(value = 32, section = "RFC 7144 command priority", rule = LEVEL_2)
  void aPriorityIsTakenAndTheStatusQualifierSaysNothing() {
    int priorityAt = 2;

    // the fixture sees to it that the status qualifier of the response is 0
    assertThat(initiator.command(Cdbs.testUnitReady()).damage(priorityAt).await().outcome())
        .isEqualTo("GOOD");
  }
}

package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.MemoryDevice;
import org.iscsi4j.api.Target;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.protocol.TaskManagementFunction;
import org.iscsi4j.protocol.TaskManagementResponse;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.Exchange;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Task management functions to a number whose unit is still being looked for. */
class SoughtUnitFunctionsTest {

  private static final int SOUGHT = 4;

  private final LogicalUnit unit = LogicalUnit.of(MemoryDevice.ofSize(1 << 20));
  private final CompletableFuture<LogicalUnit> answer = new CompletableFuture<>();
  private final CountDownLatch asked = new CountDownLatch(1);
  private TestServer server;
  private ScriptedInitiator initiator;

  @BeforeEach
  void start() {
    server = TestServer.start(settings -> settings.iscsiProtocolLevel(2));
    server
        .server()
        .replaceTarget(
            Target.builder(TestServer.TARGET)
                .lun(LogicalUnit.of(MemoryDevice.ofSize(1 << 20)))
                .lun(
                    SOUGHT,
                    (target, lun, by) -> {
                      asked.countDown();
                      return answer;
                    })
                .build());
    initiator = server.login(login -> login.offer("iSCSIProtocolLevel", 2));
  }

  @AfterEach
  void stop() {
    initiator.close();
    server.close();
  }

  private Exchange waitingCommand() throws InterruptedException {
    Exchange ready = initiator.command(Cdbs.testUnitReady()).lun(SOUGHT).send();
    assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
    return ready;
  }

  private TaskManagementResponse ask(TaskManagementFunction function, int tag, int cmdSn) {
    int code = initiator.taskManagement(function.code(), SOUGHT, tag, cmdSn);
    return TaskManagementResponse.of(code).orElseThrow();
  }

  @ParameterizedTest
  @EnumSource(
      names = {"ABORT_TASK_SET", "CLEAR_TASK_SET", "LOGICAL_UNIT_RESET", "TARGET_WARM_RESET"})
  void waitingCommandsEndWithTheirSet(TaskManagementFunction function) throws Exception {
    Exchange waiting = waitingCommand();

    assertThat(ask(function, Pdu.RESERVED_TAG, 0))
        .isEqualTo(TaskManagementResponse.FUNCTION_COMPLETE);

    answer.complete(unit);
    initiator.command(Cdbs.testUnitReady()).lun(SOUGHT).await();
    assertThat(waiting.ended()).isFalse();
  }

  @Test
  void waitingCommandCanBeAborted() throws Exception {
    Exchange waiting = waitingCommand();

    assertThat(ask(TaskManagementFunction.ABORT_TASK, waiting.tag(), waiting.cmdSn()))
        .isEqualTo(TaskManagementResponse.FUNCTION_COMPLETE);

    answer.complete(unit);
    initiator.command(Cdbs.testUnitReady()).lun(SOUGHT).await();
    assertThat(waiting.ended()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "QUERY_TASK, FUNCTION_SUCCEEDED",
    "QUERY_TASK_SET, FUNCTION_SUCCEEDED",
    "QUERY_ASYNC_EVENT, FUNCTION_COMPLETE",
    "CLEAR_ACA, FUNCTION_COMPLETE"
  })
  void questionsAreAnsweredWithoutTheUnit(
      TaskManagementFunction function, TaskManagementResponse response) throws Exception {
    Exchange waiting = waitingCommand();

    assertThat(ask(function, waiting.tag(), waiting.cmdSn())).isEqualTo(response);

    answer.complete(unit);
    assertThat(waiting.await().outcome()).startsWith("CHECK CONDITION 6/29/");
  }
}

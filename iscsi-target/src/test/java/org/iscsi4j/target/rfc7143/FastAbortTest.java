package org.iscsi4j.target.rfc7143;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.target.fixture.Patterns.assertSame;

import java.time.Duration;
import java.util.function.Consumer;
import org.iscsi4j.api.TaskReporting;
import org.iscsi4j.protocol.AsyncEvent;
import org.iscsi4j.protocol.AsyncMessagePdu;
import org.iscsi4j.protocol.NopOutPdu;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.protocol.ReadyToTransferPdu;
import org.iscsi4j.protocol.RejectReason;
import org.iscsi4j.protocol.TaskManagementFunction;
import org.iscsi4j.protocol.TaskManagementResponse;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.Exchange;
import org.iscsi4j.target.fixture.LoginScript;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** FastAbort (RFC 7143 sections 4.2.3.4 and 4.2.3.5). */
class FastAbortTest {

  private static final String FAST = "FastAbort tells others and waits for nobody's data";
  private static final String MIXED = "FastAbort is for sessions that agreed on it";
  private static final int COMPLETE = TaskManagementResponse.FUNCTION_COMPLETE.code();
  private static final int BYTES = 8192;

  /** Waits for data longer than a test may take. */
  private final TestServer server =
      TestServer.start(
          settings ->
              settings.taskReporting(TaskReporting.FAST_ABORT).abortTimeout(Duration.ofMinutes(5)));

  private final ScriptedInitiator fast = server.login(FastAbortTest::agreed);

  private static LoginScript agreed(LoginScript login) {
    return login.offer("TaskReporting", "FastAbort,RFC3720");
  }

  private ScriptedInitiator another(Consumer<LoginScript> login) {
    return server.login(
        script -> {
          script.isid(2);
          login.accept(script);
        });
  }

  @AfterEach
  void stop() {
    fast.close();
    server.close();
  }

  private static Exchange openWrite(ScriptedInitiator of) {
    return of.command(Cdbs.write10(0, BYTES / 512))
        .write(Patterns.bytes(BYTES, 1))
        .immediate(0)
        .leaveR2t()
        .send();
  }

  private static int reset(ScriptedInitiator by) {
    int function = TaskManagementFunction.LOGICAL_UNIT_RESET.code();
    return by.taskManagement(function, 0, Pdu.RESERVED_TAG, 0);
  }

  /** A NOP-Out that wants no answer, as section 11.9.1 asks for it. */
  private static void acknowledge(ScriptedInitiator by, long lun, int expStatSn) {
    by.send(
        new NopOutPdu(
            true, 0, 0, lun, Pdu.RESERVED_TAG, Pdu.RESERVED_TAG, by.nextCmdSn(), expStatSn));
  }

  private void assertNothingWritten() {
    assertSame(server.disk().readBytes(0, BYTES), new byte[BYTES]);
  }

  @Test
  @Item(value = 80, section = "4.2.3.4", rule = FAST)
  void theFunctionWaitsForNoDataOfWhoAskedForIt() {
    Exchange write = openWrite(fast);
    ReadyToTransferPdu r2t = write.awaitR2t(0);

    assertThat(reset(fast)).isEqualTo(COMPLETE);

    // what was on its way all the same does no harm
    write.answer(r2t);
    fast.forget(write);
    fast.clearUnitAttentions(0);
    assertThat(fast.hasReject()).isFalse();
    assertNothingWritten();
  }

  @Test
  @Item(value = 80, section = "4.2.3.4", rule = FAST)
  void anotherSessionIsToldAndItsDataTakenUntilItAcknowledges() {
    try (ScriptedInitiator other = another(FastAbortTest::agreed)) {
      Exchange write = openWrite(other);
      ReadyToTransferPdu r2t = write.awaitR2t(0);

      assertThat(reset(fast)).isEqualTo(COMPLETE);

      AsyncMessagePdu told = other.awaitAsyncMessage().as(AsyncMessagePdu.class);
      assertThat(told.asyncEvent()).isEqualTo(AsyncEvent.TASKS_TERMINATED.code());
      assertThat(told.lun()).isZero();
      write.dataOut(r2t.targetTransferTag(), 0, 0, 4096, false);
      other.forget(write);
      other.ping(new byte[4]);
      assertThat(other.hasReject()).isFalse();

      acknowledge(other, told.lun(), other.expStatSn());
      write.dataOut(r2t.targetTransferTag(), 1, 4096, 4096, true);
      assertThat(other.awaitReject()).isEqualTo(RejectReason.INVALID_PDU_FIELD.code());
      other.clearUnitAttentions(0);
      assertNothingWritten();
    }
  }

  @Test
  @Item(value = 80, section = "11.9.1", rule = FAST)
  void aNopOutOfAnotherUnitOrFromBeforeAcknowledgesNothing() {
    try (ScriptedInitiator other = another(FastAbortTest::agreed)) {
      Exchange write = openWrite(other);
      ReadyToTransferPdu r2t = write.awaitR2t(0);
      reset(fast);
      AsyncMessagePdu told = other.awaitAsyncMessage().as(AsyncMessagePdu.class);

      acknowledge(other, 1L << 48, told.statSn() + 1);
      acknowledge(other, told.lun(), told.statSn());
      write.answer(r2t);
      other.forget(write);

      other.ping(new byte[4]);
      assertThat(other.hasReject()).isFalse();
    }
  }

  @Test
  @Item(value = 80, section = "4.2.3.4", rule = FAST)
  void aSessionThatLostNothingIsNotTold() {
    try (ScriptedInitiator other = another(FastAbortTest::agreed)) {
      reset(fast);

      // the fixture would hold an asynchronous message for the test
      other.ping(new byte[4]);
      assertThat(other.hasAsyncMessage()).isFalse();
    }
  }

  @Test
  @Item(value = 80, section = "4.2.3.5", rule = MIXED)
  void aSessionThatDidNotAgreeIsNotTold() {
    try (ScriptedInitiator old = another(login -> {})) {
      Exchange write = openWrite(old);
      ReadyToTransferPdu r2t = write.awaitR2t(0);

      assertThat(reset(fast)).isEqualTo(COMPLETE);

      write.answer(r2t); // it may have to: nobody told it otherwise
      old.forget(write);
      old.clearUnitAttentions(0);
      assertThat(old.hasReject()).isFalse();
      assertThat(old.hasAsyncMessage()).isFalse();
      assertNothingWritten();
    }
  }

  @Test
  @Item(value = 80, section = "4.2.3.5", rule = MIXED)
  void aSessionThatAgreedIsToldOfAFunctionOfOneThatDidNot() {
    try (ScriptedInitiator old = another(login -> {})) {
      Exchange write = openWrite(fast);
      write.awaitR2t(0);

      assertThat(reset(old)).isEqualTo(COMPLETE);

      AsyncMessagePdu told = fast.awaitAsyncMessage().as(AsyncMessagePdu.class);
      assertThat(told.asyncEvent()).isEqualTo(AsyncEvent.TASKS_TERMINATED.code());
    }
  }
}

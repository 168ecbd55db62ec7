package org.iscsi4j.target.rfc7143;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.target.fixture.Patterns.assertSame;

import java.time.Duration;
import java.util.Arrays;
import org.iscsi4j.protocol.NopOutPdu;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.protocol.ReadyToTransferPdu;
import org.iscsi4j.protocol.TaskManagementFunction;
import org.iscsi4j.protocol.TaskManagementRequestPdu;
import org.iscsi4j.protocol.TaskManagementResponse;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.Exchange;
import org.iscsi4j.target.fixture.GatedDevice;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Task management (RFC 7143 sections 4.2.3, 11.5 and 11.6). Devices that do not let go of commands
 * are in {@link StuckDeviceTest}, FastAbort in {@link FastAbortTest}, and the functions of RFC 7144
 * in {@link QueryFunctionsTest}.
 */
class TaskManagementRulesTest {

  private static final String ABORT = "ABORT TASK goes by Referenced Task Tag and RefCmdSN";
  private static final String MISFIT =
      "LUN, function and task that do not fit have responses of their own";
  private static final String AFFECTED =
      "functions on several tasks reach all that are affected, and wait for them";
  private static final String SWALLOWED = "data for an aborted write is taken without a word";
  private static final String RESET = "target resets reach every session";

  private GatedDevice device;
  private TestServer server;
  private ScriptedInitiator initiator;

  @BeforeEach
  void start() {
    device = new GatedDevice(64 << 20);
    server =
        TestServer.serving(settings -> settings.eventLoops(1), device, new GatedDevice(1 << 20));
    initiator = server.login().clearUnitAttentions(1);
  }

  @AfterEach
  void stop() {
    device.release();
    initiator.close();
    server.close();
  }

  private Exchange hangingRead() {
    device.hold();
    Exchange read = initiator.command(Cdbs.read10(0, 8)).read(4096).send();
    device.awaitCall();
    return read;
  }

  private TaskManagementResponse manage(
      TaskManagementFunction function, int lun, int referencedTag, int refCmdSn) {
    int code = initiator.taskManagement(function.code(), lun, referencedTag, refCmdSn);
    return TaskManagementResponse.of(code).orElseThrow();
  }

  private TaskManagementResponse manage(TaskManagementFunction function, int lun) {
    return manage(function, lun, Pdu.RESERVED_TAG, 0);
  }

  private void assertWorks() {
    device.release();
    byte[] data = Patterns.bytes(8192, 1);
    initiator.write(1000, data);
    assertSame(initiator.read(1000, 16), data);
  }

  // ---- ABORT TASK ----------------------------------------------------------------------------

  @Test
  @Item(value = 74, section = "11.6.1", rule = ABORT)
  void abortTaskEndsACommandThatHangs() {
    Exchange read = hangingRead();

    assertThat(initiator.abort(read)).isEqualTo(0);

    // the late completion is harmless: an answer would be a violation that the initiator notices
    assertWorks();
  }

  @Test
  @Item(value = 77, section = "4.2.3", rule = SWALLOWED)
  void abortTaskOfAWriteSwallowsItsData() {
    byte[] data = Patterns.bytes(65_536, 2);
    Exchange write =
        initiator.command(Cdbs.write10(0, 128)).write(data).immediate(0).leaveR2t().send();
    ReadyToTransferPdu r2t = write.awaitR2t(0);

    assertThat(initiator.abort(write)).isEqualTo(0);
    write.answer(r2t);

    assertSame(device.memory().readBytes(0, 65_536), new byte[65_536]);
    assertWorks();
  }

  @Test
  @Item(value = 74, section = "11.6.1", rule = ABORT)
  void abortTaskOfACommandThatHasEndedFindsNone() {
    Exchange done = initiator.command(Cdbs.testUnitReady()).await();

    assertThat(manage(TaskManagementFunction.ABORT_TASK, 0, done.tag(), done.cmdSn()))
        .isEqualTo(TaskManagementResponse.TASK_DOES_NOT_EXIST);
  }

  @Test
  @Item(value = 75, section = "11.6.1", rule = MISFIT)
  void abortTaskOfAnotherLunFindsNone() {
    Exchange read = hangingRead();

    assertThat(manage(TaskManagementFunction.ABORT_TASK, 1, read.tag(), read.cmdSn()))
        .isEqualTo(TaskManagementResponse.TASK_DOES_NOT_EXIST);
    device.release();
    assertThat(read.await().outcome()).isEqualTo("GOOD");
  }

  @Test
  @Item(value = 74, section = "11.6.1", rule = ABORT)
  void abortTaskOfACommandThatNeverCameTakesItAsReceived() {
    int lost = initiator.takeCmdSn();
    Exchange behind = initiator.command(Cdbs.testUnitReady()).send();

    assertThat(manage(TaskManagementFunction.ABORT_TASK, 0, 0x7777, lost))
        .isEqualTo(TaskManagementResponse.FUNCTION_COMPLETE);

    assertThat(behind.await().outcome()).isEqualTo("GOOD");
  }

  @Test
  @Item(value = 74, section = "11.6.1", rule = ABORT)
  void abortTaskOutsideTheWindowFindsNone() {
    int beyond = initiator.maxCmdSn() + 10;
    int tag = initiator.sendTaskManagement(1, 0, 0x7777, beyond, beyond + 1);

    // RFC 7143 section 11.6.1: only a CmdSN inside the window can be taken as received
    assertThat(initiator.taskManagementAnswer(tag))
        .isEqualTo(TaskManagementResponse.TASK_DOES_NOT_EXIST.code());
    assertWorks();
  }

  @Test
  @Item(value = 74, section = "11.6.1", rule = ABORT)
  void abortTaskOfAHeldCommandDropsIt() {
    int first = initiator.nextCmdSn();
    Exchange held = initiator.command(Cdbs.testUnitReady()).cmdSn(first + 1).send();
    int tag = initiator.sendTaskManagement(1, 0, held.tag(), held.cmdSn(), first + 2);

    assertThat(initiator.taskManagementAnswer(tag)).isEqualTo(0);

    initiator.forget(held);
    assertThat(initiator.command(Cdbs.testUnitReady()).cmdSn(first).await().outcome())
        .isEqualTo("GOOD");
    assertThat(initiator.ping(new byte[4])).hasSize(4);
    assertThat(initiator.expCmdSn()).isEqualTo(first + 3);
  }

  @Test
  @Item(value = 74, section = "11.6.1", rule = ABORT)
  void aCommandThatWasTakenAsReceivedIsIgnoredWhenItComes() {
    int lost = initiator.takeCmdSn();
    manage(TaskManagementFunction.ABORT_TASK, 0, 0x7777, lost);

    Exchange late =
        initiator
            .command(Cdbs.write10(0, 16))
            .tag(0x7777)
            .cmdSn(lost)
            .write(Patterns.bytes(8192, 6))
            .immediate(0)
            .announceUnsolicited()
            .send();
    late.dataOut(Pdu.RESERVED_TAG, 0, 0, 8192, true);
    initiator.forget(late);

    assertThat(initiator.ping(new byte[4])).hasSize(4);
    assertThat(initiator.hasReject()).isFalse();
    assertSame(device.memory().readBytes(0, 8192), new byte[8192]);
  }

  @Test
  @Item(value = 74, section = "11.6.1", rule = ABORT)
  void abortTaskOfACmdSnThatFollowsTheFunctionFindsNone() {
    int next = initiator.nextCmdSn();

    assertThat(manage(TaskManagementFunction.ABORT_TASK, 0, 0x7777, next))
        .isEqualTo(TaskManagementResponse.TASK_DOES_NOT_EXIST);

    assertThat(initiator.command(Cdbs.testUnitReady()).await().outcome()).isEqualTo("GOOD");
  }

  @Test
  @Item(value = 74, section = "11.6.1", rule = ABORT)
  void abortTaskWithTheCmdSnOfAnotherCommandThatWaitsLeavesThatAlone() {
    int first = initiator.nextCmdSn();
    Exchange held = initiator.command(Cdbs.testUnitReady()).cmdSn(first + 1).send();
    int tag = initiator.sendTaskManagement(1, 0, 0x7777, held.cmdSn(), first + 2);

    assertThat(initiator.taskManagementAnswer(tag))
        .isEqualTo(TaskManagementResponse.TASK_DOES_NOT_EXIST.code());

    initiator.command(Cdbs.testUnitReady()).cmdSn(first).await();
    assertThat(held.await().outcome()).isEqualTo("GOOD");
  }

  @Test
  @Item(value = 74, section = "11.5.5", rule = ABORT)
  void abortTaskOfAnImmediateCommandHasTheSameCmdSn() {
    device.hold();
    Exchange read = initiator.command(Cdbs.read10(0, 8)).read(4096).immediateDelivery().send();
    device.awaitCall();

    assertThat(manage(TaskManagementFunction.ABORT_TASK, 0, read.tag(), initiator.nextCmdSn()))
        .isEqualTo(TaskManagementResponse.FUNCTION_COMPLETE);

    initiator.forget(read);
    assertWorks();
  }

  @Test
  @Item(value = 74, section = "11.6.1", rule = ABORT)
  void abortTaskOfAWriteThatIsBeingAbortedEndsWhenThatEnds() {
    device.hold();
    Exchange write =
        initiator.command(Cdbs.write10(0, 1)).write(new byte[512]).immediate(512).send();
    GatedDevice.Call call = device.awaitCall();
    int once = sendAbort(write);
    int again = sendAbort(write);
    initiator.forget(write);

    assertThat(initiator.ping(new byte[4])).hasSize(4);
    assertThat(initiator.hasAnswer(once)).isFalse();
    assertThat(initiator.hasAnswer(again)).isFalse();

    call.finish();
    assertThat(initiator.taskManagementAnswer(once)).isEqualTo(0);
    assertThat(initiator.taskManagementAnswer(again)).isEqualTo(0);
    assertThat(manage(TaskManagementFunction.ABORT_TASK, 0, write.tag(), write.cmdSn()))
        .isEqualTo(TaskManagementResponse.TASK_DOES_NOT_EXIST);
  }

  private int sendAbort(Exchange command) {
    int function = TaskManagementFunction.ABORT_TASK.code();
    int next = initiator.nextCmdSn();
    return initiator.sendTaskManagement(function, 0, command.tag(), command.cmdSn(), next);
  }

  // ---- task sets and resets --------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource(names = {"ABORT_TASK_SET", "CLEAR_TASK_SET", "LOGICAL_UNIT_RESET"})
  @Item(value = 76, section = "4.2.3", rule = AFFECTED)
  void functionsOnAUnitEndItsCommandsAndNoOthers(TaskManagementFunction function) {
    Exchange here = hangingRead();
    byte[] data = Patterns.bytes(8192, 3);
    Exchange there =
        initiator.command(Cdbs.write10(0, 16)).lun(1).write(data).immediate(0).leaveR2t().send();
    there.awaitR2t(0);

    assertThat(manage(function, 0)).isEqualTo(TaskManagementResponse.FUNCTION_COMPLETE);

    initiator.forget(here);
    assertThat(there.answerR2ts().await().outcome()).isEqualTo("GOOD");
    initiator.clearUnitAttentions(0);
    assertWorks();
  }

  @Test
  @Item(value = 79, section = "11.5.1", rule = RESET)
  void targetWarmResetEndsEveryCommand() {
    Exchange here = hangingRead();
    Exchange there =
        initiator
            .command(Cdbs.write10(0, 16))
            .lun(1)
            .write(new byte[8192])
            .immediate(0)
            .leaveR2t()
            .send();
    there.awaitR2t(0);

    assertThat(manage(TaskManagementFunction.TARGET_WARM_RESET, 0))
        .isEqualTo(TaskManagementResponse.FUNCTION_COMPLETE);

    initiator.forget(here);
    initiator.forget(there);
    initiator.clearUnitAttentions(0).clearUnitAttentions(1);
    assertWorks();
  }

  @Test
  @Item(value = 76, section = "4.2.3", rule = AFFECTED)
  void logicalUnitResetTellsEverySession() {
    try (ScriptedInitiator other = server.login(login -> login.isid(2))) {
      manage(TaskManagementFunction.LOGICAL_UNIT_RESET, 0);

      assertThat(initiator.command(Cdbs.testUnitReady()).await().outcome())
          .isEqualTo("CHECK CONDITION 6/29/03");
      assertThat(other.command(Cdbs.testUnitReady()).await().outcome())
          .isEqualTo("CHECK CONDITION 6/29/03");
    }
  }

  @Test
  @Item(value = 76, section = "4.2.3", rule = AFFECTED)
  void clearTaskSetEndsCommandsOfOtherSessionsAndTellsThem() {
    try (ScriptedInitiator other = server.login(login -> login.isid(2))) {
      device.hold();
      Exchange theirs = other.command(Cdbs.read10(0, 8)).read(4096).send();
      device.awaitCall();

      assertThat(manage(TaskManagementFunction.CLEAR_TASK_SET, 0))
          .isEqualTo(TaskManagementResponse.FUNCTION_COMPLETE);

      other.forget(theirs);
      assertThat(other.command(Cdbs.testUnitReady()).await().outcome())
          .isEqualTo("CHECK CONDITION 6/2f/00");
      assertThat(initiator.command(Cdbs.testUnitReady()).await().outcome()).isEqualTo("GOOD");
    }
  }

  @Test
  @Item(value = 76, section = "4.2.3", rule = AFFECTED)
  void clearTaskSetTellsNobodyWhoLostNothing() {
    try (ScriptedInitiator other = server.login(login -> login.isid(2))) {
      manage(TaskManagementFunction.CLEAR_TASK_SET, 0);

      // SAM-5 clause 7.4: a unit attention for the nexuses whose commands were cleared
      assertThat(other.command(Cdbs.testUnitReady()).await().outcome()).isEqualTo("GOOD");
    }
  }

  @Test
  @Item(value = 76, section = "4.2.3", rule = AFFECTED)
  void abortTaskSetLeavesOtherSessionsAlone() {
    try (ScriptedInitiator other = server.login(login -> login.isid(2))) {
      device.hold();
      Exchange theirs = other.command(Cdbs.read10(0, 8)).read(4096).send();
      device.awaitCall();

      assertThat(manage(TaskManagementFunction.ABORT_TASK_SET, 0))
          .isEqualTo(TaskManagementResponse.FUNCTION_COMPLETE);

      device.release();
      assertThat(theirs.await().outcome()).isEqualTo("GOOD");
    }
  }

  @Test
  @Item(value = 77, section = "4.2.3", rule = SWALLOWED)
  void resetByAnotherSessionInTheMiddleOfADataPduHarmsNobody() throws Exception {
    byte[] mine = Patterns.bytes(65_536, 4);
    byte[] theirs = Patterns.bytes(65_536, 5);
    try (ScriptedInitiator victim = server.login(login -> login.isid(2))) {
      Exchange write =
          victim.command(Cdbs.write10(0, 128)).write(theirs).immediate(0).leaveR2t().send();
      ReadyToTransferPdu r2t = write.awaitR2t(0);
      byte[] dataOut = victim.bytes(write.dataOutPdu(r2t.targetTransferTag(), 0, 0, true), theirs);
      victim.pingWith(Arrays.copyOf(dataOut, 1000));
      manage(TaskManagementFunction.LOGICAL_UNIT_RESET, 0);
      initiator.clearUnitAttentions(0);
      victim.forget(write);

      Exchange next =
          initiator.command(Cdbs.write10(2048, 128)).write(mine).immediate(0).leaveR2t().send();
      ReadyToTransferPdu request = next.awaitR2t(0);
      next.dataOut(request.targetTransferTag(), 0, 0, 32_768, false);
      assertThat(initiator.ping(new byte[4])).hasSize(4);
      victim.sendRaw(Arrays.copyOfRange(dataOut, 1000, dataOut.length));
      victim.clearUnitAttentions(0);
      next.dataOut(request.targetTransferTag(), 1, 32_768, 32_768, true);

      assertThat(next.await().outcome()).isEqualTo("GOOD");
      assertSame(device.memory().readBytes(2048 * 512, 65_536), mine);
      assertSame(device.memory().readBytes(0, 65_536), new byte[65_536]);
    }
  }

  @Test
  @Item(value = 79, section = "11.5.1", rule = RESET)
  void coldResetEndsAllSessionsOfTheTarget() {
    try (ScriptedInitiator other = server.login(login -> login.isid(2))) {
      Exchange read = hangingRead();
      int tag =
          initiator.sendTaskManagement(
              TaskManagementFunction.TARGET_COLD_RESET.code(),
              0,
              Pdu.RESERVED_TAG,
              0,
              initiator.nextCmdSn());
      initiator.forget(read);

      assertThat(initiator.taskManagementAnswer(tag))
          .isEqualTo(TaskManagementResponse.FUNCTION_COMPLETE.code());
      initiator.awaitDrop();
      other.awaitDrop();
      device.release();
    }
    try (ScriptedInitiator again = server.login().clearUnitAttentions(0)) {
      assertSame(again.read(0, 8), new byte[4096]);
    }
  }

  // ---- what a function waits for --------------------------------------------------------------

  /** A server that waits for half a minute before it gives up: longer than any test. */
  private void startPatient() {
    initiator.close();
    server.close();
    device = new GatedDevice(64 << 20);
    server =
        TestServer.serving(
            settings -> settings.eventLoops(1).abortTimeout(Duration.ofMinutes(5)), device);
    initiator = server.login();
  }

  private int send(TaskManagementFunction function, int cmdSn) {
    return initiator.sendTaskManagement(function.code(), 0, Pdu.RESERVED_TAG, 0, cmdSn);
  }

  /** Makes sure that the target has seen all that was sent, whatever commands it waits for. */
  private void roundTrip() {
    int tag = initiator.newTag();
    initiator.send(
        new NopOutPdu(
            true, 0, 0, 0, tag, Pdu.RESERVED_TAG, initiator.nextCmdSn(), initiator.expStatSn()));
    initiator.answer(tag, "an echo");
  }

  @Test
  @Item(value = 79, section = "11.5.1", rule = RESET)
  void coldResetThatOutlivesItsSessionEndsNobodyWhoLoggedInSince() {
    startPatient();
    device.hold();
    initiator.command(Cdbs.write10(0, 1)).write(new byte[512]).immediate(512).send();
    GatedDevice.Call call = device.awaitCall();
    send(TaskManagementFunction.TARGET_COLD_RESET, initiator.nextCmdSn());
    roundTrip();
    initiator.reset();
    assertThat(server.events().awaitClosed()).contains("connection lost");

    try (ScriptedInitiator other = server.connect().login().isid(2).perform()) {
      call.release(); // the reset has waited for this, and so has the place of its session
      server.connect().login().perform().close();

      assertThat(other.ping(new byte[4])).hasSize(4);
    }
  }

  @ParameterizedTest
  @EnumSource(
      names = {"ABORT_TASK_SET", "CLEAR_TASK_SET", "LOGICAL_UNIT_RESET", "TARGET_WARM_RESET"})
  @Item(value = 76, section = "4.2.3.3", rule = AFFECTED)
  void theAnswerWaitsForDataThatWasAskedFor(TaskManagementFunction function) {
    startPatient();
    Exchange write =
        initiator
            .command(Cdbs.write10(0, 128))
            .write(Patterns.bytes(65_536, 7))
            .immediate(0)
            .leaveR2t()
            .send();
    ReadyToTransferPdu r2t = write.awaitR2t(0);
    int tag = send(function, initiator.nextCmdSn());

    write.dataOut(r2t.targetTransferTag(), 0, 0, 4096, false);
    roundTrip();
    assertThat(initiator.hasAnswer(tag)).isFalse();

    write.dataOut(r2t.targetTransferTag(), 1, 4096, 65_536 - 4096, true);
    initiator.forget(write);
    assertThat(initiator.taskManagementAnswer(tag)).isEqualTo(0);
    assertThat(initiator.hasReject()).isFalse();
    assertSame(device.memory().readBytes(0, 65_536), new byte[65_536]);
  }

  @Test
  @Item(value = 76, section = "4.2.3.3", rule = AFFECTED)
  void dataThatNeverComesIsNotWaitedForForEver() {
    Exchange write =
        initiator.command(Cdbs.write10(0, 16)).write(new byte[8192]).immediate(0).leaveR2t().send();
    ReadyToTransferPdu r2t = write.awaitR2t(0);

    assertThat(manage(TaskManagementFunction.LOGICAL_UNIT_RESET, 0))
        .isEqualTo(TaskManagementResponse.FUNCTION_COMPLETE);

    write.answer(r2t); // too late, and no harm
    initiator.forget(write);
    initiator.clearUnitAttentions(0);
    assertThat(initiator.hasReject()).isFalse();
  }

  @ParameterizedTest
  @EnumSource(names = {"ABORT_TASK_SET", "CLEAR_TASK_SET", "LOGICAL_UNIT_RESET"})
  @Item(value = 76, section = "4.2.3.3", rule = AFFECTED)
  void commandsThatWereSentBeforeAreWaitedForAndThoseSentBehindGoOn(
      TaskManagementFunction function) {
    startPatient();
    device.hold();
    int first = initiator.nextCmdSn();
    Exchange before = initiator.command(Cdbs.read10(0, 8)).read(4096).cmdSn(first + 1).send();
    int tag = send(function, first + 2);
    Exchange behind = initiator.command(Cdbs.inquiry(36)).read(36).cmdSn(first + 2).send();
    roundTrip();
    assertThat(initiator.hasAnswer(tag)).isFalse();

    Exchange missing = initiator.command(Cdbs.read10(8, 8)).read(4096).cmdSn(first).send();
    initiator.forget(missing);
    initiator.forget(before); // both end without an answer
    assertThat(initiator.taskManagementAnswer(tag)).isEqualTo(0);
    assertThat(behind.await().outcome()).isEqualTo("GOOD");
    device.release();
    initiator.clearUnitAttentions(0);
    assertWorks();
  }

  @Test
  @Item(value = 76, section = "4.2.3.3", rule = AFFECTED)
  void commandsThatNeverComeAreNotWaitedForForEver() {
    initiator.close();
    server.close();
    server =
        TestServer.serving(
            settings -> settings.eventLoops(1).abortTimeout(Duration.ofMillis(50)), device);
    initiator = server.login();
    int first = initiator.nextCmdSn();
    int tag = send(TaskManagementFunction.ABORT_TASK_SET, first + 1);

    assertThat(initiator.taskManagementAnswer(tag))
        .isEqualTo(TaskManagementResponse.FUNCTION_REJECTED.code());
    assertThat(initiator.command(Cdbs.testUnitReady()).await().outcome()).isEqualTo("GOOD");
  }

  @Test
  @Item(value = 76, section = "4.2.3.3", rule = AFFECTED)
  void targetResetTakesAllCommandsBeforeItAsReceived() {
    startPatient();
    int first = initiator.nextCmdSn();
    Exchange held = initiator.command(Cdbs.testUnitReady()).cmdSn(first + 1).send();
    int tag = send(TaskManagementFunction.TARGET_WARM_RESET, first + 3);
    initiator.nextCmdSn(first + 3);

    assertThat(initiator.taskManagementAnswer(tag)).isEqualTo(0);

    initiator.forget(held);
    initiator.clearUnitAttentions(0);
    assertThat(initiator.expCmdSn()).isGreaterThanOrEqualTo(first + 4);
  }

  @Test
  @Item(value = 76, section = "4.2.2.3", rule = AFFECTED)
  void answersOfTheTasksOfOthersComeBeforeThatOfTheFunctionWhenTheyGetAny() {
    try (ScriptedInitiator other = server.login(login -> login.isid(2))) {
      answerAborted();
      other.clearUnitAttentions(0);
      device.hold();
      Exchange theirs = other.command(Cdbs.read10(0, 8)).read(4096).send();
      device.awaitCall();

      manage(TaskManagementFunction.CLEAR_TASK_SET, 0);

      assertThat(theirs.await().outcome()).as("TASK ABORTED").isEqualTo("status 40");
      assertThat(other.command(Cdbs.testUnitReady()).await().outcome()).isEqualTo("GOOD");
    }
  }

  /** Sets TAS by MODE SELECT(6) of the control page. */
  private void answerAborted() {
    byte[] sense = {0x1a, 0x08, 0x0a, 0, (byte) 0xff, 0};
    byte[] list = initiator.command(sense).read(255).await().data();
    list[0] = 0; // reserved in a list
    list[2] = 0;
    list[9] |= 0x40;
    byte[] select = {0x15, 0x10, 0, 0, (byte) list.length, 0};
    assertThat(initiator.command(select).write(list).await().outcome()).isEqualTo("GOOD");
  }

  @Test
  @Item(value = 79, section = "11.5.1", rule = RESET)
  void targetWarmResetTellsEverySessionOfEveryUnit() {
    try (ScriptedInitiator other = server.login(login -> login.isid(2)).clearUnitAttentions(1)) {
      manage(TaskManagementFunction.TARGET_WARM_RESET, 0);

      for (int lun = 0; lun < 2; lun++) {
        assertThat(initiator.command(Cdbs.testUnitReady()).lun(lun).await().outcome())
            .isEqualTo("CHECK CONDITION 6/29/02");
        assertThat(other.command(Cdbs.testUnitReady()).lun(lun).await().outcome())
            .isEqualTo("CHECK CONDITION 6/29/02");
      }
    }
  }

  // ---- what can't be done --------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource(names = {"ABORT_TASK_SET", "CLEAR_TASK_SET", "LOGICAL_UNIT_RESET"})
  @Item(value = 75, section = "11.6.1", rule = MISFIT)
  void unknownLunIsTold(TaskManagementFunction function) {
    assertThat(manage(function, 9)).isEqualTo(TaskManagementResponse.LUN_DOES_NOT_EXIST);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 9, 12, 13, 127})
  @Item(value = 75, section = "11.6.1", rule = MISFIT)
  void functionsThatAreNotSupportedSaySo(int function) {
    assertThat(initiator.taskManagement(function, 0, Pdu.RESERVED_TAG, 0))
        .isEqualTo(TaskManagementResponse.FUNCTION_NOT_SUPPORTED.code());
  }

  @Test
  @Item(value = 75, section = "11.6.1", rule = MISFIT)
  void unknownLunIsToldToWhoAbortsATask() {
    Exchange read = hangingRead();

    assertThat(manage(TaskManagementFunction.ABORT_TASK, 9, read.tag(), read.cmdSn()))
        .isEqualTo(TaskManagementResponse.LUN_DOES_NOT_EXIST);
    assertThat(manage(TaskManagementFunction.CLEAR_ACA, 9))
        .isEqualTo(TaskManagementResponse.LUN_DOES_NOT_EXIST);
    device.release();
    assertThat(read.await().outcome()).isEqualTo("GOOD");
  }

  @Test
  @Item(value = 75, section = "11.6.1", rule = MISFIT)
  void theSameLunInAnotherFormFits() {
    Exchange read = hangingRead();
    int tag = initiator.newTag();
    initiator.send(
        new TaskManagementRequestPdu(
            true,
            TaskManagementFunction.ABORT_TASK.code(),
            0,
            0,
            0x4000L << 48, // flat space addressing of unit 0
            tag,
            read.tag(),
            initiator.nextCmdSn(),
            initiator.expStatSn(),
            read.cmdSn(),
            0));

    assertThat(initiator.taskManagementAnswer(tag)).isEqualTo(0);
    initiator.forget(read);
    assertWorks();
  }

  @Test
  @Item(value = 75, section = "11.6.1", rule = MISFIT)
  void abortTaskOfAHeldCommandOfAnotherUnitFindsNone() {
    int first = initiator.nextCmdSn();
    Exchange held = initiator.command(Cdbs.testUnitReady()).cmdSn(first + 1).send();
    int tag = initiator.sendTaskManagement(1, 1, held.tag(), held.cmdSn(), first + 2);

    assertThat(initiator.taskManagementAnswer(tag))
        .isEqualTo(TaskManagementResponse.TASK_DOES_NOT_EXIST.code());

    initiator.command(Cdbs.testUnitReady()).cmdSn(first).await();
    assertThat(held.await().outcome()).isEqualTo("GOOD");
  }
}

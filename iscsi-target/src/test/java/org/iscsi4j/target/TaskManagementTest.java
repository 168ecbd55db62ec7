package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.target.fixture.Patterns.assertSame;

import java.time.Duration;
import java.util.Arrays;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.protocol.ReadyToTransferPdu;
import org.iscsi4j.protocol.TaskManagementFunction;
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

/** Task management (RFC 7143 sections 11.5 and 11.6). */
class TaskManagementTest {

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
  void abortTaskEndsACommandThatHangs() {
    Exchange read = hangingRead();

    assertThat(initiator.abort(read)).isEqualTo(0);

    // the late completion is harmless: an answer would be a violation that the initiator notices
    assertWorks();
  }

  @Test
  void abortTaskOfAWriteThatTheDeviceNeverLetsGoOfIsRejectedInTime() {
    initiator.close();
    server.close();
    server =
        TestServer.serving(
            settings -> settings.eventLoops(1).abortTimeout(Duration.ofMillis(50)), device);
    initiator = server.login().clearUnitAttentions(0);
    device.hold();
    Exchange write =
        initiator.command(Cdbs.write10(0, 1)).write(new byte[512]).immediate(512).send();
    device.awaitCall();

    assertThat(initiator.abort(write)).isEqualTo(TaskManagementResponse.FUNCTION_REJECTED.code());
    assertWorks();
  }

  @Test
  void abortTaskGivesItsPlaceInTheWindowBack() {
    int open = initiator.maxCmdSn() - initiator.nextCmdSn();
    Exchange read = hangingRead();

    initiator.abort(read);
    device.release();

    // the place is taken until the device has let go, which no answer tells
    for (int tries = 0;
        tries < 10_000 && initiator.maxCmdSn() - initiator.nextCmdSn() < open;
        tries++) {
      initiator.ping(new byte[0]);
    }
    assertThat(initiator.maxCmdSn() - initiator.nextCmdSn()).isEqualTo(open);
  }

  @Test
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
  void abortTaskOfACommandThatHasEndedFindsNone() {
    Exchange done = initiator.command(Cdbs.testUnitReady()).await();

    assertThat(manage(TaskManagementFunction.ABORT_TASK, 0, done.tag(), done.cmdSn()))
        .isEqualTo(TaskManagementResponse.TASK_DOES_NOT_EXIST);
  }

  @Test
  void abortTaskOfAnotherLunFindsNone() {
    Exchange read = hangingRead();

    assertThat(manage(TaskManagementFunction.ABORT_TASK, 1, read.tag(), read.cmdSn()))
        .isEqualTo(TaskManagementResponse.TASK_DOES_NOT_EXIST);
    device.release();
    assertThat(read.await().outcome()).isEqualTo("GOOD");
  }

  @Test
  void abortTaskOfACommandThatNeverCameTakesItAsReceived() {
    int lost = initiator.takeCmdSn();
    Exchange behind = initiator.command(Cdbs.testUnitReady()).send();

    assertThat(manage(TaskManagementFunction.ABORT_TASK, 0, 0x7777, lost))
        .isEqualTo(TaskManagementResponse.FUNCTION_COMPLETE);

    assertThat(behind.await().outcome()).isEqualTo("GOOD");
  }

  @Test
  void abortTaskOutsideTheWindowFindsNone() {
    int beyond = initiator.maxCmdSn() + 10;
    int tag = initiator.sendTaskManagement(1, 0, 0x7777, beyond, beyond + 1);

    // RFC 7143 section 11.6.1: only a CmdSN inside the window can be taken as received
    assertThat(initiator.taskManagementAnswer(tag))
        .isEqualTo(TaskManagementResponse.TASK_DOES_NOT_EXIST.code());
    assertWorks();
  }

  @Test
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

  // ---- task sets and resets --------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource(names = {"ABORT_TASK_SET", "CLEAR_TASK_SET", "LOGICAL_UNIT_RESET"})
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
  void clearTaskSetTellsNobodyWhoLostNothing() {
    try (ScriptedInitiator other = server.login(login -> login.isid(2))) {
      manage(TaskManagementFunction.CLEAR_TASK_SET, 0);

      // SAM-5 clause 7.4: a unit attention for the nexuses whose commands were cleared
      assertThat(other.command(Cdbs.testUnitReady()).await().outcome()).isEqualTo("GOOD");
    }
  }

  @Test
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

  // ---- what can't be done --------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource(names = {"ABORT_TASK_SET", "CLEAR_TASK_SET", "LOGICAL_UNIT_RESET"})
  void unknownLunIsTold(TaskManagementFunction function) {
    assertThat(manage(function, 9)).isEqualTo(TaskManagementResponse.LUN_DOES_NOT_EXIST);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 9, 12, 13, 127})
  void functionsThatAreNotSupportedSaySo(int function) {
    assertThat(initiator.taskManagement(function, 0, Pdu.RESERVED_TAG, 0))
        .isEqualTo(TaskManagementResponse.FUNCTION_NOT_SUPPORTED.code());
  }

  @Test
  void reassignIsNotSupported() {
    assertThat(manage(TaskManagementFunction.TASK_REASSIGN, 0))
        .isEqualTo(TaskManagementResponse.TASK_ALLEGIANCE_REASSIGNMENT_NOT_SUPPORTED);
  }
}

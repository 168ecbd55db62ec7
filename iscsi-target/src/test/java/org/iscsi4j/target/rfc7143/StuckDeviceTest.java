package org.iscsi4j.target.rfc7143;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.target.fixture.Patterns.assertSame;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.iscsi4j.protocol.NopInPdu;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.protocol.RejectReason;
import org.iscsi4j.protocol.TaskManagementFunction;
import org.iscsi4j.protocol.TaskManagementResponse;
import org.iscsi4j.target.fixture.CapturedLog;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.Exchange;
import org.iscsi4j.target.fixture.GatedDevice;
import org.iscsi4j.target.fixture.OwnThread;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Task management while a device does not let go of a command (RFC 7143 section 4.2.3). */
class StuckDeviceTest {

  private static final String IN_TIME = "a function is answered in time whatever a device does";
  private static final int REJECTED = TaskManagementResponse.FUNCTION_REJECTED.code();
  private static final int DEPTH = 4;

  private final GatedDevice stuck = new GatedDevice(1 << 20);
  private final GatedDevice sound = new GatedDevice(1 << 20);
  private TestServer server;
  private ScriptedInitiator initiator;

  private void start(Duration abortTimeout) {
    server =
        TestServer.serving(
            settings -> settings.eventLoops(1).queueDepth(DEPTH).abortTimeout(abortTimeout),
            stuck,
            sound);
    initiator = server.login().clearUnitAttentions(1);
    stuck.hold();
  }

  private void startImpatient() {
    start(Duration.ofMillis(50));
  }

  private void startPatient() {
    start(Duration.ofMinutes(5));
  }

  @AfterEach
  void stop() {
    stuck.release();
    sound.release();
    initiator.close();
    server.close();
  }

  private Exchange hangingWrite(int lba) {
    Exchange write =
        initiator
            .command(Cdbs.write10(lba, 1))
            .write(Patterns.bytes(512, lba + 1))
            .immediate(512)
            .send();
    stuck.awaitCall();
    return write;
  }

  private int sendAbort(Exchange command) {
    return initiator.sendTaskManagement(
        TaskManagementFunction.ABORT_TASK.code(),
        0,
        command.tag(),
        command.cmdSn(),
        initiator.nextCmdSn());
  }

  private int reset(TaskManagementFunction function) {
    return initiator.taskManagement(function.code(), 0, Pdu.RESERVED_TAG, 0);
  }

  private int open() {
    return initiator.maxCmdSn() - initiator.nextCmdSn() + 1;
  }

  @Test
  @Item(value = 78, section = "4.2.3.3", rule = IN_TIME)
  void abortTaskOfAWriteThatTheDeviceKeepsIsRejected() {
    startImpatient();
    Exchange write = hangingWrite(0);

    assertThat(initiator.abort(write)).isEqualTo(REJECTED);

    // what the device does at last reaches the medium, and nobody else: an answer would be a
    // violation
    stuck.release();
    initiator.write(1, Patterns.bytes(512, 9));
    assertSame(initiator.read(1, 1), Patterns.bytes(512, 9));
  }

  @ParameterizedTest
  @EnumSource(
      names = {"ABORT_TASK_SET", "CLEAR_TASK_SET", "LOGICAL_UNIT_RESET", "TARGET_WARM_RESET"})
  @Item(value = 78, section = "4.2.3.3", rule = IN_TIME)
  void functionsOnSeveralTasksAreRejectedToo(TaskManagementFunction function) {
    startImpatient();
    Exchange write = hangingWrite(0);

    assertThat(reset(function)).isEqualTo(REJECTED);

    initiator.forget(write);
    initiator.clearUnitAttentions(1);
    assertThat(initiator.command(Cdbs.read10(0, 1)).lun(1).read(512).await().outcome())
        .isEqualTo("GOOD");
  }

  @ParameterizedTest
  @EnumSource(
      names = {"ABORT_TASK_SET", "CLEAR_TASK_SET", "LOGICAL_UNIT_RESET", "TARGET_WARM_RESET"})
  @Item(value = 78, section = "4.2.3.3", rule = IN_TIME)
  void aWriteThatWasAbortedBeforeIsWaitedForAgain(TaskManagementFunction function) {
    startImpatient();
    Exchange write = hangingWrite(0);
    assertThat(initiator.abort(write)).isEqualTo(REJECTED);

    // complete would say that the write can't change the unit any more
    assertThat(reset(function)).isEqualTo(REJECTED);
  }

  @Test
  @Item(value = 78, section = "4.2.3.3", rule = IN_TIME)
  void aWriteOfAnotherSessionThatWasAbortedBeforeIsWaitedForToo() {
    startImpatient();
    Exchange write = hangingWrite(0);
    initiator.abort(write);
    try (ScriptedInitiator other = server.login(login -> login.isid(2))) {
      int reset = TaskManagementFunction.LOGICAL_UNIT_RESET.code();

      assertThat(other.taskManagement(reset, 0, Pdu.RESERVED_TAG, 0)).isEqualTo(REJECTED);
    }
  }

  @Test
  @Item(value = 78, section = "4.2.3.3", rule = IN_TIME)
  void aResetReachesTheOthersAtOnceAndOnlyOnce() {
    startImpatient();
    try (ScriptedInitiator other = server.login(login -> login.isid(2))) {
      Exchange write = hangingWrite(0);
      assertThat(reset(TaskManagementFunction.LOGICAL_UNIT_RESET)).isEqualTo(REJECTED);
      initiator.forget(write);

      assertThat(other.command(Cdbs.testUnitReady()).await().outcome())
          .isEqualTo("CHECK CONDITION 6/29/03");
      stuck.release();
      initiator.clearUnitAttentions(0).write(0, new byte[512]); // behind the one that hung
      assertThat(other.command(Cdbs.testUnitReady()).await().outcome()).isEqualTo("GOOD");
    }
  }

  @Test
  @Item(value = 78, section = "4.2.3.3", rule = IN_TIME)
  void aColdResetThatWasRejectedEndsNoSessionLater() {
    startImpatient();
    Exchange write = hangingWrite(0);
    assertThat(reset(TaskManagementFunction.TARGET_COLD_RESET)).isEqualTo(REJECTED);
    initiator.forget(write);

    stuck.release();

    initiator.clearUnitAttentions(0).write(0, new byte[512]);
    assertThat(initiator.ping(new byte[4])).hasSize(4);
  }

  @Test
  @Item(value = 78, section = "4.2.3.3", rule = IN_TIME)
  void aReadThatTheDeviceKeepsHoldsUpNoFunction() {
    startPatient();
    Exchange read = initiator.command(Cdbs.read10(0, 1)).read(512).send();
    stuck.awaitCall();

    assertThat(initiator.abort(read)).isEqualTo(0);
    assertThat(reset(TaskManagementFunction.LOGICAL_UNIT_RESET)).isEqualTo(0);
  }

  @Test
  @Item(value = 78, section = "4.2.3.3", rule = IN_TIME)
  void newerDataForTheSameBlocksOutlivesTheAbortedWrite() {
    startImpatient();
    Exchange write = hangingWrite(0);
    initiator.abort(write);
    byte[] newer = Patterns.bytes(512, 5);
    Exchange next = initiator.command(Cdbs.write10(0, 1)).write(newer).send();
    initiator.ping(new byte[4]);

    stuck.release();

    assertThat(next.await().outcome()).isEqualTo("GOOD");
    assertSame(initiator.read(0, 1), newer);
  }

  // ---- places in the window ---------------------------------------------------------------------

  @Test
  @Item(value = 78, section = "4.2.2.1", rule = IN_TIME)
  void anAbortedCommandTakesAPlaceInTheWindowUntilItIsOutOfTheDevice() {
    startPatient();
    Exchange read = initiator.command(Cdbs.read10(0, 1)).read(512).send();
    GatedDevice.Call call = stuck.awaitCall();
    initiator.abort(read);
    initiator.ping(new byte[0]);
    assertThat(open()).isEqualTo(DEPTH - 1);

    call.finish();

    // which no answer tells
    for (int tries = 0; tries < 10_000 && open() < DEPTH; tries++) {
      initiator.ping(new byte[0]);
    }
    assertThat(open()).isEqualTo(DEPTH);
  }

  @Test
  @Item(value = 78, section = "4.2.2.1", rule = IN_TIME)
  void aDeviceThatNeverAnswersClosesTheWindowOnlyForAWhile() {
    startImpatient();
    initiator.leavePings();
    List<Exchange> writes = new ArrayList<>();
    for (int i = 0; i < DEPTH; i++) {
      writes.add(hangingWrite(i));
    }
    assertThat(open()).isZero();
    List<Integer> aborts = writes.stream().map(this::sendAbort).toList();
    aborts.forEach(abort -> assertThat(initiator.taskManagementAnswer(abort)).isEqualTo(REJECTED));
    writes.forEach(initiator::forget);

    // whoever waits for a place can ask for nothing, so it is told
    NopInPdu told = initiator.awaitPing();
    assertThat(told.targetTransferTag()).isEqualTo(Pdu.RESERVED_TAG);
    assertThat(open()).isPositive();
    assertThat(initiator.command(Cdbs.read10(0, 1)).lun(1).read(512).await().outcome())
        .isEqualTo("GOOD");
  }

  @Test
  @Item(value = 78, section = "4.2.3.3", rule = IN_TIME)
  void theSessionGoesOnHoweverOftenCommandsAreAborted() {
    startImpatient();
    for (int i = 0; i < 100; i++) {
      Exchange write =
          initiator
              .command(Cdbs.write10(i, 1))
              .write(new byte[512])
              .immediate(512)
              .immediateDelivery() // whatever the window allows
              .send();
      assertThat(initiator.abort(write)).isIn(0, REJECTED);
      assertThat(initiator.ping(new byte[4])).hasSize(4);
    }

    assertThat(initiator.command(Cdbs.read10(0, 1)).lun(1).read(512).await().outcome())
        .isEqualTo("GOOD");
    stuck.release();
    byte[] data = Patterns.bytes(512, 4);
    initiator.write(0, data);
    assertSame(initiator.read(0, 1), data);
  }

  @Test
  @Item(value = 78, section = "4.2.2.1", rule = IN_TIME)
  void functionsThatWaitAreBounded() {
    startPatient();
    Exchange write = hangingWrite(0);
    initiator.forget(write);
    List<Integer> tags = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      tags.add(sendAbort(write));
    }
    sendAbort(write);

    assertThat(initiator.awaitReject()).isEqualTo(RejectReason.IMMEDIATE_COMMAND_REJECT.code());
    stuck.release();
    tags.forEach(tag -> assertThat(initiator.taskManagementAnswer(tag)).isEqualTo(0));
    assertThat(reset(TaskManagementFunction.ABORT_TASK_SET)).isEqualTo(0);
  }

  // ---- the end of the session -------------------------------------------------------------------

  @Test
  @Item(value = 78, section = "6.3.5", rule = IN_TIME)
  void reinstatementWaitsForAWriteThatWasAbortedBefore() {
    startPatient();
    try (ScriptedInitiator other = server.login(login -> login.isid(2))) {
      Exchange write = hangingWrite(0);
      sendAbort(write);
      initiator.forget(write);
      CompletableFuture<Boolean> outOfTheDevice =
          CompletableFuture.supplyAsync(
              () -> {
                try (ScriptedInitiator again = server.connect().login().perform()) {
                  byte[] medium = stuck.memory().readBytes(0, 512);
                  again.logout();
                  return !Arrays.equals(medium, new byte[512]);
                }
              },
              OwnThread.EACH);

      initiator.awaitEnd();
      for (int i = 0; i < 100; i++) {
        other.ping(new byte[4]); // time for a login that does not wait
      }
      assertThat(outOfTheDevice).isNotDone();
      stuck.release();

      assertThat(outOfTheDevice.join()).isTrue();
    }
  }

  private static final String KEPT = "a device holds on to a write";

  @Test
  @Item(value = 78, section = "6.3.5", rule = IN_TIME)
  void reinstatementOfASessionDoesNotWaitForEver() {
    startImpatient();
    hangingWrite(0);

    try (CapturedLog log = new CapturedLog();
        ScriptedInitiator heir = server.connect().login().perform()) {
      initiator.awaitEnd();
      assertThat(heir.ping(new byte[4])).hasSize(4);
      assertThat(log.text()).contains(KEPT).contains("session reinstated by a new login");
    }
  }

  @Test
  @Item(value = 78, section = "6.3.4", rule = IN_TIME)
  void reinstatementOfAConnectionDoesNotWaitForEver() {
    startImpatient();
    hangingWrite(0);

    try (CapturedLog log = new CapturedLog();
        ScriptedInitiator heir = initiator.join(1)) {
      initiator.awaitEnd();
      assertThat(heir.ping(new byte[4])).hasSize(4);
      assertThat(log.text()).contains(KEPT).contains("connection reinstated by a new login");
    }
  }

  @Test
  @Item(value = 78, section = "11.14", rule = IN_TIME)
  void logoutDoesNotWaitAndIsFollowedByALoginInTime() {
    startImpatient();
    Exchange write = hangingWrite(0);
    initiator.forget(write);

    try (CapturedLog log = new CapturedLog()) {
      initiator.logout();
      assertThat(server.events().awaitClosed()).isEqualTo("logout");
      server.connect().login().perform().close();
      assertThat(log.text()).contains(KEPT).contains("logout");
    }
  }
}

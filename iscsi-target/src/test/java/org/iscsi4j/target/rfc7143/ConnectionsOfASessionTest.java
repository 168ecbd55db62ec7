package org.iscsi4j.target.rfc7143;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.iscsi4j.protocol.KeyValue;
import org.iscsi4j.protocol.LoginResponsePdu;
import org.iscsi4j.protocol.LoginStatus;
import org.iscsi4j.protocol.LogoutResponse;
import org.iscsi4j.protocol.NopInPdu;
import org.iscsi4j.protocol.NopOutPdu;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.protocol.RejectReason;
import org.iscsi4j.protocol.SerialNumber;
import org.iscsi4j.protocol.TextCodec;
import org.iscsi4j.protocol.TextResponsePdu;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.Exchange;
import org.iscsi4j.target.fixture.GatedDevice;
import org.iscsi4j.target.fixture.LoginScript;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Several connections of one session: joining, order, allegiance, and how each of them ends. */
class ConnectionsOfASessionTest {

  private static final int CLOSE_SESSION = 0;
  private static final int CLOSE_CONNECTION = 1;
  private static final int RECOVERY = 2;
  private static final int LARGE_WRITE = 256 * 1024;

  private GatedDevice device;
  private TestServer server;
  private ScriptedInitiator first;
  private ScriptedInitiator second;

  @BeforeEach
  void start() {
    device = new GatedDevice(1 << 20);
    // on more than one loop, so that a connection has to move to that of its session
    server = TestServer.serving(builder -> builder.eventLoops(3), device);
    first =
        server.login(
            login ->
                login.cid(1).offer("MaxConnections", 3).offer("TaskReporting", "ResponseFence"));
    second = first.join(2);
  }

  @AfterEach
  void stop() {
    device.release();
    second.close();
    first.close();
    server.close();
  }

  private static byte[] block(long seed) {
    return Patterns.bytes(Cdbs.BLOCK, seed);
  }

  /** Gives a tag to another command, which is only right when the one before has ended. */
  private static String reuse(ScriptedInitiator on, int tag) {
    return on.command(Cdbs.testUnitReady()).tag(tag).await().outcome();
  }

  private static int immediatePing(ScriptedInitiator on) {
    int tag = on.newTag();
    on.sendNopOut(true, 0, tag, -1, on.nextCmdSn(), new byte[4]);
    return tag;
  }

  // ---- joining -------------------------------------------------------------------------------

  @Test
  @Item(value = 7, section = "11.12.6", rule = "a connection joins the session that its TSIH names")
  void connectionsShareOneSession() {
    assertThat(second.tsih()).isEqualTo(first.tsih());
    assertThat(server.server().sessions()).hasSize(1);

    first.write(8, block(1));

    assertThat(second.read(8, 1)).isEqualTo(block(1));
  }

  @Test
  @Item(value = 12, section = "11.13.5", rule = "0206h: no more than MaxConnections connections")
  void noMoreConnectionsThanAgreed() {
    try (ScriptedInitiator third = first.join(3)) {
      assertThat(first.joining(4).tryPerform().status())
          .isEqualTo(LoginStatus.TOO_MANY_CONNECTIONS);

      assertThat(third.ping(new byte[1])).hasSize(1);
      assertThat(first.ping(new byte[1])).hasSize(1);
    }
  }

  @Test
  @Item(
      value = 8,
      section = "6.3.4",
      rule = "a login with the CID of a connection takes its place and ends its commands")
  void connectionIsReinstated() {
    device.hold();
    Exchange lost = second.command(Cdbs.read10(0, 1)).read(Cdbs.BLOCK).send();
    device.awaitCall();

    try (ScriptedInitiator again = first.join(2)) {
      second.awaitEnd();
      device.release();
      assertThat(reuse(again, lost.tag())).isEqualTo("GOOD");
      again.write(1, block(2));
      assertThat(first.read(1, 1)).isEqualTo(block(2));
      assertThat(server.events().closedCount()).isZero();
    }
  }

  @Test
  @Item(
      value = 8,
      section = "6.3.4",
      rule = "a login with the CID of a connection takes its place and ends its commands")
  void theOnlyConnectionIsReinstated() {
    second.logout(CLOSE_CONNECTION, 2);

    try (ScriptedInitiator again = first.join(1)) {
      first.awaitEnd();
      again.write(1, block(2));
      assertThat(again.read(1, 1)).isEqualTo(block(2));
      assertThat(server.server().sessions()).hasSize(1);
    }
  }

  // ---- order and allegiance ------------------------------------------------------------------

  @Test
  @Item(value = 45, section = "4.2.2.1", rule = "commands run in the order of CmdSN, whatever way")
  void commandsRunInOrderOverAllConnections() {
    int cmdSn = first.takeCmdSn();
    int next = second.takeCmdSn();

    Exchange late = second.command(Cdbs.write10(4, 1)).write(block(3)).cmdSn(next).send();
    second.answer(immediatePing(second), "an echo"); // so that the command has arrived
    assertThat(late.ended()).as("it is not its turn").isFalse();
    Exchange early = first.command(Cdbs.write10(4, 1)).write(block(4)).cmdSn(cmdSn).send();

    assertThat(early.await().outcome()).isEqualTo("GOOD");
    assertThat(late.await().outcome()).isEqualTo("GOOD");
    assertThat(first.read(4, 1)).isEqualTo(block(3));
  }

  @Test
  @Item(value = 53, section = "4.2.1", rule = "data come over the connection of their command")
  void dataOverAnotherConnectionAreRefused() {
    Exchange write =
        first.command(Cdbs.write10(0, 1)).write(block(5)).immediate(0).leaveR2t().send();
    int transferTag = write.awaitR2t(0).targetTransferTag();

    second.send(write.dataOutPdu(transferTag, 0, 0, true), block(6));

    assertThat(second.awaitReject()).isEqualTo(RejectReason.INVALID_PDU_FIELD.code());
    write.answerR2ts();
    assertThat(write.await().outcome()).isEqualTo("GOOD");
    assertThat(second.read(0, 1)).isEqualTo(block(5));
  }

  @Test
  @Item(value = 45, section = "4.2.2.1", rule = "a window of writes may overtake one command")
  void noCommandIsLostHoweverMuchOvertakesOne() {
    first.close();
    second.close();
    first =
        server.login(
            login ->
                login.cid(1).offer("MaxConnections", 2).offer("FirstBurstLength", LARGE_WRITE));
    second = first.join(2);
    int cmdSn = first.takeCmdSn();
    byte[] data = Patterns.bytes(LARGE_WRITE, 9);
    List<Exchange> writes = new ArrayList<>();
    while (SerialNumber.lessOrEqual(second.nextCmdSn(), second.maxCmdSn())) {
      writes.add(
          second
              .command(Cdbs.write10(0, LARGE_WRITE / Cdbs.BLOCK))
              .write(data)
              .immediate(data.length)
              .send());
    }

    first.command(Cdbs.testUnitReady()).cmdSn(cmdSn).await();

    writes.forEach(write -> assertThat(write.await().outcome()).isEqualTo("GOOD"));
  }

  @Test
  @Item(value = 49, section = "11.2.1.8", rule = "a tag names one command of the whole session")
  void tagsAreThoseOfTheSession() {
    device.hold();
    Exchange read = first.command(Cdbs.read10(0, 1)).read(Cdbs.BLOCK).send();
    device.awaitCall();

    Exchange twin = second.command(Cdbs.read10(0, 1)).read(Cdbs.BLOCK).tag(read.tag()).send();

    assertThat(second.awaitReject()).isEqualTo(RejectReason.TASK_IN_PROGRESS.code());
    second.forget(twin);
    device.release();
    assertThat(read.await().outcome()).isEqualTo("GOOD");
  }

  @Test
  @Item(value = 34, section = "11.10.4", rule = "each connection has a text exchange of its own")
  void textExchangesDoNotMix() {
    byte[] question = TextCodec.encode(List.of(new KeyValue("SendTargets", "")));
    int tag = first.newTag();
    first.sendText(tag, Pdu.RESERVED_TAG, false, true, Arrays.copyOf(question, 5));
    TextResponsePdu part = first.answer(tag, "an empty response").as(TextResponsePdu.class);

    assertThat(second.text(new KeyValue("SendTargets", ""))).hasSize(2);

    byte[] rest = Arrays.copyOfRange(question, 5, question.length);
    first.sendText(tag, part.targetTransferTag(), true, false, rest);
    assertThat(first.answer(tag, "the answer").keys()).hasSize(2);
  }

  @Test
  @Item(value = 76, section = "11.5.1", rule = "a function ends commands of all connections")
  void taskManagementReachesCommandsOfOtherConnections() {
    device.hold();
    Exchange one = first.command(Cdbs.read10(0, 1)).read(Cdbs.BLOCK).send();
    device.awaitCall();
    Exchange other =
        first.command(Cdbs.write10(0, 1)).write(block(7)).leaveR2t().immediate(0).send();
    other.awaitR2t(0);

    assertThat(second.taskManagement(1, 0, one.tag(), one.cmdSn())).isZero();
    first.forget(one);
    assertThat(second.taskManagement(2, 0, -1, 0)).as("ABORT TASK SET").isZero();
    first.forget(other);

    device.release();
    assertThat(first.ping(new byte[1])).hasSize(1);
  }

  @Test
  @Item(
      value = 76,
      section = "4.2.2.3",
      rule = "the answer to a function leaves none to a task behind")
  void functionWaitsUntilOlderAnswersOverOtherConnectionsHaveCome() {
    second.leavePings();
    second.read(0, 1); // whose status the second connection never acknowledges by itself

    int reset = first.sendTaskManagement(5, 0, -1, 0, first.nextCmdSn());
    NopInPdu question = second.awaitPing();
    first.answer(immediatePing(first), "an echo");
    assertThat(first.hasAnswer(reset)).isFalse();

    second.pong(question);
    assertThat(first.taskManagementAnswer(reset)).isZero();
  }

  @Test
  @Item(
      value = 76,
      section = "4.2.2.3",
      rule = "the answer to a function leaves none to a task behind")
  void functionWaitsForNoConnectionThatIsGone() {
    second.leavePings();
    second.read(0, 1);

    int reset = first.sendTaskManagement(5, 0, -1, 0, first.nextCmdSn());
    second.awaitPing();
    first.logout(CLOSE_CONNECTION, 2);

    assertThat(first.taskManagementAnswer(reset)).isZero();
  }

  // ---- the end -------------------------------------------------------------------------------

  @Test
  @Item(value = 68, section = "11.14.1", rule = "a connection is logged out over another one")
  void anotherConnectionIsLoggedOut() {
    device.hold();
    Exchange read = second.command(Cdbs.read10(0, 1)).read(Cdbs.BLOCK).send();
    device.awaitCall();

    assertThat(first.logout(CLOSE_CONNECTION, 2).response())
        .isEqualTo(LogoutResponse.SUCCESS.code());

    second.awaitEnd();
    device.release();
    assertThat(reuse(first, read.tag())).isEqualTo("GOOD");
    assertThat(first.logout(CLOSE_CONNECTION, 2).response())
        .isEqualTo(LogoutResponse.CID_NOT_FOUND.code());
  }

  @Test
  @Item(value = 68, section = "11.14.1", rule = "a connection is logged out, and the others go on")
  void oneConnectionIsLoggedOut() {
    assertThat(second.logout(CLOSE_CONNECTION, 2).response())
        .isEqualTo(LogoutResponse.SUCCESS.code());

    second.awaitEnd();
    first.write(0, block(8));
    assertThat(server.server().sessions()).hasSize(1);
  }

  @Test
  @Item(value = 68, section = "11.14.1", rule = "the logout of a session closes all connections")
  void theSessionIsLoggedOut() {
    assertThat(second.logout(CLOSE_SESSION, 0).response()).isEqualTo(LogoutResponse.SUCCESS.code());

    second.awaitEnd();
    first.awaitEnd();
    assertThat(server.events().awaitClosed()).isEqualTo("logout");
  }

  @Test
  @Item(value = 68, section = "11.14.1", rule = "the logout of a session closes all connections")
  void sessionIsLoggedOutWhileAConnectionIsReinstated() {
    device.hold();
    second.command(Cdbs.write10(0, 1)).write(block(9)).send();
    device.awaitCall();
    LoginScript again = first.joining(2);
    again.request(0, 1, true, again.names());
    again.connection().send(again.pdu(1, 3, true, false)); // waits for the write
    second.awaitEnd();

    first.logout(CLOSE_SESSION, 0);

    assertThat(server.events().awaitClosed()).isEqualTo("logout");
    device.release();
    LoginResponsePdu refused =
        again.connection().answer(0x10, "a login response").as(LoginResponsePdu.class);
    assertThat(LoginStatus.of(refused.statusClass(), refused.statusDetail()))
        .contains(LoginStatus.SESSION_DOES_NOT_EXIST);
    again.connection().close();
  }

  @Test
  @Item(value = 68, section = "11.15.1", rule = "recovery is not supported below level 2")
  void nothingIsRecoveredAtLevelZero() {
    assertThat(first.logout(RECOVERY, 2).response())
        .isEqualTo(LogoutResponse.RECOVERY_NOT_SUPPORTED.code());
    assertThat(second.ping(new byte[1])).hasSize(1);
  }

  @Test
  @Item(
      value = 73,
      section = "7.1.5",
      rule = "at level 0 a session ends with any of its connections")
  void lostConnectionEndsTheSessionAtLevelZero() {
    second.reset();

    first.awaitEnd();
    assertThat(server.events().awaitClosed()).contains("connection");
    assertThat(server.server().sessions()).isEmpty();
  }

  @Test
  @Item(
      value = 73,
      section = "7.1.5",
      rule = "at level 1 a session outlives one of its connections")
  void lostConnectionEndsItsOwnCommandsAtLevelOne() {
    try (TestServer recovering =
            TestServer.serving(builder -> builder.errorRecoveryLevel(1), device);
        ScriptedInitiator one =
            recovering.login(
                login -> login.cid(1).offer("MaxConnections", 2).offer("ErrorRecoveryLevel", 1));
        ScriptedInitiator other = one.join(2)) {
      device.hold();
      Exchange lost = other.command(Cdbs.read10(0, 1)).read(Cdbs.BLOCK).send();
      device.awaitCall();
      other.reset();

      try (ScriptedInitiator third = one.join(3)) { // there is room when the lost one is gone
        device.release();
        assertThat(reuse(one, lost.tag())).isEqualTo("GOOD");
        assertThat(third.ping(new byte[1])).hasSize(1);
      }
      assertThat(recovering.events().closedCount()).isZero();
    }
  }

  @Test
  @Item(value = 65, section = "7.7", rule = "a malformed PDU ends the session at every level")
  void malformedPduEndsAllConnections() {
    try (TestServer recovering =
            TestServer.serving(builder -> builder.errorRecoveryLevel(2), device);
        ScriptedInitiator one =
            recovering.login(
                login -> login.cid(1).offer("MaxConnections", 2).offer("ErrorRecoveryLevel", 2));
        ScriptedInitiator other = one.join(2)) {
      byte[] tooLong = other.bytes(pingOf(other), new byte[0]);
      tooLong[5] = (byte) 0xff;

      other.sendRaw(tooLong);

      other.awaitEnd();
      one.awaitEnd();
      assertThat(recovering.events().awaitClosed()).contains("DataSegmentLength");
    }
  }

  private static NopOutPdu pingOf(ScriptedInitiator on) {
    return new NopOutPdu(true, 0, 0, 0, on.newTag(), -1, on.nextCmdSn(), on.expStatSn());
  }
}

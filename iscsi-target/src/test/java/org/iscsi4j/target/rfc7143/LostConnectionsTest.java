package org.iscsi4j.target.rfc7143;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.target.fixture.Patterns.assertSame;

import java.time.Duration;
import java.util.List;
import org.iscsi4j.protocol.LoginRequestPdu;
import org.iscsi4j.protocol.LogoutRequestPdu;
import org.iscsi4j.protocol.LogoutResponse;
import org.iscsi4j.protocol.LogoutResponsePdu;
import org.iscsi4j.protocol.ScsiCommandPdu;
import org.iscsi4j.protocol.TaskManagementResponse;
import org.iscsi4j.protocol.TextCodec;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections that are lost again and again, at bad moments, or for good, at level 2. */
class LostConnectionsTest {

  private static final int CLOSE_SESSION = 0;
  private static final int CLOSE_CONNECTION = 1;
  private static final int RECOVERY = 2;
  private static final int COMPLETE = TaskManagementResponse.FUNCTION_COMPLETE.code();
  private static final int SUCCESS = LogoutResponse.SUCCESS.code();
  private static final int MIB = 1 << 20;

  private GatedDevice device;
  private TestServer server;
  private ScriptedInitiator first;

  @BeforeEach
  void start() {
    device = new GatedDevice(4 * MIB);
    server =
        TestServer.serving(
            builder -> builder.errorRecoveryLevel(2).eventLoops(2).defaultTime2Wait(Duration.ZERO),
            device);
    first = server.login(login -> recovering(login).offer("MaxRecvDataSegmentLength", 256 * 1024));
  }

  private LoginScript recovering(LoginScript login) {
    return login
        .cid(1)
        .offer("ErrorRecoveryLevel", 2)
        .offer("MaxConnections", 4)
        .offer("DefaultTime2Wait", 0)
        .offer("DefaultTime2Retain", 20);
  }

  @AfterEach
  void stop() {
    device.release();
    first.close();
    server.close();
  }

  private static Exchange readInTheDevice(ScriptedInitiator on, GatedDevice device) {
    device.hold();
    Exchange read = on.command(Cdbs.read10(0, 1)).read(Cdbs.BLOCK).send();
    device.awaitCall();
    return read;
  }

  // ---- the end of a session ------------------------------------------------------------------

  @Test
  @Item(value = 68, section = "11.14.1", rule = "the logout of a session ends what was lost too")
  void sessionThatIsLoggedOutWaitsForNoLostConnection() {
    try (ScriptedInitiator second = first.join(2)) {
      first.reset();
      assertThat(second.logoutForRecovery(1).response()).isEqualTo(SUCCESS);

      assertThat(second.logout(CLOSE_SESSION, 0).response()).isEqualTo(SUCCESS);

      second.awaitEnd();
      assertThat(server.events().awaitClosed()).isEqualTo("logout");
    }
  }

  @Test
  @Item(value = 68, section = "11.14.1", rule = "the logout of a connection ends what was lost too")
  void connectionThatIsLoggedOutLeavesNothingOfThoseBefore() {
    first.reset();
    try (ScriptedInitiator again = first.join(1)) {
      assertThat(again.logout(CLOSE_CONNECTION, 1).response()).isEqualTo(SUCCESS);

      again.awaitEnd();
      assertThat(server.events().awaitClosed()).isEqualTo("logout");
    }
  }

  /** More than the sockets take, so that the response to the logout waits behind data. */
  @ParameterizedTest
  @ValueSource(ints = {20, 22, 25})
  @Item(value = 68, section = "11.15", rule = "nothing follows the response to a logout")
  void nothingFollowsTheResponseToALogoutForRecovery(int halves) throws Exception {
    byte[] data = Patterns.bytes(Cdbs.BLOCK, 3);
    first.write(0, data);
    first.socket().setReceiveBufferSize(16 * 1024);
    try (ScriptedInitiator second = first.join(2)) {
      device.hold();
      Exchange late = first.command(Cdbs.read10(0, 1)).read(Cdbs.BLOCK).send();
      GatedDevice.Call call = device.awaitCall();
      for (int i = 0; i < halves; i++) {
        first.command(Cdbs.read10(0, MIB / 2 / Cdbs.BLOCK)).read(MIB / 2).send();
      }
      while (second.expCmdSn() < first.nextCmdSn()) { // all of them have come
        pingAtOnce(second);
      }
      for (int i = 0; i < halves; i++) {
        device.awaitCall().finish();
      }
      int cmdSn = first.takeCmdSn();
      int tag = first.newTag();
      int expStatSn = first.expStatSn();
      first.send(new LogoutRequestPdu(false, RECOVERY, 0, 0, tag, 1, cmdSn, expStatSn));
      while (second.expCmdSn() <= cmdSn) { // it is read as soon as the output is not full any more
        first.receive();
        pingAtOnce(second);
      }
      call.finish();
      for (int i = 0; i < 100; i++) {
        pingAtOnce(second); // time for what would go over the connection
      }

      LogoutResponsePdu response =
          first.answer(tag, "a logout response").as(LogoutResponsePdu.class);
      assertThat(response.response()).isEqualTo(SUCCESS);
      first.awaitEnd();
      device.release();
      assertThat(second.reassign(late, 0)).isEqualTo(COMPLETE);
      assertThat(late.await().outcome()).isEqualTo("GOOD");
      assertSame(late.data(), data);
    }
  }

  /** Not in the order of CmdSN, so that it is answered whatever is missing. */
  private static void pingAtOnce(ScriptedInitiator on) {
    int tag = on.newTag();
    on.sendNopOut(true, 0, tag, -1, on.nextCmdSn(), new byte[1]);
    on.answer(tag, "an echo");
  }

  // ---- commands ------------------------------------------------------------------------------

  @Test
  @Item(value = 67, section = "7.2.2", rule = "a write goes on over another connection")
  void writeWhoseTurnCameWithoutAConnectionAsksForItsData() {
    byte[] data = Patterns.bytes(Cdbs.BLOCK, 5);
    Exchange read = readInTheDevice(first, device);
    Exchange write =
        first
            .command(Cdbs.write10(0, 1))
            .write(data)
            .immediate(0)
            .attribute(ScsiCommandPdu.ORDERED)
            .send();
    first.sendPing(new byte[1]);
    try (ScriptedInitiator second = first.join(2)) {
      assertThat(second.logoutForRecovery(1).response()).isEqualTo(SUCCESS);
      device.release();
      assertThat(second.reassign(read, 0)).isEqualTo(COMPLETE);
      assertThat(read.await().outcome()).isEqualTo("GOOD");

      assertThat(second.reassign(write, 0)).isEqualTo(COMPLETE);

      assertThat(write.await().outcome()).isEqualTo("GOOD");
      assertSame(second.read(0, 1), data);
    }
  }

  @Test
  @Item(value = 67, section = "7.2.2", rule = "a command may change its connection again")
  void writeMovesTwice() {
    byte[] data = Patterns.bytes(Cdbs.BLOCK, 5);
    Exchange write = first.command(Cdbs.write10(0, 1)).write(data).immediate(0).leaveR2t().send();
    write.awaitR2t(0);
    try (ScriptedInitiator second = first.join(2)) {
      second.logoutForRecovery(1);
      assertThat(second.reassign(write, 1)).isEqualTo(COMPLETE);
      write.awaitR2t(1);
      try (ScriptedInitiator third = first.join(3)) {
        assertThat(third.logoutForRecovery(2).response()).isEqualTo(SUCCESS);

        assertThat(third.reassign(write, 2)).isEqualTo(COMPLETE);

        write.answerR2ts();
        assertThat(write.await().outcome()).isEqualTo("GOOD");
        assertSame(third.read(0, 1), data);
      }
    }
  }

  @Test
  @Item(value = 67, section = "7.2.2", rule = "what is reassigned is the latest command of a tag")
  void commandThatRunsIsMeantAndNotOneOfItsTagThatEndedElsewhere() {
    byte[] data = Patterns.bytes(Cdbs.BLOCK, 7);
    Exchange write = first.command(Cdbs.write10(0, 1)).write(data).await(); // not acknowledged
    try (ScriptedInitiator second = first.join(2)) {
      device.hold();
      Exchange read = second.command(Cdbs.read10(0, 1)).read(Cdbs.BLOCK).tag(write.tag()).send();
      device.awaitCall();
      try (ScriptedInitiator third = first.join(3)) {
        third.logoutForRecovery(1);
        third.logoutForRecovery(2);

        assertThat(third.reassign(read, 0)).isEqualTo(COMPLETE);

        device.release();
        assertThat(read.await().outcome()).isEqualTo("GOOD");
        assertSame(read.data(), data);
      }
    }
  }

  @Test
  @Item(value = 67, section = "7.2.2", rule = "what is reassigned is the latest command of a tag")
  void commandThatRunsIsMeantAndNotOneOfItsTagThatEndedThere() {
    byte[] data = Patterns.bytes(Cdbs.BLOCK, 7);
    first.holdExpStatSn();
    Exchange write = first.command(Cdbs.write10(0, 1)).write(data).await();
    device.hold();
    Exchange read = first.command(Cdbs.read10(0, 1)).read(Cdbs.BLOCK).tag(write.tag()).send();
    device.awaitCall();
    try (ScriptedInitiator second = first.join(2)) {
      second.logoutForRecovery(1);

      assertThat(second.reassign(read, 0)).isEqualTo(COMPLETE);

      device.release();
      assertThat(read.await().outcome()).isEqualTo("GOOD");
      assertSame(read.data(), data);
    }
  }

  @Test
  @Item(
      value = 8,
      section = "6.3.4",
      rule = "a login acknowledges what came over the one it replaces")
  void loginAcknowledgesNothingOfTheConnectionBeforeTheLast() {
    first.holdExpStatSn();
    Exchange write = first.command(Cdbs.write10(0, 1)).write(new byte[Cdbs.BLOCK]).await();
    try (ScriptedInitiator again = first.join(1);
        ScriptedInitiator other = first.join(2)) {
      again.ping(new byte[1]);
      other.logoutForRecovery(1);

      try (ScriptedInitiator third = joinAcknowledging(1, write.statSn() + 1)) {
        assertThat(third.reassign(write, 0)).isEqualTo(COMPLETE);
        assertThat(write.await().outcome()).isEqualTo("GOOD");
      }
    }
  }

  private ScriptedInitiator joinAcknowledging(int cid, int expStatSn) {
    LoginScript login = first.joining(cid);
    LoginRequestPdu pdu = login.pdu(1, 3, true, false);
    LoginRequestPdu telling =
        new LoginRequestPdu(
            true,
            false,
            0,
            1,
            0,
            0,
            0,
            0,
            pdu.isid(),
            pdu.tsih(),
            pdu.initiatorTaskTag(),
            pdu.cid(),
            pdu.cmdSn(),
            expStatSn);
    login.connection().send(telling, TextCodec.encode(login.names()));
    login.connection().answer(pdu.initiatorTaskTag(), "a login response");
    login.request(1, 3, true, List.of());
    return login.connection();
  }

  // ---- what is kept is bounded ---------------------------------------------------------------

  @Test
  @Item(value = 71, section = "7.5", rule = "what is kept of lost connections is bounded")
  void sessionKeepsNoMoreLostConnectionsThanItMayHave() {
    first.reset();
    for (int cid = 2; cid <= 5; cid++) {
      try (ScriptedInitiator next = first.join(cid)) {
        next.logoutForRecovery(cid - 1); // so that it is lost for sure
        readInTheDevice(next, device);
        next.reset();
      }
    }

    try (ScriptedInitiator last = first.join(6)) {
      assertThat(last.logoutForRecovery(5).response()).isEqualTo(SUCCESS);
      assertThat(last.logoutForRecovery(2).response()).isEqualTo(SUCCESS);
      assertThat(last.logoutForRecovery(1).response())
          .isEqualTo(LogoutResponse.CID_NOT_FOUND.code());
    }
  }

  @Test
  @Item(value = 71, section = "7.5", rule = "what is kept of lost connections is bounded")
  void serverKeepsNoMoreLostConnectionsThanItMayHave() {
    try (TestServer small =
            TestServer.serving(
                builder -> builder.errorRecoveryLevel(2).eventLoops(1).maxConnections(3), device);
        ScriptedInitiator control = small.login()) {
      for (int isid = 11; isid <= 14; isid++) {
        int own = isid;
        small.login(login -> recovering(login).isid(own)).reset();
        control.ping(new byte[1]);
        control.ping(new byte[1]); // the reset has come
      }

      assertThat(small.events().awaitClosed()).as("of the fourth").contains("connection");
      assertThat(small.server().sessions()).hasSize(4);
    }
  }
}

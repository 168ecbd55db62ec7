package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.iscsi4j.api.LoginRedirect;
import org.iscsi4j.api.Redirect;
import org.iscsi4j.api.SessionInfo;
import org.iscsi4j.api.monitor.EndReason;
import org.iscsi4j.protocol.AsyncEvent;
import org.iscsi4j.protocol.AsyncMessagePdu;
import org.iscsi4j.protocol.LoginStatus;
import org.iscsi4j.protocol.TaskManagementResponse;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.Exchange;
import org.iscsi4j.target.fixture.GatedDevice;
import org.iscsi4j.target.fixture.LoginAnswer;
import org.iscsi4j.target.fixture.LoginScript;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a host does with the sessions of its server. */
class SessionOperationsTest {

  private static final int COMPLETE = TaskManagementResponse.FUNCTION_COMPLETE.code();
  private static final String MOVED = "iqn.2026-01.org.iscsi4j.test:moved";
  private static final Duration LONG = Duration.ofMinutes(1);

  private GatedDevice device;
  private TestServer server;

  @BeforeEach
  void start() {
    device = new GatedDevice(4 << 20);
    server =
        TestServer.serving(
            settings ->
                settings
                    .errorRecoveryLevel(2)
                    .eventLoops(2)
                    .defaultTime2Wait(Duration.ofSeconds(1))
                    .defaultTime2Retain(Duration.ofSeconds(30)),
            device);
  }

  @AfterEach
  void stop() {
    device.release();
    server.close();
  }

  private SessionInfo session() {
    return server.events().awaitOpened();
  }

  private static Consumer<LoginScript> atLevel(int level) {
    return login ->
        login
            .cid(1)
            .offer("ErrorRecoveryLevel", level)
            .offer("MaxConnections", 4)
            .offer("DefaultTime2Wait", 1)
            .offer("DefaultTime2Retain", 30);
  }

  private static void assertDone(CompletableFuture<Void> operation) throws Exception {
    operation.get(10, TimeUnit.SECONDS);
  }

  // ---- a session

  @Test
  void sessionThatIsEndedIsToldSo() throws Exception {
    try (ScriptedInitiator other = server.login(login -> login.isid(2))) {
      session();
      try (ScriptedInitiator initiator = server.login()) {
        CompletableFuture<Void> ended = server.server().endSession(session());

        initiator.awaitDrop();
        assertDone(ended);
        assertThat(server.events().awaitEnd().kind()).isEqualTo(EndReason.Kind.DROPPED);
        assertThat(other.ping(new byte[1])).hasSize(1);
        assertThat(server.server().sessions()).hasSize(1);
      }
    }
  }

  @Test
  void sessionThatIsEndedIsSettledWhenTheDeviceLetsGoOfItsWrite() throws Exception {
    try (ScriptedInitiator initiator = server.login()) {
      device.hold();
      initiator.command(Cdbs.write10(0, 1)).write(new byte[Cdbs.BLOCK]).send();
      GatedDevice.Call write = device.awaitCall();

      CompletableFuture<Void> ended = server.server().endSession(session());

      initiator.awaitDrop();
      assertThat(server.events().awaitEnd().kind()).isEqualTo(EndReason.Kind.DROPPED);
      assertThat(ended).isNotDone();
      write.finish();
      assertDone(ended);
    }
  }

  @Test
  void sessionThatHasEndedEndsNoOtherOfItsHandle() throws Exception {
    SessionInfo old;
    try (ScriptedInitiator initiator = server.login()) {
      old = session();
      assertDone(server.server().endSession(old));
      assertThat(server.server().endSession(old)).isDone();
      assertThat(server.server().endConnection(old, 1)).isDone();
      initiator.awaitDrop();
    }
    try (ScriptedInitiator fresh = server.login()) {
      SessionInfo real = session();
      SessionInfo imagined = new SessionInfo(real.initiator(), 99, real.tsih(), real.target());

      assertThat(server.server().endSession(imagined)).isDone();
      assertThat(server.server().endConnection(imagined, 1)).isDone();
      assertThat(fresh.ping(new byte[1])).hasSize(1);
    }
  }

  @Test
  void initiatorThatReadsNothingKeepsNoSession() throws Exception {
    try (ScriptedInitiator initiator = server.connect()) {
      initiator.socket().setReceiveBufferSize(16 * 1024);
      initiator.login().perform().clearUnitAttentions(0);
      for (int i = 0; i < 30; i++) { // more than the sockets take
        initiator.command(Cdbs.read10(0, 1024)).read(1024 * Cdbs.BLOCK).send();
      }
      SessionInfo session = session();
      while (server.server().snapshot().get().sessions().get(0).connections().get(0).bytesQueued()
          == 0) {
        Thread.onSpinWait();
      }

      assertDone(server.server().endSession(session));

      assertThat(server.events().awaitEnd().kind()).isEqualTo(EndReason.Kind.DROPPED);
      assertThat(server.server().sessions()).isEmpty();
    }
  }

  // ---- a connection

  private static void assertToldOfItsEnd(ScriptedInitiator connection, int time2Retain) {
    AsyncMessagePdu message = connection.awaitAsyncMessage().as(AsyncMessagePdu.class);
    assertThat(message.asyncEvent()).isEqualTo(AsyncEvent.DROP_CONNECTION.code());
    assertThat(message.parameter1()).as("CID").isEqualTo(connection.cid());
    assertThat(message.parameter2()).as("Time2Wait").isEqualTo(1);
    assertThat(message.parameter3()).as("Time2Retain").isEqualTo(time2Retain);
    connection.awaitEnd();
  }

  @Test
  void commandsOfAConnectionThatIsEndedGoOnElsewhere() throws Exception {
    try (ScriptedInitiator first = server.login(atLevel(2));
        ScriptedInitiator second = first.join(2)) {
      device.hold();
      Exchange read = first.command(Cdbs.read10(0, 1)).read(Cdbs.BLOCK).send();
      device.awaitCall();

      CompletableFuture<Void> ended = server.server().endConnection(session(), 1);

      assertToldOfItsEnd(first, 30);
      assertDone(ended);
      assertThat(second.logoutForRecovery(1).response()).isZero();
      assertThat(second.reassign(read, 0)).isEqualTo(COMPLETE);
      device.release();
      assertThat(read.await().outcome()).isEqualTo("GOOD");
    }
  }

  @Test
  void lastConnectionThatIsEndedMayComeBackAtLevel2() throws Exception {
    try (ScriptedInitiator first = server.login(atLevel(2))) {
      SessionInfo session = session();

      assertDone(server.server().endConnection(session, 1));

      assertToldOfItsEnd(first, 30);
      assertThat(server.server().sessions()).containsExactly(session);
      try (ScriptedInitiator again = first.join(1)) {
        assertThat(again.ping(new byte[1])).hasSize(1);
      }
    }
  }

  @Test
  void commandsOfAConnectionThatIsEndedEndAtLevel1() throws Exception {
    try (ScriptedInitiator first = server.login(atLevel(1));
        ScriptedInitiator second = first.join(2)) {
      device.hold();
      second.command(Cdbs.write10(0, 1)).write(new byte[Cdbs.BLOCK]).send();
      GatedDevice.Call write = device.awaitCall();

      CompletableFuture<Void> ended = server.server().endConnection(session(), 2);

      assertToldOfItsEnd(second, 0);
      assertThat(first.ping(new byte[1])).hasSize(1);
      assertThat(ended).as("the device may still write").isNotDone();
      write.finish();
      assertDone(ended);
      assertThat(server.server().sessions()).hasSize(1);
    }
  }

  @Test
  void sessionAtLevel0EndsWithAnyOfItsConnections() throws Exception {
    try (ScriptedInitiator first = server.login(atLevel(0));
        ScriptedInitiator second = first.join(2)) {
      CompletableFuture<Void> ended = server.server().endConnection(session(), 2);

      first.awaitDrop();
      second.awaitDrop();
      assertDone(ended);
      assertThat(server.server().sessions()).isEmpty();
    }
  }

  @Test
  void connectionThatIsNotThereIsNotEnded() throws Exception {
    try (ScriptedInitiator initiator = server.login(atLevel(0))) {
      assertDone(server.server().endConnection(session(), 7));

      assertThat(initiator.ping(new byte[1])).hasSize(1);
    }
  }

  // ---- moving away

  /** Sends one initiator away. */
  private static LoginRedirect away() {
    return (initiator, target) ->
        initiator.name().toString().equals(MOVED)
            ? Optional.of(Redirect.temporarilyTo("10.1.2.3:3261"))
            : Optional.empty();
  }

  private static void assertAskedToLogOut(ScriptedInitiator initiator) {
    AsyncMessagePdu message = initiator.awaitAsyncMessage().as(AsyncMessagePdu.class);
    assertThat(message.asyncEvent()).isEqualTo(AsyncEvent.LOGOUT_REQUEST.code());
    assertThat(message.parameter3()).as("seconds").isEqualTo(60);
  }

  private LoginAnswer comeBack() {
    try (ScriptedInitiator again = server.connect()) {
      return again.login().initiator(MOVED).tryPerform();
    }
  }

  @Test
  void initiatorsThatAreMovedAwayLogOutAndAreSentElsewhere() throws Exception {
    try (ScriptedInitiator stays = server.login();
        ScriptedInitiator moves = server.login(login -> login.initiator(MOVED))) {
      Relocation relocation = server.server().moveAway(away(), LONG);

      assertAskedToLogOut(moves);
      assertThat(relocation.moved()).isNotDone();
      moves.logout();
      assertDone(relocation.moved());

      LoginAnswer answer = comeBack();
      assertThat(answer.status()).isEqualTo(LoginStatus.TARGET_MOVED_TEMPORARILY);
      assertThat(answer.value("TargetAddress")).contains("10.1.2.3:3261");
      assertThat(stays.ping(new byte[1])).hasSize(1);
      assertThat(stays.hasAsyncMessage()).isFalse();
      server.assertServes();

      relocation.close();
      relocation.close();
      assertThat(comeBack().status()).isEqualTo(LoginStatus.SUCCESS);
    }
  }

  @Test
  void sessionWhoseLoginWasUnderWayIsMovedAwayToo() throws Exception {
    try (ScriptedInitiator late = server.connect()) {
      LoginScript login = late.login().initiator(MOVED);
      login.request(0, 1, true, login.names()); // from here on it is not redirected

      try (Relocation relocation = server.server().moveAway(away(), LONG)) {
        login.request(1, 3, true, List.of());

        assertAskedToLogOut(late);
        late.logout();
        assertDone(relocation.moved());
      }
    }
  }

  @Test
  void ruleThatIsGivenTwiceHoldsUntilBothAreClosed() {
    LoginRedirect rule = away();
    Relocation one = server.server().moveAway(rule, LONG);
    Relocation two = server.server().moveAway(rule, LONG);

    one.close();
    one.close();
    assertThat(comeBack().status()).isEqualTo(LoginStatus.TARGET_MOVED_TEMPORARILY);
    two.close();
    assertThat(comeBack().status()).isEqualTo(LoginStatus.SUCCESS);
  }

  @Test
  void sessionThatARuleFailsForStays() throws Exception {
    try (ScriptedInitiator initiator = server.login()) {
      LoginRedirect broken =
          (who, target) -> {
            throw new IllegalStateException("a test wants it");
          };

      try (Relocation relocation = server.server().moveAway(broken, LONG)) {
        assertDone(relocation.moved());
        assertThat(initiator.ping(new byte[1])).hasSize(1);
        assertThat(initiator.hasAsyncMessage()).isFalse();
      }
    }
  }

  @Test
  void sessionThatFailsWhileItStartsGivesBackWhatItTook() {
    try (ScriptedInitiator initiator = server.connect()) {
      LoginScript login = initiator.login();
      login.request(0, 1, true, login.names());
      LoginRedirect broken =
          (who, target) -> {
            throw new LinkageError("a test wants it");
          };

      Relocation relocation = server.server().moveAway(broken, LONG);
      initiator.send(login.pdu(1, 3, true, false));
      initiator.awaitEnd();
      relocation.close();
      assertThat(server.events().awaitEnd().kind()).isEqualTo(EndReason.Kind.INTERNAL_ERROR);
    }
    Usages.awaitNone(server);
    server.assertServes();
  }

  @Test
  void timeToMoveAwayIsChecked() {
    assertThatThrownBy(() -> server.server().moveAway(away(), Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("logout time");
  }
}

package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.Consumer;
import org.iscsi4j.api.monitor.ConnectionInfo;
import org.iscsi4j.api.monitor.EndReason;
import org.iscsi4j.api.monitor.LoginDecision;
import org.iscsi4j.protocol.Crc32cDigest;
import org.iscsi4j.protocol.NopOutPdu;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.target.fixture.LoginScript;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What listeners are told of the begin and the end of logins, sessions and connections. */
class EndReasonTest {

  private static final int TARGET_COLD_RESET = 7;
  private static final Duration SHORT = Duration.ofMillis(20);

  private TestServer server;
  private ScriptedInitiator initiator;

  @AfterEach
  void stop() {
    initiator.close();
    server.close();
  }

  private void start(Consumer<IscsiServerBuilder> settings) {
    server = TestServer.start(settings);
    initiator =
        server.login(
            login -> login.cid(3).offer("HeaderDigest", "CRC32C").offer("MaxConnections", 2));
    assertThat(server.events().awaitConnection()).isEqualTo("opened 3");
  }

  private void assertEnded(EndReason.Kind kind, String text) {
    EndReason reason = server.events().awaitEnd();
    assertThat(reason.kind()).isEqualTo(kind);
    assertThat(reason.text()).contains(text);
    assertThat(server.events().awaitConnection()).isEqualTo("closed 3: " + kind);
    assertThat(server.events().closedCount()).isZero();
  }

  private byte[] ping() {
    NopOutPdu ping =
        new NopOutPdu(
            true, 0, 0, 0, 5, Pdu.RESERVED_TAG, initiator.nextCmdSn(), initiator.expStatSn());
    return initiator.bytes(ping, new byte[0]);
  }

  // ---- sessions

  @Test
  void logout() {
    start(settings -> {});

    initiator.logout();

    assertEnded(EndReason.Kind.LOGOUT, "logout");
  }

  @Test
  void reinstatement() {
    start(settings -> {});

    try (ScriptedInitiator heir = server.login()) {
      assertEnded(EndReason.Kind.REINSTATED, "session reinstated");
      assertThat(heir.ping(new byte[1])).hasSize(1);
    }
  }

  @Test
  void reinstatementOfAConnection() {
    start(settings -> settings.errorRecoveryLevel(0));

    try (ScriptedInitiator heir = initiator.join(3)) {
      assertThat(server.events().awaitConnection()).isEqualTo("closed 3: REINSTATED");
      assertThat(server.events().awaitConnection()).isEqualTo("opened 3");
      assertThat(heir.ping(new byte[1])).hasSize(1);
      assertThat(server.events().closedCount()).isZero();
    }
  }

  @Test
  void connectionThatIsCut() {
    start(settings -> {});

    initiator.reset();

    assertEnded(EndReason.Kind.CONNECTION_LOST, "connection lost");
  }

  @Test
  void connectionThatIsClosedWithoutALogout() {
    start(settings -> {});

    initiator.close();

    assertEnded(EndReason.Kind.CONNECTION_LOST, "closed by the initiator");
  }

  @Test
  void headerThatIsDamaged() {
    start(settings -> {});
    byte[] damaged = ping();
    damaged[20] ^= 1;

    initiator.sendRaw(damaged);

    assertEnded(EndReason.Kind.DIGEST_ERROR, "header digest error");
  }

  @Test
  void headerThatMakesNoSense() {
    start(settings -> {});
    ByteBuffer tooLong = ByteBuffer.wrap(ping()).putInt(4, 0x00ff_ffff);
    tooLong.putInt(48, new Crc32cDigest().of(tooLong, 0, Pdu.BHS_LENGTH));

    initiator.sendRaw(tooLong.array());

    assertEnded(EndReason.Kind.PROTOCOL_ERROR, "DataSegmentLength");
  }

  @Test
  void silence() {
    start(settings -> settings.keepAlive(SHORT, SHORT));

    assertEnded(EndReason.Kind.TIMED_OUT, "no answer to a ping");
  }

  @Test
  void logoutThatDoesNotCome() {
    start(settings -> {});

    server.server().requestLogout(server.events().awaitOpened(), SHORT);

    assertEnded(EndReason.Kind.TIMED_OUT, "no logout within 20 ms");
  }

  @Test
  void wishOfTheHost() {
    start(settings -> {});

    server.server().endSession(server.events().awaitOpened());

    assertEnded(EndReason.Kind.DROPPED, "ended by the host");
  }

  @Test
  void resetOfTheTarget() {
    start(settings -> {});

    initiator.sendTaskManagement(TARGET_COLD_RESET, 0, -1, 0, initiator.nextCmdSn());

    assertEnded(EndReason.Kind.TARGET_RESET, "target cold reset");
  }

  @Test
  void endOfTheServer() {
    start(settings -> {});

    server.close();

    assertEnded(EndReason.Kind.SERVER_CLOSED, "the server is closed");
  }

  @Test
  void connectionThatDoesNotComeBack() {
    server =
        TestServer.start(
            settings ->
                settings
                    .errorRecoveryLevel(2)
                    .defaultTime2Wait(Duration.ZERO)
                    .defaultTime2Retain(Duration.ofSeconds(1)));
    initiator =
        server.login(
            login ->
                login
                    .cid(3)
                    .offer("ErrorRecoveryLevel", 2)
                    .offer("DefaultTime2Wait", 0)
                    .offer("DefaultTime2Retain", 1));
    server.events().awaitConnection();

    initiator.reset();

    assertEnded(EndReason.Kind.CONNECTION_LOST, "not recovered within 1 s");
  }

  @Test
  void endOfOneConnectionOfSeveral() {
    start(settings -> settings.errorRecoveryLevel(0));
    try (ScriptedInitiator second = initiator.join(4)) {
      assertThat(server.events().awaitConnection()).isEqualTo("opened 4");

      second.logoutConnection();

      assertThat(server.events().awaitConnection()).isEqualTo("closed 4: LOGOUT");
      assertThat(initiator.ping(new byte[1])).hasSize(1);
      assertThat(server.events().closedCount()).isZero();
    }
  }

  // ---- logins

  @Test
  void loginThatIsAccepted() {
    start(settings -> {});

    LoginDecision decision = server.events().awaitAccepted();

    assertThat(decision.accepted()).isTrue();
    assertThat(decision.reason()).isEmpty();
    assertThat(decision.tsih()).isEqualTo(initiator.tsih());
    assertThat(decision.initiator().orElseThrow().name().toString())
        .isEqualTo(LoginScript.INITIATOR);
    assertThat(decision.target().orElseThrow().toString()).isEqualTo(TestServer.TARGET);
    assertThat(decision.remote()).isEqualTo(initiator.socket().getLocalSocketAddress());
    assertThat(decision.took()).isPositive();
  }

  @Test
  void loginThatIsRefused() {
    server = TestServer.start();
    initiator = server.connect();

    initiator.login().target("iqn.2026-01.org.iscsi4j.test:none").tryPerform();

    LoginDecision decision = server.events().awaitRefusal();
    assertThat(decision.accepted()).isFalse();
    assertThat(decision.redirected()).isFalse();
    assertThat(decision.statusClass()).isEqualTo(2);
    assertThat(decision.statusDetail()).as("not found").isEqualTo(3);
    assertThat(decision.reason()).contains("none");
    assertThat(decision.initiator()).isPresent();
  }

  @Test
  void connectionTellsItsAddresses() {
    start(settings -> {});

    ConnectionInfo connection =
        server.server().snapshot().join().sessions().get(0).connections().get(0).info();

    assertThat(connection.local()).isEqualTo(server.address());
    assertThat(connection.portalGroup()).isEqualTo(1);
  }
}

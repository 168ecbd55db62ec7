package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.iscsi4j.api.Digests;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.MemoryDevice;
import org.iscsi4j.api.SessionSettings;
import org.iscsi4j.api.Target;
import org.iscsi4j.protocol.LoginStatus;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.LoginAnswer;
import org.iscsi4j.target.fixture.LoginScript;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the sessions of one target are offered and held to, beside what the server says. */
class SessionSettingsOfTargetsTest {

  private static final String OTHER = "iqn.2026-01.org.iscsi4j.test:other";

  /** Differs from what the server has in everything that a login tells. */
  private static final SessionSettings OWN =
      SessionSettings.builder()
          .headerDigest(Digests.NONE)
          .dataDigest(Digests.CRC32C)
          .maxConnections(2)
          .initialR2t(true)
          .immediateData(false)
          .maxRecvDataSegmentLength(16_384)
          .maxBurstLength(131_072)
          .firstBurstLength(65_536)
          .maxOutstandingR2t(2)
          .defaultTime2Wait(Duration.ofSeconds(9))
          .defaultTime2Retain(Duration.ofSeconds(8))
          .dataPduInOrder(true)
          .dataSequenceInOrder(true)
          .errorRecoveryLevel(2)
          .queueDepth(3)
          .build();

  private final TestServer server = TestServer.start(settings -> settings.queueDepth(7));

  @AfterEach
  void stop() {
    server.close();
  }

  private void serveOther(SessionSettings settings) {
    server
        .server()
        .addTarget(
            Target.builder(OTHER)
                .lun(MemoryDevice.ofSize(1 << 20))
                .sessionSettings(settings)
                .build());
  }

  private LoginAnswer login(ScriptedInitiator initiator, String target, String key, Object offer) {
    LoginScript script = initiator.login().target(target).offer("DataDigest", "CRC32C,None");
    if (!key.equals("DataDigest")) {
      script.offer(key, offer);
    }
    return script.tryPerform();
  }

  // ---- what a login tells

  @ParameterizedTest(name = "{0}={1} gets {2} there and {3} at the other target")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          HeaderDigest       | CRC32C,None | CRC32C  | None
          DataDigest         | CRC32C,None | CRC32C  | CRC32C
          MaxConnections     | 100         | 8       | 2
          InitialR2T         | No          | No      | Yes
          ImmediateData      | Yes         | Yes     | No
          MaxBurstLength     | 16777215    | 1048576 | 131072
          FirstBurstLength   | 16777215    | 262144  | 65536
          MaxOutstandingR2T  | 100         | 4       | 2
          DefaultTime2Wait   | 0           | 2       | 9
          DataPDUInOrder     | No          | No      | Yes
          DataSequenceInOrder | No         | No      | Yes
          ErrorRecoveryLevel | 2           | 0       | 2
          """)
  void targetsOwnValueIsNegotiated(String key, String offer, String usual, String own) {
    serveOther(OWN);
    try (ScriptedInitiator here = server.connect();
        ScriptedInitiator there = server.connect()) {
      assertThat(login(here, TestServer.TARGET, key, offer).value(key)).contains(usual);
      assertThat(login(there, OTHER, key, offer).value(key)).contains(own);
    }
  }

  @Test
  void targetsOwnTime2RetainIsNegotiated() {
    serveOther(OWN);
    try (ScriptedInitiator there = server.connect()) {
      LoginAnswer answer =
          there
              .login()
              .target(OTHER)
              .offer("DataDigest", "CRC32C")
              .offer("ErrorRecoveryLevel", 2)
              .offer("DefaultTime2Retain", 3600)
              .tryPerform();

      assertThat(answer.value("DefaultTime2Retain")).contains("8");
    }
  }

  @Test
  void targetsOwnSegmentLengthIsDeclared() {
    serveOther(OWN);
    try (ScriptedInitiator here = server.connect();
        ScriptedInitiator there = server.connect()) {
      String key = "MaxRecvDataSegmentLength";

      assertThat(login(here, TestServer.TARGET, key, 8192).value(key)).contains("262144");
      assertThat(login(there, OTHER, key, 8192).value(key)).contains("16384");
    }
  }

  @Test
  void connectionThatJoinsGetsWhatItsTargetDeclares() {
    serveOther(SessionSettings.builder().maxRecvDataSegmentLength(16_384).build());
    try (ScriptedInitiator leading =
        server.connect().login().target(OTHER).offer("MaxConnections", 2).perform()) {
      LoginScript joining = leading.joining(2);

      assertThat(joining.tryPerform().value("MaxRecvDataSegmentLength")).contains("16384");
      joining.connection().close();
    }
  }

  @Test
  void digestThatOneTargetDemandsIsLeftToInitiatorsOfOthers() {
    serveOther(SessionSettings.builder().headerDigest(Digests.CRC32C).build());

    assertThat(loginWithoutDigest(TestServer.TARGET)).isEqualTo(LoginStatus.SUCCESS);
    assertThat(loginWithoutDigest(OTHER)).isEqualTo(LoginStatus.INITIATOR_ERROR);
  }

  private LoginStatus loginWithoutDigest(String target) {
    try (ScriptedInitiator initiator = server.connect()) {
      return initiator.login().target(target).offer("HeaderDigest", "None").tryPerform().status();
    }
  }

  // ---- what a session is held to

  private static int window(ScriptedInitiator initiator) {
    return initiator.maxCmdSn() - initiator.expCmdSn() + 1;
  }

  @Test
  void targetsOwnQueueDepthIsTheWindowOfItsSessions() {
    serveOther(SessionSettings.builder().queueDepth(3).build());
    try (ScriptedInitiator here = server.connect().login().perform();
        ScriptedInitiator there = server.connect().login().target(OTHER).perform()) {
      assertThat(window(here)).isEqualTo(7);
      assertThat(window(there)).isEqualTo(3);
    }
  }

  @Test
  void windowNeverShrinksDuringALoginToATargetOfOneCommandAtATime() {
    serveOther(SessionSettings.builder().queueDepth(1).build());
    try (ScriptedInitiator initiator = server.connect()) {
      LoginScript script = initiator.login().target(OTHER);
      LoginAnswer first = script.request(0, 1, true, script.names());
      int told = first.pdu().maxCmdSn();
      LoginAnswer last = script.request(1, 3, true, List.of());

      assertThat(last.pdu().maxCmdSn()).isEqualTo(told);
      assertThat(initiator.command(Cdbs.reportLuns(4096)).read(4096).await().outcome())
          .isEqualTo("GOOD");
    }
  }

  @Test
  void targetsOwnKeepAliveAsksItsInitiators() {
    serveOther(
        SessionSettings.builder()
            .keepAliveInterval(Duration.ofMillis(1))
            .keepAliveTimeout(Duration.ofMinutes(1))
            .build());
    try (ScriptedInitiator there = server.connect().login().target(OTHER).perform()) {
      there.leavePings();

      assertThat(there.awaitPing()).isNotNull();
    }
  }

  @Test
  void nobodyIsAskedWithoutAnInterval() {
    serveOther(
        SessionSettings.builder()
            .keepAliveInterval(Duration.ZERO)
            .keepAliveTimeout(Duration.ofNanos(1))
            .build());
    try (ScriptedInitiator there = server.connect().login().target(OTHER).perform()) {
      assertThat(there.clearUnitAttentions(0).ping(new byte[] {1})).containsExactly(1);
      there.logout();
    }
  }

  // ---- changes while the server runs

  private String maxBurst(String target) {
    try (ScriptedInitiator initiator = server.connect()) {
      LoginScript script = initiator.login().target(target).offer("MaxBurstLength", 16_777_215);
      return script.tryPerform().value("MaxBurstLength").orElseThrow();
    }
  }

  private static SessionSettings maxBurst(int bytes) {
    return SessionSettings.builder().maxBurstLength(bytes).build();
  }

  @Test
  void serversSettingsChangeForSessionsThatLogInFromNowOn() {
    serveOther(SessionSettings.builder().queueDepth(2).build());
    try (ScriptedInitiator before = server.login(login -> login.isid(2))) {
      server.server().changeSessionSettings(maxBurst(8192));

      assertThat(maxBurst(TestServer.TARGET)).isEqualTo("8192");
      assertThat(maxBurst(OTHER)).isEqualTo("8192");
      assertThat(before.read(0, 2048)).hasSize(1 << 20);
    }
  }

  @Test
  void settingsThatAreNotGivenAreAsByDefaultAgain() {
    IscsiServer it = server.server();
    assertThat(it.sessionSettings().queueDepth()).contains(7);

    it.changeSessionSettings(it.sessionSettings().toBuilder().maxBurstLength(4096).build());
    assertThat(it.sessionSettings().queueDepth()).contains(7);

    it.changeSessionSettings(SessionSettings.empty());
    assertThat(it.sessionSettings()).isEqualTo(SessionSettings.defaults());
  }

  @Test
  void targetsSettingsChangeWithItsDescription() {
    serveOther(maxBurst(4096));
    assertThat(maxBurst(OTHER)).isEqualTo("4096");

    change(target -> target.sessionSettings(maxBurst(2048)));
    assertThat(maxBurst(OTHER)).isEqualTo("2048");

    change(target -> target.sessionSettings(SessionSettings.empty()));
    assertThat(maxBurst(OTHER)).isEqualTo("1048576");
  }

  private void change(Consumer<Target.Builder> how) {
    server
        .server()
        .changeTarget(
            IscsiName.of(OTHER),
            before -> {
              Target.Builder next = before.toBuilder();
              how.accept(next);
              return next.build();
            })
        .join();
  }
}

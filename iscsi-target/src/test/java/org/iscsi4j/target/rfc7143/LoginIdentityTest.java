package org.iscsi4j.target.rfc7143;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.target.rfc7143.LoginRequests.DISCOVERY;
import static org.iscsi4j.target.rfc7143.LoginRequests.FULL_FEATURE;
import static org.iscsi4j.target.rfc7143.LoginRequests.INITIATOR;
import static org.iscsi4j.target.rfc7143.LoginRequests.OPERATIONAL;
import static org.iscsi4j.target.rfc7143.LoginRequests.SECURITY;
import static org.iscsi4j.target.rfc7143.LoginRequests.TARGET;

import org.iscsi4j.api.Portal;
import org.iscsi4j.api.access.Chap;
import org.iscsi4j.protocol.ChapAlgorithm;
import org.iscsi4j.protocol.LoginStatus;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.Exchange;
import org.iscsi4j.target.fixture.GatedDevice;
import org.iscsi4j.target.fixture.LoginAnswer;
import org.iscsi4j.target.fixture.LoginScript;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may log in as whom, and what becomes of the session that was there before. */
class LoginIdentityTest {

  private static final String USER = "user";
  private static final String SECRET = "a secret of 16 b";

  /** ISID of the live session. */
  private static final long ISID = 0x8000_0000_0001L;

  private TestServer server;
  private ScriptedInitiator live;
  private ScriptedInitiator other;

  @AfterEach
  void stop() {
    if (other != null) {
      other.close();
    }
    live.close();
    server.close();
  }

  /** A server that wants proof, with a session that has given it. */
  private LoginRequests withChap() {
    Chap chap = Chap.builder().user(USER, SECRET).build();
    server = TestServer.start(settings -> settings.chap(chap));
    live = server.login(login -> login.isid(ISID).chap(USER, SECRET));
    return thief();
  }

  /** Somebody with the name and ISID of the live session. */
  private LoginRequests thief() {
    other = server.connect();
    LoginRequests thief = new LoginRequests(other);
    thief.isid = ISID;
    return thief;
  }

  private void assertRefused(LoginAnswer answer) {
    assertThat(answer.status()).isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);
    assertThat(answer.keys()).isEmpty();
    other.awaitEnd();
    assertUndisturbed();
  }

  private void assertUndisturbed() {
    assertThat(live.ping(new byte[1])).hasSize(1);
    assertThat(server.events().closedCount()).isZero();
    assertThat(server.server().sessions()).hasSize(1);
  }

  // ---- 6 and 9: nobody passes without proof ----------------------------------------------------

  @ParameterizedTest
  @Item(value = 6, section = "6.3.2", rule = "required authentication can't be skipped")
  @Item(value = 9, section = "6.3.5", rule = "no reinstatement without authentication")
  @Item(value = 12, section = "11.13.5", rule = "0201h authentication failure")
  @CsvSource({
    "1, 3, true, X-a=1", // the security stage left out
    "1, 3, false, X-a=1",
    "1, 3, true, AuthMethod=CHAP",
    "0, 1, true, X-a=1", // AuthMethod left out
    "0, 3, true, X-a=1",
    "0, 1, true, AuthMethod=None", // nothing else offered
    "0, 3, true, AuthMethod=None",
    "0, 1, false, AuthMethod=None",
    "0, 1, true, 'AuthMethod=KRB5,SRP,None'",
    "0, 1, true, AuthMethod=chap"
  })
  void loginWithoutProofIsRefusedAndDisturbsNobody(
      int stage, int next, boolean transit, String pair) {
    LoginRequests thief = withChap();

    assertRefused(
        transit
            ? thief.go(stage, next, INITIATOR, TARGET, pair)
            : thief.stay(stage, INITIATOR, TARGET, pair));
  }

  @ParameterizedTest
  @Item(value = 6, section = "6.3.2", rule = "required authentication can't be skipped")
  @ValueSource(ints = {SECURITY, OPERATIONAL})
  void discoveryWithoutProofIsRefused(int stage) {
    assertRefused(withChap().go(stage, FULL_FEATURE, INITIATOR, DISCOVERY));
  }

  @ParameterizedTest
  @Item(value = 6, section = "6.3.2", rule = "required authentication can't be cut short")
  @Item(value = 9, section = "6.3.5", rule = "no reinstatement without authentication")
  @ValueSource(ints = {OPERATIONAL, FULL_FEATURE})
  void loginThatCutsItsProofShortStaysAndDisturbsNobody(int next) {
    LoginRequests thief = withChap();

    LoginAnswer method = thief.go(SECURITY, next, INITIATOR, TARGET, "AuthMethod=None,CHAP");
    LoginAnswer challenge = thief.go(SECURITY, next, "CHAP_A=5,7");
    LoginAnswer nothing = thief.go(SECURITY, next);

    assertThat(method.value("AuthMethod")).contains("CHAP");
    assertThat(challenge.value("CHAP_C")).isPresent();
    for (LoginAnswer each : new LoginAnswer[] {method, challenge, nothing}) {
      assertThat(each.status()).isEqualTo(LoginStatus.SUCCESS);
      assertThat(each.pdu().transit()).isFalse();
    }
    assertUndisturbed();
  }

  @Test
  @Item(value = 4, section = "6.3", rule = "no stage without a transit, unless nothing is to prove")
  @Item(value = 6, section = "6.3.2", rule = "required authentication can't be cut short")
  void nextStageWithoutProofIsRefused() {
    LoginRequests thief = withChap();
    thief.stay(SECURITY, INITIATOR, TARGET, "AuthMethod=CHAP");

    LoginAnswer answer = thief.go(OPERATIONAL, FULL_FEATURE);

    assertThat(answer.status()).isEqualTo(LoginStatus.INITIATOR_ERROR);
    other.awaitEnd();
    assertUndisturbed();
  }

  @Test
  @Item(value = 9, section = "6.3.5", rule = "no reinstatement without authentication")
  @Item(value = 12, section = "11.13.5", rule = "0201h authentication failure")
  void wrongSecretIsRefusedAndDisturbsNobody() {
    assertRefused(prove(withChap(), "another secret of"));
  }

  @Test
  @Item(value = 9, section = "6.3.5", rule = "reinstatement behind authentication")
  void proofAloneDisturbsNobodyYet() {
    LoginRequests heir = withChap();

    assertThat(prove(heir, SECRET).pdu().transit()).isTrue();
    assertUndisturbed();
    LoginAnswer last = heir.go(OPERATIONAL, FULL_FEATURE);

    assertThat(last.status()).isEqualTo(LoginStatus.SUCCESS);
    live.awaitEnd();
    assertThat(server.events().awaitClosed()).contains("reinstated");
    assertThat(server.server().sessions()).hasSize(1);
  }

  // ---- 7, 8 and 12: connections of a session belong to whom the session belongs to --------------

  @ParameterizedTest
  @Item(value = 6, section = "6.3.2", rule = "required authentication can't be skipped")
  @Item(value = 8, section = "6.3.4", rule = "no reinstatement of a connection without proof")
  @CsvSource({"0, 1", "0, 2", "1, 1", "1, 2"})
  void connectionWithoutProofIsRefusedAndDisturbsNobody(int stage, int cid) {
    LoginRequests thief = withChap();
    thief.tsih = live.tsih();
    thief.cid = cid; // that of the live connection, or another one

    assertRefused(thief.go(stage, FULL_FEATURE, INITIATOR, TARGET));
  }

  @Test
  @Item(value = 8, section = "6.3.4", rule = "no reinstatement of a connection without proof")
  void connectionWithTheWrongSecretIsRefusedAndDisturbsNobody() {
    LoginRequests thief = withChap();
    thief.tsih = live.tsih();

    assertRefused(prove(thief, "another secret of"));
  }

  @ParameterizedTest
  @Item(value = 7, section = "6.3.1", rule = "020Ah for the handle of a session of others")
  @CsvSource({
    LoginScript.INITIATOR + ", 2",
    "iqn.2026-01.org.iscsi4j.test:other, 0x800000000001",
  })
  void handleOfASessionOfOthersIsRefused(String name, String isid) {
    open();
    LoginRequests stranger = thief();
    stranger.tsih = live.tsih();
    stranger.isid = Long.decode(isid);

    LoginAnswer answer = stranger.go(OPERATIONAL, FULL_FEATURE, "InitiatorName=" + name, TARGET);

    assertThat(answer.status()).isEqualTo(LoginStatus.SESSION_DOES_NOT_EXIST);
    other.awaitEnd();
    assertUndisturbed();
  }

  @Test
  @Item(value = 12, section = "11.13.5", rule = "0208h can't include in session")
  void connectionThroughAnotherPortalGroupIsRefused() {
    server =
        TestServer.start(
            settings ->
                settings.portal(Portal.loopback()).portal(Portal.loopback().withGroupTag(2)));
    live = loginAt(0);
    other = ScriptedInitiator.connect(server.server().portals().get(1).socketAddress());

    LoginAnswer answer = other.login().isid(ISID).tsih(live.tsih()).cid(2).tryPerform();

    assertThat(answer.status()).isEqualTo(LoginStatus.CANNOT_INCLUDE_IN_SESSION);
    other.awaitEnd();
    assertUndisturbed();
  }

  private static LoginAnswer prove(LoginRequests login, String secret) {
    login.stay(SECURITY, INITIATOR, TARGET, "AuthMethod=CHAP");
    LoginAnswer challenge = login.stay(SECURITY, "CHAP_A=7");
    String response = LoginScript.response(challenge, ChapAlgorithm.SHA256, secret);
    return login.go(SECURITY, OPERATIONAL, "CHAP_N=" + USER, "CHAP_R=" + response);
  }

  // ---- 9 and 10: one session or two ------------------------------------------------------------

  @Test
  @Item(value = 9, section = "6.3.5", rule = "the old session's tasks end with it")
  void reinstatementEndsTheTasksOfTheOldSession() {
    try (GatedDevice device = new GatedDevice(1 << 20)) {
      server = TestServer.serving(device);
      live = server.login(login -> login.isid(ISID));
      int oldTsih = live.tsih();
      device.hold();
      Exchange hanging = live.command(Cdbs.read10(0, 1)).read(512).send();
      device.awaitCall();

      other = server.connect().login().isid(ISID).perform();
      device.release();

      assertThat(other.tsih()).isNotEqualTo(oldTsih);
      live.awaitEnd();
      assertThat(hanging.ended()).isFalse();
      // the nexus is new to the unit (RFC 7143 section 4.4.3.1): power on, or I_T nexus loss
      assertThat(other.command(Cdbs.testUnitReady()).await().outcome()).contains("6/29");
    }
  }

  private void open() {
    server = TestServer.start();
    live = server.login(login -> login.isid(ISID));
  }

  @ParameterizedTest
  @Item(value = 10, section = "4.4.3", rule = "another ISID or name is another session")
  @CsvSource({
    "0x800000000002, " + LoginScript.INITIATOR,
    "0x000000000001, " + LoginScript.INITIATOR,
    "0x800000000001, iqn.2026-01.org.iscsi4j.test:other"
  })
  void anotherNexusIsAnotherSession(String isid, String name) {
    open();

    other = server.login(login -> login.isid(Long.decode(isid)).initiator(name));

    assertThat(other.tsih()).isNotEqualTo(live.tsih());
    assertThat(server.server().sessions()).hasSize(2);
    assertThat(live.ping(new byte[1])).hasSize(1);
    assertThat(other.ping(new byte[1])).hasSize(1);
  }

  @Test
  @Item(value = 10, section = "4.4.3", rule = "each portal group is a nexus of its own")
  void sameIsidThroughAnotherPortalGroupIsAnotherSession() {
    server =
        TestServer.start(
            settings ->
                settings
                    .portal(Portal.loopback().withGroupTag(1))
                    .portal(Portal.loopback().withGroupTag(2))
                    .portal(Portal.loopback().withGroupTag(2)));
    live = loginAt(0);
    try (ScriptedInitiator second = loginAt(1)) {
      assertThat(live.ping(new byte[1])).hasSize(1);
      assertThat(server.server().sessions()).hasSize(2);

      // another portal of that group is the same nexus
      other = loginAt(2);

      second.awaitEnd();
      assertThat(live.ping(new byte[1])).hasSize(1);
      assertThat(server.server().sessions()).hasSize(2);
    }
  }

  private ScriptedInitiator loginAt(int portal) {
    return ScriptedInitiator.connect(server.server().portals().get(portal).socketAddress())
        .login()
        .isid(ISID)
        .perform()
        .clearUnitAttentions(0);
  }
}

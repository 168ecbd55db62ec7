package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.target.fixture.Patterns.assertSame;

import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.iscsi4j.protocol.LoginResponsePdu;
import org.iscsi4j.protocol.LoginStatus;
import org.iscsi4j.protocol.NopOutPdu;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.ConnectionEnded;
import org.iscsi4j.target.fixture.Exchange;
import org.iscsi4j.target.fixture.GatedDevice;
import org.iscsi4j.target.fixture.LoginAnswer;
import org.iscsi4j.target.fixture.LoginScript;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A login that takes the place of a session (RFC 7143 section 6.3.5). */
class ReinstatementTest {

  private static final String USER = "user";
  private static final String SECRET = "a secret of 16 b";

  private GatedDevice device;
  private TestServer server;
  private ScriptedInitiator victim;

  @BeforeEach
  void start() {
    device = new GatedDevice(1 << 20);
  }

  @AfterEach
  void stop() {
    device.release();
    victim.close();
    server.close();
  }

  private void serve(Consumer<IscsiServer.Builder> settings) {
    server = TestServer.serving(settings, device);
  }

  private void serveWithChap() {
    Chap chap = Chap.builder().user(USER, SECRET).build();
    serve(settings -> settings.chap(chap));
    victim = server.login(login -> login.chap(USER, SECRET));
  }

  private void assertVictimLives() {
    assertThat(victim.ping(new byte[1])).hasSize(1);
    assertThat(server.events().closedCount()).isZero();
    assertThat(server.server().sessions()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void sameNameAndIsidEndTheOldSession(int loops) {
    serve(settings -> settings.eventLoops(loops));
    victim = server.login();
    int oldTsih = victim.tsih();

    try (ScriptedInitiator heir = server.login()) {
      assertThat(heir.tsih()).isNotEqualTo(oldTsih);
      victim.awaitEnd();
      assertThat(server.events().awaitClosed()).contains("reinstated");
      assertThat(server.server().sessions()).hasSize(1);
      assertThat(heir.ping(new byte[1])).hasSize(1);
    }
  }

  @Test
  void commandsOfTheOldSessionEndFirst() {
    serve(settings -> {});
    victim = server.login();
    device.hold();
    Exchange hanging = victim.command(Cdbs.read10(0, 1)).read(512).send();
    device.awaitCall();

    try (ScriptedInitiator heir = server.login()) {
      assertThat(heir.ping(new byte[1])).hasSize(1);
      assertThat(hanging.ended()).isFalse();
      victim.awaitEnd();
    }
  }

  @Test
  void writesOfTheOldSessionAreSettledFirst() throws Exception {
    serve(settings -> settings.eventLoops(1));
    victim = server.login();
    device.hold();
    byte[] old = Patterns.bytes(512, 1);
    victim.command(Cdbs.write10(0, 1)).write(old).send();
    GatedDevice.Call late = device.awaitCall();

    try (ScriptedInitiator other = server.login(login -> login.isid(2));
        ScriptedInitiator heir = server.connect()) {
      LoginScript login = heir.login();
      login.request(0, 1, true, login.names());
      heir.send(login.pdu(1, 3, true, false));
      victim.awaitEnd();
      assertThat(other.ping(new byte[1])).hasSize(1);
      assertThat(heir.socket().getInputStream().available()).isZero();

      // from here on nothing of the old session can overwrite what the new one writes
      late.finish();
      assertThat(heir.answer(0x10, "a login response").as(LoginResponsePdu.class).transit())
          .isTrue();
      assertSame(device.memory().readBytes(0, 512), old);
    }
  }

  @Test
  void writesOfALostSessionAreSettledFirstToo() throws Exception {
    serve(settings -> settings.eventLoops(1));
    victim = server.login();
    device.hold();
    victim.command(Cdbs.write10(0, 1)).write(Patterns.bytes(512, 1)).send();
    GatedDevice.Call late = device.awaitCall();
    victim.reset();
    server.events().awaitClosed();

    // nobody is left to be reinstated, but what the old session began can still overwrite
    try (ScriptedInitiator other = server.login(login -> login.isid(2));
        ScriptedInitiator heir = server.connect()) {
      LoginScript login = heir.login();
      login.request(0, 1, true, login.names());
      heir.send(login.pdu(1, 3, true, false));
      assertThat(other.ping(new byte[1])).hasSize(1);
      assertThat(other.ping(new byte[1])).hasSize(1);
      assertThat(heir.socket().getInputStream().available()).isZero();

      late.finish();
      assertThat(heir.answer(0x10, "a login response").as(LoginResponsePdu.class).transit())
          .isTrue();
    }
  }

  @Test
  void againAndAgain() {
    serve(settings -> {});
    victim = server.login();
    for (int i = 0; i < 50; i++) {
      ScriptedInitiator heir = server.login();
      victim.awaitEnd();
      victim.close();
      victim = heir;
    }

    assertThat(server.server().sessions()).hasSize(1);
    assertThat(victim.ping(new byte[1])).hasSize(1);
  }

  @Test
  void manyAtOnceLeaveOneSession() {
    serve(settings -> {});
    victim = server.connect();
    ScriptedInitiator[] rivals = new ScriptedInitiator[8];
    LoginScript[] logins = new LoginScript[rivals.length];
    for (int i = 0; i < rivals.length; i++) {
      rivals[i] = server.connect();
      logins[i] = rivals[i].login();
      logins[i].request(0, 1, true, logins[i].names());
    }
    // the last requests are all under way before the first of them is answered
    for (int i = 0; i < rivals.length; i++) {
      rivals[i].send(logins[i].pdu(1, 3, true, false));
    }

    // a login is answered when the session before it has ended, so all but one have ended then
    List<ScriptedInitiator> answered =
        Arrays.stream(rivals).filter(ReinstatementTest::isLoggedIn).toList();
    assertThat(answered.stream().filter(ReinstatementTest::lives)).hasSize(1);
    assertThat(server.server().sessions()).hasSize(1);
    for (ScriptedInitiator rival : rivals) {
      rival.close();
    }
  }

  private static boolean isLoggedIn(ScriptedInitiator rival) {
    return comes(rival, () -> rival.answer(0x10, "a login response"));
  }

  private static boolean lives(ScriptedInitiator rival) {
    return comes(
        rival,
        () -> {
          rival.send(new NopOutPdu(true, 0, 0, 0, 0x77, Pdu.RESERVED_TAG, rival.nextCmdSn(), 0));
          rival.answer(0x77, "an echo");
        });
  }

  private static boolean comes(ScriptedInitiator rival, Runnable answer) {
    try {
      answer.run();
      return true;
    } catch (ConnectionEnded | UncheckedIOException e) {
      rival.close();
      return false;
    }
  }

  @Test
  void anotherIsidIsAnotherSession() {
    serve(settings -> {});
    victim = server.login();

    try (ScriptedInitiator other = server.login(login -> login.isid(0x8000_0000_0002L))) {
      assertThat(other.tsih()).isNotEqualTo(victim.tsih());
      assertThat(victim.ping(new byte[1])).hasSize(1);
      assertThat(server.server().sessions()).hasSize(2);
    }
  }

  @Test
  void anotherNameIsAnotherSession() {
    serve(settings -> {});
    victim = server.login();

    try (ScriptedInitiator other =
        server.login(login -> login.initiator("iqn.2026-01.org.iscsi4j.test:other"))) {
      assertThat(other.tsih()).isNotEqualTo(victim.tsih());
      assertThat(victim.ping(new byte[1])).hasSize(1);
    }
  }

  @Test
  void nameInCapitalsIsTheSameName() {
    serve(settings -> {});
    victim = server.login();

    try (ScriptedInitiator heir =
        server.login(login -> login.initiator(LoginScript.INITIATOR.toUpperCase(Locale.ROOT)))) {
      victim.awaitEnd();
      assertThat(heir.ping(new byte[1])).hasSize(1);
    }
  }

  @Test
  void discoverySessionDoesNotEndANormalOne() {
    serve(settings -> {});
    victim = server.login();

    try (ScriptedInitiator discovery = server.connect().login().discovery().perform()) {
      assertThat(discovery.ping(new byte[1])).hasSize(1);
      assertThat(victim.ping(new byte[1])).hasSize(1);
      assertThat(server.server().sessions()).hasSize(2);
    }
  }

  @Test
  void discoverySessionsAreReinstatedToo() {
    serve(settings -> {});
    victim = server.connect().login().discovery().perform();

    try (ScriptedInitiator heir = server.connect().login().discovery().perform()) {
      victim.awaitEnd();
      assertThat(heir.ping(new byte[1])).hasSize(1);
    }
  }

  // ---- only who has proved who it is
  // -------------------------------------------------------------

  @Test
  void wrongSecretDoesNotDisturbTheSession() {
    serveWithChap();

    try (ScriptedInitiator thief = server.connect()) {
      LoginAnswer answer = thief.login().chap(USER, "another secret of").tryPerform();

      assertThat(answer.status()).isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);
      thief.awaitEnd();
    }
    assertVictimLives();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void loginWithoutCredentialsDoesNotDisturbTheSession(int stage) {
    serveWithChap();

    try (ScriptedInitiator thief = server.connect()) {
      LoginScript login = thief.login();
      LoginAnswer answer = login.request(stage, 3, true, login.names());

      assertThat(answer.status()).isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);
      thief.awaitEnd();
    }
    assertVictimLives();
  }

  @Test
  void loginThatStopsHalfwayDoesNotDisturbTheSession() {
    serveWithChap();

    try (ScriptedInitiator thief = server.connect()) {
      LoginScript login = thief.login();
      login.request(
          0, 1, false, List.of(login.names().get(0), login.names().get(1), login.names().get(2)));
    }
    assertVictimLives();
  }

  @Test
  void rightSecretTakesThePlace() {
    serveWithChap();

    try (ScriptedInitiator heir = server.login(login -> login.chap(USER, SECRET))) {
      victim.awaitEnd();
      assertThat(heir.ping(new byte[1])).hasSize(1);
    }
  }
}

package org.iscsi4j.target.rfc7143;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.target.fixture.Patterns.assertSame;

import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.iscsi4j.protocol.LoginResponsePdu;
import org.iscsi4j.protocol.NopOutPdu;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.target.IscsiServerBuilder;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.ConnectionEnded;
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

/**
 * A login that takes the place of a session (RFC 7143 section 6.3.5); who may is in {@link
 * LoginIdentityTest}.
 */
class ReinstatementTest {

  private static final String PLACE = "the same name and ISID take the place of a session";
  private static final String SETTLED =
      "a login waits for the writes of the session whose place it takes";

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

  private void serve(Consumer<IscsiServerBuilder> settings) {
    server = TestServer.serving(settings, device);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  @Item(value = 9, section = "6.3.5", rule = PLACE)
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
  @Item(value = 9, section = "6.3.5", rule = SETTLED)
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
  @Item(value = 9, section = "6.3.5", rule = SETTLED)
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
  @Item(value = 9, section = "6.3.5", rule = PLACE)
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
  @Item(value = 9, section = "6.3.5", rule = PLACE)
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
  @Item(value = 9, section = "6.3.5", rule = PLACE)
  void discoverySessionDoesNotEndANormalOne() {
    serve(settings -> {});
    victim = server.login();

    try (ScriptedInitiator discovery = server.connect().login().discovery().perform()) {
      assertThat(discovery.ping(new byte[1])).hasSize(1);
      assertThat(victim.ping(new byte[1])).hasSize(1);
      assertThat(server.server().sessions()).hasSize(2);
    }
  }
}

package org.iscsi4j.target.rfc7143;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.LoginRedirect;
import org.iscsi4j.api.MemoryDevice;
import org.iscsi4j.api.Portal;
import org.iscsi4j.api.Redirect;
import org.iscsi4j.api.Target;
import org.iscsi4j.api.access.Chap;
import org.iscsi4j.api.access.Initiator;
import org.iscsi4j.protocol.ChapAlgorithm;
import org.iscsi4j.protocol.KeyValue;
import org.iscsi4j.protocol.LargeBinary;
import org.iscsi4j.protocol.LoginResponsePdu;
import org.iscsi4j.protocol.LoginStatus;
import org.iscsi4j.protocol.TextCodec;
import org.iscsi4j.target.fixture.LoginAnswer;
import org.iscsi4j.target.fixture.LoginScript;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Item 14: logins that end with the address of another target portal. */
class RedirectTest {

  private static final String ADDRESS = "a redirect names HOST:PORT without a portal group tag";
  private static final String LAST = "a redirect is the last that a connection says";
  private static final String TOLD = "nobody is told where to go who may not log in";

  private static final String OTHER = "iqn.2026-01.org.iscsi4j.test:other";
  private static final String USER = "user";
  private static final String SECRET = "a secret of 16 b";
  private static final String OWN_SECRET = "another secret..";
  private static final Redirect AWAY = Redirect.temporarilyTo("10.1.2.3:3261");

  /** Who was to be sent where. */
  private record Asked(Initiator initiator, IscsiName target) {
    boolean proved() {
      return initiator.proved();
    }
  }

  private final Queue<Asked> asked = new ConcurrentLinkedQueue<>();
  private TestServer server;
  private ScriptedInitiator initiator;
  private LoginScript login;

  @AfterEach
  void stop() {
    initiator.close();
    server.close();
  }

  private void start(LoginRedirect rule) {
    server = TestServer.start(settings -> settings.redirect(rule));
    connect();
  }

  private void startWithChap(LoginRedirect rule) {
    Chap chap = Chap.builder().user(USER, SECRET).own("target", OWN_SECRET).build();
    server = TestServer.start(settings -> settings.redirect(rule).chap(chap));
    connect();
  }

  private void connect() {
    initiator = server.connect();
    login = initiator.login();
  }

  /** A rule that sends everybody away and remembers whom. */
  private LoginRedirect away(Redirect to) {
    return (who, target) -> {
      asked.add(new Asked(who, target));
      return Optional.of(to);
    };
  }

  private static KeyValue key(String key, String value) {
    return new KeyValue(key, value);
  }

  private void assertSentAway(LoginAnswer answer) {
    assertThat(answer.status()).isEqualTo(LoginStatus.TARGET_MOVED_TEMPORARILY);
    assertThat(answer.keys()).containsExactly(key("TargetAddress", "10.1.2.3:3261"));
    initiator.awaitEnd();
    assertThat(server.server().sessions()).isEmpty();
  }

  private LoginAnswer chooseMethod() {
    List<KeyValue> first = login.names();
    first.add(key("AuthMethod", "CHAP"));
    return login.request(0, 1, false, first);
  }

  private String response(String secret) {
    LoginAnswer challenge = login.request(0, 1, false, List.of(key("CHAP_A", "5")));
    return LoginScript.response(challenge, ChapAlgorithm.MD5, secret);
  }

  // ---- the answer

  @ParameterizedTest
  @CsvSource({
    "10.1.2.3:3261, false, 10.1.2.3:3261, TARGET_MOVED_TEMPORARILY",
    "10.1.2.3, true, 10.1.2.3:3260, TARGET_MOVED_PERMANENTLY",
    "[2001:db8::1]:860, true, [2001:db8::1]:860, TARGET_MOVED_PERMANENTLY",
    "[2001:db8::1], false, [2001:db8::1]:3260, TARGET_MOVED_TEMPORARILY",
    "storage-2.example.org:3260, false, storage-2.example.org:3260, TARGET_MOVED_TEMPORARILY",
  })
  @Item(value = 14, section = "13.8", rule = ADDRESS)
  void addressIsTold(String address, boolean permanent, String told, LoginStatus status) {
    start(away(permanent ? Redirect.permanentlyTo(address) : Redirect.temporarilyTo(address)));

    LoginAnswer answer = login.request(1, 3, true, login.names());

    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.pdu().transit()).isFalse();
    assertThat(answer.pdu().tsih()).isZero();
    assertThat(answer.keys()).containsExactly(key("TargetAddress", told));
    initiator.awaitEnd();
    assertThat(server.server().sessions()).isEmpty();
    assertThat(server.events().awaitRefused()).isEqualTo("redirected to " + told);
  }

  @Test
  @Item(value = 14, section = "11.13.5", rule = LAST)
  void connectionEndsBehindTheAnswer() {
    start(away(AWAY));
    // a second request on its heels is not answered any more
    byte[] first = initiator.bytes(login.pdu(0, 1, false, false), names());
    byte[] more = initiator.bytes(login.pdu(0, 1, true, false), new byte[0]);
    initiator.sendRaw(login.pdu(0, 1, false, false), first);
    initiator.sendRaw(more);

    LoginAnswer answer = new LoginAnswer(initiator.receive().as(LoginResponsePdu.class), List.of());

    assertThat(answer.status()).isEqualTo(LoginStatus.TARGET_MOVED_TEMPORARILY);
    initiator.awaitEnd();
  }

  private byte[] names() {
    return TextCodec.encode(login.names());
  }

  // ---- the rule

  @Test
  @Item(value = 14, section = "13.8", rule = ADDRESS)
  void ruleSeesWhoLogsInToWhatAndWhere() {
    server =
        TestServer.start(
            settings ->
                settings
                    .redirect(away(AWAY))
                    .portal(Portal.loopback().withGroupTag(7))
                    .target(Target.builder(OTHER).lun(MemoryDevice.ofSize(1 << 20)).build()));
    connect();

    login.target(OTHER.replace("iscsi4j", "ISCSI4J"));
    assertSentAway(login.request(0, 1, true, login.names()));

    assertThat(asked)
        .containsExactly(
            new Asked(
                new Initiator(
                    IscsiName.of(LoginScript.INITIATOR),
                    Optional.empty(),
                    (InetSocketAddress) initiator.socket().getLocalSocketAddress(),
                    server.address(),
                    7),
                IscsiName.of(OTHER)));
  }

  @Test
  @Item(value = 14, section = "11.13.5", rule = LAST)
  void whoeverIsNotSentAwayLogsIn() {
    start(
        (who, target) -> {
          asked.add(new Asked(who, target));
          return Optional.empty();
        });

    login.perform().clearUnitAttentions(0);

    assertThat(asked).hasSize(1);
  }

  @Test
  @Item(value = 14, section = "11.13.5", rule = LAST)
  void discoveryAndWrongNamesAreNoConcernOfTheRule() {
    start(away(AWAY));

    login.discovery().perform();
    assertThat(initiator.text(key("SendTargets", "All"))).hasSize(2);
    initiator.logout();
    initiator.close();
    connect();
    login.target(OTHER);

    assertThat(login.request(1, 3, true, login.names()).status())
        .isEqualTo(LoginStatus.TARGET_NOT_FOUND);
    assertThat(asked).isEmpty();
  }

  @Test
  @Item(value = 14, section = "11.13.5", rule = LAST)
  void sessionsThatAreOpenGoOn() {
    List<Redirect> moved = new CopyOnWriteArrayList<>();
    start((who, target) -> moved.stream().findFirst());
    login.perform().clearUnitAttentions(0);
    moved.add(AWAY);

    try (ScriptedInitiator second = server.connect()) {
      LoginScript again = second.login();
      assertThat(again.request(1, 3, true, again.names()).status())
          .isEqualTo(LoginStatus.TARGET_MOVED_TEMPORARILY);
      second.awaitEnd();
    }
    assertThat(initiator.read(0, 1)).hasSize(512);
  }

  // ---- authentication

  @Test
  @Item(value = 14, section = "13.8", rule = TOLD)
  void redirectComesAfterTheProof() {
    startWithChap(away(AWAY));
    chooseMethod();
    String response = response(SECRET);
    assertThat(asked).isEmpty();

    LoginAnswer answer =
        login.request(0, 1, true, List.of(key("CHAP_N", USER), key("CHAP_R", response)));

    assertSentAway(answer);
    assertThat(asked)
        .singleElement()
        .matches(each -> each.initiator().user().equals(Optional.of(USER)));
  }

  @Test
  @Item(value = 14, section = "13.8", rule = TOLD)
  void nobodyElseLearnsTheAddress() {
    startWithChap(away(AWAY));

    assertThat(login.request(1, 3, true, login.names()).status())
        .isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);
    initiator.close();
    connect();
    chooseMethod();
    String wrong = response("not the secret..");
    LoginAnswer answer =
        login.request(0, 1, true, List.of(key("CHAP_N", USER), key("CHAP_R", wrong)));

    assertThat(answer.status()).isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);
    assertThat(answer.keys()).isEmpty();
    assertThat(asked).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"1", "3"})
  @Item(value = 14, section = "13.8", rule = TOLD)
  void targetThatIsAskedForProofGivesItFirst(int next) {
    startWithChap(away(AWAY));
    chooseMethod();
    List<KeyValue> proof =
        List.of(
            key("CHAP_N", USER),
            key("CHAP_R", response(SECRET)),
            key("CHAP_I", "7"),
            key("CHAP_C", LargeBinary.encode(new byte[] {1, 2, 3})));

    LoginAnswer answer = login.request(0, next, true, proof);

    if (next == 1) {
      assertThat(answer.status()).isEqualTo(LoginStatus.SUCCESS);
      assertThat(answer.value("CHAP_R")).isPresent();
      answer = login.request(1, 3, true, List.of());
    } // else there is no later answer
    assertSentAway(answer);
  }

  @Test
  @Item(value = 14, section = "13.8", rule = TOLD)
  void ruleMaySendAnybodyAwayBeforeTheProof() {
    startWithChap(LoginRedirect.beforeAuthentication(away(AWAY)));

    assertSentAway(chooseMethod());
    assertThat(asked).singleElement().matches(each -> !each.proved());
  }

  @Test
  @Item(value = 14, section = "13.8", rule = TOLD)
  void earlyRuleIsAskedAgainAfterTheProof() {
    LoginRedirect away = away(AWAY);
    startWithChap(
        LoginRedirect.beforeAuthentication(
            (who, target) -> away.redirect(who, target).filter(to -> who.proved())));
    chooseMethod();
    String response = response(SECRET);

    assertSentAway(
        login.request(0, 1, true, List.of(key("CHAP_N", USER), key("CHAP_R", response))));
    assertThat(asked).extracting(Asked::proved).containsExactly(false, true);
  }
}

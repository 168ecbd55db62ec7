package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.iscsi4j.protocol.ChapAlgorithm;
import org.iscsi4j.protocol.KeyValue;
import org.iscsi4j.protocol.LargeBinary;
import org.iscsi4j.protocol.LoginStatus;
import org.iscsi4j.target.fixture.LoginAnswer;
import org.iscsi4j.target.fixture.LoginScript;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** CHAP over a socket (RFC 7143 sections 9.2.1 and 12.1.3). */
class ChapLoginTest {

  private static final String USER = "user";
  private static final String SECRET = "a secret of 16 b";
  private static final String OWN = "target";
  private static final String OWN_SECRET = "another secret..";

  private TestServer server;
  private ScriptedInitiator initiator;
  private LoginScript login;

  @BeforeEach
  void start() {
    Chap chap = Chap.builder().user(USER, SECRET).mutual(OWN, OWN_SECRET).build();
    server = TestServer.start(settings -> settings.chap(chap));
    initiator = server.connect();
    login = initiator.login();
  }

  @AfterEach
  void stop() {
    initiator.close();
    server.close();
  }

  private static KeyValue key(String key, String value) {
    return new KeyValue(key, value);
  }

  private LoginAnswer challenge(ChapAlgorithm algorithm) {
    List<KeyValue> names = login.names();
    names.add(key("AuthMethod", "CHAP"));
    LoginAnswer method = login.request(0, 1, false, names);
    assertThat(method.value("AuthMethod")).contains("CHAP");
    LoginAnswer challenge =
        login.request(0, 1, false, List.of(key("CHAP_A", "" + algorithm.code())));
    assertThat(challenge.value("CHAP_A")).contains("" + algorithm.code());
    return challenge;
  }

  @ParameterizedTest
  @EnumSource(ChapAlgorithm.class)
  void rightSecretOpensTheDoor(ChapAlgorithm algorithm) {
    String response = LoginScript.response(challenge(algorithm), algorithm, SECRET);

    LoginAnswer proved =
        login.request(0, 1, true, List.of(key("CHAP_N", USER), key("CHAP_R", response)));
    assertThat(proved.pdu().transit()).isTrue();
    LoginAnswer last = login.request(1, 3, true, List.of());

    assertThat(last.status()).isEqualTo(LoginStatus.SUCCESS);
    initiator.clearUnitAttentions(0);
  }

  @Test
  void targetProvesItselfToo() throws Exception {
    String response = LoginScript.response(challenge(ChapAlgorithm.MD5), ChapAlgorithm.MD5, SECRET);
    byte[] ours = new byte[16];
    ours[3] = 7;

    LoginAnswer proved =
        login.request(
            0,
            3,
            true,
            List.of(
                key("CHAP_N", USER),
                key("CHAP_R", response),
                key("CHAP_I", "200"),
                key("CHAP_C", LargeBinary.encode(ours))));

    byte[] secret = OWN_SECRET.getBytes(StandardCharsets.UTF_8);
    byte[] expected = org.iscsi4j.protocol.Chap.response(ChapAlgorithm.MD5, 200, secret, ours);
    assertThat(proved.value("CHAP_N")).contains(OWN);
    assertThat(proved.value("CHAP_R")).contains(LargeBinary.encode(expected));
    assertThat(proved.pdu().transit()).isTrue();
  }

  @Test
  void wrongSecretClosesTheConnection() {
    String response =
        LoginScript.response(challenge(ChapAlgorithm.MD5), ChapAlgorithm.MD5, "not the secret..");

    LoginAnswer answer =
        login.request(0, 1, true, List.of(key("CHAP_N", USER), key("CHAP_R", response)));

    assertThat(answer.status()).isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);
    initiator.awaitEnd();
    assertThat(server.events().awaitRefused()).doesNotContain(SECRET);
  }

  @Test
  void securityStageCanNotBeSkipped() {
    LoginAnswer answer = login.request(1, 3, true, login.names());

    assertThat(answer.status()).isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);
    initiator.awaitEnd();
  }

  @Test
  void securityStageCanNotBeLeftWithoutProof() {
    challenge(ChapAlgorithm.SHA256);

    LoginAnswer stays = login.request(0, 3, true, List.of());

    assertThat(stays.pdu().transit()).isFalse();
    assertThat(server.server().sessions()).isEmpty();
  }

  @Test
  void discoveryNeedsProofToo() {
    LoginScript discovery = initiator.login().discovery();

    LoginAnswer answer = discovery.request(1, 3, true, discovery.names());

    assertThat(answer.status()).isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);
  }

  @Test
  void discoveryWithProofWorks() {
    login.discovery().chap(USER, SECRET).perform();

    assertThat(initiator.text(key("SendTargets", "All"))).hasSize(2);
  }

  @Test
  void weakSettingsAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Chap.builder().user(USER, "eleven byte").build())
        .withMessageContaining("11");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Chap.builder().user(USER, SECRET).mutual(OWN, SECRET).build());
    assertThatIllegalArgumentException().isThrownBy(() -> Chap.builder().build());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Chap.builder().user(USER, SECRET).user(USER, "another secret"))
        .withMessageContaining("stands twice")
        .withMessageNotContaining("another secret");
    Chap.builder().user(USER, "short").allowShortSecrets().build();
  }

  @Test
  void secretsStayOutOfText() {
    assertThat(Chap.builder().user(USER, SECRET).mutual(OWN, OWN_SECRET).build().toString())
        .doesNotContain(SECRET, OWN_SECRET);
  }
}

package org.iscsi4j.target.rfc7143;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.iscsi4j.api.access.Chap;
import org.iscsi4j.api.access.Secret;
import org.iscsi4j.protocol.ChapAlgorithm;
import org.iscsi4j.protocol.KeyValue;
import org.iscsi4j.protocol.LargeBinary;
import org.iscsi4j.protocol.LoginStatus;
import org.iscsi4j.target.fixture.CapturedLog;
import org.iscsi4j.target.fixture.LoginAnswer;
import org.iscsi4j.target.fixture.LoginScript;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Items 81 to 90: CHAP. The rules by value are in {@code ChapExchangeTest}. */
class SecurityTest {

  private static final String ORDER = "the keys of CHAP come in their order, or the login fails";
  private static final String SIZES = "lengths of CHAP values are bounded before they are decoded";
  private static final String STRONG = "secrets have 96 bits at least and may be random";
  private static final String REFLECTED = "the target's own words prove nothing";
  private static final String FRESH = "challenges are long, and none comes twice";
  private static final String MUTUAL = "the target proves itself to whoever has proved himself";
  private static final String ALIKE = "an unknown user fails as a wrong secret does";
  private static final String STRONGEST = "the best algorithm of those offered is used, MD5 too";
  private static final String METHOD = "where CHAP is required, None beside it is not chosen";

  private static final String USER = "user";
  private static final String SECRET = "a secret of 16 b";
  private static final String OWN = "target";
  private static final String OWN_SECRET = "another secret..";
  private static final byte[] CHALLENGE = bytes("what are you?");

  private TestServer server = start(Chap.builder().user(USER, SECRET).own(OWN, OWN_SECRET));
  private ScriptedInitiator initiator = server.connect();
  private LoginScript login = initiator.login();

  private static TestServer start(Chap.Builder chap) {
    return TestServer.start(settings -> settings.chap(chap.build()));
  }

  /** Serves with other settings. */
  private void restart(Chap.Builder chap) {
    stop();
    server = start(chap);
    reconnect();
  }

  private void reconnect() {
    initiator.close();
    initiator = server.connect();
    login = initiator.login();
  }

  @AfterEach
  void stop() {
    initiator.close();
    server.close();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static KeyValue key(String key, String value) {
    return new KeyValue(key, value);
  }

  /** Pairs as {@code Key=value}. */
  private static List<KeyValue> keys(String... pairs) {
    return Arrays.stream(pairs)
        .map(pair -> pair.split("=", 2))
        .map(parts -> key(parts[0], parts[1]))
        .toList();
  }

  private LoginAnswer chooseMethod(String offered) {
    List<KeyValue> first = login.names();
    first.add(key("AuthMethod", offered));
    return login.request(0, 1, false, first);
  }

  private LoginAnswer challenge(String algorithms) {
    assertThat(chooseMethod("CHAP").value("AuthMethod")).contains("CHAP");
    return login.request(0, 1, false, keys("CHAP_A=" + algorithms));
  }

  private LoginAnswer challenge() {
    return challenge("5");
  }

  private LoginAnswer prove(String... keys) {
    return login.request(0, 1, true, keys(keys));
  }

  private static String md5(LoginAnswer challenge, String secret) {
    return LoginScript.response(challenge, ChapAlgorithm.MD5, secret);
  }

  private static byte[] answer(LoginAnswer challenge, byte[] secret) {
    return org.iscsi4j.protocol.Chap.response(
        ChapAlgorithm.MD5,
        Integer.parseInt(challenge.value("CHAP_I").orElseThrow()),
        secret,
        decoded(challenge.value("CHAP_C").orElseThrow()));
  }

  private static byte[] decoded(String binary) {
    try {
      return LargeBinary.decode(binary, 1024);
    } catch (org.iscsi4j.protocol.ProtocolException e) {
      throw new AssertionError(e);
    }
  }

  private void assertFails(LoginAnswer answer) {
    assertThat(answer.status()).isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);
    assertThat(answer.keys()).isEmpty();
    initiator.awaitEnd();
  }

  private void assertLetsIn(LoginAnswer answer) {
    assertThat(answer.pdu().transit()).isTrue();
    assertThat(login.request(1, 3, true, List.of()).status()).isEqualTo(LoginStatus.SUCCESS);
    initiator.clearUnitAttentions(0);
  }

  // ---- item 81: order

  @ParameterizedTest
  @EnumSource(ChapAlgorithm.class)
  @Item(value = 81, section = "12.1.3", rule = ORDER)
  void rightOrderOpensTheDoor(ChapAlgorithm algorithm) {
    assertThat(chooseMethod("CHAP").keys()).contains(key("AuthMethod", "CHAP"));

    LoginAnswer challenge = login.request(0, 1, false, keys("CHAP_A=" + algorithm.code()));
    assertThat(challenge.keys())
        .extracting(KeyValue::key)
        .containsExactly("CHAP_A", "CHAP_I", "CHAP_C");
    assertThat(challenge.value("CHAP_A")).contains("" + algorithm.code());
    String response = LoginScript.response(challenge, algorithm, SECRET);

    assertLetsIn(prove("CHAP_N=" + USER, "CHAP_R=" + response));
  }

  static Stream<List<String>> wrongAfterTheMethod() {
    String proof = "CHAP_R=0x00112233445566778899aabbccddeeff";
    return Stream.of(
        List.of("CHAP_N=user", proof),
        List.of("CHAP_A=5", "CHAP_N=user", proof),
        List.of("CHAP_A=5", "CHAP_I=1", "CHAP_C=0x01"),
        List.of("CHAP_I=1", "CHAP_C=0x01"),
        List.of("CHAP_N=user"));
  }

  @ParameterizedTest
  @MethodSource
  @Item(value = 81, section = "12.1.3", rule = ORDER)
  void wrongAfterTheMethod(List<String> pairs) {
    chooseMethod("CHAP");

    assertFails(prove(pairs.toArray(String[]::new)));
  }

  static Stream<List<String>> wrongAfterTheChallenge() {
    String response = "CHAP_R=RESPONSE";
    return Stream.of(
        List.of("CHAP_N=user"),
        List.of(response),
        List.of("CHAP_I=1", "CHAP_C=0x01"),
        List.of("CHAP_N=user", response, "CHAP_I=1"),
        List.of("CHAP_N=user", response, "CHAP_C=0x01"));
  }

  /** Each with the right response, so that nothing else can be the reason. */
  @ParameterizedTest
  @MethodSource
  @Item(value = 81, section = "12.1.3", rule = ORDER)
  void wrongAfterTheChallenge(List<String> pairs) {
    String response = md5(challenge(), SECRET);

    assertFails(
        prove(pairs.stream().map(p -> p.replace("RESPONSE", response)).toArray(String[]::new)));
  }

  @Test
  @Item(value = 81, section = "12.1.3", rule = ORDER)
  void algorithmsComeAfterTheMethod() {
    List<KeyValue> first = login.names();
    first.addAll(keys("AuthMethod=CHAP", "CHAP_A=5"));

    assertFails(login.request(0, 1, false, first));
  }

  @Test
  @Item(value = 81, section = "12.1.3", rule = ORDER)
  void algorithmsComeOnce() {
    challenge();

    LoginAnswer again = login.request(0, 1, false, keys("CHAP_A=5"));

    assertThat(again.status()).isEqualTo(LoginStatus.INITIATOR_ERROR);
    initiator.awaitEnd();
  }

  @Test
  @Item(value = 81, section = "6.3.2", rule = ORDER)
  void stageCanNotBeSkippedOrLeftInTheMiddle() {
    assertFails(login.request(1, 3, true, login.names()));
    assertThat(server.server().sessions()).isEmpty();
    reconnect();
    challenge();

    assertThat(login.request(0, 3, true, List.of()).pdu().transit()).isFalse();
    assertThat(server.server().sessions()).isEmpty();
  }

  @Test
  @Item(value = 81, section = "12.1.3", rule = ORDER)
  void discoveryNeedsProofToo() {
    login.discovery();
    assertFails(login.request(1, 3, true, login.names()));
    reconnect();

    login.discovery().chap(USER, SECRET).perform();
    assertThat(initiator.text(key("SendTargets", "All"))).hasSize(2);
  }

  // ---- item 82: lengths

  @ParameterizedTest
  @ValueSource(ints = {1, 32, 1024})
  @Item(value = 82, section = "12.1.3", rule = SIZES)
  void challengeHas1024BytesAtMost(int length) {
    byte[] ours = new byte[length];
    Arrays.fill(ours, (byte) 0x5a);
    String hex = LargeBinary.encode(ours);
    String base64 = "0b" + Base64.getEncoder().encodeToString(ours);

    for (String encoded : List.of(hex, base64)) {
      LoginAnswer proof = proveBothWays("7", encoded);
      byte[] expected =
          org.iscsi4j.protocol.Chap.response(ChapAlgorithm.MD5, 7, bytes(OWN_SECRET), ours);
      assertThat(proof.value("CHAP_R")).contains(LargeBinary.encode(expected));
      assertLetsIn(proof);
      reconnect();
    }
    assertFails(proveBothWays("7", LargeBinary.encode(new byte[1025])));
  }

  private LoginAnswer proveBothWays(String identifier, String challenge) {
    return prove(
        "CHAP_N=" + USER,
        "CHAP_R=" + md5(challenge(), SECRET),
        "CHAP_I=" + identifier,
        "CHAP_C=" + challenge);
  }

  @ParameterizedTest
  @CsvSource({"0, true", "255, true", "0xff, true", "256, false", "-1, false", "x, false"})
  @Item(value = 82, section = "12.1.3", rule = SIZES)
  void identifierIsOneByte(String identifier, boolean right) {
    LoginAnswer answer = proveBothWays(identifier, LargeBinary.encode(CHALLENGE));

    if (right) {
      assertLetsIn(answer);
    } else {
      assertFails(answer);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 15, 17, 32, 1024, 1025, 2000})
  @Item(value = 82, section = "12.1.3", rule = SIZES)
  void responseIsAsLongAsTheHash(int length) {
    // of the right bytes, as far as they go
    byte[] response = Arrays.copyOf(answer(challenge(), bytes(SECRET)), length);

    assertFails(prove("CHAP_N=" + USER, "CHAP_R=" + LargeBinary.encode(response)));
  }

  @Test
  @Item(value = 82, section = "12.1.3", rule = SIZES)
  void responseMayBeInBase64() {
    byte[] response = answer(challenge(), bytes(SECRET));

    assertLetsIn(
        prove("CHAP_N=" + USER, "CHAP_R=0B" + Base64.getEncoder().encodeToString(response)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"00112233", "0x", "0b", "0xg0", "0b!!!!", "0bAAA", "0b=AAA", ""})
  @Item(value = 82, section = "12.1.3", rule = SIZES)
  void responseThatIsNoBinaryValueFails(String response) {
    challenge();

    assertFails(prove("CHAP_N=" + USER, "CHAP_R=" + response));
  }

  @Test
  @Item(value = 82, section = "12.1.3", rule = SIZES)
  void nameHas255BytesAtMost() {
    String longest = "\u00fc".repeat(127) + "u";
    restart(Chap.builder().user(longest, SECRET));

    assertLetsIn(prove("CHAP_N=" + longest, "CHAP_R=" + md5(challenge(), SECRET)));
    reconnect();
    assertFails(prove("CHAP_N=" + longest + "u", "CHAP_R=" + md5(challenge(), SECRET)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Chap.builder().user(longest + "u", SECRET))
        .withMessage("CHAP name of 256 bytes is not within 1..255");
  }

  // ---- item 83: secrets

  @Test
  @Item(value = 83, section = "9.2.1", rule = STRONG)
  void shortSecretIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Chap.builder().user(USER, "eleven byte").build())
        .withMessage("the secret of 'user' has 11 bytes and needs at least 12");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> Chap.builder().user(USER, SECRET).own(OWN, Secret.of(new byte[11])).build());
    Chap.builder().user(USER, "twelve bytes").build();
    Chap.builder().user(USER, "short").allowShortSecrets().build();
  }

  @Test
  @Item(value = 83, section = "9.2.1", rule = STRONG)
  void secretMayBeRandom() {
    Secret random = Secret.random();
    Secret another = Secret.random();
    byte[] theirs = random.toByteArray();
    byte[] ours = another.toByteArray();
    assertThat(theirs).hasSize(16).isNotEqualTo(ours);
    restart(Chap.builder().user(USER, random).own(OWN, another));

    String response = LargeBinary.encode(answer(challenge(), theirs));
    LoginAnswer proof =
        prove(
            "CHAP_N=" + USER,
            "CHAP_R=" + response,
            "CHAP_I=9",
            "CHAP_C=" + LargeBinary.encode(CHALLENGE));

    byte[] expected = org.iscsi4j.protocol.Chap.response(ChapAlgorithm.MD5, 9, ours, CHALLENGE);
    assertThat(proof.value("CHAP_R")).contains(LargeBinary.encode(expected));
    assertLetsIn(proof);
  }

  // ---- item 84: reflection

  @Test
  @Item(value = 84, section = "9.2.1", rule = REFLECTED)
  void oneSecretForBothDirectionsIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Chap.builder().user(USER, SECRET).own(OWN, SECRET).build())
        .withMessageContaining("also that of a user")
        .withMessageNotContaining(SECRET);
  }

  @Test
  @Item(value = 84, section = "9.2.1", rule = REFLECTED)
  void challengeThatComesBackFails() {
    LoginAnswer challenge = challenge();

    assertFails(
        prove(
            "CHAP_N=" + USER,
            "CHAP_R=" + md5(challenge, SECRET),
            "CHAP_I=1",
            "CHAP_C=" + challenge.value("CHAP_C").orElseThrow()));
    assertThat(server.events().awaitRefused()).contains("reflects");
  }

  @ParameterizedTest
  @ValueSource(strings = {USER, OWN})
  @Item(value = 84, section = "9.2.1", rule = REFLECTED)
  void answerThatTheTargetWouldGiveFails(String name) {
    assertFails(prove("CHAP_N=" + name, "CHAP_R=" + md5(challenge(), OWN_SECRET)));
  }

  // ---- item 85: challenges

  @Test
  @Item(value = 85, section = "9.2.1", rule = FRESH)
  void challengesAreLongAndDiffer() {
    Set<String> challenges = new HashSet<>();
    Set<String> identifiers = new HashSet<>();
    for (int i = 0; i < 64; i++) {
      LoginAnswer challenge = challenge();
      challenges.add(challenge.value("CHAP_C").orElseThrow());
      identifiers.add(challenge.value("CHAP_I").orElseThrow());
      reconnect();
    }

    assertThat(challenges).hasSize(64);
    assertThat(challenges).allSatisfy(each -> assertThat(decoded(each)).hasSize(32));
    assertThat(identifiers).hasSizeGreaterThan(8);
  }

  // ---- item 86: both directions

  @Test
  @Item(value = 86, section = "12.1.3", rule = MUTUAL)
  void targetProvesItselfToo() {
    LoginAnswer proved = proveBothWays("200", LargeBinary.encode(CHALLENGE));

    byte[] expected =
        org.iscsi4j.protocol.Chap.response(ChapAlgorithm.MD5, 200, bytes(OWN_SECRET), CHALLENGE);
    assertThat(proved.keys())
        .containsExactly(key("CHAP_N", OWN), key("CHAP_R", LargeBinary.encode(expected)));
    assertLetsIn(proved);
  }

  @Test
  @Item(value = 86, section = "12.1.3", rule = MUTUAL)
  void targetProvesNothingToWhoeverHasNotProvedHimself() {
    String wrong = md5(challenge(), "not the secret..");
    String challenge = "CHAP_C=" + LargeBinary.encode(CHALLENGE);

    assertFails(prove("CHAP_N=" + USER, "CHAP_R=" + wrong, "CHAP_I=1", challenge));
  }

  @Test
  @Item(value = 86, section = "12.1.3", rule = MUTUAL)
  void initiatorNeedNotAsk() {
    assertLetsIn(prove("CHAP_N=" + USER, "CHAP_R=" + md5(challenge(), SECRET)));
  }

  @Test
  @Item(value = 86, section = "12.1.3", rule = MUTUAL)
  void targetWithoutSecretOfItsOwnRefusesWhoeverAsks() {
    restart(Chap.builder().user(USER, SECRET));

    assertFails(proveBothWays("1", LargeBinary.encode(CHALLENGE)));
  }

  // ---- item 87: failures

  @Test
  @Item(value = 87, section = "9.2.1", rule = ALIKE)
  void unknownUserFailsLikeAWrongSecret() {
    LoginAnswer wrongSecret =
        prove("CHAP_N=" + USER, "CHAP_R=" + md5(challenge(), "not it, sorry"));
    initiator.awaitEnd();
    reconnect();
    LoginAnswer unknown = prove("CHAP_N=nobody", "CHAP_R=" + md5(challenge(), SECRET));
    initiator.awaitEnd();

    assertThat(unknown).isEqualTo(wrongSecret);
    assertThat(unknown.status()).isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);
  }

  // ---- item 88: algorithms

  @ParameterizedTest
  @CsvSource({
    "5, 5",
    "'5,6', 6",
    "'5,6,7', 7",
    "'5,6,7,8', 8",
    "'8,7,6,5', 8",
    "'1,2,5', 5",
    "'250,0x7', 7",
  })
  @Item(value = 88, section = "12.1.3", rule = STRONGEST)
  void bestAlgorithmIsChosen(String offered, String chosen) {
    LoginAnswer challenge = challenge(offered);

    assertThat(challenge.value("CHAP_A")).contains(chosen);
    ChapAlgorithm algorithm = ChapAlgorithm.of(Integer.parseInt(chosen)).orElseThrow();
    String response = LoginScript.response(challenge, algorithm, SECRET);
    assertLetsIn(prove("CHAP_N=" + USER, "CHAP_R=" + response));
  }

  @ParameterizedTest
  @ValueSource(strings = {"4", "1,2,3", "MD5", "", "256", "5,"})
  @Item(value = 88, section = "12.1.3", rule = STRONGEST)
  void nothingInCommonFails(String offered) {
    assertFails(challenge(offered));
  }

  // ---- item 89: methods

  @ParameterizedTest
  @ValueSource(strings = {"CHAP,None", "None,CHAP", "KRB5,SRP,None,CHAP", "CHAP"})
  @Item(value = 89, section = "12.1", rule = METHOD)
  void chapIsChosenBesideNone(String offered) {
    assertThat(chooseMethod(offered).value("AuthMethod")).contains("CHAP");
    String response = md5(login.request(0, 1, false, keys("CHAP_A=5")), SECRET);

    assertLetsIn(prove("CHAP_N=" + USER, "CHAP_R=" + response));
  }

  @ParameterizedTest
  @ValueSource(strings = {"None", "KRB5,None", "chap"})
  @Item(value = 89, section = "12.1", rule = METHOD)
  void noneAloneIsRefused(String offered) {
    assertFails(chooseMethod(offered));
  }

  @Test
  @Item(value = 89, section = "12.1", rule = METHOD)
  void openTargetTakesNone() {
    try (TestServer open = TestServer.start();
        ScriptedInitiator someone = open.connect()) {
      LoginScript script = someone.login();
      List<KeyValue> first = script.names();
      first.add(key("AuthMethod", "CHAP,None"));

      assertThat(script.request(0, 3, true, first).value("AuthMethod")).contains("None");
    }
  }

  // ---- item 90: logs

  @Test
  @Item(value = 90, section = "9.2.1", rule = "secrets are in no log, however much is logged")
  void secretsAreNotLogged() {
    secretsOfEveryKindOfLogin(); // now every logger exists
    try (CapturedLog log = new CapturedLog()) {
      List<String> secrets = secretsOfEveryKindOfLogin();

      assertThat(log.text()).contains("login refused", "agreed on");
      assertThat(secrets).hasSize(8).noneMatch(log.text()::contains);
    }
    for (int i = 0; i < 6; i++) {
      assertThat(server.events().awaitRefused()).doesNotContain(SECRET, OWN_SECRET);
    }
    assertThat(Chap.builder().user(USER, SECRET).own(OWN, OWN_SECRET).build().toString())
        .doesNotContain(SECRET, OWN_SECRET);
  }

  /** Logs in rightly and wrongly; returns what nobody may read, in small letters as it was sent. */
  private List<String> secretsOfEveryKindOfLogin() {
    List<String> secrets = new ArrayList<>(List.of(SECRET, OWN_SECRET));
    reconnect();
    LoginAnswer challenge = challenge();
    String right = md5(challenge, SECRET).substring(2);
    String mutual = "CHAP_C=" + LargeBinary.encode(CHALLENGE);
    LoginAnswer proof = prove("CHAP_N=user", "CHAP_R=0x" + right, "CHAP_I=1", mutual);
    assertLetsIn(proof);
    secrets.add(right);
    secrets.add(proof.value("CHAP_R").orElseThrow().substring(2));

    reconnect();
    String wrong = md5(challenge(), "not the secret..").substring(2);
    assertFails(prove("CHAP_N=user", "CHAP_R=0x" + wrong));
    secrets.add(wrong);

    reconnect();
    String half = md5(challenge(), SECRET).substring(2);
    assertFails(prove("CHAP_R=0x" + half));
    secrets.add(half);

    reconnect();
    String damaged = md5(challenge(), SECRET).substring(2);
    assertFails(prove("CHAP_N=user", "CHAP_R=0y" + damaged));
    secrets.add(damaged);

    reconnect();
    String early = "00112233445566778899aabbccddeeff";
    LoginAnswer refused = prove("CHAP_R=0x" + early, "CHAP_R=0x" + early);
    assertThat(refused.status()).isNotEqualTo(LoginStatus.SUCCESS);
    secrets.add(early);
    return secrets;
  }
}

package org.iscsi4j.target.login;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.iscsi4j.api.access.Chap;
import org.iscsi4j.api.access.Credential;
import org.iscsi4j.api.access.Secret;
import org.iscsi4j.protocol.ChapAlgorithm;
import org.iscsi4j.protocol.KeyValue;
import org.iscsi4j.protocol.LargeBinary;
import org.iscsi4j.protocol.LoginException;
import org.iscsi4j.protocol.LoginStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The target's side of CHAP (RFC 7143 sections 9.2.1 and 12.1.3). */
class ChapExchangeTest {

  private static final byte[] OUR_CHALLENGE = FakePolicy.bytes("challenge of the initiator");

  private ChapExchange exchange = oneWay();

  /** What the look-up of a credential comes to, if not to that of the one user. */
  private Optional<Credential> found = Optional.empty();

  private static ChapExchange oneWay() {
    return exchange(chap());
  }

  private static ChapExchange mutual() {
    return exchange(chap().own(FakePolicy.OWN, FakePolicy.OWN_SECRET));
  }

  private static Chap.Builder chap() {
    return Chap.builder()
        .user(FakePolicy.USER, FakePolicy.SECRET)
        .algorithms(
            org.iscsi4j.api.access.ChapAlgorithm.SHA256,
            org.iscsi4j.api.access.ChapAlgorithm.SHA1,
            org.iscsi4j.api.access.ChapAlgorithm.MD5);
  }

  private static ChapExchange exchange(Chap.Builder chap) {
    return new ChapExchange(chap.build(), new ChapServer());
  }

  private Optional<Credential> credential(String user) {
    boolean known = user.equals(FakePolicy.USER);
    return found.or(
        () -> known ? Optional.of(Credential.of(Secret.of(FakePolicy.SECRET))) : Optional.empty());
  }

  /** One request through the exchange; the credential is looked up in between. */
  private List<KeyValue> step(Map<String, String> keys) throws LoginException {
    if (!exchange.awaitsProof()) {
      return exchange.challenge(keys);
    }
    ChapExchange.Claim claim = exchange.claim(keys);
    return exchange.verify(claim, credential(claim.user()));
  }

  /** CHAP_R for a challenge among the target's keys. */
  static String response(List<KeyValue> challenge, ChapAlgorithm algorithm, String secret)
      throws Exception {
    int identifier = Integer.parseInt(value(challenge, "CHAP_I"));
    byte[] bytes = LargeBinary.decode(value(challenge, "CHAP_C"), 1024);
    return LargeBinary.encode(
        org.iscsi4j.protocol.Chap.response(algorithm, identifier, FakePolicy.bytes(secret), bytes));
  }

  private static String value(List<KeyValue> pairs, String key) {
    return pairs.stream()
        .filter(pair -> pair.key().equals(key))
        .map(KeyValue::value)
        .findFirst()
        .orElseThrow();
  }

  private static Map<String, String> keys(String... keysAndValues) {
    Map<String, String> keys = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      keys.put(keysAndValues[i], keysAndValues[i + 1]);
    }
    return keys;
  }

  private List<KeyValue> challenge() throws Exception {
    return step(keys("CHAP_A", "5"));
  }

  private void assertFails(Map<String, String> keys) {
    LoginException refused = catchThrowableOfType(LoginException.class, () -> step(keys));
    assertThat(refused).as("the exchange fails").isNotNull();
    assertThat(refused.status()).isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);
    assertThat(refused).hasMessageNotContaining(FakePolicy.SECRET);
    assertThat(exchange.done()).isFalse();
  }

  // ---- the algorithm ---------------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource({"5, 5", "'5,6,7', 7", "'7,5', 7", "'6,5', 6", "'200,5', 5", "0x7, 7"})
  void ourPreferenceDecides(String offered, String chosen) throws Exception {
    assertThat(value(step(keys("CHAP_A", offered)), "CHAP_A")).isEqualTo(chosen);
  }

  @ParameterizedTest
  @ValueSource(strings = {"8", "1,2,3", "", "MD5", "256", "-5"})
  void nothingInCommonFails(String offered) {
    assertFails(keys("CHAP_A", offered));
  }

  @Test
  void challengeIsLongAndNeverTheSame() throws Exception {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      exchange = oneWay();
      String challenge = value(challenge(), "CHAP_C");
      assertThat(LargeBinary.decode(challenge, 1024)).hasSizeGreaterThanOrEqualTo(16);
      seen.add(challenge);
    }
    assertThat(seen).hasSize(100);
  }

  // ---- one way ---------------------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource(names = {"MD5", "SHA1", "SHA256"})
  void rightResponse(ChapAlgorithm algorithm) throws Exception {
    List<KeyValue> challenge = step(keys("CHAP_A", "" + algorithm.code()));
    String response = response(challenge, algorithm, FakePolicy.SECRET);

    assertThat(step(keys("CHAP_N", "user", "CHAP_R", response))).isEmpty();
    assertThat(exchange.done()).isTrue();
  }

  @Test
  void responseInBase64() throws Exception {
    String hex = response(challenge(), ChapAlgorithm.MD5, FakePolicy.SECRET);
    String base64 = "0b" + Base64.getEncoder().encodeToString(LargeBinary.decode(hex, 64));

    step(keys("CHAP_N", "user", "CHAP_R", base64));

    assertThat(exchange.done()).isTrue();
  }

  @Test
  void wrongSecret() throws Exception {
    String response = response(challenge(), ChapAlgorithm.MD5, "some other secret");

    assertFails(keys("CHAP_N", "user", "CHAP_R", response));
  }

  @Test
  void messageIsOneLine() throws Exception {
    String response = response(challenge(), ChapAlgorithm.MD5, FakePolicy.SECRET);
    String user = "a\n\u0085\u009b\u2028\u202eb";

    LoginException refused =
        catchThrowableOfType(
            LoginException.class, () -> step(keys("CHAP_N", user, "CHAP_R", response)));

    assertThat(refused).hasMessageContaining("CHAP_N=a?????b");
  }

  @Test
  void unknownUser() throws Exception {
    String response = response(challenge(), ChapAlgorithm.MD5, FakePolicy.SECRET);

    assertFails(keys("CHAP_N", "nobody", "CHAP_R", response));
  }

  @Test
  void unknownUserWhoseSecretIsTheChallenge() throws Exception {
    List<KeyValue> challenge = challenge();
    byte[] bytes = LargeBinary.decode(value(challenge, "CHAP_C"), 1024);
    int identifier = Integer.parseInt(value(challenge, "CHAP_I"));
    byte[] response =
        org.iscsi4j.protocol.Chap.response(ChapAlgorithm.MD5, identifier, bytes, bytes);

    // what an unknown user is compared with must let nobody in
    assertFails(keys("CHAP_N", "nobody", "CHAP_R", LargeBinary.encode(response)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0x", "0x00", "deadbeef", "", "0xzz", "0b!!!!"})
  void responseThatIsNone(String response) throws Exception {
    challenge();

    assertFails(keys("CHAP_N", "user", "CHAP_R", response));
  }

  @Test
  void responseOfAnotherLength() throws Exception {
    String response = response(challenge(), ChapAlgorithm.MD5, FakePolicy.SECRET);

    assertFails(keys("CHAP_N", "user", "CHAP_R", response + "00"));
  }

  @Test
  void responseThatIsTooLong() throws Exception {
    challenge();

    assertFails(keys("CHAP_N", "user", "CHAP_R", "0x" + "00".repeat(1025)));
  }

  // ---- order -----------------------------------------------------------------------------------

  @Test
  void responseBeforeTheChallenge() {
    assertFails(keys("CHAP_N", "user", "CHAP_R", "0x00"));
  }

  @Test
  void algorithmAndResponseTogether() {
    assertFails(keys("CHAP_A", "5", "CHAP_N", "user", "CHAP_R", "0x00"));
  }

  @Test
  void algorithmAgain() throws Exception {
    challenge();

    assertFails(keys("CHAP_A", "5"));
  }

  @Test
  void halfAResponse() throws Exception {
    challenge();

    assertFails(keys("CHAP_N", "user"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"CHAP_I", "CHAP_C"})
  void halfAChallenge(String key) throws Exception {
    exchange = mutual();
    String response = response(challenge(), ChapAlgorithm.MD5, FakePolicy.SECRET);

    assertFails(keys("CHAP_N", "user", "CHAP_R", response, key, "5"));
  }

  @Test
  void keysAfterTheEnd() throws Exception {
    String response = response(challenge(), ChapAlgorithm.MD5, FakePolicy.SECRET);
    step(keys("CHAP_N", "user", "CHAP_R", response));

    LoginException refused =
        catchThrowableOfType(
            LoginException.class, () -> step(keys("CHAP_N", "user", "CHAP_R", response)));

    assertThat(refused.status()).isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);
  }

  // ---- both ways -------------------------------------------------------------------------------

  private Map<String, String> proofAndChallenge(String response, int identifier, byte[] challenge) {
    return keys(
        "CHAP_N",
        "user",
        "CHAP_R",
        response,
        "CHAP_I",
        "" + identifier,
        "CHAP_C",
        LargeBinary.encode(challenge));
  }

  @Test
  void targetProvesItself() throws Exception {
    exchange = mutual();
    String response = response(challenge(), ChapAlgorithm.MD5, FakePolicy.SECRET);

    List<KeyValue> proof = step(proofAndChallenge(response, 77, OUR_CHALLENGE));

    byte[] expected =
        org.iscsi4j.protocol.Chap.response(
            ChapAlgorithm.MD5, 77, FakePolicy.bytes(FakePolicy.OWN_SECRET), OUR_CHALLENGE);
    assertThat(proof)
        .containsExactly(
            new KeyValue("CHAP_N", FakePolicy.OWN),
            new KeyValue("CHAP_R", LargeBinary.encode(expected)));
    assertThat(exchange.done()).isTrue();
  }

  @Test
  void targetProvesNothingToWhoHasNotProvedItself() throws Exception {
    exchange = mutual();
    String response = response(challenge(), ChapAlgorithm.MD5, "some other secret");

    assertFails(proofAndChallenge(response, 77, OUR_CHALLENGE));
  }

  @Test
  void targetThatCanNotProveItselfSaysSo() throws Exception {
    String response = response(challenge(), ChapAlgorithm.MD5, FakePolicy.SECRET);

    assertFails(proofAndChallenge(response, 77, OUR_CHALLENGE));
  }

  @Test
  void reflectedChallengeFails() throws Exception {
    exchange = mutual();
    List<KeyValue> challenge = challenge();
    String response = response(challenge, ChapAlgorithm.MD5, FakePolicy.SECRET);
    byte[] theirs = LargeBinary.decode(value(challenge, "CHAP_C"), 1024);

    assertFails(proofAndChallenge(response, 77, theirs));
  }

  @Test
  void answerThatIsTheTargetsOwnFails() throws Exception {
    // set up against the rules: one secret for both directions
    Secret one = Secret.of(FakePolicy.SECRET);
    found = Optional.of(new Credential(one, Optional.of(new Credential.Own("own", one.copy()))));
    String response = response(challenge(), ChapAlgorithm.MD5, FakePolicy.SECRET);

    assertFails(keys("CHAP_N", "user", "CHAP_R", response));
  }

  @Test
  void challengeThatIsTooLongFails() throws Exception {
    exchange = mutual();
    String response = response(challenge(), ChapAlgorithm.MD5, FakePolicy.SECRET);

    assertFails(proofAndChallenge(response, 77, new byte[1025]));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 256})
  void identifierOutOfRangeFails(int identifier) throws Exception {
    exchange = mutual();
    String response = response(challenge(), ChapAlgorithm.MD5, FakePolicy.SECRET);

    assertFails(proofAndChallenge(response, identifier, OUR_CHALLENGE));
  }
}

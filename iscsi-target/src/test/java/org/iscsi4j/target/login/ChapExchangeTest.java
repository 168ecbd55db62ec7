package org.iscsi4j.target.login;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
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
import org.iscsi4j.target.fixture.CapturedLog;
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

  // ---- what is demanded ------------------------------------------------------------------------

  @Test
  void mutualThatIsDemandedMustBeAskedFor() throws Exception {
    exchange =
        exchange(chap().own(FakePolicy.OWN, FakePolicy.OWN_SECRET).demand(Chap.Demand.MUTUAL));
    String response = response(challenge(), ChapAlgorithm.MD5, FakePolicy.SECRET);

    assertFails(keys("CHAP_N", "user", "CHAP_R", response));
    assertThat(step(proofAndChallenge(response, 1, OUR_CHALLENGE))).hasSize(2);
  }

  @Test
  void credentialMaySayWhoTheTargetIsToItsUser() throws Exception {
    exchange = mutual();
    Secret own = Secret.of("only for the user");
    found =
        Optional.of(
            new Credential(
                Secret.of(FakePolicy.SECRET), Optional.of(new Credential.Own("mine", own))));
    String response = response(challenge(), ChapAlgorithm.MD5, FakePolicy.SECRET);

    List<KeyValue> proof = step(proofAndChallenge(response, 3, OUR_CHALLENGE));

    byte[] expected =
        org.iscsi4j.protocol.Chap.response(
            ChapAlgorithm.MD5, 3, FakePolicy.bytes("only for the user"), OUR_CHALLENGE);
    assertThat(value(proof, "CHAP_N")).isEqualTo("mine");
    assertThat(value(proof, "CHAP_R")).isEqualTo(LargeBinary.encode(expected));
  }

  // ---- reflection over several connections -----------------------------------------------------

  @Test
  void challengeOfAnotherConnectionOfTheServerComesBackAndFails() throws Exception {
    ChapServer server = new ChapServer();
    Chap both = chap().own(FakePolicy.OWN, FakePolicy.OWN_SECRET).build();
    ChapExchange other = new ChapExchange(both, server);
    String theirs = value(other.challenge(keys("CHAP_A", "5")), "CHAP_C");
    exchange = new ChapExchange(both, server);
    String response = response(challenge(), ChapAlgorithm.MD5, FakePolicy.SECRET);

    assertFails(proofAndChallenge(response, 77, LargeBinary.decode(theirs, 1024)));
  }

  @Test
  void serverKnowsItsChallengesAndNoOthers() {
    ChapServer server = new ChapServer();
    byte[] ours = server.challenge();

    assertThat(server.isOurs(ours)).isTrue();
    for (int i = 0; i < ours.length; i++) {
      byte[] changed = ours.clone();
      changed[i] ^= 1;
      assertThat(server.isOurs(changed)).as("byte %d changed", i).isFalse();
    }
    assertThat(server.isOurs(Arrays.copyOf(ours, ours.length + 1))).isFalse();
    assertThat(server.isOurs(Arrays.copyOf(ours, ours.length - 1))).isFalse();
    assertThat(server.isOurs(new byte[1])).isFalse();
    assertThat(new ChapServer().isOurs(ours)).isFalse();
  }

  // ---- the same work for everybody -------------------------------------------------------------

  @Test
  void unknownUserAndWrongSecretCostTheSameAndLookTheSame() throws Exception {
    for (Chap chap :
        List.of(chap().build(), chap().own(FakePolicy.OWN, FakePolicy.OWN_SECRET).build())) {
      List<String> wrong = workOf(chap, FakePolicy.USER, "some other secret");

      assertThat(workOf(chap, "nobody", "some other secret")).isEqualTo(wrong);
      assertThat(wrong).hasSize(3).last().isEqualTo("refused");
    }
  }

  /** The hashes that are computed, and what comes of it. */
  private List<String> workOf(Chap chap, String user, String secret) throws Exception {
    List<String> work = new ArrayList<>();
    ChapServer counting =
        new ChapServer(
            (algorithm, identifier, key, challenge) -> {
              work.add(algorithm + " over " + (key.length + challenge.length) + " bytes");
              return org.iscsi4j.protocol.Chap.response(algorithm, identifier, key, challenge);
            });
    exchange = new ChapExchange(chap, counting);
    String response = response(challenge(), ChapAlgorithm.MD5, secret);
    LoginException refused =
        catchThrowableOfType(
            LoginException.class, () -> step(keys("CHAP_N", user, "CHAP_R", response)));
    assertThat(refused).hasMessage("user or secret of CHAP_N=" + user + " is wrong");
    work.add("refused");
    return work;
  }

  // ---- secrets ---------------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(strings = {"right", "wrong"})
  void secretsAreWipedAfterUse(String claim) throws Exception {
    Credential credential =
        new Credential(
            Secret.of(FakePolicy.SECRET),
            Optional.of(new Credential.Own("mine", Secret.of(FakePolicy.OWN_SECRET))));
    found = Optional.of(credential);
    String secret = claim.equals("right") ? FakePolicy.SECRET : "some other secret";
    Map<String, String> proof =
        keys("CHAP_N", "user", "CHAP_R", response(challenge(), ChapAlgorithm.MD5, secret));
    if (claim.equals("right")) {
      step(proof);
    } else {
      assertFails(proof);
    }

    assertThat(credential.secret().isDestroyed()).isTrue();
    assertThat(credential.own().orElseThrow().secret().isDestroyed()).isTrue();
  }

  @Test
  void copiesOfSecretsAreWipedToo() throws Exception {
    List<byte[]> keys = new ArrayList<>();
    ChapServer keeping =
        new ChapServer(
            (algorithm, identifier, key, challenge) -> {
              keys.add(key);
              return org.iscsi4j.protocol.Chap.response(algorithm, identifier, key, challenge);
            });
    exchange = new ChapExchange(chap().build(), keeping);
    String response = response(challenge(), ChapAlgorithm.MD5, FakePolicy.SECRET);
    step(keys("CHAP_N", "user", "CHAP_R", response));

    assertThat(keys).hasSize(2).allSatisfy(key -> assertThat(key).containsOnly(0));
  }

  @Test
  void credentialThatWasWipedBeforeItIsUsedIsAFailureOfTheHost() throws Exception {
    Secret wiped = Secret.of(FakePolicy.SECRET);
    wiped.destroy();
    found = Optional.of(Credential.of(wiped));
    String response = response(challenge(), ChapAlgorithm.MD5, FakePolicy.SECRET);

    LoginException refused =
        catchThrowableOfType(
            LoginException.class, () -> step(keys("CHAP_N", "user", "CHAP_R", response)));

    assertThat(refused.status()).isEqualTo(LoginStatus.SERVICE_UNAVAILABLE);
    assertThat(exchange.done()).isFalse();
  }

  @Test
  void shortSecretOfAStoreNeedsPermission() throws Exception {
    found = Optional.of(Credential.of(Secret.of("four")));
    String response = response(challenge(), ChapAlgorithm.MD5, "four");

    assertFails(keys("CHAP_N", "user", "CHAP_R", response));
  }

  @Test
  void shortSecretsAreWarnedOfOnce() throws Exception {
    ChapServer server = new ChapServer();
    try (CapturedLog log = new CapturedLog()) {
      for (int i = 0; i < 3; i++) {
        found = Optional.of(Credential.of(Secret.of("four")));
        exchange = new ChapExchange(chap().allowShortSecrets().build(), server);
        String response = response(challenge(), ChapAlgorithm.MD5, "four");
        step(keys("CHAP_N", "user", "CHAP_R", response));
      }

      assertThat(log.text()).containsOnlyOnce("CHAP secrets of less than 12 bytes");
      assertThat(log.text()).doesNotContain("four");
    }
  }

  @Test
  void shortSecretsThatAreKnownAreWarnedOfForEachWhoHasThem() {
    Logins logins = new Logins(FakePolicy.open(), () -> Duration.ofSeconds(1), outcome -> {});
    try (CapturedLog log = new CapturedLog()) {
      logins.warnOfShortSecrets("target a", chap().build());
      assertThat(log.text()).isEmpty();

      logins.warnOfShortSecrets(
          "target b", Chap.builder().user("u", "four").allowShortSecrets().build());
      logins.warnOfShortSecrets("target c", chap().own("t", "four").allowShortSecrets().build());

      assertThat(log.text()).contains("target b takes CHAP secrets").contains("target c takes");
    }
  }
}

package org.iscsi4j.target.login;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.iscsi4j.api.access.AccessPolicy;
import org.iscsi4j.api.access.Chap;
import org.iscsi4j.api.access.Credential;
import org.iscsi4j.api.access.Credentials;
import org.iscsi4j.api.access.ResolutionException;
import org.iscsi4j.api.access.ResolutionException.Kind;
import org.iscsi4j.api.access.Secret;
import org.iscsi4j.protocol.ChapAlgorithm;
import org.iscsi4j.protocol.Isid;
import org.iscsi4j.protocol.KeyValue;
import org.iscsi4j.protocol.LoginException;
import org.iscsi4j.protocol.LoginRequestPdu;
import org.iscsi4j.protocol.LoginStatus;
import org.iscsi4j.target.login.LoginNegotiation.Step;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Whom access policies let in, and what becomes of a login whose host has to look things up. */
class LoginAdmissionTest {

  private static final String[] TO_THE_TARGET = {
    "InitiatorName=" + FakePolicy.INITIATOR, "TargetName=" + FakePolicy.TARGET
  };
  private static final String[] DISCOVERY = {
    "InitiatorName=" + FakePolicy.INITIATOR, "SessionType=Discovery"
  };

  private FakePolicy policy = FakePolicy.open();
  private LoginNegotiation negotiation;
  private int tsih;

  private void serve(FakePolicy value) {
    policy = value;
    negotiation = null;
  }

  private static FakePolicy optional() {
    return FakePolicy.with(
        Chap.builder().user(FakePolicy.USER, FakePolicy.SECRET).demand(Chap.Demand.OPTIONAL));
  }

  private static FakePolicy asking(Credentials credentials) {
    return FakePolicy.with(Chap.builder().credentials(credentials));
  }

  private LoginNegotiation.Outcome send(int stage, int next, boolean transit, String... texts)
      throws LoginException {
    if (negotiation == null) {
      negotiation = FakePolicy.negotiation(policy, FakePolicy.GROUP);
    }
    List<KeyValue> pairs =
        Arrays.stream(texts)
            .map(text -> text.split("=", 2))
            .map(parts -> new KeyValue(parts[0], parts[1]))
            .toList();
    return negotiation.step(
        new LoginRequestPdu(
            transit, false, stage, next, 0, 0, 0, 0, new Isid(FakePolicy.ISID), tsih, 1, 1, 1, 0),
        pairs);
  }

  private Step step(int stage, int next, boolean transit, String... texts) throws LoginException {
    return FakePolicy.answered(send(stage, next, transit, texts));
  }

  private LoginStatus refusal(int stage, int next, String... texts) {
    LoginException refused =
        catchThrowableOfType(LoginException.class, () -> step(stage, next, true, texts));
    assertThat(refused).as("login is refused").isNotNull();
    return refused.status();
  }

  private static String[] and(String[] first, String... more) {
    return Stream.of(first, more).flatMap(Arrays::stream).toArray(String[]::new);
  }

  private String[] proof(String user, String secret) throws Exception {
    step(0, 0, false, and(TO_THE_TARGET, "AuthMethod=CHAP"));
    Step challenge = step(0, 0, false, "CHAP_A=7");
    String response = ChapExchangeTest.response(challenge.answers(), ChapAlgorithm.SHA256, secret);
    return new String[] {"CHAP_N=" + user, "CHAP_R=" + response};
  }

  // ---- access policies -------------------------------------------------------------------------

  @Test
  void whomNoRuleLetsInIsNotAuthorized() {
    policy.access = AccessPolicy.CLOSED;

    assertThat(refusal(1, 3, TO_THE_TARGET)).isEqualTo(LoginStatus.AUTHORIZATION_FAILURE);
    serve(policy);
    assertThat(refusal(0, 1, and(TO_THE_TARGET, "AuthMethod=None")))
        .isEqualTo(LoginStatus.AUTHORIZATION_FAILURE);
    serve(policy);
    assertThat(refusal(1, 3, DISCOVERY)).isEqualTo(LoginStatus.AUTHORIZATION_FAILURE);
  }

  @Test
  void whoHasNotProvedWhoHeIsLearnsNothingOfTheRules() throws Exception {
    serve(FakePolicy.withChap());
    policy.access = AccessPolicy.CLOSED;

    assertThat(refusal(1, 3, TO_THE_TARGET)).isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);
    serve(policy);
    assertThat(refusal(0, 1, and(TO_THE_TARGET, "AuthMethod=None")))
        .isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);
    serve(policy);
    assertThat(refusal(0, 1, proof(FakePolicy.USER, "some other secret")))
        .isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);
    serve(policy);
    assertThat(refusal(0, 1, proof(FakePolicy.USER, FakePolicy.SECRET)))
        .isEqualTo(LoginStatus.AUTHORIZATION_FAILURE);
  }

  @Test
  void aliasIsForThoseWhoMayLogIn() throws Exception {
    serve(FakePolicy.withChap());
    Step first = step(0, 0, false, and(TO_THE_TARGET, "AuthMethod=CHAP"));
    assertThat(first.answers())
        .extracting(KeyValue::key)
        .containsExactly("TargetPortalGroupTag", "AuthMethod");
    serve(policy);

    Step last = step(0, 1, true, proof(FakePolicy.USER, FakePolicy.SECRET));

    assertThat(last.answers()).containsExactly(new KeyValue("TargetAlias", "alias"));
  }

  @Test
  void rulesSeeTheUserThatAnInitiatorProvesToBe() throws Exception {
    serve(optional());
    policy.access = who -> who.user().equals(Optional.of(FakePolicy.USER));

    assertThat(refusal(1, 3, TO_THE_TARGET)).isEqualTo(LoginStatus.AUTHORIZATION_FAILURE);
    serve(policy);
    assertThat(refusal(0, 1, TO_THE_TARGET)).isEqualTo(LoginStatus.AUTHORIZATION_FAILURE);
    serve(policy);
    assertThat(step(0, 3, true, proof(FakePolicy.USER, FakePolicy.SECRET)).finished()).isTrue();
  }

  @Test
  void proofThatWasBegunMustBeFinishedThoughNobodyDemandsIt() throws Exception {
    serve(optional());
    step(0, 0, false, and(TO_THE_TARGET, "AuthMethod=CHAP"));

    assertThat(step(0, 3, true).transit()).isFalse();
    assertThat(refusal(1, 3)).isEqualTo(LoginStatus.INITIATOR_ERROR);
  }

  @Test
  void wrongProofIsRefusedThoughNobodyDemandsOne() throws Exception {
    serve(optional());

    assertThat(refusal(0, 1, proof(FakePolicy.USER, "some other secret")))
        .isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);
  }

  @Test
  void connectionJoinsAsTheUserOfItsSession() throws Exception {
    tsih = FakePolicy.KNOWN_TSIH;
    serve(optional());
    policy.sessionUser = Optional.of(FakePolicy.USER);

    assertThat(refusal(1, 3, TO_THE_TARGET)).isEqualTo(LoginStatus.SESSION_DOES_NOT_EXIST);
    serve(policy);
    assertThat(step(0, 3, true, proof(FakePolicy.USER, FakePolicy.SECRET)).finished()).isTrue();
  }

  // ---- targets that are looked for -------------------------------------------------------------

  @ParameterizedTest
  @CsvSource({
    "NOT_FOUND, TARGET_NOT_FOUND",
    "REMOVED, TARGET_REMOVED",
    "FORBIDDEN, AUTHORIZATION_FAILURE",
    "UNAVAILABLE, SERVICE_UNAVAILABLE"
  })
  void resolversFailuresAreToldApart(Kind kind, LoginStatus status) {
    ResolutionException why = new ResolutionException(kind, "for the log");
    policy.found = Optional.of(CompletableFuture.failedFuture(why));
    assertThat(refusal(1, 3, TO_THE_TARGET)).isEqualTo(status);

    serve(policy);
    policy.found = Optional.of(CompletableFuture.failedFuture(new CompletionException(why)));
    assertThat(refusal(1, 3, TO_THE_TARGET)).isEqualTo(status);
  }

  static Stream<CompletionStage<LoginPolicy.Admission>> brokenLookups() {
    return Stream.of(
        CompletableFuture.failedFuture(new IllegalStateException("no store")),
        CompletableFuture.completedFuture(null));
  }

  @ParameterizedTest
  @MethodSource("brokenLookups")
  void resolverThatFailsOtherwiseIsAFailureOfTheTarget(
      CompletionStage<LoginPolicy.Admission> broken) {
    policy.found = Optional.of(broken);

    LoginException refused =
        catchThrowableOfType(LoginException.class, () -> step(1, 3, true, TO_THE_TARGET));

    assertThat(refused.status()).isEqualTo(LoginStatus.TARGET_ERROR);
    assertThat(refused).hasCauseInstanceOf(RuntimeException.class);
    assertThat(refused).hasMessageNotContaining("no store");
  }

  @Test
  void targetThatIsFoundWhileTheServerClosesIsNotLoggedInTo() throws Exception {
    CompletableFuture<LoginPolicy.Admission> later = new CompletableFuture<>();
    policy.found = Optional.of(later);
    LoginNegotiation.Outcome waiting = send(1, 3, true, TO_THE_TARGET);
    policy.serving = false;
    later.complete(policy.admission());

    LoginException refused =
        catchThrowableOfType(LoginException.class, () -> FakePolicy.answered(waiting));

    assertThat(refused.status()).isEqualTo(LoginStatus.SERVICE_UNAVAILABLE);
  }

  @Test
  void outcomeKnowsWhatWasWantedThoughItIsNotThere() {
    assertThat(refusal(1, 3, TO_THE_TARGET[0], "TargetName=iqn.2026-01.org.iscsi4j.test:none"))
        .isEqualTo(LoginStatus.TARGET_NOT_FOUND);

    assertThat(negotiation.wanted())
        .map(Object::toString)
        .contains("iqn.2026-01.org.iscsi4j.test:none");
    assertThat(negotiation.initiator().orElseThrow().name()).isEqualTo(FakePolicy.INITIATOR);
  }

  // ---- secrets that are looked for -------------------------------------------------------------

  static Stream<Supplier<CompletionStage<Optional<Credential>>>> brokenStores() {
    return Stream.of(
        () -> CompletableFuture.failedFuture(new IllegalStateException("no store")),
        () -> CompletableFuture.completedFuture(null),
        () -> null,
        () -> {
          throw new IllegalStateException("no store");
        });
  }

  @ParameterizedTest
  @MethodSource("brokenStores")
  void storeThatFailsIsUnavailable(Supplier<CompletionStage<Optional<Credential>>> broken)
      throws Exception {
    serve(asking((user, initiator, target) -> broken.get()));

    assertThat(refusal(0, 1, proof(FakePolicy.USER, FakePolicy.SECRET)))
        .isEqualTo(LoginStatus.SERVICE_UNAVAILABLE);
    assertThat(policy.failed).as("wrong proofs").isZero();
  }

  @Test
  void storeIsToldWhoWantsWhereTo() throws Exception {
    StringBuilder asked = new StringBuilder();
    serve(
        asking(
            (user, initiator, target) -> {
              asked.append(user).append(' ').append(initiator.name()).append(' ');
              asked.append(initiator.user()).append(' ').append(target.orElseThrow());
              return CompletableFuture.completedFuture(
                  Optional.of(Credential.of(Secret.of(FakePolicy.SECRET))));
            }));

    assertThat(step(0, 3, true, proof("Somebody", FakePolicy.SECRET)).finished()).isTrue();

    assertThat(asked)
        .hasToString("Somebody " + FakePolicy.INITIATOR + " Optional.empty " + FakePolicy.TARGET);
    assertThat(negotiation.initiator().orElseThrow().user()).contains("Somebody");
  }

  @Test
  void secretThatIsFoundWhileTheServerClosesIsWiped() throws Exception {
    CompletableFuture<Optional<Credential>> later = new CompletableFuture<>();
    serve(asking((user, initiator, target) -> later));
    LoginNegotiation.Outcome waiting = send(0, 1, true, proof(FakePolicy.USER, FakePolicy.SECRET));
    policy.serving = false;
    Credential credential = Credential.of(Secret.of(FakePolicy.SECRET));
    later.complete(Optional.of(credential));

    LoginException refused =
        catchThrowableOfType(LoginException.class, () -> FakePolicy.answered(waiting));

    assertThat(refused.status()).isEqualTo(LoginStatus.SERVICE_UNAVAILABLE);
    assertThat(credential.secret().isDestroyed()).isTrue();
  }

  // ---- bounded tries ---------------------------------------------------------------------------

  @Test
  void wrongProofsAreCounted() throws Exception {
    serve(FakePolicy.withChap());
    refusal(0, 1, proof(FakePolicy.USER, "some other secret"));
    serve(policy);
    refusal(0, 1, proof("nobody", FakePolicy.SECRET));
    serve(policy);
    proof(FakePolicy.USER, FakePolicy.SECRET);
    refusal(0, 1, "CHAP_N=user", "CHAP_R=nothing");
    assertThat(policy.failed).isEqualTo(3);

    serve(policy);
    step(0, 1, true, proof(FakePolicy.USER, FakePolicy.SECRET));
    serve(policy);
    refusal(0, 1, and(TO_THE_TARGET, "AuthMethod=None"));
    assertThat(policy.failed).as("neither right ones nor none at all").isEqualTo(3);
  }

  @Test
  void whoMayNotTryAgainGetsNoChallenge() {
    serve(FakePolicy.withChap());
    policy.mayTry = false;

    assertThat(refusal(0, 1, and(TO_THE_TARGET, "AuthMethod=CHAP")))
        .isEqualTo(LoginStatus.SERVICE_UNAVAILABLE);
  }

  @Test
  void whoMayNotTryAgainIsNotHeardThoughItHasAChallenge() throws Exception {
    serve(FakePolicy.withChap());
    String[] right = proof(FakePolicy.USER, FakePolicy.SECRET);
    policy.mayTry = false;

    assertThat(refusal(0, 1, right)).isEqualTo(LoginStatus.SERVICE_UNAVAILABLE);
  }
}

package org.iscsi4j.target.login;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.iscsi4j.protocol.ChapAlgorithm;
import org.iscsi4j.protocol.Isid;
import org.iscsi4j.protocol.KeyValue;
import org.iscsi4j.protocol.LargeBinary;
import org.iscsi4j.protocol.LoginException;
import org.iscsi4j.protocol.LoginRequestPdu;
import org.iscsi4j.protocol.LoginStatus;
import org.iscsi4j.protocol.OperationalOffer;
import org.iscsi4j.target.login.LoginNegotiation.Step;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a login may say, and what it gets for an answer (RFC 7143 sections 6.3, 11.13.5 and 12.1).
 */
class LoginNegotiationTest {

  private static final int SECURITY = 0;
  private static final int OPERATIONAL = 1;
  private static final int END = 3;

  private static final String NAME = "InitiatorName=iqn.2026-01.org.iscsi4j.test:initiator";
  private static final String TARGET = "TargetName=" + FakePolicy.TARGET;
  private static final String DISCOVERY = "SessionType=Discovery";

  private LoginNegotiation negotiation = FakePolicy.negotiation(FakePolicy.open(), 5);

  private void require(LoginPolicy policy) {
    negotiation = FakePolicy.negotiation(policy, 5);
  }

  private static LoginRequestPdu header(int stage, int next, boolean transit, int tsih) {
    return new LoginRequestPdu(
        transit, false, stage, transit ? next : 0, 0, 0, 0, 0, new Isid(1), tsih, 1, 1, 1, 0);
  }

  /** Pairs as {@code Key=value}. */
  private static List<KeyValue> pairs(String... texts) {
    return Arrays.stream(texts)
        .map(text -> text.split("=", 2))
        .map(parts -> new KeyValue(parts[0], parts[1]))
        .toList();
  }

  /** A request that wants to go on. */
  private Step next(int stage, int next, String... texts) throws LoginException {
    return FakePolicy.answered(negotiation.step(header(stage, next, true, 0), pairs(texts)));
  }

  /** A request that wants to stay. */
  private Step stay(int stage, String... texts) throws LoginException {
    return FakePolicy.answered(negotiation.step(header(stage, 0, false, 0), pairs(texts)));
  }

  private LoginStatus refusal(int stage, int next, String... texts) {
    LoginException refused =
        catchThrowableOfType(LoginException.class, () -> next(stage, next, texts));
    assertThat(refused).as("login is refused").isNotNull();
    assertThat(refused).hasMessageNotContaining(FakePolicy.SECRET);
    return refused.status();
  }

  private static List<String> texts(Step step) {
    return step.answers().stream().map(pair -> pair.key() + "=" + pair.value()).toList();
  }

  // ---- whose offer -----------------------------------------------------------------------------

  private FakePolicy withOfferOfTheTarget() {
    FakePolicy policy = FakePolicy.open();
    policy.targetOffer =
        Optional.of(
            OperationalOffer.builder()
                .dataDigests(List.of("CRC32C"))
                .maxBurstLength(4096)
                .maxRecvDataSegmentLength(1024)
                .build());
    require(policy);
    return policy;
  }

  @Test
  void targetsOfferDecidesKeysOfTheFirstRequestToo() throws Exception {
    withOfferOfTheTarget();

    Step step = next(OPERATIONAL, END, "MaxBurstLength=8192", "DataDigest=CRC32C", NAME, TARGET);

    assertThat(texts(step))
        .contains("MaxBurstLength=4096", "DataDigest=CRC32C", "MaxRecvDataSegmentLength=1024");
    assertThat(negotiation.parameters().maxBurstLength()).isEqualTo(4096);
    assertThat(negotiation.parameters().dataDigest()).isTrue();
  }

  @Test
  void discoveryGetsTheServersOffer() throws Exception {
    withOfferOfTheTarget();

    Step step = next(OPERATIONAL, END, NAME, DISCOVERY);

    assertThat(step.finished()).isTrue();
    assertThat(texts(step)).containsExactly("MaxRecvDataSegmentLength=8192");
  }

  @Test
  void termsAreThoseOfTheTarget() throws Exception {
    FakePolicy policy = withOfferOfTheTarget();

    next(OPERATIONAL, END, NAME, TARGET, "DataDigest=CRC32C");

    assertThat(negotiation.terms().offer()).isSameAs(policy.targetOffer.orElseThrow());
  }

  // ---- logins that end well --------------------------------------------------------------------

  @Test
  void fromTheOperationalStageAtOnce() throws Exception {
    Step step = next(OPERATIONAL, END, NAME, TARGET);

    assertThat(step.finished()).isTrue();
    assertThat(texts(step))
        .containsExactly(
            "TargetPortalGroupTag=5", "TargetAlias=alias", "MaxRecvDataSegmentLength=8192");
    assertThat(negotiation.initiator().orElseThrow().name())
        .hasToString("iqn.2026-01.org.iscsi4j.test:initiator");
    assertThat(negotiation.target())
        .map(target -> target.name().toString())
        .contains(FakePolicy.TARGET);
  }

  @Test
  void throughBothStages() throws Exception {
    Step security = next(SECURITY, OPERATIONAL, NAME, TARGET, "AuthMethod=CHAP,None");
    assertThat(security.transit()).isTrue();
    assertThat(security.nextStage()).isEqualTo(OPERATIONAL);
    assertThat(texts(security))
        .containsExactly("TargetPortalGroupTag=5", "AuthMethod=None", "TargetAlias=alias");

    Step last = next(OPERATIONAL, END, "MaxBurstLength=4096");
    assertThat(last.finished()).isTrue();
    assertThat(texts(last)).containsExactly("MaxBurstLength=4096", "MaxRecvDataSegmentLength=8192");
    assertThat(negotiation.parameters().maxBurstLength()).isEqualTo(4096);
  }

  @Test
  void fromTheSecurityStageToTheEnd() throws Exception {
    assertThat(next(SECURITY, END, NAME, TARGET, "AuthMethod=None").finished()).isTrue();
  }

  @Test
  void withoutAnAuthMethod() throws Exception {
    assertThat(next(SECURITY, OPERATIONAL, NAME, TARGET).transit()).isTrue();
  }

  @Test
  void discoveryWithoutATarget() throws Exception {
    Step step = next(OPERATIONAL, END, NAME, DISCOVERY);

    assertThat(step.finished()).isTrue();
    assertThat(texts(step)).doesNotContain("TargetPortalGroupTag=5");
    assertThat(negotiation.target()).isEmpty();
  }

  @Test
  void discoveryWithATarget() throws Exception {
    Step step = next(OPERATIONAL, END, NAME, DISCOVERY, "TargetName=iqn.2000-01.nobody");

    assertThat(step.finished()).isTrue();
    assertThat(texts(step)).contains("TargetPortalGroupTag=5");
    assertThat(negotiation.target()).isEmpty();
  }

  @Test
  void initiatorThatWantsToStayStays() throws Exception {
    assertThat(stay(SECURITY, NAME, TARGET).transit()).isFalse();
    assertThat(stay(SECURITY, "AuthMethod=None").transit()).isFalse();
    assertThat(next(SECURITY, OPERATIONAL).transit()).isTrue();
    assertThat(stay(OPERATIONAL, "InitialR2T=No").transit()).isFalse();
    assertThat(stay(OPERATIONAL).answers()).isEmpty();
    assertThat(next(OPERATIONAL, END).finished()).isTrue();
  }

  @Test
  void unknownKeysAreAnsweredInEveryStage() throws Exception {
    assertThat(texts(stay(SECURITY, NAME, TARGET, "X-org.example.a=1")))
        .contains("X-org.example.a=NotUnderstood");
    next(SECURITY, OPERATIONAL);
    assertThat(texts(stay(OPERATIONAL, "Zebra=stripes"))).contains("Zebra=NotUnderstood");
  }

  @Test
  void sessionTypeThatIsNormal() throws Exception {
    assertThat(next(OPERATIONAL, END, NAME, TARGET, "SessionType=Normal").finished()).isTrue();
  }

  // ---- names -----------------------------------------------------------------------------------

  @Test
  void initiatorNameIsNeeded() {
    assertThat(refusal(OPERATIONAL, END, TARGET)).isEqualTo(LoginStatus.MISSING_PARAMETER);
  }

  @Test
  void initiatorNameIsNeededInTheFirstRequest() throws Exception {
    LoginException refused =
        catchThrowableOfType(LoginException.class, () -> stay(SECURITY, TARGET));

    assertThat(refused.status()).isEqualTo(LoginStatus.MISSING_PARAMETER);
  }

  @Test
  void targetNameIsNeeded() {
    assertThat(refusal(OPERATIONAL, END, NAME)).isEqualTo(LoginStatus.MISSING_PARAMETER);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"iqn.2026-01.org.iscsi4j.test:nobody", "not a name", "eui.0123456789abcdef"})
  void unknownTarget(String name) {
    assertThat(refusal(OPERATIONAL, END, NAME, "TargetName=" + name))
        .isEqualTo(LoginStatus.TARGET_NOT_FOUND);
  }

  @Test
  void initiatorNameThatIsNone() {
    assertThat(refusal(OPERATIONAL, END, "InitiatorName=somebody", TARGET))
        .isEqualTo(LoginStatus.INITIATOR_ERROR);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Boot", "normal", "", "Discovery,Normal"})
  void unknownSessionType(String type) {
    assertThat(refusal(OPERATIONAL, END, NAME, TARGET, "SessionType=" + type))
        .isEqualTo(LoginStatus.SESSION_TYPE_NOT_SUPPORTED);
  }

  // ---- sessions --------------------------------------------------------------------------------

  @Test
  void joiningASessionThatIsNotThere() {
    assertThat(joining(5, 41, 1, NAME, TARGET)).isEqualTo(LoginStatus.SESSION_DOES_NOT_EXIST);
  }

  @Test
  void joiningTheSessionOfAnotherIsidOrInitiator() {
    assertThat(joining(5, FakePolicy.KNOWN_TSIH, 2, NAME, TARGET))
        .isEqualTo(LoginStatus.SESSION_DOES_NOT_EXIST);
    assertThat(joining(5, FakePolicy.KNOWN_TSIH, 1, NAME + "2", TARGET))
        .isEqualTo(LoginStatus.SESSION_DOES_NOT_EXIST);
  }

  @Test
  void joiningASessionThroughAnotherPortalGroup() {
    assertThat(joining(6, FakePolicy.KNOWN_TSIH, 1, NAME, TARGET))
        .isEqualTo(LoginStatus.CANNOT_INCLUDE_IN_SESSION);
  }

  @Test
  void joiningKeepsWhatTheSessionAgreedOn() throws LoginException {
    Step last =
        FakePolicy.answered(
            negotiation.step(
                header(OPERATIONAL, END, true, FakePolicy.KNOWN_TSIH),
                pairs(NAME, TARGET, "MaxRecvDataSegmentLength=4096")));

    assertThat(last.finished()).isTrue();
    assertThat(negotiation.parameters().initiatorMaxRecvDataSegmentLength()).isEqualTo(4096);
  }

  private LoginStatus joining(int group, int tsih, long isid, String... texts) {
    LoginRequestPdu request =
        new LoginRequestPdu(
            true, false, OPERATIONAL, END, 0, 0, 0, 0, new Isid(isid), tsih, 1, 1, 1, 0);
    return catchThrowableOfType(
            LoginException.class,
            () ->
                FakePolicy.answered(
                    FakePolicy.negotiation(FakePolicy.open(), group).step(request, pairs(texts))))
        .status();
  }

  @Test
  void serverThatCloses() {
    require(FakePolicy.closing());

    assertThat(refusal(OPERATIONAL, END, NAME, TARGET)).isEqualTo(LoginStatus.SERVICE_UNAVAILABLE);
  }

  // ---- stages ----------------------------------------------------------------------------------

  @Test
  void stageThatIsOver() throws Exception {
    next(SECURITY, OPERATIONAL, NAME, TARGET);

    assertThat(refusal(SECURITY, OPERATIONAL)).isEqualTo(LoginStatus.INITIATOR_ERROR);
  }

  @Test
  void stageThatHasNotBegun() throws Exception {
    require(FakePolicy.withChap());
    stay(SECURITY, NAME, TARGET, "AuthMethod=CHAP");

    assertThat(refusal(OPERATIONAL, END)).isEqualTo(LoginStatus.INITIATOR_ERROR);
  }

  @Test
  void securityStageThatNobodyNeeds() throws Exception {
    stay(SECURITY, NAME, TARGET, "AuthMethod=CHAP,None");

    assertThat(next(OPERATIONAL, END).finished()).isTrue();
  }

  @Test
  void stagesNeverGoBack() throws Exception {
    stay(SECURITY, NAME, TARGET);
    stay(OPERATIONAL);

    assertThat(refusal(SECURITY, OPERATIONAL)).isEqualTo(LoginStatus.INITIATOR_ERROR);
  }

  // ---- who says again who he is ----------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(ints = {SECURITY, OPERATIONAL})
  void sameNamesAgain(int stage) throws Exception {
    stay(SECURITY, NAME, TARGET, "SessionType=Normal", "InitiatorAlias=a");

    assertThat(texts(stay(stage, NAME, TARGET, "SessionType=Normal", "InitiatorAlias=a")))
        .filteredOn(text -> !text.startsWith("MaxRecvDataSegmentLength"))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"InitiatorName=iqn.2026-01.a:b", "SessionType=Discovery", "InitiatorAlias=b"})
  void otherNames(String pair) throws Exception {
    stay(SECURITY, NAME, TARGET, "SessionType=Normal", "InitiatorAlias=a");

    assertThat(refusal(OPERATIONAL, END, pair)).isEqualTo(LoginStatus.INITIATOR_ERROR);
  }

  @Test
  void namesTwiceInOneRequest() {
    assertThat(refusal(SECURITY, OPERATIONAL, NAME, TARGET, NAME))
        .isEqualTo(LoginStatus.INITIATOR_ERROR);
  }

  // ---- keys that may not be --------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(
      strings = {
        "InitiatorName=iqn.2026-01.org.iscsi4j.test:initiator",
        "AuthMethod=None",
        "MaxBurstLength=4096",
        "X-org.example.a=1"
      })
  void keyThatComesTwiceInOneRequest(String pair) {
    assertThat(refusal(SECURITY, OPERATIONAL, NAME, TARGET, pair, pair))
        .isEqualTo(LoginStatus.INITIATOR_ERROR);
  }

  @ParameterizedTest
  @ValueSource(strings = {"AuthMethod=None", "X-org.example.a=1"})
  void keyThatComesAgain(String pair) throws Exception {
    stay(SECURITY, NAME, TARGET, pair);

    assertThat(refusal(SECURITY, OPERATIONAL, pair)).isEqualTo(LoginStatus.INITIATOR_ERROR);
  }

  /** Normalising costs time, which is nobody's due who has not even kept to the length. */
  @Test
  void namesThatAreTooLongAreNotNormalised() {
    String tooLong = "iqn.2026-01.org.example:" + "\u00ad".repeat(200);

    assertThatThrownBy(() -> stay(SECURITY, "InitiatorName=eui" + tooLong, TARGET))
        .hasMessage("InitiatorName of 427 bytes is outside 1..223");
    require(FakePolicy.open());
    assertThatThrownBy(() -> stay(SECURITY, NAME, "TargetName=" + tooLong))
        .hasMessage("TargetName of 424 bytes is outside 1..223");
  }

  @ParameterizedTest
  @ValueSource(strings = {"CHAP_A=5", "AuthMethod=None", "SendTargets=All"})
  void keyOfAnotherStageInTheOperationalStage(String pair) throws Exception {
    next(SECURITY, OPERATIONAL, NAME, TARGET);

    assertThat(refusal(OPERATIONAL, END, pair)).isEqualTo(LoginStatus.INITIATOR_ERROR);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "MaxRecvDataSegmentLength=4096",
        "HeaderDigest=None",
        "IFMarker=No",
        "iSCSIProtocolLevel=1",
        "SendTargets=All"
      })
  void keyOfAnotherStageInTheSecurityStage(String pair) {
    assertThat(refusal(SECURITY, OPERATIONAL, NAME, TARGET, pair))
        .isEqualTo(LoginStatus.INITIATOR_ERROR);
  }

  @Test
  void keysOfAnyStageInTheSecurityStage() throws Exception {
    Step step =
        next(
            SECURITY,
            OPERATIONAL,
            NAME,
            TARGET,
            "SessionType=Normal",
            "InitiatorAlias=me",
            "X#NodeArchitecture=anything",
            "X-org.example.a=1");

    assertThat(step.transit()).isTrue();
    assertThat(texts(step))
        .containsExactly(
            "TargetPortalGroupTag=5", "TargetAlias=alias", "X-org.example.a=NotUnderstood");
  }

  @Test
  void chapWithoutAuthMethod() {
    assertThat(refusal(SECURITY, OPERATIONAL, NAME, TARGET, "CHAP_A=5"))
        .isEqualTo(LoginStatus.INITIATOR_ERROR);
  }

  @Test
  void digestThatNobodyHas() {
    assertThat(refusal(OPERATIONAL, END, NAME, TARGET, "HeaderDigest=MD5"))
        .isEqualTo(LoginStatus.INITIATOR_ERROR);
  }

  @Test
  void serverThatInsistsOnADigestStaysUntilItIsAgreed() throws Exception {
    require(FakePolicy.insistingOnDigest());

    Step offer = next(OPERATIONAL, END, NAME, TARGET);
    assertThat(offer.transit()).isFalse();
    assertThat(texts(offer)).contains("HeaderDigest=CRC32C");
    assertThat(next(OPERATIONAL, END, "HeaderDigest=CRC32C").finished()).isTrue();
    assertThat(negotiation.parameters().headerDigest()).isTrue();
  }

  @Test
  void offerOfADigestThatIsNotAnsweredEndsTheLogin() throws Exception {
    require(FakePolicy.insistingOnDigest());
    next(OPERATIONAL, END, NAME, TARGET);

    assertThat(refusal(OPERATIONAL, END)).isEqualTo(LoginStatus.INITIATOR_ERROR);
  }

  @Test
  void serverThatInsistsOnADigestLeadsToTheOperationalStage() throws Exception {
    require(FakePolicy.insistingOnDigest());

    Step step = next(SECURITY, END, NAME, TARGET, "AuthMethod=None");

    assertThat(step.transit()).isTrue();
    assertThat(step.nextStage()).isEqualTo(OPERATIONAL);
    assertThat(next(OPERATIONAL, END, "HeaderDigest=CRC32C").finished()).isTrue();
  }

  // ---- authentication --------------------------------------------------------------------------

  @Test
  void chapIsChosenWhenRequired() throws Exception {
    require(FakePolicy.withChap());

    Step step = stay(SECURITY, NAME, TARGET, "AuthMethod=None,CHAP");

    assertThat(texts(step)).contains("AuthMethod=CHAP");
  }

  @ParameterizedTest
  @ValueSource(strings = {"None", "KRB5", "SRP,None", "chap"})
  void chapIsRequiredAndNotOffered(String methods) {
    require(FakePolicy.withChap());

    assertThat(refusal(SECURITY, OPERATIONAL, NAME, TARGET, "AuthMethod=" + methods))
        .isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);
  }

  @ParameterizedTest
  @ValueSource(ints = {OPERATIONAL, END})
  void chapIsRequiredAndAuthMethodLeftOut(int next) {
    require(FakePolicy.withChap());

    assertThat(refusal(SECURITY, next, NAME, TARGET)).isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);
  }

  @Test
  void chapIsRequiredAndTheStageSkipped() {
    require(FakePolicy.withChap());

    assertThat(refusal(OPERATIONAL, END, NAME, TARGET))
        .isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);
  }

  @Test
  void chapIsRequiredForDiscoveryToo() {
    require(FakePolicy.withChap());

    assertThat(refusal(OPERATIONAL, END, NAME, DISCOVERY))
        .isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);
  }

  @ParameterizedTest
  @ValueSource(ints = {OPERATIONAL, END})
  void nobodyGoesOnWithoutProof(int next) throws Exception {
    require(FakePolicy.withChap());

    assertThat(next(SECURITY, next, NAME, TARGET, "AuthMethod=CHAP").transit()).isFalse();
    assertThat(next(SECURITY, next, "CHAP_A=7").transit()).isFalse();
    assertThat(next(SECURITY, next).transit()).isFalse();
  }

  @Test
  void proofOpensTheNextStage() throws Exception {
    require(FakePolicy.withChap());
    stay(SECURITY, NAME, TARGET, "AuthMethod=CHAP");
    String response = respond(stay(SECURITY, "CHAP_A=7"), FakePolicy.SECRET);

    assertThat(next(SECURITY, OPERATIONAL, "CHAP_N=user", "CHAP_R=" + response).transit()).isTrue();
    assertThat(next(OPERATIONAL, END).finished()).isTrue();
  }

  @Test
  void proofOpensTheEnd() throws Exception {
    require(FakePolicy.withChap());
    stay(SECURITY, NAME, TARGET, "AuthMethod=CHAP");
    String response = respond(stay(SECURITY, "CHAP_A=7"), FakePolicy.SECRET);

    assertThat(next(SECURITY, END, "CHAP_N=user", "CHAP_R=" + response).finished()).isTrue();
  }

  @Test
  void wrongProofEndsTheLogin() throws Exception {
    require(FakePolicy.withChap());
    stay(SECURITY, NAME, TARGET, "AuthMethod=CHAP");
    String response = respond(stay(SECURITY, "CHAP_A=7"), "some other secret");

    assertThat(refusal(SECURITY, OPERATIONAL, "CHAP_N=user", "CHAP_R=" + response))
        .isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);
  }

  @Test
  void openServerTakesNoChapKeys() throws Exception {
    stay(SECURITY, NAME, TARGET, "AuthMethod=None");

    assertThat(refusal(SECURITY, OPERATIONAL, "CHAP_A=5")).isEqualTo(LoginStatus.INITIATOR_ERROR);
  }

  @Test
  void openServerRefusesWhoInsistsOnChap() {
    assertThat(refusal(SECURITY, OPERATIONAL, NAME, TARGET, "AuthMethod=CHAP"))
        .isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);
  }

  private static String respond(Step challenge, String secret) throws Exception {
    return ChapExchangeTest.response(challenge.answers(), ChapAlgorithm.SHA256, secret);
  }

  @Test
  void secretsAreNeverInMessages() throws Exception {
    require(FakePolicy.withChap());
    stay(SECURITY, NAME, TARGET, "AuthMethod=CHAP");
    String response = respond(stay(SECURITY, "CHAP_A=7"), "some other secret");

    LoginException refused =
        catchThrowableOfType(
            LoginException.class,
            () -> next(SECURITY, OPERATIONAL, "CHAP_N=user", "CHAP_R=" + response));

    assertThat(refused).hasMessageNotContaining(response.substring(2));
    assertThat(LargeBinary.decode(response, 32)).hasSize(32);
  }
}

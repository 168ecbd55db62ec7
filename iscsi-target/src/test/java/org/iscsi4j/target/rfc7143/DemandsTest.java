package org.iscsi4j.target.rfc7143;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.iscsi4j.api.MemoryDevice;
import org.iscsi4j.api.Target;
import org.iscsi4j.api.access.AccessPolicy;
import org.iscsi4j.api.access.Chap;
import org.iscsi4j.api.access.ChapAlgorithm;
import org.iscsi4j.api.access.Credential;
import org.iscsi4j.api.access.Secret;
import org.iscsi4j.protocol.KeyValue;
import org.iscsi4j.protocol.LoginStatus;
import org.iscsi4j.target.IscsiServerBuilder;
import org.iscsi4j.target.fixture.CapturedLog;
import org.iscsi4j.target.fixture.LoginAnswer;
import org.iscsi4j.target.fixture.LoginScript;
import org.iscsi4j.target.fixture.OwnThread;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What targets and discovery demand of whoever comes in: proofs, and to be on the list. */
class DemandsTest {

  private static final String USER = "user";
  private static final String SECRET = "a secret of 16 b";
  private static final String OWN_SECRET = "another secret..";
  private static final String SECOND = "iqn.2026-01.org.iscsi4j.test:second";

  private TestServer server;
  private final List<ScriptedInitiator> initiators = new ArrayList<>();

  private void start(Consumer<IscsiServerBuilder> settings) {
    server = TestServer.start(settings);
  }

  @AfterEach
  void stop() {
    initiators.forEach(ScriptedInitiator::close);
    server.close();
  }

  private LoginScript login() {
    ScriptedInitiator initiator = server.connect();
    initiators.add(initiator);
    return initiator.login();
  }

  private static Chap.Builder chap() {
    return Chap.builder().user(USER, SECRET);
  }

  private static Target second(Consumer<Target.Builder> settings) {
    Target.Builder target = Target.builder(SECOND).lun(MemoryDevice.ofSize(1 << 20));
    settings.accept(target);
    return target.build();
  }

  private static LoginAnswer challenge(LoginScript login) {
    List<KeyValue> first = login.names();
    first.add(new KeyValue("AuthMethod", "CHAP"));
    login.request(0, 1, false, first);
    return login.request(0, 1, false, List.of(new KeyValue("CHAP_A", "7")));
  }

  private static LoginAnswer prove(LoginScript login, LoginAnswer challenge, String... more) {
    List<KeyValue> keys = new ArrayList<>();
    keys.add(new KeyValue("CHAP_N", USER));
    keys.add(
        new KeyValue(
            "CHAP_R",
            LoginScript.response(challenge, org.iscsi4j.protocol.ChapAlgorithm.SHA256, SECRET)));
    Arrays.stream(more)
        .map(pair -> pair.split("=", 2))
        .forEach(pair -> keys.add(new KeyValue(pair[0], pair[1])));
    return login.request(0, 1, true, keys);
  }

  // ---- access

  @Test
  void whomATargetDoesNotLetInIsNotAuthorized() {
    start(settings -> settings.target(second(to -> to.access(AccessPolicy.CLOSED))));

    assertThat(login().target(SECOND).tryPerform().status())
        .isEqualTo(LoginStatus.AUTHORIZATION_FAILURE);
    assertThat(login().target(SECOND).withoutSecurityStage().tryPerform().status())
        .isEqualTo(LoginStatus.AUTHORIZATION_FAILURE);
    assertThat(login().tryPerform().status()).isEqualTo(LoginStatus.SUCCESS);
  }

  @Test
  void whoMayNotDiscoverIsNotAuthorized() {
    start(settings -> settings.discovery(AccessPolicy.CLOSED));

    assertThat(login().discovery().tryPerform().status())
        .isEqualTo(LoginStatus.AUTHORIZATION_FAILURE);
    assertThat(login().tryPerform().status()).isEqualTo(LoginStatus.SUCCESS);
  }

  @Test
  void rulesCountOnceTheInitiatorHasProvedWhoItIs() {
    AccessPolicy forTheUser = who -> who.user().equals(Optional.of(USER));
    start(
        settings ->
            settings.target(
                second(
                    to ->
                        to.access(forTheUser)
                            .chap(chap().user("other", "another secret of").build()))));

    assertThat(login().target(SECOND).tryPerform().status())
        .isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);
    assertThat(login().target(SECOND).chap("other", "another secret of").tryPerform().status())
        .isEqualTo(LoginStatus.AUTHORIZATION_FAILURE);
    assertThat(login().target(SECOND).chap(USER, SECRET).tryPerform().status())
        .isEqualTo(LoginStatus.SUCCESS);
    assertThat(server.server().sessions())
        .singleElement()
        .satisfies(session -> assertThat(session.initiator().user()).contains(USER));
  }

  // ---- proofs

  @Test
  void targetsAndDiscoveryHaveCredentialsOfTheirOwn() {
    start(
        settings ->
            settings
                .chap(chap().build())
                .discovery(
                    AccessPolicy.OPEN, Chap.builder().user("scout", "look around only").build())
                .target(second(to -> to.chap(Chap.notDemanded()))));

    assertThat(login().chap(USER, SECRET).tryPerform().status()).isEqualTo(LoginStatus.SUCCESS);
    assertThat(login().chap("scout", "look around only").tryPerform().status())
        .isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);
    assertThat(login().discovery().chap("scout", "look around only").tryPerform().status())
        .isEqualTo(LoginStatus.SUCCESS);
    assertThat(login().discovery().chap(USER, SECRET).tryPerform().status())
        .isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);
    assertThat(login().target(SECOND).tryPerform().status()).isEqualTo(LoginStatus.SUCCESS);
  }

  @Test
  void secretsOfFourCharactersLetInWhereTheyAreAllowed() {
    Chap oldSetUp =
        Chap.builder().user("chap", "chap").own("targ", "lion").allowShortSecrets().build();
    start(settings -> settings.chap(oldSetUp));

    assertThat(login().chap("chap", "chap").tryPerform().status()).isEqualTo(LoginStatus.SUCCESS);
    assertThat(login().chap("chap", "lion").tryPerform().status())
        .isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);
  }

  @Test
  void mutualThatIsDemandedMustBeAskedFor() {
    start(
        settings ->
            settings.chap(chap().own("target", OWN_SECRET).demand(Chap.Demand.MUTUAL).build()));
    LoginScript oneWay = login();
    assertThat(prove(oneWay, challenge(oneWay)).status())
        .isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);

    LoginScript bothWays = login();
    LoginAnswer proof = prove(bothWays, challenge(bothWays), "CHAP_I=1", "CHAP_C=0x0102");

    assertThat(proof.value("CHAP_N")).contains("target");
    assertThat(bothWays.request(1, 3, true, List.of()).status()).isEqualTo(LoginStatus.SUCCESS);
  }

  @Test
  void proofThatIsOptionalIsAProof() {
    start(settings -> settings.chap(chap().demand(Chap.Demand.OPTIONAL).build()));

    assertThat(login().tryPerform().status()).isEqualTo(LoginStatus.SUCCESS);
    assertThat(login().isid(2).chap(USER, SECRET).tryPerform().status())
        .isEqualTo(LoginStatus.SUCCESS);
    assertThat(login().isid(3).chap(USER, "some other secret").tryPerform().status())
        .isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);
    assertThat(server.server().sessions())
        .extracting(session -> session.initiator().user())
        .containsExactlyInAnyOrder(Optional.empty(), Optional.of(USER));
  }

  @Test
  void algorithmThatIsTooWeakIsNotUsed() {
    start(settings -> settings.chap(chap().weakest(ChapAlgorithm.SHA3_256).build()));

    assertThat(login().chap(USER, SECRET).tryPerform().status()) // by SHA-256
        .isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);
  }

  @Test
  void challengeOfAnotherConnectionIsNotAnswered() {
    start(settings -> settings.chap(chap().own("target", OWN_SECRET).build()));
    String outstanding = challenge(login()).value("CHAP_C").orElseThrow();
    LoginScript login = login();

    LoginAnswer refused = prove(login, challenge(login), "CHAP_I=1", "CHAP_C=" + outstanding);

    assertThat(refused.status()).isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);
    assertThat(server.events().awaitRefused()).contains("reflects");
  }

  // ---- secrets from elsewhere

  @Test
  void secretsOfAStoreAreInNoLogAndWiped() {
    List<Credential> given = new ArrayList<>();
    start(
        settings ->
            settings.chap(
                Chap.builder()
                    .credentials(
                        (user, initiator, target) ->
                            CompletableFuture.supplyAsync(
                                () -> Optional.of(remember(given)), OwnThread.EACH))
                    .build()));
    login().chap(USER, SECRET).perform(); // now every logger exists

    try (CapturedLog log = new CapturedLog()) {
      login().chap(USER, SECRET).perform();
      login().chap(USER, "some other secret").tryPerform();

      assertThat(log.text()).contains("login refused").doesNotContain(SECRET, OWN_SECRET);
    }
    assertThat(given)
        .hasSize(3)
        .allSatisfy(
            credential -> {
              assertThat(credential.secret().isDestroyed()).isTrue();
              assertThat(credential.own().orElseThrow().secret().isDestroyed()).isTrue();
            });
  }

  private static Credential remember(List<Credential> given) {
    Credential credential =
        new Credential(
            Secret.of(SECRET), Optional.of(new Credential.Own("target", Secret.of(OWN_SECRET))));
    given.add(credential);
    return credential;
  }
}

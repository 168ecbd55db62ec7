package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.access.AccessPolicy;
import org.iscsi4j.api.access.Chap;
import org.iscsi4j.api.access.Chap.Demand;
import org.iscsi4j.api.access.Credential;
import org.iscsi4j.api.access.Credentials;
import org.iscsi4j.api.access.Secret;
import org.iscsi4j.protocol.KeyValue;
import org.iscsi4j.protocol.LoginStatus;
import org.iscsi4j.target.fixture.LoginAnswer;
import org.iscsi4j.target.fixture.LoginScript;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a host may ask for at discovery and at each target, from nothing to both sides' proof, with
 * secrets that stand in a file of its own.
 */
class AuthenticationChoiceTest {

  private static final IscsiName TARGET = IscsiName.of(TestServer.TARGET);

  /** Secrets by user in lower case, as they stand in the host's file at this moment. */
  private final Map<String, String> file = new ConcurrentHashMap<>(Map.of("test", "tset"));

  private final TestServer server = TestServer.start();

  @AfterEach
  void stop() {
    server.close();
  }

  /** Looks every user up anew, whatever the case of its letters. */
  private Credentials fromFile() {
    return (user, initiator, target) ->
        CompletableFuture.completedFuture(
            Optional.ofNullable(file.get(user.toLowerCase(Locale.ROOT)))
                .map(secret -> Credential.of(Secret.of(secret))));
  }

  private Chap chap(Demand demand) {
    return Chap.builder()
        .credentials(fromFile())
        .own("target", "the target's own secret")
        .demand(demand)
        .allowShortSecrets()
        .build();
  }

  private void demandAtTarget(Demand demand) {
    server
        .server()
        .changeTarget(TARGET, before -> before.toBuilder().chap(chap(demand)).build())
        .join();
  }

  private void demandAtDiscovery(Demand demand) {
    server.server().changeDiscovery(AccessPolicy.OPEN, Optional.of(chap(demand)));
  }

  /** What becomes of an offer: the method that is chosen, or the status that refuses it. */
  private String outcome(boolean discovery, String methods) {
    try (ScriptedInitiator initiator = server.connect()) {
      LoginScript script = discovery ? initiator.login().discovery() : initiator.login();
      List<KeyValue> first = script.names();
      first.add(new KeyValue("AuthMethod", methods));
      LoginAnswer answer = script.request(0, 1, false, first);
      return answer.value("AuthMethod").orElseGet(() -> answer.status().name());
    }
  }

  private LoginStatus login(String user, String secret) {
    try (ScriptedInitiator initiator = server.connect()) {
      return initiator.login().chap(user, secret).tryPerform().status();
    }
  }

  // ---- None, CHAP, CHAP Mutual, Auto

  @ParameterizedTest(name = "{0}: an initiator that offers {1} gets {2}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          NONE     | None      | None
          NONE     | CHAP,None | None
          NONE     | CHAP      | AUTHENTICATION_FAILURE
          OPTIONAL | None      | None
          OPTIONAL | CHAP      | CHAP
          OPTIONAL | CHAP,None | CHAP
          OPTIONAL | None,CHAP | None
          REQUIRED | None      | AUTHENTICATION_FAILURE
          REQUIRED | CHAP      | CHAP
          REQUIRED | None,CHAP | CHAP
          MUTUAL   | None      | AUTHENTICATION_FAILURE
          MUTUAL   | CHAP      | CHAP
          """)
  void discoveryAndTargetChooseByThemselves(Demand demand, String offered, String outcome) {
    demandAtDiscovery(demand);
    assertThat(outcome(true, offered)).isEqualTo(outcome);

    demandAtDiscovery(demand == Demand.NONE ? Demand.REQUIRED : Demand.NONE);
    demandAtTarget(demand);
    assertThat(outcome(false, offered)).isEqualTo(outcome);
  }

  @Test
  void whoIsNotAskedForAProofMayGiveOneAndMustGiveARightOne() {
    demandAtTarget(Demand.OPTIONAL);

    assertThat(login("test", "tset")).isEqualTo(LoginStatus.SUCCESS);
    assertThat(login("test", "wrong")).isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);
    server.login().close();
  }

  @Test
  void mutualChapIsNotDoneByOneSide() {
    demandAtTarget(Demand.MUTUAL);

    assertThat(login("test", "tset")).isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);
  }

  // ---- users and secrets

  @ParameterizedTest
  @ValueSource(strings = {"test", "Test", "TEST"})
  void hostMayTakeUsersWhateverTheirCase(String user) {
    demandAtTarget(Demand.REQUIRED);

    assertThat(login(user, "tset")).isEqualTo(LoginStatus.SUCCESS);
    assertThat(login(user, "TSET")).isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 11, 12, 16, 255})
  void secretsMayHaveAnyLengthFromOneOn(int length) {
    String secret = "s".repeat(length);
    file.put("test", secret);
    demandAtTarget(Demand.REQUIRED);

    assertThat(login("test", secret)).isEqualTo(LoginStatus.SUCCESS);
    assertThat(login("test", secret + "s")).isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);
  }

  @Test
  void secretsAreReadAnewAtEachLogin() {
    demandAtTarget(Demand.REQUIRED);
    assertThat(login("test", "tset")).isEqualTo(LoginStatus.SUCCESS);

    file.put("test", "another");
    assertThat(login("test", "tset")).isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);
    assertThat(login("test", "another")).isEqualTo(LoginStatus.SUCCESS);

    file.clear();
    assertThat(login("test", "another")).isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);
  }
}

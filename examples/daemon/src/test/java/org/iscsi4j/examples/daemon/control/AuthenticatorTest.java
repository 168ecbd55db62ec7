package org.iscsi4j.examples.daemon.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.iscsi4j.api.access.Secret;
import org.iscsi4j.examples.daemon.config.AuthRule.Method;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** AUTH, word by word. */
class AuthenticatorTest {

  private static final byte[] CHALLENGE = {1, 2, 3};

  private Authenticator authenticator = authenticator(Method.CHAP);

  private static Authenticator authenticator(Method method) {
    return new Authenticator(TestControl.rule(method), TestControl.USERS);
  }

  @Test
  void theRightSecretGetsIn() throws Refusal {
    assertThat(authenticator.pending()).isTrue();

    assertThat(answer("ctluser", "test")).containsExactly("OK AUTH");

    assertThat(authenticator.pending()).isFalse();
  }

  @Test
  void aResponseIsMd5OfIdentifierSecretAndChallenge() {
    byte[] response = ChapMd5.response(0x27, Secret.of("test"), new byte[] {(byte) 0xab, 0x01});

    assertThat(ChapMd5.encode(response)).isEqualTo("0x314D3A44B32593B349AB325DEADCBB96");
  }

  @Test
  void theDaemonProvesItselfWhenAsked() throws Refusal {
    String proof = ChapMd5.encode(ChapMd5.response(7, Secret.of("mutualsecret"), CHALLENGE));

    assertThat(answer("ctluser", "test", "7", ChapMd5.encode(CHALLENGE)))
        .containsExactly("AUTH CHAP_NR \"mutualuser\" " + proof, "OK AUTH");
  }

  @Test
  void aMutualRuleTellsThoseWhoDoNotAskThatTheyHaveTo() throws Refusal {
    authenticator = authenticator(Method.CHAP_MUTUAL);

    assertRefused("CHAP sequence error", () -> answer("ctluser", "test"));
    assertThat(authenticator.pending()).isTrue();
    answer("ctluser", "test", "7", ChapMd5.encode(CHALLENGE));
    assertThat(authenticator.pending()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"ctluser, wrong", "nobody, test", "ctluser, ''"})
  void theWrongSecretAndTheUnknownUserAreToldTheSame(String user, String secret) {
    assertRefused("auth user or secret is missing", () -> answer(user, secret));
    assertThat(authenticator.pending()).isTrue();
    assertThat(authenticator.failures()).isOne();
  }

  @Test
  void aUserWithoutAMutualSecretGetsNoProof() {
    assertRefused(
        "auth user or secret is missing",
        () -> answer("one-way", "one-way secret", "7", ChapMd5.encode(CHALLENGE)));
  }

  @Test
  void secretsThatCantBeReadLetNobodyIn() {
    authenticator =
        new Authenticator(
            TestControl.rule(Method.CHAP),
            (group, user) -> {
              throw new IOException("unreadable");
            });

    assertRefused("auth user or secret is missing", () -> answer("ctluser", "test"));
  }

  @Test
  void aReflectedChallengeIsNotAnswered() throws Refusal {
    List<String> asked = challenge();
    String response = response(asked, "test");

    assertRefused(
        "challenge format error",
        () -> auth("CHAP_NR", "ctluser", response, asked.get(2), asked.get(3)));
    assertThat(authenticator.pending()).isTrue();
  }

  @Test
  void aChallengeIsAnsweredOnce() throws Refusal {
    List<String> asked = challenge();
    assertRefused(
        "auth user or secret is missing",
        () -> auth("CHAP_NR", "ctluser", response(asked, "wrong")));

    assertRefused("CHAP sequence error", () -> auth("CHAP_NR", "ctluser", response(asked, "test")));
  }

  @Test
  void whoHasProvedItIsNotAskedAgain() throws Refusal {
    answer("ctluser", "test");

    assertRefused("CHAP sequence error", this::challenge);
  }

  @Test
  void challengesAreLongAndNeverTheSame() throws Refusal {
    List<String> first = challenge();

    assertThat(ChapMd5.decode(first.get(3))).hasSize(1024);
    assertThat(challenge().get(3)).isNotEqualTo(first.get(3));
  }

  @ParameterizedTest
  @CsvSource({
    "'', invalid parameters: AUTH CHAP_A 5 | AUTH CHAP_NR user response [id challenge]",
    "CHAP_A, invalid algorithm",
    "CHAP_A 7, invalid algorithm",
    "CHAP_X 5, CHAP sequence error",
    "CHAP_NR ctluser 0x00, CHAP sequence error"
  })
  void whatMakesNoSenseIsRefused(String words, String reason) {
    assertRefused(reason, () -> auth(words.isEmpty() ? new String[0] : words.split(" ")));
  }

  @ParameterizedTest
  @CsvSource({
    "ctluser, no response",
    "ctluser 0x00, response format error",
    "ctluser 00112233445566778899aabbccddeeff, response format error",
    "ctluser 0x00112233445566778899aabbccddeefg, response format error",
    "ctluser 0x00112233445566778899aabbccddeeff 1, challenge format error",
    "ctluser 0x00112233445566778899aabbccddeeff 256 0x00, challenge format error",
    "ctluser 0x00112233445566778899aabbccddeeff 1 0x, challenge format error",
    "ctluser 0x00112233445566778899aabbccddeeff 1 0x0, challenge format error"
  })
  void whatIsNoAnswerIsRefused(String words, String reason) throws Refusal {
    challenge();

    assertRefused(reason, () -> auth(("CHAP_NR " + words).split(" ")));
  }

  @ParameterizedTest
  @EnumSource(names = {"AUTO", "NONE"})
  void nobodyHasToProveAnythingThen(Method method) {
    assertThat(authenticator(method).pending()).isFalse();
  }

  @Test
  void whoNeedsNoProofTakesNone() {
    authenticator = authenticator(Method.NONE);

    assertRefused("auth not required", this::challenge);
  }

  @Test
  void autoTakesProofThatIsOffered() throws Refusal {
    authenticator = authenticator(Method.AUTO);

    assertThat(answer("ctluser", "test")).containsExactly("OK AUTH");
  }

  // ---- the client's side

  private List<String> auth(String... words) throws Refusal {
    return authenticator.answer(List.of(words));
  }

  private List<String> challenge() throws Refusal {
    return Words.of(auth("CHAP_A", "5").get(0));
  }

  private static String response(List<String> asked, String secret) {
    int id = Integer.parseInt(asked.get(2));
    return ChapMd5.encode(ChapMd5.response(id, Secret.of(secret), ChapMd5.decode(asked.get(3))));
  }

  private List<String> answer(String user, String secret) throws Refusal {
    return auth("CHAP_NR", user, response(challenge(), secret));
  }

  private List<String> answer(String user, String secret, String id, String challenge)
      throws Refusal {
    return auth("CHAP_NR", user, response(challenge(), secret), id, challenge);
  }

  private static void assertRefused(String reason, ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(Refusal.class).hasMessage(reason);
  }
}

package org.iscsi4j.target.login;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.iscsi4j.api.access.Chap;
import org.iscsi4j.api.access.Credential;
import org.iscsi4j.api.access.Secret;
import org.iscsi4j.protocol.ChapAlgorithm;
import org.iscsi4j.protocol.Key;
import org.iscsi4j.protocol.KeyValue;
import org.iscsi4j.protocol.LoginException;
import org.iscsi4j.protocol.LoginStatus;
import org.iscsi4j.protocol.ProtocolException;

/**
 * The target's side of one CHAP authentication (RFC 7143 section 12.1.3): CHAP_A, then CHAP_I and
 * CHAP_C, then CHAP_N and CHAP_R, possibly with a challenge to the target. Any other order fails,
 * and every failure looks the same from outside. What the target says itself, the initiator can't
 * use to prove anything (section 9.2.1).
 */
final class ChapExchange {

  private final Chap chap;
  private final ChapServer server;
  private final byte[] challenge;
  private final int identifier;

  /** What the answer of an unknown user is compared with, so that it costs the same work. */
  private final Secret nobodys = Secret.random();

  private State state = State.ALGORITHM;
  private ChapAlgorithm algorithm;
  private Optional<String> user = Optional.empty();

  private enum State {
    ALGORITHM,
    PROOF,
    DONE
  }

  /**
   * What an initiator answers the challenge with.
   *
   * @param challenge what it asks of the target; empty when it asks nothing
   */
  record Claim(String user, byte[] response, Optional<Challenge> challenge) {}

  /** A challenge of the initiator's. */
  record Challenge(int identifier, byte[] bytes) {}

  ChapExchange(Chap chap, ChapServer server) {
    this.chap = chap;
    this.server = server;
    challenge = server.challenge();
    identifier = server.identifier();
  }

  /** Whether the challenge was sent, and its answer has not come. */
  boolean awaitsProof() {
    return state == State.PROOF;
  }

  /** Whether the initiator has proved who it is. */
  boolean done() {
    return state == State.DONE;
  }

  /** Who it has proved to be. */
  Optional<String> user() {
    return user;
  }

  /**
   * Takes the algorithms that the initiator has.
   *
   * @param keys CHAP keys of one request, values by key
   * @return the keys of the answer: the challenge
   */
  List<KeyValue> challenge(Map<String, String> keys) throws LoginException {
    if (state != State.ALGORITHM) {
      throw failure("CHAP keys after the end of the exchange");
    }
    requireKeys(keys, Key.CHAP_A);
    List<Integer> offered = parse(Key.CHAP_A, keys);
    algorithm =
        chap.algorithms().stream()
            .map(ours -> ChapAlgorithm.valueOf(ours.name()))
            .filter(ours -> offered.contains(ours.code()))
            .findFirst()
            .orElseThrow(() -> failure("no common algorithm in CHAP_A=" + offered));
    state = State.PROOF;
    return List.of(
        Key.CHAP_A.pair(List.of(algorithm.code())),
        Key.CHAP_I.pair(identifier),
        Key.CHAP_C.pair(challenge));
  }

  /** Reads the answer to the challenge, before anybody knows whether it is right. */
  Claim claim(Map<String, String> keys) throws LoginException {
    boolean asks = keys.containsKey(Key.CHAP_I.name()) || keys.containsKey(Key.CHAP_C.name());
    if (asks) {
      requireKeys(keys, Key.CHAP_N, Key.CHAP_R, Key.CHAP_I, Key.CHAP_C);
    } else {
      requireKeys(keys, Key.CHAP_N, Key.CHAP_R);
    }
    if (!asks && chap.demand() == Chap.Demand.MUTUAL) {
      throw failure("mutual CHAP is required, and the initiator does not ask for it");
    }
    Optional<Challenge> theirs = asks ? Optional.of(theirChallenge(keys)) : Optional.empty();
    return new Claim(parse(Key.CHAP_N, keys), parse(Key.CHAP_R, keys), theirs);
  }

  private Challenge theirChallenge(Map<String, String> keys) throws LoginException {
    Challenge theirs = new Challenge(parse(Key.CHAP_I, keys), parse(Key.CHAP_C, keys));
    if (server.isOurs(theirs.bytes())) {
      throw failure("the initiator reflects a challenge of the target (RFC 7143 section 9.2.1)");
    }
    return theirs;
  }

  /**
   * Judges the answer to the challenge. An unknown user takes the way of a wrong secret.
   *
   * @param credential of the user; empty for an unknown one; wiped afterwards
   * @return the keys of the answer: the target's own proof, if it was asked for
   */
  List<KeyValue> verify(Claim claim, Optional<Credential> credential) throws LoginException {
    try {
      Optional<Credential.Own> own = credential.flatMap(Credential::own).or(chap::own);
      checkProof(claim, credential.map(Credential::secret), own.map(Credential.Own::secret));
      checkSecrets(claim, credential.orElseThrow());
      List<KeyValue> proof =
          claim.challenge().isPresent() ? prove(claim.challenge().get(), own) : List.of();
      state = State.DONE;
      user = Optional.of(claim.user());
      return proof;
    } catch (IllegalStateException e) {
      throw new LoginException(
          LoginStatus.SERVICE_UNAVAILABLE,
          "the credential of CHAP_N=" + printable(claim.user()) + " has been wiped too early");
    } finally {
      credential.ifPresent(Credential::destroy);
    }
  }

  private void checkProof(Claim claim, Optional<Secret> secret, Optional<Secret> own)
      throws LoginException {
    boolean right = answers(claim, secret) & secret.isPresent();
    // the target would answer its own challenge so: it may have been made to
    boolean targets = answers(claim, own) & own.isPresent();
    if (!right) {
      throw failure("user or secret of CHAP_N=" + printable(claim.user()) + " is wrong");
    }
    if (targets) {
      throw failure(
          "CHAP_N=" + printable(claim.user()) + " proves itself with the secret of the target");
    }
  }

  private boolean answers(Claim claim, Optional<Secret> secret) {
    byte[] expected = server.response(algorithm, identifier, secret.orElse(nobodys), challenge);
    return org.iscsi4j.protocol.Chap.matches(expected, claim.response());
  }

  /**
   * What the builder of {@link Chap} checks of its own, {@link Credential}s are checked for here.
   */
  private void checkSecrets(Claim claim, Credential credential) throws LoginException {
    boolean isShort =
        isShort(credential.secret())
            || credential.own().filter(o -> isShort(o.secret())).isPresent();
    if (isShort && !chap.allowsShortSecrets()) {
      throw failure(
          "a secret of CHAP_N="
              + printable(claim.user())
              + " has less than "
              + Chap.MIN_SECRET_BYTES
              + " bytes");
    }
    if (isShort) {
      server.usesShortSecret("CHAP user '" + printable(claim.user()) + "'");
    }
  }

  private static boolean isShort(Secret secret) {
    return secret.length() < Chap.MIN_SECRET_BYTES;
  }

  private List<KeyValue> prove(Challenge theirs, Optional<Credential.Own> own)
      throws LoginException {
    Credential.Own self =
        own.orElseThrow(() -> failure("the initiator asks for mutual CHAP, which is not set up"));
    byte[] proof = server.response(algorithm, theirs.identifier(), self.secret(), theirs.bytes());
    return List.of(Key.CHAP_N.pair(self.name()), Key.CHAP_R.pair(proof));
  }

  private static <T> T parse(Key<T> key, Map<String, String> keys) throws LoginException {
    try {
      return key.parse(keys.get(key.name()));
    } catch (ProtocolException e) {
      throw failure(e.getMessage());
    }
  }

  private static void requireKeys(Map<String, String> keys, Key<?>... wanted)
      throws LoginException {
    List<String> names = Arrays.stream(wanted).map(Key::name).toList();
    if (keys.size() != names.size() || !keys.keySet().containsAll(names)) {
      throw failure("expected " + names + " and got " + keys.keySet());
    }
  }

  private static String printable(String user) {
    return user.replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]", "?");
  }

  private static LoginException failure(String why) {
    return new LoginException(LoginStatus.AUTHENTICATION_FAILURE, why);
  }
}

package org.iscsi4j.target.login;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.iscsi4j.protocol.Chap;
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

  private static final int CHALLENGE_LENGTH = 32;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final ChapPolicy policy;
  private final byte[] challenge = new byte[CHALLENGE_LENGTH];
  private final int identifier;
  private State state = State.ALGORITHM;
  private ChapAlgorithm algorithm;
  private String user;

  private enum State {
    ALGORITHM,
    RESPONSE,
    DONE
  }

  ChapExchange(ChapPolicy policy) {
    this.policy = policy;
    RANDOM.nextBytes(challenge);
    identifier = RANDOM.nextInt(256);
  }

  /** Whether the initiator has proved who it is. */
  boolean done() {
    return state == State.DONE;
  }

  /** Who it has proved to be. */
  Optional<String> user() {
    return done() ? Optional.of(user) : Optional.empty();
  }

  /**
   * Takes the CHAP keys of one request.
   *
   * @param keys values by key; no keys leave the exchange where it is
   * @return the keys of the answer
   */
  List<KeyValue> step(Map<String, String> keys) throws LoginException {
    if (keys.isEmpty()) {
      return List.of();
    }
    try {
      return switch (state) {
        case ALGORITHM -> chooseAlgorithm(keys);
        case RESPONSE -> verify(keys);
        case DONE -> throw failure("CHAP keys after the end of the exchange");
      };
    } catch (ProtocolException e) {
      throw failure(e.getMessage());
    }
  }

  private List<KeyValue> chooseAlgorithm(Map<String, String> keys)
      throws LoginException, ProtocolException {
    requireKeys(keys, Key.CHAP_A);
    List<Integer> offered = Key.CHAP_A.parse(keys.get(Key.CHAP_A.name()));
    algorithm =
        policy.algorithms().stream()
            .filter(ours -> offered.contains(ours.code()))
            .findFirst()
            .orElseThrow(() -> failure("no common algorithm in CHAP_A=" + offered));
    state = State.RESPONSE;
    return List.of(
        Key.CHAP_A.pair(List.of(algorithm.code())),
        Key.CHAP_I.pair(identifier),
        Key.CHAP_C.pair(challenge));
  }

  private List<KeyValue> verify(Map<String, String> keys) throws LoginException, ProtocolException {
    boolean mutual = keys.containsKey(Key.CHAP_I.name()) || keys.containsKey(Key.CHAP_C.name());
    if (mutual) {
      requireKeys(keys, Key.CHAP_N, Key.CHAP_R, Key.CHAP_I, Key.CHAP_C);
    } else {
      requireKeys(keys, Key.CHAP_N, Key.CHAP_R);
    }
    user = Key.CHAP_N.parse(keys.get(Key.CHAP_N.name()));
    byte[] response = Key.CHAP_R.parse(keys.get(Key.CHAP_R.name()));
    Optional<byte[]> secret = policy.secret(user);
    // an unknown user costs the same work as a known one
    byte[] expected = Chap.response(algorithm, identifier, secret.orElse(challenge), challenge);
    boolean matches = Chap.matches(expected, response);
    boolean ours = isOurOwn(response);
    if (secret.isEmpty() || !matches) {
      throw failure("user or secret of CHAP_N=" + printable(user) + " is wrong");
    }
    if (ours) {
      throw failure("CHAP_N=" + printable(user) + " proves itself with the secret of the target");
    }
    List<KeyValue> proof = mutual ? proveSelf(keys) : List.of();
    state = State.DONE;
    return proof;
  }

  /** Whether the target would answer its own challenge so: it may have been made to. */
  private boolean isOurOwn(byte[] response) {
    return policy
        .self()
        .map(self -> Chap.response(algorithm, identifier, self.secret(), challenge))
        .filter(own -> Chap.matches(own, response))
        .isPresent();
  }

  private List<KeyValue> proveSelf(Map<String, String> keys)
      throws LoginException, ProtocolException {
    ChapPolicy.Self self =
        policy
            .self()
            .orElseThrow(() -> failure("the initiator asks for mutual CHAP, which is not set up"));
    int theirIdentifier = Key.CHAP_I.parse(keys.get(Key.CHAP_I.name()));
    byte[] theirChallenge = Key.CHAP_C.parse(keys.get(Key.CHAP_C.name()));
    if (Arrays.equals(theirChallenge, challenge)) {
      throw failure("the initiator reflects the challenge (RFC 7143 section 9.2.1)");
    }
    byte[] proof = Chap.response(algorithm, theirIdentifier, self.secret(), theirChallenge);
    return List.of(Key.CHAP_N.pair(self.user()), Key.CHAP_R.pair(proof));
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

package org.iscsi4j.examples.daemon.control;

import java.io.IOException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.iscsi4j.api.access.Credential;
import org.iscsi4j.api.access.Secret;
import org.iscsi4j.examples.daemon.config.AuthRule;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether a client has proved who it is: AUTH of one connection. Touched by its thread only. */
final class Authenticator {

  private static final Logger log = LoggerFactory.getLogger(Authenticator.class);

  private static final SecureRandom RANDOM = new SecureRandom();

  /** For the unknown user and the wrong secret alike. */
  private static final String UNKNOWN = "auth user or secret is missing";

  private static final String SEQUENCE = "CHAP sequence error";

  /** What an unknown user's answer is compared with, to take as long. */
  private static final Credential NOBODY = Credential.of(Secret.random());

  private final AuthRule rule;
  private final ControlUsers users;
  private Optional<Challenge> challenge = Optional.empty();
  private boolean proved;
  private int failures;

  private record Challenge(int id, byte[] bytes) {
    byte[] response(Secret secret) {
      return ChapMd5.response(id, secret, bytes);
    }
  }

  Authenticator(AuthRule rule, ControlUsers users) {
    this.rule = rule;
    this.users = users;
  }

  /** Whether the client has to prove something before it is heard. */
  boolean pending() {
    boolean needed =
        rule.method() == AuthRule.Method.CHAP || rule.method() == AuthRule.Method.CHAP_MUTUAL;
    return needed && !proved;
  }

  /** Wrong answers so far. */
  int failures() {
    return failures;
  }

  /**
   * Carries AUTH out.
   *
   * @param arguments what is behind AUTH
   * @return the lines of the reply; a challenge has no OK behind it
   */
  List<String> answer(List<String> arguments) throws Refusal {
    if (rule.method() == AuthRule.Method.NONE) {
      throw new Refusal("auth not required");
    }
    if (arguments.isEmpty()) {
      throw Refusal.parameters("AUTH CHAP_A 5 | AUTH CHAP_NR user response [id challenge]");
    }
    if (proved) {
      throw new Refusal(SEQUENCE);
    }
    List<String> values = arguments.subList(1, arguments.size());
    return switch (arguments.get(0).toUpperCase(Locale.ROOT)) {
      case "CHAP_A" -> challenge(values);
      case "CHAP_NR" -> response(values);
      default -> throw new Refusal(SEQUENCE);
    };
  }

  private List<String> challenge(List<String> algorithms) throws Refusal {
    if (algorithms.size() != 1
        || !List.of(algorithms.get(0).split(",")).contains(ChapMd5.ALGORITHM)) {
      throw new Refusal("invalid algorithm");
    }
    byte[] bytes = new byte[ChapMd5.CHALLENGE_BYTES];
    RANDOM.nextBytes(bytes);
    int id = RANDOM.nextInt(0x100);
    challenge = Optional.of(new Challenge(id, bytes));
    return List.of("AUTH CHAP_IC " + id + " " + ChapMd5.encode(bytes));
  }

  private List<String> response(List<String> values) throws Refusal {
    Challenge asked = challenge.orElseThrow(() -> new Refusal(SEQUENCE));
    challenge = Optional.empty(); // each is answered once
    if (values.size() < 2) {
      throw new Refusal("no response");
    }
    byte[] given = decodedResponse(values.get(1));
    Optional<Challenge> theirs = theirChallenge(values.subList(2, values.size()), asked);
    Optional<Credential> found = find(values.get(0));
    Credential credential = found.orElse(NOBODY);
    try {
      boolean equal = MessageDigest.isEqual(asked.response(credential.secret()), given);
      return answered(equal && found.isPresent(), theirs, credential);
    } finally {
      found.ifPresent(Credential::destroy);
    }
  }

  private List<String> answered(boolean right, Optional<Challenge> theirs, Credential credential)
      throws Refusal {
    if (!right || theirs.isPresent() && credential.own().isEmpty()) {
      throw failure(UNKNOWN);
    }
    if (theirs.isEmpty() && rule.method() == AuthRule.Method.CHAP_MUTUAL) {
      throw failure(SEQUENCE); // by which istgtcontrol sees that it has to ask for proof
    }
    proved = true;
    return theirs
        .map(asked -> List.of(proof(credential.own().orElseThrow(), asked), "OK AUTH"))
        .orElse(List.of("OK AUTH"));
  }

  private static String proof(Credential.Own own, Challenge asked) {
    return "AUTH CHAP_NR "
        + Words.quote(own.name())
        + " "
        + ChapMd5.encode(asked.response(own.secret()));
  }

  private Refusal failure(String reason) {
    failures++;
    return new Refusal(reason);
  }

  private static byte[] decodedResponse(String text) throws Refusal {
    try {
      byte[] response = ChapMd5.decode(text);
      if (response.length == ChapMd5.RESPONSE_BYTES) {
        return response;
      }
    } catch (IllegalArgumentException e) {
      // told below
    }
    throw new Refusal("response format error");
  }

  /** Empty when the client wants no proof. One that it has from here is none (RFC 7143, 9.2.1). */
  private static Optional<Challenge> theirChallenge(List<String> values, Challenge ours)
      throws Refusal {
    if (values.isEmpty()) {
      return Optional.empty();
    }
    try {
      if (values.size() == 2) {
        Challenge theirs =
            new Challenge(ChapMd5.decodeId(values.get(0)), ChapMd5.decode(values.get(1)));
        int length = theirs.bytes.length;
        boolean reflected = MessageDigest.isEqual(theirs.bytes, ours.bytes);
        if (length > 0 && length <= ChapMd5.CHALLENGE_BYTES && !reflected) {
          return Optional.of(theirs);
        }
      }
    } catch (IllegalArgumentException e) {
      // told below
    }
    throw new Refusal("challenge format error");
  }

  private Optional<Credential> find(String user) {
    try {
      if (rule.group().isPresent()) {
        return users.find(rule.group().getAsInt(), user);
      }
    } catch (IOException e) {
      log.warn("control: users can't be looked up: {}", e.toString());
    }
    return Optional.empty();
  }
}

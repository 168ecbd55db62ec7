package org.iscsi4j.target.login;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.access.Chap;
import org.iscsi4j.api.access.Credential;
import org.iscsi4j.api.access.Initiator;
import org.iscsi4j.protocol.Key;
import org.iscsi4j.protocol.KeyValue;
import org.iscsi4j.protocol.LoginException;
import org.iscsi4j.protocol.LoginStatus;
import org.iscsi4j.protocol.ProtocolException;

/**
 * How the initiator of one login proves who it is, as far as that is demanded (RFC 7143 section
 * 12.1): the method first, then CHAP.
 */
final class Authentication {

  private static final String CHAP = "CHAP";
  private static final String NONE = "None";
  private static final Set<String> KEYS =
      Set.of(
          Key.AUTH_METHOD.name(),
          Key.CHAP_A.name(),
          Key.CHAP_I.name(),
          Key.CHAP_C.name(),
          Key.CHAP_N.name(),
          Key.CHAP_R.name());

  private final LoginPolicy policy;
  private final ChapServer server;
  private final Chap chap;
  private final Initiator initiator;
  private final Optional<IscsiName> target;
  private final Set<String> seen = new HashSet<>();
  private Optional<ChapExchange> exchange = Optional.empty();
  private boolean nothingToProve;

  /**
   * A login whose initiator has proved nothing yet.
   *
   * @param chap what is demanded of it
   * @param target where to; empty for discovery
   */
  Authentication(
      LoginPolicy policy,
      ChapServer server,
      Chap chap,
      Initiator initiator,
      Optional<IscsiName> target) {
    this.policy = policy;
    this.server = server;
    this.chap = chap;
    this.initiator = initiator;
    this.target = target;
    nothingToProve = chap.demand() == Chap.Demand.NONE;
  }

  // ---- how far it is

  private boolean demanded() {
    return chap.demand().compareTo(Chap.Demand.REQUIRED) >= 0;
  }

  /** Whether the initiator has chosen to prove who it is. */
  boolean began() {
    return exchange.isPresent();
  }

  /** Whether the initiator has done what is demanded of it; what it began counts as demanded. */
  boolean satisfied() {
    return exchange.map(ChapExchange::done).orElse(!demanded());
  }

  /** Whether it is certain as whom the initiator comes in, if it does. */
  boolean settled() {
    return satisfied() && (nothingToProve || exchange.isPresent());
  }

  /** The initiator, as the user that it has proved to be. */
  Initiator initiator() {
    return exchange.flatMap(ChapExchange::user).map(initiator::provedAs).orElse(initiator);
  }

  // ---- the keys of one request

  static boolean has(KeyValue pair) {
    return KEYS.contains(pair.key());
  }

  /** Those of a request's keys that belong here. */
  Map<String, String> keys(List<KeyValue> pairs) throws LoginException {
    Map<String, String> found = new LinkedHashMap<>();
    for (KeyValue pair : pairs) {
      if (has(pair)) {
        if (!seen.add(pair.key())) {
          throw new LoginException(
              LoginStatus.INITIATOR_ERROR, pair.key() + " comes twice in one login");
        }
        found.put(pair.key(), pair.value());
      }
    }
    return found;
  }

  /** Takes a choice of methods, or of algorithms. */
  List<KeyValue> step(Map<String, String> keys) throws LoginException, ProtocolException {
    List<KeyValue> answers = new ArrayList<>();
    String methods = keys.remove(Key.AUTH_METHOD.name());
    if (methods != null) {
      answers.add(chooseMethod(Key.AUTH_METHOD.parse(methods)));
    }
    if (keys.isEmpty()) {
      return answers;
    }
    if (methods != null) {
      throw failure(keys.keySet() + " before the method is chosen");
    }
    ChapExchange begun =
        exchange.orElseThrow(
            () ->
                new LoginException(
                    LoginStatus.INITIATOR_ERROR, keys.keySet() + " without AuthMethod=CHAP"));
    answers.addAll(begun.challenge(keys));
    return answers;
  }

  /** The first that is allowed of what is offered (section 6.2.1). */
  private KeyValue chooseMethod(List<String> offered) throws LoginException {
    List<String> allowed =
        switch (chap.demand()) {
          case NONE -> List.of(NONE);
          case OPTIONAL -> List.of(NONE, CHAP);
          case REQUIRED, MUTUAL -> List.of(CHAP);
        };
    String method =
        offered.stream()
            .filter(allowed::contains)
            .findFirst()
            .orElseThrow(
                () ->
                    failure(
                        "AuthMethod must be "
                            + String.join(" or ", allowed)
                            + ", and it is not offered"));
    if (method.equals(CHAP)) {
      checkTries();
      exchange = Optional.of(new ChapExchange(chap, server));
    } else {
      nothingToProve = true;
    }
    return Key.AUTH_METHOD.pair(List.of(method));
  }

  // ---- the proof

  /** Whether keys that come now answer the challenge. */
  boolean awaitsProof() {
    return exchange.filter(ChapExchange::awaitsProof).isPresent();
  }

  /** Reads the answer to the challenge. */
  ChapExchange.Claim claim(Map<String, String> keys) throws LoginException {
    checkTries();
    try {
      return exchange.orElseThrow().claim(keys);
    } catch (LoginException e) {
      throw counted(e);
    }
  }

  /** Asks for the credential of whoever answers. */
  CompletionStage<Optional<Credential>> credential(ChapExchange.Claim claim) {
    return Lookup.ask(() -> chap.credentials().find(claim.user(), initiator, target));
  }

  /** Judges the answer, and wipes the credential. */
  List<KeyValue> verify(ChapExchange.Claim claim, Optional<Credential> credential)
      throws LoginException {
    try {
      return exchange.orElseThrow().verify(claim, credential);
    } catch (LoginException e) {
      throw counted(e);
    }
  }

  private void checkTries() throws LoginException {
    if (!policy.mayTry(initiator.remote().getAddress())) {
      throw new LoginException(
          LoginStatus.SERVICE_UNAVAILABLE, "too many wrong proofs came from this address");
    }
  }

  private LoginException counted(LoginException refusal) {
    if (refusal.status() == LoginStatus.AUTHENTICATION_FAILURE) {
      policy.failed(initiator.remote().getAddress());
    }
    return refusal;
  }

  private static LoginException failure(String why) {
    return new LoginException(LoginStatus.AUTHENTICATION_FAILURE, why);
  }
}

package org.iscsi4j.target.login;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.Target;
import org.iscsi4j.api.access.Initiator;
import org.iscsi4j.protocol.Key;
import org.iscsi4j.protocol.KeyValue;
import org.iscsi4j.protocol.LoginException;
import org.iscsi4j.protocol.LoginRequestPdu;
import org.iscsi4j.protocol.LoginStage;
import org.iscsi4j.protocol.LoginStatus;
import org.iscsi4j.protocol.OperationalNegotiation;
import org.iscsi4j.protocol.OperationalParameters;
import org.iscsi4j.protocol.ProtocolException;

/**
 * Decides a login (RFC 7143 section 6.3): request by request, whose text is whole, in; answers out.
 * A login that is refused ends with a {@link LoginException}. No socket, no clock.
 */
final class LoginNegotiation {

  private static final String CHAP = "CHAP";
  private static final String NONE = "None";
  private static final Set<String> CHAP_KEYS =
      Set.of(
          Key.CHAP_A.name(),
          Key.CHAP_I.name(),
          Key.CHAP_C.name(),
          Key.CHAP_N.name(),
          Key.CHAP_R.name());

  /** What an initiator says of itself and of what it wants, in its first request. */
  private static final Set<String> INTRODUCTION =
      Set.of(
          Key.INITIATOR_NAME.name(),
          Key.INITIATOR_ALIAS.name(),
          Key.TARGET_NAME.name(),
          Key.SESSION_TYPE.name());

  private final LoginPolicy policy;
  private final InetSocketAddress remote;
  private final InetSocketAddress local;
  private final int portalGroupTag;

  private boolean started;
  private List<KeyValue> introduction = List.of();
  private int stage;
  private int stageBefore;
  private IscsiName name;
  private boolean discovery;
  private Optional<LoginPolicy.Admission> target = Optional.empty();
  private Optional<LoginPolicy.OpenSession> joined = Optional.empty();
  private Optional<ChapPolicy> required = Optional.empty();
  private Optional<ChapExchange> chap = Optional.empty();
  private final Set<String> securityKeys = new HashSet<>();
  private OperationalNegotiation operational;
  private boolean declared;

  /**
   * The answer to a request.
   *
   * @param transit whether the login goes on to {@code nextStage}
   */
  record Step(boolean transit, int nextStage, List<KeyValue> answers) {

    /** Whether the login has ended well. */
    boolean finished() {
      return transit && nextStage == LoginStage.FULL_FEATURE;
    }

    /** The same answer, without going on. */
    Step withoutTransit() {
      return new Step(false, 0, answers);
    }
  }

  /**
   * A login that has not begun.
   *
   * @param remote the initiator's address
   * @param local the portal's address
   */
  LoginNegotiation(
      LoginPolicy policy, InetSocketAddress remote, InetSocketAddress local, int portalGroupTag) {
    this.policy = policy;
    this.remote = remote;
    this.local = local;
    this.portalGroupTag = portalGroupTag;
  }

  /** Takes a request and the keys of its whole text. */
  Step step(LoginRequestPdu pdu, List<KeyValue> text) throws LoginException {
    if (!policy.serving()) {
      throw new LoginException(LoginStatus.SERVICE_UNAVAILABLE, "the server is closing");
    }
    List<KeyValue> pairs = withoutIntroduction(text);
    List<KeyValue> answers = new ArrayList<>();
    if (!started) {
      start(pdu, pairs, answers);
    }
    leaveSecurityStage(pdu);
    checkStage(pdu);
    try {
      Map<String, String> security = takeSecurityKeys(pairs);
      answers.addAll(authenticate(pdu, security));
      checkKeys(pairs);
      answers.addAll(operational.answerAll(withoutSecurity(pairs)));
    } catch (ProtocolException e) {
      throw new LoginException(LoginStatus.INITIATOR_ERROR, e.getMessage());
    }
    if (operational.failed()) {
      throw new LoginException(LoginStatus.INITIATOR_ERROR, operational.failure().orElseThrow());
    }
    if (pdu.tsih() != 0 && authenticated()) {
      checkJoining(pdu); // told only to those who may know
    }
    if (stage == LoginStage.OPERATIONAL) {
      checkOfferWasAnswered(pdu);
      answers.addAll(operational.declarations());
      declared = true;
    }
    return transit(pdu, answers);
  }

  // ---- the first request

  private void start(LoginRequestPdu pdu, List<KeyValue> pairs, List<KeyValue> answers)
      throws LoginException {
    started = true;
    introduction = pairs.stream().filter(p -> INTRODUCTION.contains(p.key())).toList();
    stage = pdu.currentStage();
    name =
        name(pairs, Key.INITIATOR_NAME, IscsiName::ofInitiator, LoginStatus.INITIATOR_ERROR)
            .orElseThrow(() -> missing(Key.INITIATOR_NAME));
    discovery = isDiscovery(pairs);
    joined = pdu.tsih() == 0 ? Optional.empty() : policy.session(pdu.tsih());
    operational =
        joined
            .map(session -> OperationalNegotiation.joining(policy.offer(), session.parameters()))
            .orElseGet(() -> new OperationalNegotiation(policy.offer(), discovery, true));
    Optional<IscsiName> wanted =
        name(pairs, Key.TARGET_NAME, IscsiName::of, LoginStatus.TARGET_NOT_FOUND);
    if (discovery) {
      required = policy.discoveryChap();
    } else {
      admit(wanted.orElseThrow(() -> missing(Key.TARGET_NAME)), answers);
    }
    if (wanted.isPresent()) {
      // due in the first response, whatever stage or type that is (RFC 7143 sections 6.3.1, 13.9)
      answers.add(Key.TARGET_PORTAL_GROUP_TAG.pair(portalGroupTag));
    }
  }

  /**
   * A key that comes again ends the login, but not one of the introduction with the same value,
   * which changes nothing: libiscsi introduces itself in both stages when it has credentials that
   * nobody asks for.
   */
  private List<KeyValue> withoutIntroduction(List<KeyValue> pairs) {
    return pairs.stream().filter(pair -> !introduction.contains(pair)).toList();
  }

  private void admit(IscsiName wanted, List<KeyValue> answers) throws LoginException {
    target = policy.target(wanted);
    LoginPolicy.Admission found =
        target.orElseThrow(
            () -> new LoginException(LoginStatus.TARGET_NOT_FOUND, "no target is named " + wanted));
    required = found.chap();
    found.target().alias().ifPresent(alias -> answers.add(Key.TARGET_ALIAS.pair(alias)));
  }

  /** A connection joins a session of its own initiator, target and portal group (4.2.1, 4.4.3). */
  private void checkJoining(LoginRequestPdu pdu) throws LoginException {
    LoginPolicy.OpenSession session =
        joined
            .filter(open -> open.initiator().equals(name))
            .filter(open -> open.isid() == pdu.isid().value())
            .filter(open -> open.target().equals(target().map(Target::name)))
            .orElseThrow(
                () ->
                    new LoginException(
                        LoginStatus.SESSION_DOES_NOT_EXIST,
                        "no session of this initiator and ISID has TSIH " + pdu.tsih()));
    if (discovery || session.groupTag() != portalGroupTag) {
      throw new LoginException(
          LoginStatus.CANNOT_INCLUDE_IN_SESSION,
          discovery
              ? "a discovery session has one connection"
              : "the session goes through portal group " + session.groupTag());
    }
  }

  private static boolean isDiscovery(List<KeyValue> pairs) throws LoginException {
    String type = value(pairs, Key.SESSION_TYPE).orElse(Key.SESSION_TYPE.defaultValue());
    return switch (type) {
      case "Discovery" -> true;
      case "Normal" -> false;
      default ->
          throw new LoginException(
              LoginStatus.SESSION_TYPE_NOT_SUPPORTED,
              "SessionType is neither Discovery nor Normal");
    };
  }

  private static Optional<IscsiName> name(
      List<KeyValue> pairs,
      Key<String> key,
      Function<String, IscsiName> reader,
      LoginStatus otherwise)
      throws LoginException {
    Optional<String> text = value(pairs, key);
    try {
      // the length is checked first, since normalisation takes time
      return text.isEmpty() ? Optional.empty() : Optional.of(reader.apply(key.parse(text.get())));
    } catch (ProtocolException e) {
      throw new LoginException(otherwise, e.getMessage());
    } catch (IllegalArgumentException e) {
      throw new LoginException(otherwise, key + ": " + e.getMessage());
    }
  }

  private static Optional<String> value(List<KeyValue> pairs, Key<?> key) {
    return pairs.stream().filter(p -> p.key().equals(key.name())).map(KeyValue::value).findFirst();
  }

  private static LoginException missing(Key<?> key) {
    return new LoginException(
        LoginStatus.MISSING_PARAMETER, key + " is missing in the first request");
  }

  // ---- the security stage

  private List<KeyValue> authenticate(LoginRequestPdu pdu, Map<String, String> keys)
      throws LoginException, ProtocolException {
    if (stage != LoginStage.SECURITY) {
      if (!authenticated()) {
        throw new LoginException(
            LoginStatus.AUTHENTICATION_FAILURE,
            "the login skips the security stage, but CHAP is required");
      }
      return List.of();
    }
    List<KeyValue> answers = new ArrayList<>();
    String methods = keys.remove(Key.AUTH_METHOD.name());
    if (methods != null) {
      answers.add(chooseMethod(Key.AUTH_METHOD.parse(methods)));
    }
    if (methods != null && !keys.isEmpty()) {
      throw new LoginException(
          LoginStatus.AUTHENTICATION_FAILURE, keys.keySet() + " before the method is chosen");
    }
    if (chap.isPresent()) {
      answers.addAll(chap.get().step(keys));
    } else if (!keys.isEmpty()) {
      throw new LoginException(
          LoginStatus.INITIATOR_ERROR, keys.keySet() + " without AuthMethod=CHAP");
    }
    if (pdu.transit() && chap.isEmpty() && required.isPresent()) {
      throw new LoginException(
          LoginStatus.AUTHENTICATION_FAILURE,
          "CHAP is required, and the initiator offers no AuthMethod");
    }
    return answers;
  }

  private KeyValue chooseMethod(List<String> offered) throws LoginException {
    String wanted = required.isPresent() ? CHAP : NONE;
    if (!offered.contains(wanted)) {
      throw new LoginException(
          LoginStatus.AUTHENTICATION_FAILURE,
          "AuthMethod must be " + wanted + ", and it is not offered");
    }
    chap = required.map(ChapExchange::new);
    return Key.AUTH_METHOD.pair(List.of(wanted));
  }

  /** Whether the initiator has done what the target demands of it before it may log in. */
  boolean authenticated() {
    return required.isEmpty() || proved();
  }

  /** Whether the initiator has proved its right to log in. */
  boolean proved() {
    return chap.map(ChapExchange::done).orElse(false);
  }

  private Map<String, String> takeSecurityKeys(List<KeyValue> pairs) throws LoginException {
    Map<String, String> found = new LinkedHashMap<>();
    if (stage != LoginStage.SECURITY) {
      return found; // there they are refused like any key in the wrong stage
    }
    for (KeyValue pair : pairs) {
      if (isSecurity(pair)) {
        if (!securityKeys.add(pair.key())) {
          throw new LoginException(
              LoginStatus.INITIATOR_ERROR, pair.key() + " comes twice in one login");
        }
        found.put(pair.key(), pair.value());
      }
    }
    return found;
  }

  private List<KeyValue> withoutSecurity(List<KeyValue> pairs) {
    return stage == LoginStage.SECURITY
        ? pairs.stream().filter(p -> !isSecurity(p)).toList()
        : pairs;
  }

  private static boolean isSecurity(KeyValue pair) {
    return pair.key().equals(Key.AUTH_METHOD.name()) || CHAP_KEYS.contains(pair.key());
  }

  // ---- stages

  /**
   * Who has nothing left to prove might have begun in the operational stage, and may go on there
   * without having asked for the transit: VirtualBox does when it has credentials that nobody asks
   * for.
   */
  private void leaveSecurityStage(LoginRequestPdu pdu) {
    if (pdu.currentStage() == LoginStage.OPERATIONAL && authenticated()) {
      stage = LoginStage.OPERATIONAL;
    }
  }

  /** A request belongs to the stage that the login is in. */
  void checkStage(LoginRequestPdu pdu) throws LoginException {
    if (pdu.currentStage() != stage) {
      throw new LoginException(
          LoginStatus.INITIATOR_ERROR, "CSG " + pdu.currentStage() + " in stage " + stage);
    }
  }

  /**
   * A known key that the stage does not allow is a protocol error (section 6.3). No initiator that
   * we know of sends one; extension keys may come in any stage.
   */
  private void checkKeys(List<KeyValue> pairs) throws LoginException {
    for (KeyValue pair : pairs) {
      boolean extension = pair.key().startsWith("X#");
      if (!extension && Key.named(pair.key()).filter(key -> !key.allowedIn(stage)).isPresent()) {
        throw new LoginException(
            LoginStatus.INITIATOR_ERROR, pair.key() + " is not allowed in stage " + stage);
      }
    }
  }

  /** Who wants to go on owes an answer to what was offered the time before. */
  private void checkOfferWasAnswered(LoginRequestPdu pdu) throws LoginException {
    if (declared && pdu.transit() && !operational.complete()) {
      throw new LoginException(
          LoginStatus.INITIATOR_ERROR, "a digest that is required was offered and not answered");
    }
  }

  private Step transit(LoginRequestPdu pdu, List<KeyValue> answers) {
    if (!pdu.transit() || !authenticated()) {
      return new Step(false, 0, answers);
    }
    int next = pdu.nextStage();
    if (next == LoginStage.FULL_FEATURE && !operational.complete()) {
      if (stage == LoginStage.OPERATIONAL) {
        return new Step(false, 0, answers);
      }
      // the target chooses the next stage, up to the one that was asked for (section 6.3)
      next = LoginStage.OPERATIONAL;
    }
    stageBefore = stage;
    stage = next;
    return new Step(true, stage, answers);
  }

  /** The transit of the last step is put off: its answer takes more than one PDU. */
  void stay() {
    stage = stageBefore;
  }

  // ---- the outcome

  /** Who logs in; known after the first step. */
  Initiator initiator() {
    return new Initiator(name, chap.flatMap(ChapExchange::user), remote, local, portalGroupTag);
  }

  /** Where to; empty for discovery. */
  Optional<Target> target() {
    return target.map(LoginPolicy.Admission::target);
  }

  /** What both sides agreed to; known after the last step. */
  OperationalParameters parameters() {
    return operational.result();
  }
}

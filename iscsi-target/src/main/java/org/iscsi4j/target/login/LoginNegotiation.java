package org.iscsi4j.target.login;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.Target;
import org.iscsi4j.api.access.AccessPolicy;
import org.iscsi4j.api.access.Chap;
import org.iscsi4j.api.access.Credential;
import org.iscsi4j.api.access.Initiator;
import org.iscsi4j.api.access.ResolutionException;
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
 * A login that is refused ends with a {@link LoginException}. Where the host has to be asked first,
 * a {@link Lookup} comes out, and the answer out of that. No socket, no clock.
 */
final class LoginNegotiation {

  private final LoginPolicy policy;
  private final ChapServer chapServer;
  private final InetSocketAddress remote;
  private final InetSocketAddress local;
  private final int portalGroupTag;

  private Optional<Introduction> introduction = Optional.empty();
  private int stage;
  private int stageBefore;
  private Optional<LoginPolicy.Admission> admission = Optional.empty();
  private Optional<LoginPolicy.OpenSession> joined = Optional.empty();
  private Authentication authentication;
  private boolean admitted;
  private SessionTerms terms;
  private OperationalNegotiation operational;
  private boolean declared;

  /** What comes of a request. */
  sealed interface Outcome permits Step, Lookup {}

  /**
   * The answer to a request.
   *
   * @param transit whether the login goes on to {@code nextStage}
   */
  record Step(boolean transit, int nextStage, List<KeyValue> answers) implements Outcome {

    /** Whether the login has ended well. */
    boolean finished() {
      return transit && nextStage == LoginStage.FULL_FEATURE;
    }

    /** The same answer, without going on. */
    Step withoutTransit() {
      return new Step(false, 0, answers);
    }
  }

  /** A request, and its answers as they come together. */
  private record Request(LoginRequestPdu pdu, List<KeyValue> pairs, List<KeyValue> answers) {}

  /**
   * A login that has not begun.
   *
   * @param remote the initiator's address
   * @param local the portal's address
   */
  LoginNegotiation(
      LoginPolicy policy,
      ChapServer chapServer,
      InetSocketAddress remote,
      InetSocketAddress local,
      int portalGroupTag) {
    this.policy = policy;
    this.chapServer = chapServer;
    this.remote = remote;
    this.local = local;
    this.portalGroupTag = portalGroupTag;
  }

  /** Takes a request and the keys of its whole text. */
  Outcome step(LoginRequestPdu pdu, List<KeyValue> text) throws LoginException {
    checkServing();
    if (introduction.isEmpty()) {
      return start(new Request(pdu, text, new ArrayList<>()));
    }
    return proceed(new Request(pdu, introduction.get().withoutIt(text), new ArrayList<>()));
  }

  private void checkServing() throws LoginException {
    if (!policy.serving()) {
      throw new LoginException(LoginStatus.SERVICE_UNAVAILABLE, "the server is closing");
    }
  }

  // ---- the first request

  private Outcome start(Request request) throws LoginException {
    Introduction first = Introduction.of(request.pairs());
    introduction = Optional.of(first);
    stage = request.pdu().currentStage();
    int tsih = request.pdu().tsih();
    joined = tsih == 0 ? Optional.empty() : policy.session(tsih);
    if (first.discovery()) {
      return begin(request, policy.discoveryChap(), policy.discoveryTerms());
    }
    IscsiName wanted = first.target().orElseThrow();
    return new Lookup<>(
        Lookup.ask(() -> policy.target(wanted, introduced(first))),
        found -> {
          admission = Optional.of(found);
          checkServing();
          return begin(request, found.chap(), found.terms());
        },
        why -> notFound(wanted, why),
        unwanted -> {});
  }

  private Outcome begin(Request request, Optional<Chap> chap, SessionTerms offered)
      throws LoginException {
    Introduction first = introduction.orElseThrow();
    terms = offered;
    operational =
        joined
            .map(session -> OperationalNegotiation.joining(offered.offer(), session.parameters()))
            .orElseGet(() -> new OperationalNegotiation(offered.offer(), first.discovery(), true));
    authentication =
        new Authentication(
            policy,
            chapServer,
            chap.orElse(Chap.notDemanded()),
            introduced(first),
            target().map(Target::name));
    if (first.target().isPresent()) {
      // due in the first response, whatever stage or type that is (RFC 7143 sections 6.3.1, 13.9)
      request.answers().add(Key.TARGET_PORTAL_GROUP_TAG.pair(portalGroupTag));
    }
    return proceed(request);
  }

  private static LoginException notFound(IscsiName wanted, Throwable why) {
    if (!(why instanceof ResolutionException resolution)) {
      return refusal(LoginStatus.TARGET_ERROR, "the look-up of " + wanted + " failed", why);
    }
    LoginStatus status =
        switch (resolution.kind()) {
          case NOT_FOUND -> LoginStatus.TARGET_NOT_FOUND;
          case REMOVED -> LoginStatus.TARGET_REMOVED;
          case FORBIDDEN -> LoginStatus.AUTHORIZATION_FAILURE;
          case UNAVAILABLE -> LoginStatus.SERVICE_UNAVAILABLE;
        };
    return new LoginException(status, wanted + ": " + resolution.getMessage());
  }

  private static LoginException refusal(LoginStatus status, String message, Throwable cause) {
    LoginException refusal = new LoginException(status, message);
    refusal.initCause(cause);
    return refusal;
  }

  // ---- every request

  private Outcome proceed(Request request) throws LoginException {
    leaveSecurityStage(request.pdu());
    checkStage(request.pdu());
    if (stage != LoginStage.SECURITY) {
      if (!authentication.satisfied()) {
        throw unproved("the login skips the security stage, but CHAP is required");
      }
      return answer(request);
    }
    Map<String, String> keys = authentication.keys(request.pairs());
    if (authentication.awaitsProof() && !keys.isEmpty()) {
      return proof(request, authentication.claim(keys));
    }
    try {
      request.answers().addAll(authentication.step(keys));
    } catch (ProtocolException e) {
      throw new LoginException(LoginStatus.INITIATOR_ERROR, e.getMessage());
    }
    if (request.pdu().transit() && !authentication.began() && !authentication.satisfied()) {
      throw unproved("CHAP is required, and the initiator offers no AuthMethod");
    }
    return answer(request);
  }

  private Lookup<Optional<Credential>> proof(Request request, ChapExchange.Claim claim) {
    return new Lookup<>(
        authentication.credential(claim),
        credential -> {
          request.answers().addAll(authentication.verify(claim, credential));
          checkServing();
          return answer(request);
        },
        why -> refusal(LoginStatus.SERVICE_UNAVAILABLE, "the look-up of a CHAP secret failed", why),
        credential -> credential.ifPresent(Credential::destroy));
  }

  private static LoginException unproved(String why) {
    return new LoginException(LoginStatus.AUTHENTICATION_FAILURE, why);
  }

  /** Answers a request whose security keys are dealt with. */
  private Step answer(Request request) throws LoginException {
    LoginRequestPdu pdu = request.pdu();
    if (!admitted && mayBeAdmitted(pdu)) {
      admit(request); // told only to those who may know
    }
    try {
      checkKeys(request.pairs());
      request.answers().addAll(operational.answerAll(withoutSecurity(request.pairs())));
    } catch (ProtocolException e) {
      throw new LoginException(LoginStatus.INITIATOR_ERROR, e.getMessage());
    }
    if (operational.failed()) {
      throw new LoginException(LoginStatus.INITIATOR_ERROR, operational.failure().orElseThrow());
    }
    if (stage == LoginStage.OPERATIONAL) {
      checkOfferWasAnswered(pdu);
      request.answers().addAll(operational.declarations());
      declared = true;
    }
    return transit(pdu, request.answers());
  }

  private List<KeyValue> withoutSecurity(List<KeyValue> pairs) {
    return stage == LoginStage.SECURITY
        ? pairs.stream().filter(pair -> !Authentication.has(pair)).toList()
        : pairs;
  }

  // ---- admission

  /** As soon as it is certain as whom the initiator comes in. */
  private boolean mayBeAdmitted(LoginRequestPdu pdu) {
    boolean leaves = stage == LoginStage.OPERATIONAL || pdu.transit();
    return authentication.settled() || (authentication.satisfied() && leaves);
  }

  private void admit(Request request) throws LoginException {
    AccessPolicy access = target().map(Target::access).orElseGet(policy::discoveryAccess);
    String what = target().map(to -> to.name().toString()).orElse("discovery");
    if (!Access.allows(what, access, authentication.initiator())) {
      throw new LoginException(
          LoginStatus.AUTHORIZATION_FAILURE, "no rule lets the initiator use " + what);
    }
    if (request.pdu().tsih() != 0) {
      checkJoining(request.pdu());
    }
    target()
        .flatMap(Target::alias)
        .ifPresent(alias -> request.answers().add(Key.TARGET_ALIAS.pair(alias)));
    admitted = true;
  }

  /**
   * A connection joins a session of its own initiator, user, target and portal group (4.2.1,
   * 4.4.3).
   */
  private void checkJoining(LoginRequestPdu pdu) throws LoginException {
    Initiator initiator = authentication.initiator();
    LoginPolicy.OpenSession session =
        joined
            .filter(open -> open.initiator().name().equals(initiator.name()))
            .filter(open -> open.initiator().user().equals(initiator.user()))
            .filter(open -> open.isid() == pdu.isid().value())
            .filter(open -> open.target().equals(target().map(Target::name)))
            .orElseThrow(
                () ->
                    new LoginException(
                        LoginStatus.SESSION_DOES_NOT_EXIST,
                        "no session of this initiator and ISID has TSIH " + pdu.tsih()));
    if (session.target().isEmpty()) {
      throw new LoginException(
          LoginStatus.CANNOT_INCLUDE_IN_SESSION, "a discovery session has one connection");
    }
    int group = session.initiator().portalGroup();
    if (group != portalGroupTag) {
      throw new LoginException(
          LoginStatus.CANNOT_INCLUDE_IN_SESSION, "the session goes through portal group " + group);
    }
  }

  /** Whether the initiator may log in, and is who it will be. */
  boolean admitted() {
    return admitted;
  }

  // ---- stages

  /**
   * Who has nothing left to prove might have begun in the operational stage, and may go on there
   * without having asked for the transit: VirtualBox does when it has credentials that nobody asks
   * for.
   */
  private void leaveSecurityStage(LoginRequestPdu pdu) {
    if (pdu.currentStage() == LoginStage.OPERATIONAL && authentication.satisfied()) {
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
    if (!pdu.transit() || !authentication.satisfied()) {
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

  private Initiator introduced(Introduction first) {
    return new Initiator(first.initiator(), Optional.empty(), remote, local, portalGroupTag);
  }

  /** Who logs in, as far as it has said and proved. */
  Optional<Initiator> initiator() {
    return authentication == null
        ? introduction.map(this::introduced)
        : Optional.of(authentication.initiator());
  }

  /** The name that the initiator wants to log in to, whether it is there or not. */
  Optional<IscsiName> wanted() {
    return introduction.filter(first -> !first.discovery()).flatMap(Introduction::target);
  }

  /** Where to; empty for discovery. */
  Optional<Target> target() {
    return admission.map(LoginPolicy.Admission::target);
  }

  /** What both sides agreed to; known after the last step. */
  OperationalParameters parameters() {
    return operational.result();
  }

  /** What the session is offered and held to; known after the first step. */
  SessionTerms terms() {
    return terms;
  }

  /** What the policy said of the target; empty for discovery. */
  Optional<LoginPolicy.Admission> admission() {
    return admission;
  }
}

package org.iscsi4j.target;

import java.net.InetAddress;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.LoginRedirect;
import org.iscsi4j.api.SessionSettings;
import org.iscsi4j.api.Target;
import org.iscsi4j.api.access.AccessPolicy;
import org.iscsi4j.api.access.Chap;
import org.iscsi4j.api.access.Initiator;
import org.iscsi4j.api.access.ResolutionException;
import org.iscsi4j.target.limit.LoginThrottle;
import org.iscsi4j.target.login.LoginPolicy;
import org.iscsi4j.target.login.SessionTerms;
import org.iscsi4j.target.session.SessionRegistry;

/** What holds for logins at this moment; the host may change it while initiators log in. */
final class LoginRules implements LoginPolicy {

  private final Catalogue catalogue;
  private final Optional<FoundTargets> found;
  private final SessionRegistry sessions;
  private final LoginThrottle throttle;
  private final BooleanSupplier serving;

  private volatile Optional<Chap> chap;
  private volatile Discovering discovering;
  private volatile SessionSettings sessionSettings;
  private final Redirects redirects;

  /**
   * Who may discover targets.
   *
   * @param chap how initiators prove who they are; empty when that of the server holds
   */
  record Discovering(AccessPolicy access, Optional<Chap> chap) {

    /** Checks that nothing is missing: the host would learn of it at a login. */
    Discovering {
      Objects.requireNonNull(access, "access");
      Objects.requireNonNull(chap, "chap");
    }
  }

  LoginRules(
      ServerSettings settings,
      Catalogue catalogue,
      Optional<FoundTargets> found,
      SessionRegistry sessions,
      Redirects redirects,
      LoginThrottle throttle,
      BooleanSupplier serving) {
    this.catalogue = catalogue;
    this.found = found;
    this.sessions = sessions;
    this.redirects = redirects;
    this.throttle = throttle;
    this.serving = serving;
    chap = settings.chap();
    discovering = settings.discovering();
    sessionSettings(settings.sessions());
  }

  // ---- what the host changes

  void chap(Optional<Chap> value) {
    chap = value;
  }

  void discovering(Discovering value) {
    discovering = value;
  }

  /** What is not set is as it is by default. */
  void sessionSettings(SessionSettings value) {
    sessionSettings = value.or(SessionSettings.defaults());
  }

  /** Every setting. */
  SessionSettings sessionSettings() {
    return sessionSettings;
  }

  void redirect(LoginRedirect rule) {
    redirects.rule(rule);
  }

  // ---- what logins ask

  @Override
  public boolean serving() {
    return serving.getAsBoolean();
  }

  @Override
  public CompletionStage<Admission> target(IscsiName name, Initiator initiator) {
    return find(name, initiator)
        .thenApply(target -> new Admission(target, demanded(target), terms(target)));
  }

  private CompletionStage<Target> find(IscsiName name, Initiator initiator) {
    Optional<Target> known = catalogue.target(name);
    boolean asks = found.isPresent() && (known.isEmpty() || found.get().has(name));
    if (asks) {
      return found.get().find(name, initiator);
    }
    return known
        .map(CompletableFuture::completedFuture)
        .orElseGet(() -> CompletableFuture.failedFuture(missing(name)));
  }

  private ResolutionException missing(IscsiName name) {
    return catalogue.wasRemoved(name)
        ? new ResolutionException(
            ResolutionException.Kind.REMOVED, "target " + name + " was removed")
        : new ResolutionException(ResolutionException.Kind.NOT_FOUND, "no target is named " + name);
  }

  private Optional<Chap> demanded(Target target) {
    return target.chap().or(() -> chap);
  }

  private SessionTerms terms(Target target) {
    return SessionTerms.of(target.sessionSettings().or(sessionSettings));
  }

  @Override
  public SessionTerms discoveryTerms() {
    return SessionTerms.of(sessionSettings);
  }

  @Override
  public Optional<Chap> discoveryChap() {
    return discovering.chap().or(() -> chap);
  }

  @Override
  public AccessPolicy discoveryAccess() {
    return discovering.access();
  }

  @Override
  public boolean mayTry(InetAddress address) {
    return throttle.mayTry(address);
  }

  @Override
  public void failed(InetAddress address) {
    throttle.failed(address);
  }

  @Override
  public LoginRedirect redirect() {
    return redirects;
  }

  @Override
  public Optional<OpenSession> session(int tsih) {
    return sessions.byHandle(tsih).map(LoginRules::openSession);
  }

  private static OpenSession openSession(SessionRegistry.Registration open) {
    return new OpenSession(
        open.session().info().initiator(),
        open.key().isid(),
        open.key().target(),
        open.session().parameters());
  }
}

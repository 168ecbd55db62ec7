package org.iscsi4j.target.login;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.LoginRedirect;
import org.iscsi4j.api.Target;
import org.iscsi4j.api.access.AccessPolicy;
import org.iscsi4j.api.access.Chap;
import org.iscsi4j.api.access.Initiator;
import org.iscsi4j.api.access.ResolutionException;
import org.iscsi4j.protocol.LoginException;
import org.iscsi4j.protocol.OperationalOffer;
import org.iscsi4j.protocol.OperationalParameters;

/** A server with one target, for the rules of a login. */
final class FakePolicy implements LoginPolicy {

  static final String TARGET = "iqn.2026-01.org.iscsi4j.test:disk";
  static final String USER = "user";
  static final String SECRET = "a secret of 16 b";
  static final String OWN = "target";
  static final String OWN_SECRET = "another secret..";
  static final int KNOWN_TSIH = 42;
  static final IscsiName INITIATOR = IscsiName.of("iqn.2026-01.org.iscsi4j.test:initiator");
  static final long ISID = 1;
  static final int GROUP = 5;
  static final InetSocketAddress SOMEWHERE =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);

  Optional<Chap> chap = Optional.empty();
  AccessPolicy access = AccessPolicy.OPEN;
  boolean serving = true;
  boolean mayTry = true;
  int failed;

  /** The user that the session proved to be that may be joined. */
  Optional<String> sessionUser = Optional.empty();

  /** What the look-up of a target comes to, if not to the one target. */
  Optional<CompletionStage<Admission>> found = Optional.empty();

  /** What the target offers, if not what discovery does. */
  Optional<OperationalOffer> targetOffer = Optional.empty();

  private final OperationalOffer offer;

  private FakePolicy(OperationalOffer offer) {
    this.offer = offer;
  }

  /** A login through a portal of a group. */
  static LoginNegotiation negotiation(LoginPolicy policy, int group) {
    return new LoginNegotiation(policy, new ChapServer(), SOMEWHERE, SOMEWHERE, group);
  }

  /** What comes of a request, when all that the host has to find is there. */
  static LoginNegotiation.Step answered(LoginNegotiation.Outcome outcome) throws LoginException {
    LoginNegotiation.Outcome next = outcome;
    while (next instanceof Lookup<?> lookup) {
      next = found(lookup);
    }
    return (LoginNegotiation.Step) next;
  }

  private static <T> LoginNegotiation.Outcome found(Lookup<T> lookup) throws LoginException {
    CompletableFuture<T> future = lookup.stage().toCompletableFuture();
    if (!future.isDone()) {
      throw new AssertionError("nobody has found it yet");
    }
    Throwable failure = future.handle((value, why) -> why).join();
    return lookup.goOn(failure == null ? future.join() : null, failure);
  }

  static FakePolicy open() {
    return new FakePolicy(OperationalOffer.builder().build());
  }

  static FakePolicy withChap() {
    return with(Chap.builder().user(USER, SECRET));
  }

  static FakePolicy with(Chap.Builder chap) {
    FakePolicy policy = open();
    policy.chap = Optional.of(chap.build());
    return policy;
  }

  static FakePolicy closing() {
    FakePolicy policy = open();
    policy.serving = false;
    return policy;
  }

  static FakePolicy insistingOnDigest() {
    return new FakePolicy(OperationalOffer.builder().headerDigests(List.of("CRC32C")).build());
  }

  @Override
  public boolean serving() {
    return serving;
  }

  @Override
  public CompletionStage<Admission> target(IscsiName name, Initiator initiator) {
    if (found.isPresent()) {
      return found.get();
    }
    return name.toString().equals(TARGET)
        ? CompletableFuture.completedFuture(admission())
        : CompletableFuture.failedFuture(
            new ResolutionException(ResolutionException.Kind.NOT_FOUND, "no such target"));
  }

  /** The one target, as it is set up. */
  Admission admission() {
    return new Admission(
        Target.builder(TARGET).alias("alias").access(who -> access.allows(who)).build(),
        chap,
        terms(targetOffer.orElse(offer)));
  }

  private static SessionTerms terms(OperationalOffer offer) {
    return new SessionTerms(offer, 1, Duration.ZERO, Duration.ZERO);
  }

  @Override
  public Optional<Chap> discoveryChap() {
    return chap;
  }

  @Override
  public AccessPolicy discoveryAccess() {
    return access;
  }

  @Override
  public boolean mayTry(InetAddress address) {
    return mayTry;
  }

  @Override
  public void failed(InetAddress address) {
    failed++;
  }

  @Override
  public LoginRedirect redirect() {
    return (initiator, target) -> Optional.empty();
  }

  @Override
  public SessionTerms discoveryTerms() {
    return terms(offer);
  }

  @Override
  public Optional<OpenSession> session(int tsih) {
    return tsih == KNOWN_TSIH
        ? Optional.of(
            new OpenSession(
                new Initiator(INITIATOR, sessionUser, SOMEWHERE, SOMEWHERE, GROUP),
                ISID,
                Optional.of(IscsiName.of(TARGET)),
                OperationalParameters.defaults()))
        : Optional.empty();
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}

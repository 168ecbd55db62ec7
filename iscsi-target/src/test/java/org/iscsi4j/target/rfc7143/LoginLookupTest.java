package org.iscsi4j.target.rfc7143;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.target.rfc7143.LoginRequests.FULL_FEATURE;
import static org.iscsi4j.target.rfc7143.LoginRequests.INITIATOR;
import static org.iscsi4j.target.rfc7143.LoginRequests.OPERATIONAL;
import static org.iscsi4j.target.rfc7143.LoginRequests.SECURITY;
import static org.iscsi4j.target.rfc7143.LoginRequests.TARGET;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.SessionSettings;
import org.iscsi4j.api.Target;
import org.iscsi4j.api.access.Chap;
import org.iscsi4j.api.access.Credential;
import org.iscsi4j.api.access.Initiator;
import org.iscsi4j.api.access.ResolutionException;
import org.iscsi4j.api.access.Secret;
import org.iscsi4j.api.monitor.EndReason;
import org.iscsi4j.protocol.ChapAlgorithm;
import org.iscsi4j.protocol.Isid;
import org.iscsi4j.protocol.LoginException;
import org.iscsi4j.protocol.LoginRequestPdu;
import org.iscsi4j.protocol.LoginResponsePdu;
import org.iscsi4j.protocol.LoginStatus;
import org.iscsi4j.target.connection.Connection;
import org.iscsi4j.target.fixture.LoginAnswer;
import org.iscsi4j.target.fixture.LoginScript;
import org.iscsi4j.target.fixture.OwnThread;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.iscsi4j.target.login.LoginOutcome;
import org.iscsi4j.target.login.LoginPolicy;
import org.iscsi4j.target.login.Logins;
import org.iscsi4j.target.login.SessionOpener;
import org.iscsi4j.target.login.SessionTerms;
import org.iscsi4j.target.loop.EventLoop;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Logins that wait for the host, on a socket: nothing behind them but an opener that says no. */
class LoginLookupTest {

  private static final String USER = "user";
  private static final String SECRET = "a secret of 16 b";
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofMillis(50);

  /** What a login that got through to the end is told here. */
  private static final LoginStatus THROUGH = LoginStatus.OUT_OF_RESOURCES;

  private static final SessionOpener NO_ROOM =
      (connection, login, waiting) ->
          waiting.refused(new LoginException(THROUGH, "nothing is behind this"));

  private final BlockingQueue<CompletableFuture<LoginPolicy.Admission>> targets =
      new LinkedBlockingQueue<>();
  private final BlockingQueue<CompletableFuture<Optional<Credential>>> secrets =
      new LinkedBlockingQueue<>();
  private final BlockingQueue<LoginOutcome> outcomes = new LinkedBlockingQueue<>();
  private final List<ScriptedInitiator> initiators = new ArrayList<>();
  private Optional<Chap> chap = Optional.empty();
  private SessionOpener opener = NO_ROOM;
  private EventLoop loop;

  private final class Policy extends OpenPolicy {
    @Override
    public CompletionStage<Admission> target(IscsiName name, Initiator initiator) {
      CompletableFuture<Admission> later = new CompletableFuture<>();
      targets.add(later);
      return later;
    }

    @Override
    public Optional<Chap> discoveryChap() {
      return chap;
    }
  }

  @BeforeEach
  void start() throws IOException {
    loop = new EventLoop("login-lookup");
    loop.start();
  }

  @AfterEach
  void stop() {
    initiators.forEach(ScriptedInitiator::close);
    loop.close(Duration.ofSeconds(1));
  }

  private ScriptedInitiator connect(Duration limit) throws IOException {
    try (ServerSocketChannel listener = ServerSocketChannel.open()) {
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      ScriptedInitiator initiator =
          ScriptedInitiator.connect((InetSocketAddress) listener.getLocalAddress());
      initiators.add(initiator);
      SocketChannel accepted = listener.accept();
      loop.execute(() -> serve(accepted, limit));
      return initiator;
    }
  }

  private void serve(SocketChannel accepted, Duration limit) {
    try {
      Connection connection = new Connection(loop, accepted, () -> {});
      Logins logins = new Logins(new Policy(), () -> limit, outcomes::add);
      connection.start(logins.phase(connection, 1, opener));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static <T> T await(BlockingQueue<T> queue) throws InterruptedException {
    T next = queue.poll(ScriptedInitiator.TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
    assertThat(next).as("asked for in time").isNotNull();
    return next;
  }

  private LoginPolicy.Admission admission() {
    return new LoginPolicy.Admission(
        Target.builder(TestServer.TARGET).build(), chap, SessionTerms.of(SessionSettings.empty()));
  }

  private void requireChap() {
    chap =
        Optional.of(
            Chap.builder()
                .credentials(
                    (user, initiator, target) -> {
                      CompletableFuture<Optional<Credential>> later = new CompletableFuture<>();
                      secrets.add(later);
                      return later;
                    })
                .build());
  }

  /** A request that nobody waits for the answer of. */
  private static void send(ScriptedInitiator initiator, int stage, int next, String... pairs) {
    byte[] text = LoginRequests.text(pairs);
    initiator.send(
        new LoginRequestPdu(
            next != 0, false, stage, next, 0, 0, 0, 0, new Isid(1), 0, 0x10, 1, 1, 0),
        text);
  }

  private static LoginStatus status(ScriptedInitiator initiator) {
    LoginResponsePdu answer = initiator.answer(0x10, "a login response").as(LoginResponsePdu.class);
    return LoginStatus.of(answer.statusClass(), answer.statusDetail()).orElseThrow();
  }

  /** A discovery login up to the question for the secret. */
  private ScriptedInitiator proveFor(Duration limit, String secret) throws IOException {
    ScriptedInitiator initiator = connect(limit);
    LoginRequests login = new LoginRequests(initiator);
    login.cmdSn = 1;
    login.stay(SECURITY, INITIATOR, "SessionType=Discovery", "AuthMethod=CHAP");
    LoginAnswer challenge = login.stay(SECURITY, "CHAP_A=7");
    String response = LoginScript.response(challenge, ChapAlgorithm.SHA256, secret);
    send(initiator, SECURITY, FULL_FEATURE, "CHAP_N=" + USER, "CHAP_R=" + response);
    return initiator;
  }

  private static Credential credential() {
    return Credential.of(Secret.of(SECRET));
  }

  @Test
  void loginGoesOnWhenItsTargetIsFound() throws Exception {
    ScriptedInitiator initiator = connect(LONG);
    send(initiator, SECURITY, 0, INITIATOR, TARGET);
    send(initiator, SECURITY, FULL_FEATURE); // is not read before the first is answered

    await(targets).complete(admission());

    assertThat(status(initiator)).isEqualTo(LoginStatus.SUCCESS);
    assertThat(status(initiator)).isEqualTo(THROUGH);
    LoginOutcome outcome = await(outcomes);
    assertThat(outcome.accepted()).isFalse();
    assertThat(outcome.status()).isEqualTo(THROUGH);
    assertThat(outcome.reason()).isEqualTo("nothing is behind this");
    assertThat(outcome.target()).map(IscsiName::toString).contains(TestServer.TARGET);
    assertThat(outcome.initiator().orElseThrow().name()).hasToString(LoginScript.INITIATOR);
    assertThat(outcome.remote()).isEqualTo(outcome.initiator().orElseThrow().remote());
    assertThat(outcome.took()).isPositive();
  }

  @Test
  void loginThatWaitsHoldsUpNobodyElse() throws Exception {
    ScriptedInitiator waiting = connect(LONG);
    send(waiting, OPERATIONAL, FULL_FEATURE, INITIATOR, TARGET);
    CompletableFuture<LoginPolicy.Admission> first = await(targets);
    ScriptedInitiator other = connect(LONG);
    send(other, OPERATIONAL, FULL_FEATURE, INITIATOR, TARGET);
    await(targets)
        .completeExceptionally(
            new ResolutionException(ResolutionException.Kind.REMOVED, "was removed"));

    assertThat(status(other)).isEqualTo(LoginStatus.TARGET_REMOVED);
    first.complete(admission());
    assertThat(status(waiting)).isEqualTo(THROUGH);
  }

  @Test
  void targetThatIsNotFoundInTimeIsUnavailable() throws Exception {
    ScriptedInitiator initiator = connect(SHORT);
    send(initiator, OPERATIONAL, FULL_FEATURE, INITIATOR, TARGET);

    assertThat(status(initiator)).isEqualTo(LoginStatus.SERVICE_UNAVAILABLE);
    initiator.awaitEnd();
    await(targets).complete(admission()); // nobody minds
    assertThat(await(outcomes).reason()).isEqualTo("login took longer than 50 ms");
  }

  @Test
  void connectionEndsAndTheSessionIsGivenUpWhenThatCanNotStart() throws Exception {
    BlockingQueue<EndReason> givenUp = new LinkedBlockingQueue<>();
    opener =
        (connection, login, waiting) ->
            waiting.opened(
                new SessionOpener.Opened(
                    1,
                    1,
                    1,
                    () -> {
                      throw new IllegalStateException("a bug");
                    },
                    givenUp::add));
    ScriptedInitiator initiator = connect(LONG);
    send(initiator, OPERATIONAL, FULL_FEATURE, INITIATOR, TARGET);

    await(targets).complete(admission());

    initiator.awaitEnd();
    assertThat(await(givenUp).kind()).isEqualTo(EndReason.Kind.INTERNAL_ERROR);
  }

  @Test
  void refusalThatIsNotTakenEndsInTime() throws Exception {
    CompletableFuture<Void> ended = new CompletableFuture<>();
    opener =
        (connection, login, waiting) -> {
          stuff(connection);
          waiting.refused(new LoginException(THROUGH, "nothing is behind this"));
          connection.whenFlushed(() -> ended.complete(null)); // or closed
        };
    ScriptedInitiator initiator = connect(SHORT);
    send(initiator, OPERATIONAL, FULL_FEATURE, INITIATOR, TARGET);

    await(targets).complete(admission()); // and the initiator reads nothing

    ended.get(10, TimeUnit.SECONDS);
  }

  /** As if more had been sent than the peer takes. */
  private static void stuff(Connection connection) {
    ByteBuffer data = ByteBuffer.allocate(1 << 20);
    for (int i = 0; i < 32; i++) {
      connection
          .writer()
          .send(
              new LoginResponsePdu(
                  false, false, 0, 0, 0, 0, data.capacity(), new Isid(1), 0, 1, 1, 1, 1, 0, 0),
              data.duplicate());
    }
  }

  @Test
  void loginGoesOnWhenTheSecretIsFound() throws Exception {
    requireChap();
    ScriptedInitiator initiator = proveFor(LONG, SECRET);
    Credential credential = credential();

    await(secrets).complete(Optional.of(credential));

    assertThat(status(initiator)).isEqualTo(THROUGH);
    assertThat(await(outcomes).initiator().orElseThrow().user()).contains(USER);
    assertThat(credential.secret().isDestroyed()).isTrue();
  }

  @Test
  void wrongProofIsRefusedWhenTheSecretIsFound() throws Exception {
    requireChap();
    ScriptedInitiator initiator = proveFor(LONG, "some other secret");
    Credential credential = credential();

    await(secrets).complete(Optional.of(credential));

    assertThat(status(initiator)).isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);
    assertThat(credential.secret().isDestroyed()).isTrue();
  }

  @Test
  void secretThatComesTooLateIsWiped() throws Exception {
    requireChap();
    ScriptedInitiator initiator = proveFor(SHORT, SECRET);
    assertThat(status(initiator)).isEqualTo(LoginStatus.SERVICE_UNAVAILABLE);
    Credential credential = credential();

    await(secrets).complete(Optional.of(credential));

    assertThat(credential.secret().isDestroyed()).isTrue();
  }

  @Test
  void secretThatComesAfterTheConnectionIsGoneIsWiped() throws Exception {
    requireChap();
    proveFor(LONG, SECRET);
    CompletableFuture<Optional<Credential>> later = await(secrets);
    Credential credential = credential();

    assertThat(loop.close(Duration.ofSeconds(10))).isTrue();
    later.complete(Optional.of(credential));

    assertThat(credential.secret().isDestroyed()).isTrue();
  }

  @Test
  void secretThatIsOnItsWayWhenTheConnectionGoesIsWiped() throws Exception {
    requireChap();
    proveFor(LONG, SECRET);
    CompletableFuture<Optional<Credential>> later = await(secrets);
    Credential credential = credential();
    CountDownLatch arrived = new CountDownLatch(1);
    loop.execute(() -> awaitQuietly(arrived)); // what arrives meanwhile stands in the queue

    later.complete(Optional.of(credential));
    CompletableFuture<Boolean> closed =
        CompletableFuture.supplyAsync(() -> loop.close(Duration.ofSeconds(10)), OwnThread.EACH);
    arrived.countDown();

    assertThat(closed.get(10, TimeUnit.SECONDS)).isTrue();
    assertThat(credential.secret().isDestroyed()).isTrue();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}

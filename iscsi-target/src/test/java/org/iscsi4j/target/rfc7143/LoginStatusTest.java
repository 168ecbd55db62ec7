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
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.Target;
import org.iscsi4j.api.access.Initiator;
import org.iscsi4j.protocol.LoginException;
import org.iscsi4j.protocol.LoginStatus;
import org.iscsi4j.target.connection.Connection;
import org.iscsi4j.target.fixture.LoginAnswer;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.login.Logins;
import org.iscsi4j.target.login.SessionOpener;
import org.iscsi4j.target.loop.EventLoop;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Logins that fail for reasons of the target's own: a login phase on a socket, nothing behind. */
class LoginStatusTest {

  private final Policy policy = new Policy();
  private EventLoop loop;
  private ScriptedInitiator initiator;
  private LoginRequests login;

  /** A server that may be closing, or broken. */
  private static final class Policy extends OpenPolicy {
    private volatile boolean closing;
    private volatile boolean broken;

    @Override
    public boolean serving() {
      return !closing;
    }

    @Override
    public CompletionStage<Admission> target(IscsiName name, Initiator initiator) {
      if (broken) {
        throw new IllegalStateException("a bug, to see what becomes of the login");
      }
      return CompletableFuture.completedFuture(
          new Admission(
              Target.builder(name.toString()).build(), Optional.empty(), discoveryTerms()));
    }
  }

  @BeforeEach
  void start() throws IOException {
    loop = new EventLoop("login-status");
    loop.start();
  }

  @AfterEach
  void stop() {
    initiator.close();
    loop.close(Duration.ofSeconds(1));
  }

  private void connect(SessionOpener opener) throws IOException {
    try (ServerSocketChannel listener = ServerSocketChannel.open()) {
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      initiator = ScriptedInitiator.connect((InetSocketAddress) listener.getLocalAddress());
      login = new LoginRequests(initiator);
      SocketChannel accepted = listener.accept();
      loop.execute(() -> serve(accepted, opener));
    }
  }

  private void serve(SocketChannel accepted, SessionOpener opener) {
    try {
      Connection connection = new Connection(loop, accepted, () -> {});
      connection.start(
          new Logins(policy, () -> Duration.ofSeconds(10), outcome -> {})
              .phase(connection, 1, opener));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void assertRefused(LoginAnswer answer, LoginStatus status) {
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.keys()).isEmpty();
    initiator.awaitEnd();
  }

  @Test
  @Item(value = 12, section = "11.13.5", rule = "0300h target error")
  void bugIsATargetError() throws Exception {
    connect((connection, result, waiting) -> {});
    policy.broken = true;

    assertRefused(login.go(SECURITY, OPERATIONAL, INITIATOR, TARGET), LoginStatus.TARGET_ERROR);
  }

  @Test
  @Item(value = 12, section = "11.13.5", rule = "0300h target error")
  void bugWhenTheSessionOpensIsATargetError() throws Exception {
    connect(
        (connection, result, waiting) -> {
          throw new IllegalStateException("a bug, to see what becomes of the login");
        });

    assertRefused(login.go(OPERATIONAL, FULL_FEATURE, INITIATOR, TARGET), LoginStatus.TARGET_ERROR);
  }

  @Test
  @Item(value = 12, section = "11.13.5", rule = "0301h service unavailable")
  void serverThatClosesIsUnavailable() throws Exception {
    connect((connection, result, waiting) -> {});
    login.go(SECURITY, OPERATIONAL, INITIATOR, TARGET);
    policy.closing = true;

    assertRefused(login.go(OPERATIONAL, FULL_FEATURE), LoginStatus.SERVICE_UNAVAILABLE);
  }

  @Test
  @Item(value = 12, section = "11.13.5", rule = "0302h out of resources")
  void serverWithoutRoomForASession() throws Exception {
    LoginException full = new LoginException(LoginStatus.OUT_OF_RESOURCES, "every TSIH is taken");
    connect((connection, result, waiting) -> waiting.refused(full));

    assertRefused(
        login.go(OPERATIONAL, FULL_FEATURE, INITIATOR, TARGET), LoginStatus.OUT_OF_RESOURCES);
  }
}

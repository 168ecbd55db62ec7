package org.iscsi4j.target.rfc7143;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.iscsi4j.api.SessionInfo;
import org.iscsi4j.protocol.AsyncEvent;
import org.iscsi4j.protocol.AsyncMessagePdu;
import org.iscsi4j.target.IscsiServer;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the target tells without being asked, and what it does then. */
class AsyncMessageTest {

  private TestServer test;
  private IscsiServer server;

  @BeforeEach
  void start() {
    test = TestServer.start();
    server = test.server();
  }

  @AfterEach
  void stop() {
    test.close();
  }

  private SessionInfo session() {
    return server.sessions().get(0);
  }

  @Test
  @Item(value = 69, section = "11.9.1", rule = "a logout is asked for, and commands go on until it")
  void commandsGoOnUntilTheLogoutThatWasAskedFor() throws Exception {
    try (ScriptedInitiator initiator = test.login()) {
      CompletableFuture<Void> ended = server.requestLogout(session(), Duration.ofMillis(30_500));

      AsyncMessagePdu message = initiator.awaitAsyncMessage().as(AsyncMessagePdu.class);
      assertThat(message.asyncEvent()).isEqualTo(AsyncEvent.LOGOUT_REQUEST.code());
      assertThat(message.parameter3()).as("seconds, rounded up").isEqualTo(31);
      initiator.write(0, new byte[512]);
      assertThat(ended).isNotDone();

      initiator.logout();
      ended.get(10, TimeUnit.SECONDS);
      assertThat(test.events().awaitClosed()).isEqualTo("logout");
    }
  }

  @Test
  @Item(value = 69, section = "11.9.1", rule = "a logout is asked for, and commands go on until it")
  void moreTimeThanCanBeToldIsCut() throws Exception {
    try (ScriptedInitiator initiator = test.login()) {
      CompletableFuture<Void> ended =
          server.requestLogout(session(), ChronoUnit.FOREVER.getDuration());

      AsyncMessagePdu message = initiator.awaitAsyncMessage().as(AsyncMessagePdu.class);
      assertThat(message.parameter3()).isEqualTo(0xffff);
      initiator.logout();
      ended.get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  @Item(value = 69, section = "11.9.1", rule = "who does not log out in time is told, and dropped")
  void whoDoesNotLogOutIsDropped() throws Exception {
    try (ScriptedInitiator initiator = test.login()) {
      CompletableFuture<Void> ended = server.requestLogout(session(), Duration.ofMillis(20));

      assertThat(initiator.awaitAsyncMessage().as(AsyncMessagePdu.class).parameter3()).isOne();
      initiator.awaitDrop();
      ended.get(10, TimeUnit.SECONDS);
      assertThat(test.events().awaitClosed()).isEqualTo("no logout within 20 ms");
    }
  }

  @Test
  @Item(value = 69, section = "11.9.1", rule = "a session that is dropped is told so")
  void theEndOfTheServerIsAnnounced() {
    try (ScriptedInitiator initiator = test.login()) {
      server.close(Duration.ofMillis(100));

      initiator.awaitDrop();
    }
  }

  @Test
  void sessionThatHasEndedNeedsNoLogout() throws Exception {
    try (ScriptedInitiator initiator = test.login()) {
      SessionInfo old = session();
      initiator.logout();
      test.events().awaitClosed();

      assertThat(server.requestLogout(old, Duration.ofSeconds(1))).isDone();
    }
  }

  @Test
  void anotherSessionOfTheSameHandleIsLeftAlone() {
    try (ScriptedInitiator initiator = test.login()) {
      SessionInfo real = session();
      SessionInfo other = new SessionInfo(real.initiator(), 99, real.tsih(), real.target());

      assertThat(server.requestLogout(other, Duration.ofSeconds(1))).isDone();
      assertThat(initiator.ping(new byte[1])).hasSize(1);
    }
  }

  @Test
  void noTimeIsRefused() {
    try (ScriptedInitiator initiator = test.login()) {
      assertThat(initiator.tsih()).isNotZero();
      assertThatThrownBy(() -> server.requestLogout(session(), Duration.ZERO))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("logout time");
    }
  }
}

package org.iscsi4j.target.rfc7143;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.Exchange;
import org.iscsi4j.target.fixture.GatedDevice;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When the target asks whether its initiator lives (RFC 7143 section 11.19). */
class PingTest {

  private static final String ALIVE = "who sends or takes anything lives";
  private static final String SILENT = "who is silent is asked, and then given up";

  private static final Duration SHORT = Duration.ofMillis(100);

  /** Shorter than eight intervals, and long enough for a busy machine. */
  private static final Duration PATIENT = Duration.ofMillis(500);

  private static final Duration LONG = Duration.ofMinutes(1);

  private TestServer server;
  private ScriptedInitiator initiator;

  @AfterEach
  void stop() {
    initiator.close();
    server.close();
  }

  private void startPinging(Duration timeout) {
    server = TestServer.start(settings -> settings.keepAlive(SHORT, timeout));
    initiator = server.login();
    initiator.leavePings();
  }

  @Test
  @Item(value = 70, section = "11.19", rule = ALIVE)
  void initiatorThatAnswersLives() {
    startPinging(PATIENT);
    for (int i = 0; i < 8; i++) {
      initiator.pong(initiator.awaitPing());
    }

    assertThat(initiator.command(Cdbs.testUnitReady()).await().outcome()).isEqualTo("GOOD");
  }

  @Test
  @Item(value = 70, section = "11.19", rule = ALIVE)
  void anythingThatComesIsAnAnswer() {
    startPinging(PATIENT);
    for (int i = 0; i < 8; i++) {
      initiator.awaitPing();
      assertThat(initiator.command(Cdbs.testUnitReady()).await().outcome()).isEqualTo("GOOD");
    }
  }

  @Test
  @Item(value = 70, section = "11.19", rule = SILENT)
  void initiatorThatDoesNotAnswerIsGivenUp() {
    startPinging(SHORT);
    initiator.awaitPing();

    initiator.awaitEnd();

    assertThat(server.events().awaitClosed()).contains("ping");
    assertThat(server.server().sessions()).isEmpty();
  }

  @Test
  @Item(value = 70, section = "11.19", rule = SILENT)
  void discoverySessionIsAskedToo() {
    server = TestServer.start(settings -> settings.keepAlive(SHORT, SHORT));
    initiator = server.connect().login().discovery().perform();
    initiator.leavePings();

    initiator.awaitPing();
    initiator.awaitEnd();
  }

  @Test
  @Item(value = 70, section = "11.19", rule = ALIVE)
  void initiatorThatTakesItsDataSlowlyIsNotGivenUp() {
    GatedDevice device = new GatedDevice(1 << 20); // more is read ahead from a slow device
    server =
        TestServer.serving(
            settings -> settings.keepAlive(Duration.ofMillis(250), Duration.ofMillis(250)), device);
    initiator = server.login(login -> login.offer("MaxRecvDataSegmentLength", 262_144));
    List<Exchange> reads = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      reads.add(initiator.command(Cdbs.read10(0, 2048)).read(1 << 20).send());
    }

    // it takes a second, and what it says meanwhile is not read, because it is so far behind
    while (!reads.stream().allMatch(Exchange::ended)) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(8)); // the pace of a slow network
      initiator.receive();
    }

    assertThat(server.events().closedCount()).isZero();
  }

  @Test
  @Item(value = 70, section = "11.19", rule = SILENT)
  void initiatorThatTakesNothingIsGivenUp() {
    server = TestServer.start(settings -> settings.keepAlive(SHORT, SHORT));
    initiator = server.login();
    for (int i = 0; i < 50; i++) {
      initiator.command(Cdbs.read10(0, 2048)).read(1 << 20).send();
    }

    assertThat(server.events().awaitClosed()).contains("ping");
  }
}

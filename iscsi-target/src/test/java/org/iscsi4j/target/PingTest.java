package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.target.fixture.Patterns.assertSame;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.iscsi4j.protocol.NopInPdu;
import org.iscsi4j.protocol.NopOutPdu;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.Exchange;
import org.iscsi4j.target.fixture.GatedDevice;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** NOP in both directions (RFC 7143 sections 11.18 and 11.19). */
class PingTest {

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

  private void start() {
    server = TestServer.start();
    initiator = server.login();
  }

  private void startPinging(Duration timeout) {
    server = TestServer.start(settings -> settings.keepAlive(SHORT, timeout));
    initiator = server.login();
    initiator.leavePings();
  }

  // ---- the initiator asks --------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 511, 4096, 8192})
  void dataIsEchoed(int bytes) {
    start();
    byte[] data = Patterns.bytes(bytes, bytes);

    assertSame(initiator.ping(data), data);
  }

  @Test
  void echoIsCutToWhatTheInitiatorTakes() {
    server = TestServer.start();
    initiator = server.login(login -> login.offer("MaxRecvDataSegmentLength", 512));
    byte[] data = Patterns.bytes(5000, 1);

    assertSame(initiator.ping(data), Arrays.copyOf(data, 512));
  }

  @Test
  void echoMayBeAsLargeAsTheLargestSegment() {
    int largest = 8 << 20;
    server = TestServer.start(settings -> settings.maxRecvDataSegmentLength(largest));
    initiator = server.login(login -> login.offer("MaxRecvDataSegmentLength", largest));
    byte[] data = Patterns.bytes(largest, 2);

    assertSame(initiator.ping(data), data);
  }

  @Test
  void echoKeepsTheTag() {
    start();
    int tag = initiator.sendPing(new byte[] {5});

    NopInPdu echo = initiator.answer(tag, "an echo").as(NopInPdu.class);

    assertThat(echo.initiatorTaskTag()).isEqualTo(tag);
    assertThat(echo.targetTransferTag()).isEqualTo(Pdu.RESERVED_TAG);
  }

  @Test
  void immediatePingDoesNotMoveTheWindow() {
    start();
    int expected = initiator.expCmdSn();
    int tag = initiator.newTag();
    initiator.send(
        new NopOutPdu(
            true, 0, 0, 0, tag, Pdu.RESERVED_TAG, initiator.nextCmdSn(), initiator.expStatSn()));

    assertThat(initiator.answer(tag, "an echo").as(NopInPdu.class).expCmdSn()).isEqualTo(expected);
  }

  @Test
  void pingThatWantsNoAnswerGetsNone() {
    start();
    initiator.send(
        new NopOutPdu(
            true,
            0,
            0,
            0,
            Pdu.RESERVED_TAG,
            Pdu.RESERVED_TAG,
            initiator.nextCmdSn(),
            initiator.expStatSn()));

    // an answer would have a tag that nobody asked with
    assertThat(initiator.ping(new byte[2])).hasSize(2);
  }

  // ---- the target asks -----------------------------------------------------------------------

  @Test
  void silentInitiatorIsAsked() {
    startPinging(LONG);

    NopInPdu ping = initiator.awaitPing();

    assertThat(ping.targetTransferTag()).isNotEqualTo(Pdu.RESERVED_TAG);
    initiator.pong(ping);
    NopInPdu next = initiator.awaitPing();
    assertThat(next.targetTransferTag()).isNotEqualTo(ping.targetTransferTag());
  }

  @Test
  void initiatorThatAnswersLives() {
    startPinging(PATIENT);
    for (int i = 0; i < 8; i++) {
      initiator.pong(initiator.awaitPing());
    }

    assertThat(initiator.command(Cdbs.testUnitReady()).await().outcome()).isEqualTo("GOOD");
  }

  @Test
  void anythingThatComesIsAnAnswer() {
    startPinging(PATIENT);
    for (int i = 0; i < 8; i++) {
      initiator.awaitPing();
      assertThat(initiator.command(Cdbs.testUnitReady()).await().outcome()).isEqualTo("GOOD");
    }
  }

  @Test
  void initiatorThatDoesNotAnswerIsGivenUp() {
    startPinging(SHORT);
    initiator.awaitPing();

    initiator.awaitEnd();

    assertThat(server.events().awaitClosed()).contains("ping");
    assertThat(server.server().sessions()).isEmpty();
  }

  @Test
  void discoverySessionIsAskedToo() {
    server = TestServer.start(settings -> settings.keepAlive(SHORT, SHORT));
    initiator = server.connect().login().discovery().perform();
    initiator.leavePings();

    initiator.awaitPing();
    initiator.awaitEnd();
  }

  @Test
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
  void initiatorThatTakesNothingIsGivenUp() {
    server = TestServer.start(settings -> settings.keepAlive(SHORT, SHORT));
    initiator = server.login();
    for (int i = 0; i < 50; i++) {
      initiator.command(Cdbs.read10(0, 2048)).read(1 << 20).send();
    }

    assertThat(server.events().awaitClosed()).contains("ping");
  }
}

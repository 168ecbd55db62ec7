package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.iscsi4j.protocol.Isid;
import org.iscsi4j.protocol.KeyValue;
import org.iscsi4j.protocol.LoginRequestPdu;
import org.iscsi4j.protocol.LoginResponsePdu;
import org.iscsi4j.protocol.LoginStatus;
import org.iscsi4j.protocol.NopOutPdu;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.protocol.TextCodec;
import org.iscsi4j.protocol.TextRequestPdu;
import org.iscsi4j.target.fixture.LoginAnswer;
import org.iscsi4j.target.fixture.LoginScript;
import org.iscsi4j.target.fixture.Received;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Logins that are refused by what their headers say or by what they cost, over a socket (RFC 7143
 * section 11.13.5). Whatever their text says is decided by {@code LoginNegotiation}.
 */
class LoginRefusalTest {

  private static final int SECURITY = 0;
  private static final int OPERATIONAL = 1;
  private static final int FULL_FEATURE = 3;

  private TestServer server;
  private ScriptedInitiator initiator;
  private LoginScript login;

  @BeforeEach
  void start() {
    server = TestServer.start();
    initiator = server.connect();
    login = initiator.login();
  }

  @AfterEach
  void stop() {
    initiator.close();
    server.assertServes();
    server.close();
  }

  private void assertRefused(LoginAnswer answer, LoginStatus status) {
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.keys()).isEmpty();
    initiator.awaitEnd();
    assertThat(server.events().awaitRefused()).isNotEmpty();
    assertThat(server.server().sessions()).isEmpty();
  }

  /** Sends a header of the test's own, with the names as its text. */
  private LoginAnswer send(LoginRequestPdu pdu) {
    return send(pdu, TextCodec.encode(login.names()));
  }

  private LoginAnswer send(LoginRequestPdu pdu, byte[] text) {
    initiator.send(pdu, text);
    Received received = initiator.answer(pdu.initiatorTaskTag(), "a login response");
    return new LoginAnswer(received.as(LoginResponsePdu.class), received.keys());
  }

  private static LoginRequestPdu header(
      boolean transit, boolean continued, int stage, int next, int versionMin, int tsih, int tag) {
    return new LoginRequestPdu(
        transit,
        continued,
        stage,
        next,
        versionMin,
        versionMin,
        0,
        0,
        new Isid(1),
        tsih,
        tag,
        1,
        0x100,
        0);
  }

  // ---- headers -------------------------------------------------------------------------------

  @Test
  void laterVersion() {
    LoginAnswer answer = send(header(true, false, SECURITY, OPERATIONAL, 1, 0, 7));

    assertRefused(answer, LoginStatus.UNSUPPORTED_VERSION);
    assertThat(answer.pdu().versionMax()).isZero();
    assertThat(answer.pdu().versionActive()).isZero();
  }

  @ParameterizedTest(name = "T={0} C={1} CSG={2} NSG={3}")
  @CsvSource({
    "true, true, 0, 1", // T and C
    "true, false, 0, 0", // no way forward
    "true, false, 0, 2", // reserved stage
    "true, false, 1, 1",
    "true, false, 1, 0", // backward
    "true, false, 1, 2",
    "false, false, 2, 0",
    "true, false, 2, 3",
    "false, false, 3, 0",
    "true, false, 3, 3"
  })
  void stagesThatMakeNoSense(boolean transit, boolean continued, int stage, int next) {
    assertRefused(
        send(header(transit, continued, stage, next, 0, 0, 7)), LoginStatus.INITIATOR_ERROR);
  }

  @Test
  void stageThatIsOverAlready() {
    login.request(SECURITY, OPERATIONAL, true, login.names());

    assertRefused(
        login.request(SECURITY, OPERATIONAL, true, List.of()), LoginStatus.INITIATOR_ERROR);
  }

  @Test
  void stageThatHasNotBegun() {
    login.request(SECURITY, OPERATIONAL, false, login.names());

    assertRefused(
        login.request(OPERATIONAL, FULL_FEATURE, true, List.of()), LoginStatus.INITIATOR_ERROR);
  }

  @Test
  void anotherIsidInTheMiddle() {
    login.request(SECURITY, OPERATIONAL, true, login.names());

    LoginAnswer answer =
        initiator.login().isid(99).request(OPERATIONAL, FULL_FEATURE, true, List.of());

    assertRefused(answer, LoginStatus.INITIATOR_ERROR);
  }

  @Test
  void anotherCidInTheMiddle() {
    login.request(SECURITY, OPERATIONAL, true, login.names());

    LoginAnswer answer =
        initiator.login().cid(2).request(OPERATIONAL, FULL_FEATURE, true, List.of());

    assertRefused(answer, LoginStatus.INITIATOR_ERROR);
  }

  @Test
  void sessionThatDoesNotExist() {
    LoginScript joining = initiator.login().tsih(4711);

    assertRefused(
        joining.request(SECURITY, OPERATIONAL, true, joining.names()),
        LoginStatus.SESSION_DOES_NOT_EXIST);
  }

  @Test
  void moreConnectionsThanTheSessionMayHave() {
    try (ScriptedInitiator first = server.login()) {
      LoginScript joining = initiator.login().tsih(first.tsih()).cid(2);

      LoginAnswer answer = joining.request(OPERATIONAL, FULL_FEATURE, true, joining.names());

      assertThat(answer.status()).isEqualTo(LoginStatus.TOO_MANY_CONNECTIONS);
      initiator.awaitEnd();
      assertThat(first.ping(new byte[1])).hasSize(1);
    }
  }

  // ---- other PDUs ----------------------------------------------------------------------------

  @Test
  void anotherPduInTheMiddle() {
    login.request(SECURITY, OPERATIONAL, true, login.names());
    initiator.send(new NopOutPdu(true, 0, 0, 0, 0x77, Pdu.RESERVED_TAG, 0x100, 0));

    LoginResponsePdu answer = initiator.receive().as(LoginResponsePdu.class);

    assertRefused(new LoginAnswer(answer, List.of()), LoginStatus.INVALID_DURING_LOGIN);
  }

  @Test
  void anotherPduFirst() {
    initiator.send(
        new TextRequestPdu(true, true, false, 0, 0, 0, 1, Pdu.RESERVED_TAG, 0x100, 0),
        TextCodec.encode(List.of(new KeyValue("SendTargets", "All"))));

    // RFC 7143 section 6.3: no answer, not even a Reject
    initiator.awaitEnd();
  }

  // ---- text ----------------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(strings = {"no equals sign", "=value", "lower=case", "Key with blanks=1", "A=1\0B"})
  void textThatNobodyCanRead(String text) {
    byte[] bytes = (text + (text.contains("\0") ? "" : "\0")).getBytes(StandardCharsets.UTF_8);

    assertRefused(
        login.request(SECURITY, OPERATIONAL, false, false, bytes), LoginStatus.INITIATOR_ERROR);
  }

  @Test
  void textThatGrowsWithoutEnd() {
    byte[] piece = new byte[8192];
    Arrays.fill(piece, (byte) 'A');
    LoginAnswer answer = login.request(SECURITY, OPERATIONAL, false, true, piece);
    for (int i = 0; i < 16 && answer.status() == LoginStatus.SUCCESS; i++) {
      answer = login.request(SECURITY, OPERATIONAL, false, true, piece);
    }

    assertRefused(answer, LoginStatus.INITIATOR_ERROR);
  }

  @Test
  void requestsWithoutEnd() {
    LoginAnswer answer = login.request(SECURITY, OPERATIONAL, false, login.names());
    for (int i = 0; i < 1000 && answer.status() == LoginStatus.SUCCESS; i++) {
      answer = login.request(SECURITY, OPERATIONAL, false, List.of());
    }

    assertRefused(answer, LoginStatus.INITIATOR_ERROR);
  }

  @Test
  void moreKeysThanAnybodyNeeds() {
    byte[] text = "X-a=1\0".repeat(1000).getBytes(StandardCharsets.UTF_8);

    assertRefused(
        login.request(SECURITY, OPERATIONAL, false, false, text), LoginStatus.INITIATOR_ERROR);
  }
}

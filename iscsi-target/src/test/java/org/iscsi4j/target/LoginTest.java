package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.iscsi4j.protocol.KeyValue;
import org.iscsi4j.protocol.LoginStatus;
import org.iscsi4j.protocol.TextCodec;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.LoginAnswer;
import org.iscsi4j.target.fixture.LoginScript;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Logins that end well, over a socket (RFC 7143 section 6.3). */
class LoginTest {

  private static final int SECURITY = 0;
  private static final int OPERATIONAL = 1;
  private static final int FULL_FEATURE = 3;

  private TestServer server;
  private ScriptedInitiator initiator;

  @BeforeEach
  void start() {
    server = TestServer.start();
    initiator = server.connect();
  }

  @AfterEach
  void stop() {
    initiator.close();
    server.close();
  }

  private static KeyValue key(String key, String value) {
    return new KeyValue(key, value);
  }

  private void assertWorks() {
    initiator.clearUnitAttentions(0);
    byte[] data = Patterns.bytes(1024, 1);
    initiator.write(5, data);
    assertThat(initiator.read(5, 2)).isEqualTo(data);
  }

  // ---- stages --------------------------------------------------------------------------------

  @Test
  void throughBothStages() {
    initiator.login().perform();

    assertWorks();
  }

  @Test
  void fromTheOperationalStage() {
    initiator.login().withoutSecurityStage().perform();

    assertWorks();
  }

  @Test
  void fromTheSecurityStageToTheEnd() {
    LoginScript login = initiator.login();

    LoginAnswer answer = login.request(SECURITY, FULL_FEATURE, true, login.names());

    assertThat(answer.status()).isEqualTo(LoginStatus.SUCCESS);
    assertWorks();
    // nothing was declared, so the RFC's default holds in both directions
    assertThat(initiator.negotiated().theirMaxRecv()).isEqualTo(8192);
  }

  @Test
  void inManySmallRequests() {
    LoginScript login = initiator.login();

    login.request(SECURITY, OPERATIONAL, false, login.names());
    login.request(SECURITY, OPERATIONAL, false, List.of(key("AuthMethod", "None")));
    login.request(SECURITY, OPERATIONAL, true, List.of());
    login.request(OPERATIONAL, FULL_FEATURE, false, List.of(key("MaxBurstLength", "65536")));
    login.request(OPERATIONAL, FULL_FEATURE, false, List.of(key("InitialR2T", "No")));
    LoginAnswer last = login.request(OPERATIONAL, FULL_FEATURE, true, List.of());

    assertThat(last.status()).isEqualTo(LoginStatus.SUCCESS);
    assertWorks();
  }

  @Test
  void commandsBeginWithTheCmdSnOfTheLogin() {
    initiator.close();
    initiator = ScriptedInitiator.connect(server.address(), -3);

    initiator.login().perform();

    // across the wrap of the 32 bits
    assertThat(initiator.nextCmdSn()).isEqualTo(-3);
    for (int i = 0; i < 6; i++) {
      assertThat(initiator.command(Cdbs.inquiry(36)).read(36).await().outcome()).isEqualTo("GOOD");
    }
    assertThat(initiator.expCmdSn()).isEqualTo(3);
  }

  // ---- keys ------------------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void firstAnswerTellsThePortalGroup(boolean security) {
    LoginScript login = initiator.login();
    int stage = security ? SECURITY : OPERATIONAL;

    LoginAnswer answer = login.request(stage, FULL_FEATURE, false, login.names());

    assertThat(answer.value("TargetPortalGroupTag")).contains("1");
  }

  @ParameterizedTest
  @CsvSource({
    "HeaderDigest, 'CRC32C,None', CRC32C",
    "DataDigest, 'None,CRC32C', None",
    "MaxConnections, 8, 1",
    "InitialR2T, Yes, Yes",
    "InitialR2T, No, No",
    "ImmediateData, No, No",
    "ImmediateData, Yes, Yes",
    "MaxBurstLength, 0x40000, 262144",
    "MaxBurstLength, 16776192, 1048576",
    "FirstBurstLength, 00512, 512",
    "DefaultTime2Wait, 0, 2",
    "DefaultTime2Retain, 20, 0",
    "MaxOutstandingR2T, 16, 4",
    "DataPDUInOrder, No, Yes",
    "DataSequenceInOrder, No, Yes",
    "ErrorRecoveryLevel, 2, 0",
    "TaskReporting, 'FastAbort,ResponseFence,RFC3720', RFC3720",
    "iSCSIProtocolLevel, 2, 1",
    "IFMarker, Yes, No",
    "OFMarkInt, 2048~4096, Reject",
    "X-org.example.unknown, 1, NotUnderstood",
    "ImmediateData, yes, Reject"
  })
  void offersAreAnswered(String key, String offer, String answer) {
    LoginScript login = initiator.login();
    login.request(SECURITY, OPERATIONAL, true, login.names());

    LoginAnswer answers = login.request(OPERATIONAL, FULL_FEATURE, false, List.of(key(key, offer)));

    assertThat(answers.value(key)).contains(answer);
  }

  @Test
  void targetDeclaresItsLimitAndItsAlias() throws Exception {
    LoginScript login = initiator.login();
    LoginAnswer first = login.request(SECURITY, OPERATIONAL, true, login.names());
    LoginAnswer last =
        login.request(
            OPERATIONAL,
            FULL_FEATURE,
            true,
            List.of(key("MaxRecvDataSegmentLength", "4096"), key("InitiatorAlias", "me")));

    assertThat(first.value("TargetAlias")).isEmpty();
    assertThat(last.value("MaxRecvDataSegmentLength")).contains("262144");
    assertThat(last.value("InitiatorAlias")).isEmpty();
    assertWorks();
  }

  // ---- text in pieces --------------------------------------------------------------------------

  @Test
  void textMayBeCutAnywhere() {
    byte[] text = TextCodec.encode(initiator.login().names());
    for (int cut = 0; cut <= text.length; cut++) {
      try (ScriptedInitiator each = server.connect()) {
        LoginScript login = each.login();
        byte[] head = Arrays.copyOf(text, cut);
        byte[] tail = Arrays.copyOfRange(text, cut, text.length);

        LoginAnswer first = login.request(SECURITY, FULL_FEATURE, false, true, head);
        LoginAnswer second = login.request(SECURITY, FULL_FEATURE, true, false, tail);

        // RFC 7143 section 6.2: nothing is answered before the text is whole
        assertThat(first.keys()).isEmpty();
        assertThat(first.pdu().transit()).isFalse();
        assertThat(second.status()).isEqualTo(LoginStatus.SUCCESS);
      }
    }
  }

  @Test
  void longAnswersComeInPieces() {
    LoginScript login = initiator.login();
    login.request(SECURITY, OPERATIONAL, true, login.names());
    List<KeyValue> unknown = unknownKeys(150);
    byte[] text = TextCodec.encode(unknown);
    assertThat(text.length).isBetween(8193, 16_384);

    login.request(OPERATIONAL, FULL_FEATURE, false, true, Arrays.copyOf(text, 8192));
    LoginAnswer part =
        login.request(
            OPERATIONAL, FULL_FEATURE, true, false, Arrays.copyOfRange(text, 8192, text.length));
    assertThat(part.pdu().continued()).isTrue();
    // a request that does not ask to go on is not answered with going on, whatever came before
    LoginAnswer rest = login.request(OPERATIONAL, FULL_FEATURE, false, List.of());

    assertThat(rest.pdu().continued()).isFalse();
    assertThat(rest.keys()).hasSize(151); // every unknown one, and the target's own limit
    assertThat(rest.pdu().transit()).isFalse();
    LoginAnswer last = login.request(OPERATIONAL, FULL_FEATURE, true, List.of());
    assertThat(last.pdu().transit()).isTrue();
    assertWorks();
  }

  private static List<KeyValue> unknownKeys(int count) {
    List<KeyValue> keys = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      keys.add(key(String.format("X-org.example.a.key.with.a.long.name.that.fills.%06d", i), "1"));
    }
    return keys;
  }
}

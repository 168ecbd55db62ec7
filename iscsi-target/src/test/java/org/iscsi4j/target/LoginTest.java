package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.iscsi4j.protocol.KeyValue;
import org.iscsi4j.protocol.LoginStatus;
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

  // ---- keys ------------------------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource({
    "HeaderDigest, 'CRC32C,None', CRC32C",
    "DataDigest, 'None,CRC32C', None",
    "MaxConnections, 9, 8",
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
    "DataPDUInOrder, No, No",
    "DataSequenceInOrder, No, No",
    "ErrorRecoveryLevel, 2, 0",
    "TaskReporting, 'FastAbort,ResponseFence,RFC3720', FastAbort",
    "iSCSIProtocolLevel, 2, 2",
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
}

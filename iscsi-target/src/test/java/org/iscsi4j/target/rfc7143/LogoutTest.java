package org.iscsi4j.target.rfc7143;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.target.fixture.Patterns.assertSame;

import com.google.common.primitives.Bytes;
import org.iscsi4j.protocol.LogoutRequestPdu;
import org.iscsi4j.protocol.LogoutResponse;
import org.iscsi4j.protocol.LogoutResponsePdu;
import org.iscsi4j.protocol.ScsiCommandPdu;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.Exchange;
import org.iscsi4j.target.fixture.GatedDevice;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Logout (RFC 7143 sections 11.14 and 11.15); with several connections it is in {@link
 * ConnectionsOfASessionTest}.
 */
class LogoutTest {

  private static final String LAST =
      "a logout ends everything without an answer, and its response is the last PDU";
  private static final int CLOSE_SESSION = 0;
  private static final int CLOSE_CONNECTION = 1;

  private GatedDevice device;
  private TestServer server;
  private ScriptedInitiator initiator;

  @BeforeEach
  void start() {
    device = new GatedDevice(1 << 20);
    server = TestServer.serving(device);
    initiator = server.login(login -> login.cid(3));
  }

  @AfterEach
  void stop() {
    device.release();
    initiator.close();
    server.close();
  }

  private void assertEnded(LogoutResponsePdu response) {
    assertThat(response.response()).isEqualTo(LogoutResponse.SUCCESS.code());
    assertThat(response.time2Wait()).isEqualTo(2);
    assertThat(response.time2Retain()).isZero(); // nothing is kept without recovery
    initiator.awaitEnd();
    assertThat(server.events().awaitClosed()).contains("logout");
    assertThat(server.server().sessions()).isEmpty();
  }

  @Test
  @Item(value = 68, section = "11.14", rule = LAST)
  void ofTheSession() {
    assertEnded(initiator.logout(CLOSE_SESSION, 0));
  }

  @Test
  @Item(value = 68, section = "11.14", rule = LAST)
  void ofTheConnection() {
    assertEnded(initiator.logout(CLOSE_CONNECTION, 3));
  }

  @ParameterizedTest(name = "reason {0}, CID {1}")
  @CsvSource({
    "1, 4, CID_NOT_FOUND",
    "2, 3, RECOVERY_NOT_SUPPORTED",
    "2, 9, RECOVERY_NOT_SUPPORTED",
    "3, 3, CLEANUP_FAILED",
    "127, 3, CLEANUP_FAILED"
  })
  @Item(value = 68, section = "11.15.1", rule = "a logout that can't be done says why")
  void thatCanNotBeDone(int reason, int cid, LogoutResponse response) {
    assertThat(initiator.logout(reason, cid).response()).isEqualTo(response.code());

    assertThat(initiator.ping(new byte[1])).hasSize(1);
  }

  @Test
  @Item(value = 68, section = "11.14", rule = LAST)
  void outstandingCommandsEndWithoutAnAnswer() {
    device.hold();
    Exchange hanging = initiator.command(Cdbs.read10(0, 1)).read(512).send();
    device.awaitCall();

    LogoutResponsePdu response = initiator.logout(CLOSE_SESSION, 0);

    assertEnded(response);
    assertThat(hanging.ended()).isFalse();
    device.release();
    server.assertServes();
  }

  @Test
  @Item(value = 68, section = "11.14", rule = LAST)
  void commandsBehindTheLogoutDoNotRun() {
    LogoutRequestPdu logout =
        new LogoutRequestPdu(
            false,
            CLOSE_SESSION,
            0,
            0,
            initiator.newTag(),
            0,
            initiator.takeCmdSn(),
            initiator.expStatSn());
    byte[] write =
        initiator.bytes(
            new ScsiCommandPdu(
                false,
                true,
                false,
                true,
                1,
                0,
                0,
                0,
                0,
                0x99,
                512,
                initiator.takeCmdSn(),
                0,
                0x2a00_0000_0000_0000L,
                0x0100_0000_0000_0000L),
            Patterns.bytes(512, 1));
    initiator.sendRaw(logout, Bytes.concat(initiator.bytes(logout, new byte[0]), write));

    assertEnded(
        initiator
            .answer(logout.initiatorTaskTag(), "a logout response")
            .as(LogoutResponsePdu.class));
    assertSame(device.memory().readBytes(0, 512), new byte[512]);
  }
}

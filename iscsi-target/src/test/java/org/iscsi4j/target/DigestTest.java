package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.target.fixture.Patterns.assertSame;

import java.util.function.Consumer;
import org.iscsi4j.api.Digests;
import org.iscsi4j.protocol.KeyValue;
import org.iscsi4j.protocol.LoginStatus;
import org.iscsi4j.target.fixture.LoginAnswer;
import org.iscsi4j.target.fixture.LoginScript;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Header and data digests (RFC 7143 section 13.1). */
class DigestTest {

  private TestServer server;
  private ScriptedInitiator initiator;

  @AfterEach
  void stop() {
    initiator.close();
    server.close();
  }

  private void start(Consumer<LoginScript> words) {
    server = TestServer.start();
    initiator = server.login(words);
  }

  // ---- digests that are right ------------------------------------------------------------------

  @ParameterizedTest(name = "HeaderDigest={0} DataDigest={1}")
  @CsvSource({"None, None", "CRC32C, None", "None, CRC32C", "CRC32C, CRC32C"})
  void dataArrivesInEveryCombination(String header, String data) {
    start(
        login ->
            login
                .offer("HeaderDigest", header)
                .offer("DataDigest", data)
                .offer("InitialR2T", "No")
                .offer("MaxRecvDataSegmentLength", 100_001));

    assertThat(initiator.negotiated().headerDigest()).isEqualTo(header.equals("CRC32C"));
    assertThat(initiator.negotiated().dataDigest()).isEqualTo(data.equals("CRC32C"));
    for (int bytes : new int[] {512, 4096, 65_536, 66_048, 524_288}) {
      byte[] pattern = Patterns.bytes(bytes, bytes);
      initiator.write(1, pattern);
      assertSame(server.disk().readBytes(512, bytes), pattern);
      assertSame(initiator.read(1, bytes / 512), pattern);
    }
    // padding is part of the digest
    for (int bytes = 0; bytes < 9; bytes++) {
      byte[] pattern = Patterns.bytes(bytes, bytes);
      assertSame(initiator.ping(pattern), pattern);
    }
    assertThat(initiator.text(new KeyValue("SendTargets", ""))).hasSize(2);
    initiator.logout();
  }

  // ---- what the server insists on --------------------------------------------------------------

  @Test
  void serverThatInsistsRefusesALoginWithout() {
    server = TestServer.start(settings -> settings.headerDigest(Digests.CRC32C));
    initiator = server.connect();

    LoginAnswer answer = initiator.login().offer("HeaderDigest", "None").tryPerform();

    assertThat(answer.status()).isEqualTo(LoginStatus.INITIATOR_ERROR);
    initiator.awaitEnd();
  }
}

package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.target.fixture.Patterns.assertSame;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import org.iscsi4j.protocol.KeyValue;
import org.iscsi4j.protocol.LoginStatus;
import org.iscsi4j.protocol.NopOutPdu;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.protocol.ReadyToTransferPdu;
import org.iscsi4j.protocol.RejectReason;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.Exchange;
import org.iscsi4j.target.fixture.LoginAnswer;
import org.iscsi4j.target.fixture.LoginScript;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Header and data digests (RFC 7143 sections 7.8 and 13.1). */
class DigestTest {

  private static final String PROTOCOL_SERVICE_CRC_ERROR = "CHECK CONDITION b/47/05";

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

  private void startWithDataDigest() {
    start(login -> login.offer("DataDigest", "CRC32C").offer("InitialR2T", "No"));
  }

  private static byte[] damaged(byte[] pdu, int at) {
    byte[] damaged = pdu.clone();
    damaged[at] ^= 0x10;
    return damaged;
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

  @Test
  void serverThatInsistsOffersTheDigestItself() {
    server = TestServer.start(settings -> settings.dataDigest(Digests.CRC32C));
    initiator = server.connect();
    LoginScript login = initiator.login();
    login.request(0, 1, true, login.names());

    LoginAnswer offer = login.request(1, 3, true, List.of());
    assertThat(offer.pdu().transit()).isFalse();
    assertThat(offer.value("DataDigest")).contains("CRC32C");
    LoginAnswer last = login.request(1, 3, true, List.of(new KeyValue("DataDigest", "CRC32C")));

    assertThat(last.pdu().transit()).isTrue();
  }

  @Test
  void serverThatWantsNoneRefusesALoginThatInsists() {
    server = TestServer.start(settings -> settings.headerDigest(Digests.NONE));
    initiator = server.connect();

    LoginAnswer answer = initiator.login().offer("HeaderDigest", "CRC32C").tryPerform();

    assertThat(answer.status()).isEqualTo(LoginStatus.INITIATOR_ERROR);
  }

  // ---- digests that are wrong ------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(ints = {0, 7, 20, 47, 48, 51})
  void damagedHeaderEndsTheConnection(int at) {
    start(login -> login.offer("HeaderDigest", "CRC32C"));
    NopOutPdu ping =
        new NopOutPdu(
            true, 0, 0, 0, 5, Pdu.RESERVED_TAG, initiator.nextCmdSn(), initiator.expStatSn());

    initiator.sendRaw(damaged(initiator.bytes(ping, new byte[0]), at));

    initiator.awaitEnd();
    server.assertServes();
  }

  @Test
  void damagedImmediateDataFailsItsWrite() {
    startWithDataDigest();
    byte[] data = Patterns.bytes(512, 1);

    Exchange write = initiator.command(Cdbs.write10(0, 1)).write(data).damage(48 + 100).await();

    assertThat(initiator.awaitReject()).isEqualTo(RejectReason.DATA_DIGEST_ERROR.code());
    assertThat(write.outcome()).isEqualTo(PROTOCOL_SERVICE_CRC_ERROR);
    assertSame(server.disk().readBytes(0, 512), new byte[512]);
    initiator.write(0, data);
  }

  @Test
  void damagedImmediateDataOfACommandThatCameEarlyFailsItsWrite() {
    startWithDataDigest();
    byte[] data = Patterns.bytes(512, 2);
    int next = initiator.nextCmdSn();

    Exchange write =
        initiator.command(Cdbs.write10(0, 1)).write(data).cmdSn(next + 1).damage(48 + 100).send();
    assertThat(initiator.awaitReject()).isEqualTo(RejectReason.DATA_DIGEST_ERROR.code());
    Exchange first = initiator.command(Cdbs.testUnitReady()).cmdSn(next).await();

    assertThat(first.outcome()).isEqualTo("GOOD");
    assertThat(write.await().outcome()).isEqualTo(PROTOCOL_SERVICE_CRC_ERROR);
    assertSame(server.disk().readBytes(0, 512), new byte[512]);
  }

  @Test
  void damagedUnsolicitedDataFailsItsWrite() {
    startWithDataDigest();
    byte[] data = Patterns.bytes(8192, 3);
    Exchange write =
        initiator
            .command(Cdbs.write10(0, 16))
            .write(data)
            .immediate(0)
            .announceUnsolicited()
            .send();

    byte[] first = initiator.bytes(write.dataOutPdu(Pdu.RESERVED_TAG, 0, 0, false), new byte[4096]);
    initiator.sendRaw(write.dataOutPdu(Pdu.RESERVED_TAG, 0, 0, false), damaged(first, 300));
    write.dataOut(Pdu.RESERVED_TAG, 1, 4096, 4096, true);

    assertThat(initiator.awaitReject()).isEqualTo(RejectReason.DATA_DIGEST_ERROR.code());
    assertThat(write.await().outcome()).isEqualTo(PROTOCOL_SERVICE_CRC_ERROR);
    assertSame(server.disk().readBytes(0, 8192), new byte[8192]);
    initiator.write(0, data);
  }

  @ParameterizedTest
  @ValueSource(ints = {4096, 262_144})
  void damagedSolicitedDataFailsItsWrite(int bytes) {
    startWithDataDigest();
    byte[] data = Patterns.bytes(bytes, 4);
    Exchange write =
        initiator
            .command(Cdbs.write10(0, bytes / 512))
            .write(data)
            .immediate(0)
            .unsolicited(0)
            .leaveR2t()
            .send();
    ReadyToTransferPdu r2t = write.awaitR2t(0);
    byte[] dataOut = initiator.bytes(write.dataOutPdu(r2t.targetTransferTag(), 0, 0, true), data);

    initiator.sendRaw(
        write.dataOutPdu(r2t.targetTransferTag(), 0, 0, true),
        damaged(dataOut, dataOut.length - 5));

    assertThat(initiator.awaitReject()).isEqualTo(RejectReason.DATA_DIGEST_ERROR.code());
    assertThat(write.await().outcome()).isEqualTo(PROTOCOL_SERVICE_CRC_ERROR);
    assertSame(server.disk().readBytes(0, bytes), new byte[bytes]);
    initiator.write(0, data);
  }

  @Test
  void damagedPingIsRejectedAndForgotten() {
    startWithDataDigest();
    NopOutPdu ping =
        new NopOutPdu(
            true, 0, 0, 0, 5, Pdu.RESERVED_TAG, initiator.nextCmdSn(), initiator.expStatSn());

    initiator.sendRaw(ping, damaged(initiator.bytes(ping, new byte[100]), 60));

    byte[] quoted = initiator.awaitRejected().data();
    assertThat(ByteBuffer.wrap(quoted).getInt(16)).isEqualTo(5);
    assertThat(initiator.ping(new byte[7])).hasSize(7);
  }
}

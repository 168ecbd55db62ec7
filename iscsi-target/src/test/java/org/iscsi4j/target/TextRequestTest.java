package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.target.fixture.Patterns.assertSame;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.iscsi4j.protocol.KeyValue;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.protocol.RejectReason;
import org.iscsi4j.protocol.TextCodec;
import org.iscsi4j.protocol.TextResponsePdu;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.fixture.Received;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Text requests in full feature phase (RFC 7143 sections 6.4, 11.10 and 11.11). */
class TextRequestTest {

  private static final byte[] SEND_TARGETS =
      TextCodec.encode(List.of(new KeyValue("SendTargets", "")));

  private TestServer server;
  private ScriptedInitiator initiator;

  @BeforeEach
  void start() {
    server = TestServer.start();
    initiator = server.login();
  }

  @AfterEach
  void stop() {
    initiator.close();
    server.close();
  }

  private TextResponsePdu response(int tag) {
    return initiator.answer(tag, "a text response").as(TextResponsePdu.class);
  }

  @Test
  void unknownKeyIsNotUnderstood() {
    assertThat(initiator.text(new KeyValue("X-org.example.a", "1"), new KeyValue("Zebra", "2")))
        .containsExactly(
            new KeyValue("X-org.example.a", "NotUnderstood"),
            new KeyValue("Zebra", "NotUnderstood"));
  }

  @ParameterizedTest
  @CsvSource({
    "MaxBurstLength, 512",
    "InitialR2T, Yes",
    "HeaderDigest, CRC32C",
    "MaxConnections, 2"
  })
  void keyOfTheLoginIsRejected(String key, String value) {
    assertThat(initiator.text(new KeyValue(key, value)))
        .containsExactly(new KeyValue(key, "Reject"));
  }

  @Test
  void emptyRequestIsAnsweredEmpty() {
    assertThat(initiator.text()).isEmpty();
  }

  @Test
  void textMayBeCutAnywhere() {
    for (int cut = 0; cut <= SEND_TARGETS.length; cut++) {
      int tag = initiator.newTag();
      initiator.sendText(tag, Pdu.RESERVED_TAG, false, true, Arrays.copyOf(SEND_TARGETS, cut));
      Received first = initiator.answer(tag, "an empty response");
      assertThat(first.data()).isEmpty();
      assertThat(first.as(TextResponsePdu.class).last()).isFalse();

      byte[] rest = Arrays.copyOfRange(SEND_TARGETS, cut, SEND_TARGETS.length);
      int transferTag = first.as(TextResponsePdu.class).targetTransferTag();
      initiator.sendText(tag, transferTag, true, false, rest);

      assertThat(initiator.answer(tag, "the answer").keys())
          .extracting(KeyValue::key)
          .containsExactly("TargetName", "TargetAddress");
    }
  }

  @Test
  void exchangeGoesOnWhileTheInitiatorHasMoreToSay() {
    int tag = initiator.newTag();
    initiator.sendText(tag, Pdu.RESERVED_TAG, false, false, SEND_TARGETS);
    Received first = initiator.answer(tag, "an answer");

    assertThat(first.keys()).hasSize(2);
    assertThat(first.as(TextResponsePdu.class).last()).isFalse();
    int transferTag = first.as(TextResponsePdu.class).targetTransferTag();
    initiator.sendText(tag, transferTag, true, false, new byte[0]);
    assertThat(response(tag).last()).isTrue();
  }

  @Test
  void newExchangeResetsTheOldOne() {
    int tag = initiator.newTag();
    initiator.sendText(tag, Pdu.RESERVED_TAG, false, true, Arrays.copyOf(SEND_TARGETS, 5));
    response(tag);

    assertThat(initiator.text(new KeyValue("SendTargets", ""))).hasSize(2);
  }

  @Test
  void transferTagThatNobodyGaveIsRejected() {
    initiator.sendText(initiator.newTag(), 0x4242, true, false, SEND_TARGETS);

    assertThat(initiator.awaitReject()).isEqualTo(RejectReason.INVALID_PDU_FIELD.code());
    assertThat(initiator.text(new KeyValue("SendTargets", ""))).hasSize(2);
  }

  @Test
  void finalAndContinueTogetherAreRejected() {
    initiator.sendText(initiator.newTag(), Pdu.RESERVED_TAG, true, true, SEND_TARGETS);

    assertThat(initiator.awaitReject()).isEqualTo(RejectReason.INVALID_PDU_FIELD.code());
    assertThat(initiator.text(new KeyValue("SendTargets", ""))).hasSize(2);
  }

  @Test
  void textThatNobodyCanReadIsRejected() {
    byte[] text = "no equals sign\0".getBytes(StandardCharsets.UTF_8);
    initiator.sendText(initiator.newTag(), Pdu.RESERVED_TAG, true, false, text);

    assertThat(initiator.awaitReject()).isEqualTo(RejectReason.PROTOCOL_ERROR.code());
    assertThat(initiator.text(new KeyValue("SendTargets", ""))).hasSize(2);
  }

  @Test
  void keyThatComesTwiceIsRejected() {
    byte[] text = "X-a=1\0X-a=2\0".getBytes(StandardCharsets.UTF_8);
    initiator.sendText(initiator.newTag(), Pdu.RESERVED_TAG, true, false, text);

    assertThat(initiator.awaitReject()).isEqualTo(RejectReason.PROTOCOL_ERROR.code());
    assertThat(initiator.text(new KeyValue("SendTargets", ""))).hasSize(2);
  }

  @Test
  void textThatGrowsWithoutEndIsRejected() {
    byte[] piece = new byte[8192];
    Arrays.fill(piece, (byte) 'A');
    int transferTag = Pdu.RESERVED_TAG;
    for (int sent = 0; sent < 64 * 1024; sent += piece.length) {
      int tag = initiator.newTag();
      initiator.sendText(tag, transferTag, false, true, piece);
      transferTag = response(tag).targetTransferTag();
    }

    initiator.sendText(initiator.newTag(), transferTag, false, true, piece);

    assertThat(initiator.awaitReject()).isEqualTo(RejectReason.PROTOCOL_ERROR.code());
    assertThat(initiator.text(new KeyValue("SendTargets", ""))).hasSize(2);
  }

  @Test
  void redeclaredLimitHoldsForTheNextData() throws Exception {
    byte[] data = Patterns.bytes(65_536, 1);
    server.disk().writeBytes(0, data);

    initiator.redeclareMaxRecv(1024);
    assertSame(initiator.read(0, 128), data);
    assertSame(initiator.ping(data), Arrays.copyOf(data, 1024));
    initiator.redeclareMaxRecv(65_536);
    assertSame(initiator.read(0, 128), data);
  }

  @Test
  void illegalLimitLeavesTheOldOne() throws Exception {
    byte[] data = Patterns.bytes(65_536, 2);
    server.disk().writeBytes(0, data);

    assertThat(initiator.text(new KeyValue("MaxRecvDataSegmentLength", "100")))
        .containsExactly(new KeyValue("MaxRecvDataSegmentLength", "Reject"));

    assertSame(initiator.read(0, 128), data);
  }
}

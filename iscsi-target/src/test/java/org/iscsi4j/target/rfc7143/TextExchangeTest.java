package org.iscsi4j.target.rfc7143;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.target.fixture.Patterns.assertSame;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.iscsi4j.protocol.DataInPdu;
import org.iscsi4j.protocol.KeyValue;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.protocol.RejectReason;
import org.iscsi4j.protocol.TextCodec;
import org.iscsi4j.protocol.TextResponsePdu;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.Exchange;
import org.iscsi4j.target.fixture.GatedDevice;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.fixture.Received;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Text requests in full feature phase (RFC 7143 sections 6.4, 7.12, 11.10 and 11.11). */
class TextExchangeTest {

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

  @Item(value = 25, section = "6.2", rule = "Unknown keys are NotUnderstood in any stage")
  @Test
  void unknownKeyIsNotUnderstood() {
    assertThat(initiator.text(new KeyValue("X-org.example.a", "1"), new KeyValue("Zebra", "2")))
        .containsExactly(
            new KeyValue("X-org.example.a", "NotUnderstood"),
            new KeyValue("Zebra", "NotUnderstood"));
  }

  @Item(value = 34, section = "6.4", rule = "Only the keys of full feature phase may change")
  @ParameterizedTest
  @CsvSource({
    "AuthMethod, None",
    "CHAP_A, 7",
    "HeaderDigest, CRC32C",
    "DataDigest, None",
    "MaxConnections, 2",
    "TargetName, iqn.2026-01.org.iscsi4j.test:disk",
    "InitiatorName, iqn.2026-01.org.iscsi4j.test:initiator",
    "TargetAlias, disk",
    "TargetAddress, 127.0.0.1:3260",
    "TargetPortalGroupTag, 1",
    "SessionType, Normal",
    "InitialR2T, Yes",
    "ImmediateData, No",
    "MaxBurstLength, 512",
    "FirstBurstLength, 512",
    "DefaultTime2Wait, 0",
    "DefaultTime2Retain, 0",
    "MaxOutstandingR2T, 1",
    "DataPDUInOrder, Yes",
    "DataSequenceInOrder, Yes",
    "ErrorRecoveryLevel, 0",
    "TaskReporting, RFC3720",
    "iSCSIProtocolLevel, 1",
    "X#NodeArchitecture, Os/1",
    "IFMarker, No",
    "OFMarker, No",
    "IFMarkInt, 2048~8192",
    "OFMarkInt, 2048~8192"
  })
  void keyOfTheLoginIsRejected(String key, String value) {
    assertThat(initiator.text(new KeyValue(key, value)))
        .containsExactly(new KeyValue(key, "Reject"));
  }

  @Item(
      value = 34,
      section = "11.10",
      rule = "Requests and answers of several PDUs, by F, C and TTT")
  @Test
  void emptyRequestIsAnsweredEmpty() {
    assertThat(initiator.text()).isEmpty();
  }

  @Item(
      value = 34,
      section = "11.10",
      rule = "Requests and answers of several PDUs, by F, C and TTT")
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

  @Item(
      value = 34,
      section = "11.10",
      rule = "Requests and answers of several PDUs, by F, C and TTT")
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

  @Item(value = 34, section = "11.10.4", rule = "One exchange at a time; a new one resets the old")
  @Test
  void newExchangeResetsTheOldOne() {
    int tag = initiator.newTag();
    initiator.sendText(tag, Pdu.RESERVED_TAG, false, true, Arrays.copyOf(SEND_TARGETS, 5));
    response(tag);

    assertThat(initiator.text(new KeyValue("SendTargets", ""))).hasSize(2);
  }

  @Item(
      value = 34,
      section = "11.10",
      rule = "Requests and answers of several PDUs, by F, C and TTT")
  @Test
  void transferTagThatNobodyGaveIsRejected() {
    initiator.sendText(initiator.newTag(), 0x4242, true, false, SEND_TARGETS);

    assertThat(initiator.awaitReject()).isEqualTo(RejectReason.INVALID_PDU_FIELD.code());
    assertThat(initiator.text(new KeyValue("SendTargets", ""))).hasSize(2);
  }

  @Item(
      value = 34,
      section = "11.10",
      rule = "Requests and answers of several PDUs, by F, C and TTT")
  @Test
  void finalAndContinueTogetherAreRejected() {
    initiator.sendText(initiator.newTag(), Pdu.RESERVED_TAG, true, true, SEND_TARGETS);

    assertThat(initiator.awaitReject()).isEqualTo(RejectReason.INVALID_PDU_FIELD.code());
    assertThat(initiator.text(new KeyValue("SendTargets", ""))).hasSize(2);
  }

  /** The text is rejected, and the next one is answered all the same. */
  private void assertProtocolError(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    initiator.sendText(initiator.newTag(), Pdu.RESERVED_TAG, true, false, bytes);

    assertThat(initiator.awaitReject()).isEqualTo(RejectReason.PROTOCOL_ERROR.code());
    assertThat(initiator.text(new KeyValue("SendTargets", ""))).hasSize(2);
  }

  @Item(value = 34, section = "7.12", rule = "An exchange that fails leaves the old values")
  @Test
  void textThatNobodyCanReadIsRejected() {
    assertProtocolError("no equals sign\0");
  }

  @Item(value = 27, section = "6.2", rule = "A key comes once in a negotiation")
  @Test
  void keyThatComesTwiceIsRejected() {
    assertProtocolError("X-a=1\0X-a=2\0");
  }

  @Item(
      value = 34,
      section = "11.10",
      rule = "Requests and answers of several PDUs, by F, C and TTT")
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

  @Item(
      value = 30,
      section = "13.12",
      rule = "MaxRecvDataSegmentLength is declared per direction, anew too")
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

  @Item(value = 34, section = "7.12", rule = "An exchange that fails leaves the old values")
  @Test
  void illegalLimitLeavesTheOldOne() throws Exception {
    byte[] data = Patterns.bytes(65_536, 2);
    server.disk().writeBytes(0, data);

    assertThat(initiator.text(new KeyValue("MaxRecvDataSegmentLength", "100")))
        .containsExactly(new KeyValue("MaxRecvDataSegmentLength", "Reject"));

    assertSame(initiator.read(0, 128), data);
  }

  @Item(value = 34, section = "6.4", rule = "Only the keys of full feature phase may change")
  @Test
  void aliasMayBeDeclaredAnew() {
    assertThat(initiator.text(new KeyValue("InitiatorAlias", "another"))).isEmpty();
  }

  @Item(value = 25, section = "6.2", rule = "Refusals are not answered")
  @ParameterizedTest
  @ValueSource(strings = {"NotUnderstood", "Irrelevant", "Reject"})
  void refusalsAreNotAnswered(String refusal) {
    assertThat(
            initiator.text(
                new KeyValue("MaxBurstLength", refusal),
                new KeyValue("MaxRecvDataSegmentLength", refusal),
                new KeyValue("X-unknown", refusal)))
        .isEmpty();
  }

  // ---- F, C and the Target Transfer Tag

  /** Sends a request of the exchange that is under way, or starts one. */
  private TextResponsePdu say(int tag, int transferTag, boolean last, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    initiator.sendText(tag, transferTag, last, false, bytes);
    return response(tag);
  }

  @Item(
      value = 34,
      section = "11.10",
      rule = "Requests and answers of several PDUs, by F, C and TTT")
  @Test
  void emptyRequestsThatAreContinuedAreAnsweredEmpty() {
    int tag = initiator.newTag();
    int transferTag = Pdu.RESERVED_TAG;
    for (int i = 0; i < 300; i++) {
      initiator.sendText(tag, transferTag, false, true, new byte[0]);
      Received answer = initiator.answer(tag, "an empty response");
      assertThat(answer.data()).isEmpty();
      assertThat(answer.as(TextResponsePdu.class).last()).isFalse();
      assertThat(answer.as(TextResponsePdu.class).continued()).isFalse();
      transferTag = answer.as(TextResponsePdu.class).targetTransferTag();
    }
    initiator.sendText(tag, transferTag, true, false, SEND_TARGETS);

    assertThat(initiator.answer(tag, "the answer").keys()).hasSize(2);
  }

  @Item(
      value = 34,
      section = "11.10",
      rule = "Requests and answers of several PDUs, by F, C and TTT")
  @Test
  void textBeforeTheAnswerHasItsEndIsRejected() {
    initiator.redeclareMaxRecv(512);
    int tag = initiator.newTag();
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      text.append("X-key-").append(i).append("=1\0");
    }
    TextResponsePdu part = say(tag, Pdu.RESERVED_TAG, true, text.toString());
    assertThat(part.continued()).isTrue();
    assertThat(part.last()).isFalse();

    byte[] more = "X-more=1\0".getBytes(StandardCharsets.UTF_8);
    initiator.sendText(initiator.newTag(), part.targetTransferTag(), true, false, more);
    assertThat(initiator.awaitReject()).isEqualTo(RejectReason.PROTOCOL_ERROR.code());

    initiator.sendText(initiator.newTag(), part.targetTransferTag(), true, false, new byte[0]);
    assertThat(initiator.awaitReject()).isEqualTo(RejectReason.INVALID_PDU_FIELD.code());
  }

  @Item(
      value = 34,
      section = "11.10",
      rule = "Requests and answers of several PDUs, by F, C and TTT")
  @Test
  void questionAndAnswerBothTakeSeveralPdus() throws Exception {
    initiator.redeclareMaxRecv(512);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 100; i++) {
      text.append("X-key-").append(i).append("=1\0");
    }
    byte[] question = text.toString().getBytes(StandardCharsets.UTF_8);
    int tag = initiator.newTag();
    int transferTag = Pdu.RESERVED_TAG;
    for (int at = 0; at < question.length; at += 100) {
      int end = Math.min(at + 100, question.length);
      boolean more = end < question.length;
      byte[] piece = Arrays.copyOfRange(question, at, end);
      initiator.sendText(tag, transferTag, !more, more, piece);
      if (more) {
        transferTag = response(tag).targetTransferTag();
      }
    }
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    Received part = initiator.answer(tag, "the answer");
    while (!part.as(TextResponsePdu.class).last()) {
      assertThat(part.as(TextResponsePdu.class).continued()).isTrue();
      assertThat(part.data()).hasSize(512);
      answer.writeBytes(part.data());
      transferTag = part.as(TextResponsePdu.class).targetTransferTag();
      initiator.sendText(tag, transferTag, true, false, new byte[0]);
      part = initiator.answer(tag, "the rest");
    }
    answer.writeBytes(part.data());

    assertThat(TextCodec.decode(answer.toByteArray()))
        .hasSize(100)
        .allMatch(pair -> pair.value().equals("NotUnderstood"));
  }

  @Item(value = 34, section = "11.10.4", rule = "One exchange at a time; a new one resets the old")
  @Test
  void oldExchangeIsGoneWhenANewOneBegins() {
    TextResponsePdu old = say(initiator.newTag(), Pdu.RESERVED_TAG, false, "X-a=1\0");
    TextResponsePdu young = say(initiator.newTag(), Pdu.RESERVED_TAG, false, "X-a=1\0");
    assertThat(young.targetTransferTag()).isNotEqualTo(old.targetTransferTag());

    initiator.sendText(initiator.newTag(), old.targetTransferTag(), true, false, new byte[0]);

    assertThat(initiator.awaitReject()).isEqualTo(RejectReason.INVALID_PDU_FIELD.code());
  }

  @Item(value = 27, section = "6.2", rule = "A key comes once in a negotiation")
  @ParameterizedTest
  @ValueSource(strings = {"X-a=1\0", "MaxRecvDataSegmentLength=4096\0", "SendTargets=\0"})
  void keyThatComesTwiceInAnExchangeEndsIt(String text) {
    int tag = initiator.newTag();
    TextResponsePdu first = say(tag, Pdu.RESERVED_TAG, false, text);

    byte[] again = text.getBytes(StandardCharsets.UTF_8);
    initiator.sendText(tag, first.targetTransferTag(), true, false, again);
    assertThat(initiator.awaitReject()).isEqualTo(RejectReason.PROTOCOL_ERROR.code());

    initiator.sendText(tag, first.targetTransferTag(), true, false, new byte[0]);
    assertThat(initiator.awaitReject()).isEqualTo(RejectReason.INVALID_PDU_FIELD.code());
  }

  @Item(
      value = 34,
      section = "11.10",
      rule = "Requests and answers of several PDUs, by F, C and TTT")
  @Test
  void exchangeOfManyTextsIsBounded() {
    String text = "X-%d=" + "1".repeat(8000) + "\0";
    int tag = initiator.newTag();
    int transferTag = Pdu.RESERVED_TAG;
    for (int i = 0; i < 8; i++) {
      transferTag = say(tag, transferTag, false, String.format(text, i)).targetTransferTag();
    }

    byte[] tooMuch = String.format(text, 8).getBytes(StandardCharsets.UTF_8);
    initiator.sendText(tag, transferTag, false, false, tooMuch);

    assertThat(initiator.awaitReject()).isEqualTo(RejectReason.PROTOCOL_ERROR.code());
    assertThat(initiator.text(new KeyValue("SendTargets", ""))).hasSize(2);
  }

  // ---- MaxRecvDataSegmentLength from the right PDU on

  /** Bytes in the longest Data-In PDU of a read. */
  private int longestPiece() {
    Exchange read = initiator.command(Cdbs.read10(0, 128)).read(65_536).await();
    return read.dataIn().stream().mapToInt(DataInPdu::dataSegmentLength).max().orElseThrow();
  }

  @Item(
      value = 30,
      section = "13.12",
      rule = "MaxRecvDataSegmentLength is declared per direction, anew too")
  @Test
  void limitHoldsFromTheEndOfItsExchange() {
    assertThat(longestPiece()).isEqualTo(8192);
    int tag = initiator.newTag();
    TextResponsePdu first = say(tag, Pdu.RESERVED_TAG, false, "MaxRecvDataSegmentLength=0x1000\0");
    assertThat(longestPiece()).isEqualTo(8192);

    assertThat(say(tag, first.targetTransferTag(), true, "").last()).isTrue();

    assertThat(longestPiece()).isEqualTo(4096);
    initiator.redeclareMaxRecv(65_536);
    assertThat(longestPiece()).isEqualTo(65_536);
  }

  @Item(value = 34, section = "7.12", rule = "An exchange that fails leaves the old values")
  @Test
  void limitOfAnExchangeThatIsResetIsForgotten() {
    say(initiator.newTag(), Pdu.RESERVED_TAG, false, "MaxRecvDataSegmentLength=4096\0");
    initiator.text(new KeyValue("X-a", "1"));

    assertThat(longestPiece()).isEqualTo(8192);
  }

  @Item(value = 34, section = "7.12", rule = "An exchange that fails leaves the old values")
  @Test
  void limitOfAnExchangeThatFailsIsForgotten() {
    int tag = initiator.newTag();
    String limit = "MaxRecvDataSegmentLength=4096\0";
    TextResponsePdu first = say(tag, Pdu.RESERVED_TAG, false, limit);
    byte[] again = limit.getBytes(StandardCharsets.UTF_8);
    initiator.sendText(tag, first.targetTransferTag(), true, false, again);
    assertThat(initiator.awaitReject()).isEqualTo(RejectReason.PROTOCOL_ERROR.code());
    initiator.sendText(tag, first.targetTransferTag(), true, false, new byte[0]);
    initiator.awaitReject();

    assertThat(longestPiece()).isEqualTo(8192);
  }

  @Item(value = 34, section = "7.12", rule = "An exchange that fails leaves the old values")
  @Test
  void limitBesideAnIllegalValueIsForgotten() {
    assertThat(
            initiator.text(
                new KeyValue("MaxRecvDataSegmentLength", "4096"),
                new KeyValue("InitiatorAlias", "a".repeat(256))))
        .containsExactly(new KeyValue("InitiatorAlias", "Reject"));

    assertThat(longestPiece()).isEqualTo(8192);
  }

  @Item(
      value = 30,
      section = "13.12",
      rule = "MaxRecvDataSegmentLength is declared per direction, anew too")
  @Test
  void limitHoldsForReadsThatAreUnderWay() {
    GatedDevice slow = new GatedDevice(1 << 20);
    try (TestServer gated = TestServer.serving(slow);
        ScriptedInitiator other = gated.login()) {
      slow.hold();
      Exchange read = other.command(Cdbs.read10(0, 128)).read(65_536).send();
      GatedDevice.Call call = slow.awaitCall();
      other.redeclareMaxRecv(1024);
      slow.release();
      call.release();

      assertThat(read.await().dataIn()).hasSize(64);
    }
  }
}

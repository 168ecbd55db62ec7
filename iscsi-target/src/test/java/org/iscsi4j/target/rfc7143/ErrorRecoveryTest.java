package org.iscsi4j.target.rfc7143;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.target.fixture.Patterns.assertSame;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.iscsi4j.protocol.AdditionalHeader;
import org.iscsi4j.protocol.Crc32cDigest;
import org.iscsi4j.protocol.DataOutPdu;
import org.iscsi4j.protocol.LogoutRequestPdu;
import org.iscsi4j.protocol.NopInPdu;
import org.iscsi4j.protocol.NopOutPdu;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.protocol.ReadyToTransferPdu;
import org.iscsi4j.protocol.RejectPdu;
import org.iscsi4j.protocol.RejectReason;
import org.iscsi4j.protocol.ScsiCommandPdu;
import org.iscsi4j.protocol.SnackRequestPdu;
import org.iscsi4j.protocol.TaskManagementRequestPdu;
import org.iscsi4j.protocol.TextRequestPdu;
import org.iscsi4j.target.IscsiServerBuilder;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.Exchange;
import org.iscsi4j.target.fixture.GatedDevice;
import org.iscsi4j.target.fixture.LoginScript;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.fixture.Received;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of PDUs that break the protocol, and NOPs (RFC 7143 sections 7 and 11.17). */
class ErrorRecoveryTest {

  private static final String PROTOCOL_SERVICE_CRC_ERROR = "CHECK CONDITION b/47/05";
  private static final int UNUSED_TAG = 0x7777;

  private TestServer server;
  private ScriptedInitiator initiator;

  @AfterEach
  void stop() {
    initiator.close();
    server.close();
  }

  private void start() {
    start(settings -> {}, login -> {});
  }

  private void start(Consumer<IscsiServerBuilder> settings, Consumer<LoginScript> words) {
    server = TestServer.start(settings);
    initiator = server.login(words);
  }

  private void startWithDataDigest() {
    start(settings -> {}, login -> login.offer("DataDigest", "CRC32C").offer("InitialR2T", "No"));
  }

  private void assertGoesOn() {
    byte[] data = Patterns.bytes(1024, 1);
    initiator.write(40, data);
    assertSame(initiator.read(40, 2), data);
  }

  private static byte[] damaged(byte[] pdu, int at) {
    byte[] damaged = pdu.clone();
    damaged[at] ^= 0x10;
    return damaged;
  }

  // ---- 63: Reject ------------------------------------------------------------------------------

  /** A request that is refused, and why. */
  private record Bad(
      String what, RejectReason reason, Function<ScriptedInitiator, Pdu> request, int data) {

    @Override
    public String toString() {
      return what;
    }
  }

  private static Bad bad(
      String what, RejectReason reason, Function<ScriptedInitiator, Pdu> request) {
    return new Bad(what, reason, request, 0);
  }

  private static final int F = 0x80;
  private static final int R = 0x40;
  private static final int W = 0x20;

  /** A command of a READ(10) CDB: its flags and attribute, and its expected length. */
  private static Pdu command(ScriptedInitiator from, int flags, int tag, int expected) {
    return new ScsiCommandPdu(
        false,
        (flags & F) != 0,
        (flags & R) != 0,
        (flags & W) != 0,
        flags & 7,
        0,
        0,
        0,
        0,
        tag,
        expected,
        from.takeCmdSn(),
        from.expStatSn(),
        0x28L << 56,
        0);
  }

  private static Pdu ping(ScriptedInitiator from, boolean immediate, int tag) {
    int cmdSn = immediate ? from.nextCmdSn() : from.takeCmdSn();
    return new NopOutPdu(immediate, 0, 0, 0, tag, Pdu.RESERVED_TAG, cmdSn, from.expStatSn());
  }

  private static Pdu text(ScriptedInitiator from, boolean last, boolean more, int tag, int ttt) {
    return new TextRequestPdu(
        false, last, more, 0, 0, 0, tag, ttt, from.takeCmdSn(), from.expStatSn());
  }

  private static Pdu function(ScriptedInitiator from, int tag) {
    return new TaskManagementRequestPdu(
        false, 5, 0, 0, 0, tag, -1, from.takeCmdSn(), from.expStatSn(), 0, 0);
  }

  private static Pdu logout(ScriptedInitiator from, int tag) {
    return new LogoutRequestPdu(false, 0, 0, 0, tag, 1, from.takeCmdSn(), from.expStatSn());
  }

  private static Pdu snack(ScriptedInitiator from, int type) {
    return new SnackRequestPdu(type, 0, 0, 7L << 48, UNUSED_TAG, 0x5678, from.expStatSn(), 3, 4);
  }

  private static Pdu dataOut(ScriptedInitiator from, int tag, int ttt) {
    return new DataOutPdu(true, 0, 0, 0, tag, ttt, from.expStatSn(), 0, 0);
  }

  static List<Bad> badRequests() {
    RejectReason field = RejectReason.INVALID_PDU_FIELD;
    RejectReason protocol = RejectReason.PROTOCOL_ERROR;
    RejectReason snack = RejectReason.SNACK_REJECT;
    return List.of(
        bad("SNACK of data", snack, from -> snack(from, 0)),
        bad("SNACK of status", snack, from -> snack(from, 1)),
        bad("SNACK that acknowledges data", snack, from -> snack(from, 2)),
        bad("SNACK of resegmented data", snack, from -> snack(from, 3)),
        bad("SNACK of no type", snack, from -> snack(from, 9)),
        bad("Login Request", protocol, from -> from.login().pdu(0, 1, true, false)),
        bad("command without a tag", field, from -> command(from, F | R | 1, -1, 0)),
        bad("command of attribute 5", field, from -> command(from, F | R | 5, 0x51, 0)),
        bad("command of attribute 6", field, from -> command(from, F | R | 6, 0x52, 0)),
        bad("command of attribute 7", field, from -> command(from, F | R | 7, 0x53, 0)),
        bad("command with neither F nor W", field, from -> command(from, R | 1, 0x54, 512)),
        new Bad("data without W", field, from -> command(from, F | R | 1, 0x55, 512), 512),
        bad("length without R and W", field, from -> command(from, F | 1, 0x56, 512)),
        bad("ping without a tag that is not immediate", field, from -> ping(from, false, -1)),
        bad("text without a tag", field, from -> text(from, true, false, -1, -1)),
        bad("text with F and C", field, from -> text(from, true, true, 0x57, -1)),
        bad("text of no exchange", field, from -> text(from, true, false, 0x58, 0x4444)),
        bad("function without a tag", field, from -> function(from, -1)),
        bad("logout without a tag", field, from -> logout(from, -1)),
        new Bad("data of no command", field, from -> dataOut(from, UNUSED_TAG, -1), 512),
        new Bad("data of no R2T", field, from -> dataOut(from, UNUSED_TAG, 0x4444), 512));
  }

  private void assertRejected(Bad bad) {
    Pdu request = bad.request().apply(initiator);
    byte[] bytes = initiator.bytes(request, new byte[bad.data()]);
    initiator.sendRaw(request, bytes);

    Received reject = initiator.awaitRejected();

    assertReason(reject, bad.reason());
    assertThat(reject.data()).as(bad.what()).isEqualTo(Arrays.copyOf(bytes, Pdu.BHS_LENGTH));
  }

  private static void assertReason(Received reject, RejectReason reason) {
    assertThat(reject.as(RejectPdu.class).reason()).isEqualTo(reason.code());
  }

  @ParameterizedTest
  @MethodSource("badRequests")
  @Item(value = 63, section = "11.17", rule = "Reject: reason and quoted header")
  void badRequestIsRejectedWithItsReason(Bad bad) {
    start();

    assertRejected(bad);

    assertGoesOn();
    assertThat(initiator.hasReject()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {0x07, 0x0f, 0x11, 0x1c, 0x1f, 0x20, 0x21, 0x25, 0x31, 0x3f})
  @Item(value = 63, section = "11.17", rule = "Reject: reason and quoted header")
  void opcodeThatIsNotAnInitiatorsIsRejected(int opcode) {
    start();
    Pdu header = ping(initiator, true, 5);
    byte[] bytes = initiator.bytes(header, new byte[20]);
    bytes[0] = (byte) (0x40 | opcode);

    initiator.sendRaw(header, bytes);

    Received reject = initiator.awaitRejected();
    assertReason(reject, RejectReason.COMMAND_NOT_SUPPORTED);
    assertThat(reject.data()).isEqualTo(Arrays.copyOf(bytes, Pdu.BHS_LENGTH));
    assertGoesOn();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 100, 1017})
  @Item(value = 63, section = "11.17", rule = "Reject: reason and quoted header")
  void rejectQuotesAdditionalHeadersAsFarAsTheyFit(int length) {
    start(settings -> {}, login -> login.offer("MaxRecvDataSegmentLength", 512));
    AdditionalHeader.Unknown unknown =
        new AdditionalHeader.Unknown(33, Patterns.bytes(length, length));
    byte[] ahs = new byte[unknown.encodedLength()];
    unknown.encode(ByteBuffer.wrap(ahs), 0);
    byte[][] sent = new byte[1][];

    initiator
        .command(Cdbs.testUnitReady())
        .ahs(ahs)
        .attribute(7)
        .alter(pdu -> sent[0] = pdu)
        .send();

    assertThat(initiator.awaitRejected().data())
        .isEqualTo(Arrays.copyOf(sent[0], Math.min(48 + ahs.length, 512)));
    assertGoesOn();
  }

  @Test
  @Item(value = 63, section = "7.3", rule = "data of a rejected command")
  void dataOfARejectedCommandIsSwallowed() {
    start(settings -> {}, login -> login.offer("InitialR2T", "No"));

    // its unsolicited data is on its way and no reason for another Reject
    initiator
        .command(Cdbs.write10(0, 16))
        .write(new byte[8192])
        .attribute(7)
        .immediate(512)
        .unsolicited(7680)
        .send();

    assertReason(initiator.awaitRejected(), RejectReason.INVALID_PDU_FIELD);
    assertGoesOn();
    assertThat(initiator.hasReject()).isFalse();
  }

  @Test
  @Item(value = 63, section = "7.3", rule = "what a Reject means for a task")
  void commandThatIsOutstandingOutlivesEveryReject() {
    start();
    byte[] data = Patterns.bytes(8192, 4);
    Exchange write =
        initiator.command(Cdbs.write10(0, 16)).write(data).immediate(0).leaveR2t().send();
    write.awaitR2t(0);

    badRequests().forEach(this::assertRejected);

    assertThat(write.answerR2ts().await().outcome()).isEqualTo("GOOD");
    assertSame(server.disk().readBytes(0, 8192), data);
    // and none of them keeps a place in the window
    int depth = initiator.maxCmdSn() - initiator.expCmdSn() + 1;
    initiator.ping(new byte[0]);
    assertThat(initiator.maxCmdSn() - initiator.expCmdSn() + 1).isEqualTo(depth);
    assertThat(initiator.expCmdSn()).isEqualTo(initiator.nextCmdSn());
  }

  // ---- 64: digests -----------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(ints = {0, 7, 20, 47, 48, 51})
  @Item(value = 64, section = "7.8", rule = "header digest error")
  void damagedHeaderEndsTheConnection(int at) {
    start(settings -> {}, login -> login.offer("HeaderDigest", "CRC32C"));
    NopOutPdu ping =
        new NopOutPdu(
            true, 0, 0, 0, 5, Pdu.RESERVED_TAG, initiator.nextCmdSn(), initiator.expStatSn());

    initiator.sendRaw(damaged(initiator.bytes(ping, new byte[0]), at));

    initiator.awaitEnd();
    server.assertServes();
  }

  @Test
  @Item(value = 64, section = "7.8", rule = "data digest error")
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
  @Item(value = 64, section = "7.8", rule = "data digest error")
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
  @Item(value = 64, section = "7.8", rule = "data digest error")
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
  @Item(value = 64, section = "7.8", rule = "data digest error")
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
  @Item(value = 64, section = "7.8", rule = "data digest error")
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

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Item(value = 64, section = "7.8", rule = "data digest error")
  void damagedRequestHoldsUpNobodyBehindIt(boolean early) {
    startWithDataDigest();
    int next = initiator.nextCmdSn();
    initiator.nextCmdSn(early ? next + 1 : next);

    for (int i = 0; i < 2; i++) {
      Pdu request =
          i == 0
              ? ping(initiator, false, initiator.newTag())
              : text(initiator, true, false, initiator.newTag(), -1);
      initiator.sendRaw(request, damaged(initiator.bytes(request, new byte[20]), 60));
      assertReason(initiator.awaitRejected(), RejectReason.DATA_DIGEST_ERROR);
    }
    Exchange behind = initiator.command(Cdbs.testUnitReady()).send();
    if (early) {
      initiator.command(Cdbs.testUnitReady()).cmdSn(next).await();
    }

    assertThat(behind.await().outcome()).isEqualTo("GOOD");
    assertThat(initiator.expCmdSn()).isEqualTo(initiator.nextCmdSn());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Item(value = 64, section = "7.8", rule = "data digest error")
  void damagedDataOfACommandThatCameEarlyFailsItsWrite(boolean last) {
    startWithDataDigest();
    int next = initiator.nextCmdSn();
    Exchange write =
        initiator
            .command(Cdbs.write10(0, 16))
            .write(new byte[8192])
            .immediate(0)
            .announceUnsolicited()
            .cmdSn(next + 1)
            .send();
    if (last) {
      write.dataOut(Pdu.RESERVED_TAG, 0, 0, 4096, false);
    }
    DataOutPdu pdu = write.dataOutPdu(Pdu.RESERVED_TAG, last ? 1 : 0, last ? 4096 : 0, last);
    initiator.sendRaw(pdu, damaged(initiator.bytes(pdu, new byte[4096]), 300));
    assertReason(initiator.awaitRejected(), RejectReason.DATA_DIGEST_ERROR);
    if (!last) {
      write.dataOut(Pdu.RESERVED_TAG, 1, 4096, 4096, true);
    }

    initiator.command(Cdbs.testUnitReady()).cmdSn(next).await();

    assertThat(write.await().outcome()).isEqualTo(PROTOCOL_SERVICE_CRC_ERROR);
    assertGoesOn();
  }

  // ---- 65: lengths -----------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(ints = {0x00, 0x01, 0x02, 0x04, 0x05, 0x06, 0x10, 0x1f})
  @Item(value = 65, section = "7.7", rule = "lost framing ends the connection")
  void lengthBeyondTheLimitEndsTheConnectionWhateverThePduIs(int opcode) {
    start();
    byte[] bytes = initiator.bytes(ping(initiator, true, 5), new byte[0]);
    bytes[0] = (byte) opcode;
    ByteBuffer.wrap(bytes).putInt(4, 262_144 + 1);

    initiator.sendRaw(bytes);

    initiator.awaitEnd();
    assertThat(server.events().awaitClosed()).contains("262145").contains("262144");
  }

  @Test
  @Item(value = 65, section = "7.7", rule = "lost framing ends the connection")
  void whatCameBeforeIsAnsweredAndWhatComesBehindIsNotRead() {
    start();
    byte[] fault = initiator.bytes(ping(initiator, true, 5), new byte[0]);
    ByteBuffer.wrap(fault).putInt(4, 262_144 + 1);
    byte[] behind = initiator.bytes(ping(initiator, true, initiator.newTag()), new byte[0]);
    byte[] all = Arrays.copyOf(fault, 96);
    System.arraycopy(behind, 0, all, 48, 48);

    initiator.pingWith(all);

    initiator.awaitEnd();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  @Item(value = 65, section = "7.7", rule = "lost framing ends the connection")
  void randomBytesInTheMiddleHarmNobodyElse(long seed) {
    start();
    try (ScriptedInitiator other = server.login(login -> login.isid(9))) {
      initiator.sendRaw(Patterns.bytes(20_000, seed));
      initiator.shutdownOutput();

      byte[] data = Patterns.bytes(2048, seed);
      other.write(3000, data);
      assertSame(other.read(3000, 4), data);
      assertThat(server.events().awaitClosed()).isNotEmpty();
    }
  }

  // ---- 70: NOP ---------------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 511, 4096, 8192})
  @Item(value = 70, section = "11.18", rule = "NOP-Out and its echo")
  void dataIsEchoed(int bytes) {
    start();
    byte[] data = Patterns.bytes(bytes, bytes);

    assertSame(initiator.ping(data), data);
  }

  @Test
  @Item(value = 70, section = "11.18", rule = "NOP-Out and its echo")
  void echoIsCutToWhatTheInitiatorTakes() {
    server = TestServer.start();
    initiator = server.login(login -> login.offer("MaxRecvDataSegmentLength", 512));
    byte[] data = Patterns.bytes(5000, 1);

    assertSame(initiator.ping(data), Arrays.copyOf(data, 512));
  }

  @Test
  @Item(value = 70, section = "11.18", rule = "NOP-Out and its echo")
  void echoMayBeAsLargeAsTheLargestSegment() {
    int largest = 8 << 20;
    server = TestServer.start(settings -> settings.maxRecvDataSegmentLength(largest));
    initiator = server.login(login -> login.offer("MaxRecvDataSegmentLength", largest));
    byte[] data = Patterns.bytes(largest, 2);

    assertSame(initiator.ping(data), data);
  }

  @Test
  @Item(value = 70, section = "11.18", rule = "NOP-Out and its echo")
  void echoKeepsTheTag() {
    start();
    int tag = initiator.sendPing(new byte[] {5});

    NopInPdu echo = initiator.answer(tag, "an echo").as(NopInPdu.class);

    assertThat(echo.initiatorTaskTag()).isEqualTo(tag);
    assertThat(echo.targetTransferTag()).isEqualTo(Pdu.RESERVED_TAG);
  }

  @Test
  @Item(value = 70, section = "11.18", rule = "NOP-Out and its echo")
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
  @Item(value = 70, section = "11.18", rule = "NOP-Out and its echo")
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

  @Test
  @Item(value = 70, section = "11.19", rule = "ping of the target")
  void pingOfTheTargetHasATagAndAUnit() {
    start(
        settings -> settings.keepAlive(Duration.ofMillis(50), Duration.ofMinutes(1)), login -> {});
    initiator.leavePings();

    NopInPdu ping = initiator.awaitPing();

    assertThat(ping.initiatorTaskTag()).isEqualTo(Pdu.RESERVED_TAG);
    assertThat(ping.targetTransferTag()).isNotEqualTo(Pdu.RESERVED_TAG);
    assertThat(initiator.command(Cdbs.inquiry(36)).lunField(ping.lun()).read(36).await().data()[0])
        .isZero(); // the unit exists
    int expected = initiator.expCmdSn();
    initiator.pong(ping);
    // the answer is not answered, and takes no number
    NopInPdu next = initiator.awaitPing();
    assertThat(next.targetTransferTag()).isNotEqualTo(ping.targetTransferTag());
    assertThat(next.expCmdSn()).isEqualTo(expected);
  }

  // ---- 73: what ends a session -----------------------------------------------------------------

  private static final String DIGEST_ERROR = "header digest error";

  static Stream<String> fatalFaults() {
    return Stream.of(DIGEST_ERROR, "DataSegmentLength");
  }

  @ParameterizedTest
  @MethodSource("fatalFaults")
  @Item(value = 73, section = "7.14", rule = "a session ends whole")
  void sessionThatEndsLeavesNothingBehind(String fault) {
    GatedDevice device = new GatedDevice(1 << 20);
    server = TestServer.serving(device);
    initiator = server.login(login -> login.offer("HeaderDigest", "CRC32C"));
    byte[] data = Patterns.bytes(8192, 3);
    Exchange write =
        initiator.command(Cdbs.write10(0, 16)).write(data).immediate(0).leaveR2t().send();
    int transferTag = write.awaitR2t(0).targetTransferTag();
    write.dataOut(transferTag, 0, 0, 4096, false);
    device.hold();
    initiator.command(Cdbs.read10(64, 1)).read(512).send();
    GatedDevice.Call read = device.awaitCall();

    byte[] ping = initiator.bytes(ping(initiator, true, 5), new byte[0]);
    initiator.sendRaw(fault.equals(DIGEST_ERROR) ? damaged(ping, 20) : tooLong(ping));

    initiator.awaitEnd();
    assertThat(server.events().awaitClosed()).contains(fault);
    assertThat(server.server().sessions()).isEmpty();
    read.finish();
    device.release();
    // half of a write is no write
    assertSame(device.memory().readBytes(0, 8192), new byte[8192]);
    server.assertServes();
    initiator = server.login(); // under the same name and ISID
    assertGoesOn();
  }

  /** As a peer would send it that means so: with a digest that is right. */
  private static byte[] tooLong(byte[] pdu) {
    ByteBuffer bytes = ByteBuffer.wrap(pdu).putInt(4, 0x00ff_ffff);
    return bytes.putInt(48, new Crc32cDigest().of(bytes, 0, Pdu.BHS_LENGTH)).array();
  }

  @Test
  @Item(value = 73, section = "7.12", rule = "what is answered ends nothing")
  void faultThatIsAnsweredEndsNeitherConnectionNorSession() {
    startWithDataDigest();
    badRequests().forEach(this::assertRejected);
    Pdu ping = ping(initiator, true, 5);
    initiator.sendRaw(ping, damaged(initiator.bytes(ping, new byte[20]), 60));
    assertReason(initiator.awaitRejected(), RejectReason.DATA_DIGEST_ERROR);

    assertThat(server.events().closedCount()).isZero();
    assertGoesOn();
    initiator.logout();
  }
}

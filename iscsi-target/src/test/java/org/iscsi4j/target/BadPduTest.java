package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.target.fixture.Patterns.assertSame;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import org.iscsi4j.protocol.AdditionalHeader;
import org.iscsi4j.protocol.LoginRequestPdu;
import org.iscsi4j.protocol.NopOutPdu;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.protocol.RejectReason;
import org.iscsi4j.protocol.SnackRequestPdu;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.Exchange;
import org.iscsi4j.target.fixture.LoginScript;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** PDUs that break the protocol, one by one (RFC 7143 sections 7 and 11.17). */
class BadPduTest {

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
    server.assertServes();
    server.close();
  }

  private void assertRejected(RejectReason reason) {
    assertThat(initiator.awaitReject()).isEqualTo(reason.code());
    assertSessionGoesOn();
  }

  private void assertSessionGoesOn() {
    byte[] data = Patterns.bytes(1024, 1);
    initiator.write(40, data);
    assertSame(initiator.read(40, 2), data);
  }

  private NopOutPdu ping(int tag) {
    return new NopOutPdu(
        true, 0, 0, 0, tag, Pdu.RESERVED_TAG, initiator.nextCmdSn(), initiator.expStatSn());
  }

  // ---- opcodes ---------------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(ints = {0x07, 0x0f, 0x11, 0x1c, 0x1f, 0x20, 0x21, 0x25, 0x31, 0x3f})
  void opcodeThatIsNotAnInitiatorsIsRejected(int opcode) {
    NopOutPdu header = ping(5);
    byte[] bytes = initiator.bytes(header, new byte[20]);
    bytes[0] = (byte) (0x40 | opcode);

    initiator.sendRaw(header, bytes);

    assertRejected(RejectReason.COMMAND_NOT_SUPPORTED);
  }

  @Test
  void snackIsRejectedWithoutRecovery() {
    initiator.send(
        new SnackRequestPdu(0, 0, 0, 0, 0x1234, Pdu.RESERVED_TAG, initiator.expStatSn(), 0, 0));

    assertRejected(RejectReason.SNACK_REJECT);
  }

  @Test
  void loginAfterTheLoginIsRejected() {
    LoginRequestPdu again = initiator.login().pdu(0, 1, true, false);

    initiator.send(again);

    assertRejected(RejectReason.PROTOCOL_ERROR);
  }

  @Test
  void rejectQuotesTheWholeHeader() {
    SnackRequestPdu snack =
        new SnackRequestPdu(1, 0, 0, 7L << 48, 0x1234, 0x5678, initiator.expStatSn(), 3, 4);
    ByteBuffer header = ByteBuffer.allocate(Pdu.BHS_LENGTH);
    snack.encode(header, 0);

    initiator.send(snack);

    assertThat(initiator.awaitRejected().data()).isEqualTo(header.array());
  }

  // ---- lengths ---------------------------------------------------------------------------------

  @Test
  void segmentBeyondTheLimitEndsTheConnection() {
    byte[] bytes = initiator.bytes(ping(5), new byte[0]);
    ByteBuffer.wrap(bytes).putInt(4, 262_144 + 1);

    initiator.sendRaw(bytes);

    // framing is lost (RFC 7143 section 7.7)
    initiator.awaitEnd();
  }

  @Test
  void segmentAtTheLimitIsTaken() {
    byte[] data = Patterns.bytes(262_144, 2);

    assertSame(initiator.ping(data), Arrays.copyOf(data, 8192));
  }

  @Test
  void segmentBeyondTheLimitDuringLoginEndsTheConnection() {
    try (ScriptedInitiator other = server.connect()) {
      LoginScript login = other.login();
      byte[] bytes = other.bytes(login.pdu(0, 1, true, false), new byte[0]);
      ByteBuffer.wrap(bytes).putInt(4, 8193);

      other.sendRaw(bytes);

      other.awaitEnd();
    }
  }

  @Test
  void loginWithoutANegotiatedLimitHoldsTheDefault() {
    try (ScriptedInitiator other = server.connect()) {
      LoginScript login = other.login().isid(3);
      login.request(0, 3, true, login.names());
      assertThat(other.ping(new byte[8192])).hasSize(8192);
      byte[] bytes = other.bytes(ping(5), new byte[0]);
      ByteBuffer.wrap(bytes).putInt(4, 8193);

      other.sendRaw(bytes);

      other.awaitEnd();
    }
  }

  // ---- additional headers ----------------------------------------------------------------------

  @Test
  void longCdbIsReadWhole() {
    AdditionalHeader.ExtendedCdb rest = new AdditionalHeader.ExtendedCdb(new byte[16]);
    byte[] ahs = new byte[rest.encodedLength()];
    rest.encode(ByteBuffer.wrap(ahs), 0);
    byte[] cdb = new byte[16];
    cdb[0] = 0x7f;
    cdb[7] = 24;

    Exchange command = initiator.command(cdb).ahs(ahs).await();

    // VARIABLE LENGTH without a service action that we know
    assertThat(command.outcome()).startsWith("CHECK CONDITION 5/");
    assertSessionGoesOn();
  }

  @Test
  void unknownAdditionalHeaderIsSkipped() {
    AdditionalHeader.Unknown unknown = new AdditionalHeader.Unknown(33, new byte[5]);
    byte[] ahs = new byte[unknown.encodedLength()];
    unknown.encode(ByteBuffer.wrap(ahs), 0);

    assertThat(initiator.command(Cdbs.testUnitReady()).ahs(ahs).await().outcome())
        .isEqualTo("GOOD");
  }

  @Test
  void additionalHeadersBeforeDataKeepTheFraming() {
    AdditionalHeader.Unknown unknown = new AdditionalHeader.Unknown(33, new byte[1017]);
    byte[] ahs = new byte[unknown.encodedLength()];
    unknown.encode(ByteBuffer.wrap(ahs), 0);
    byte[] data = Patterns.bytes(512, 3);

    Exchange write = initiator.command(Cdbs.write10(0, 1)).write(data).ahs(ahs).await();

    assertThat(write.outcome()).isEqualTo("GOOD");
    assertSame(server.disk().readBytes(0, 512), data);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ffff0100", // longer than what is left
        "00000100", // an extended CDB without a byte
        "0003020000000000" // a read length of the wrong length
      })
  void additionalHeaderThatMakesNoSenseIsRejected(String hex) {
    byte[] ahs = HexFormat.of().parseHex(hex);

    initiator.command(Cdbs.testUnitReady()).ahs(ahs).send();

    // its length is known, so framing is not lost
    assertRejected(RejectReason.INVALID_PDU_FIELD);
  }

  // ---- commands --------------------------------------------------------------------------------

  @Test
  void reservedTagIsRejected() {
    initiator.command(Cdbs.testUnitReady()).tag(Pdu.RESERVED_TAG).send();

    assertRejected(RejectReason.INVALID_PDU_FIELD);
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 6, 7})
  void attributeThatIsReservedIsRejected(int attribute) {
    initiator.command(Cdbs.testUnitReady()).attribute(attribute).send();

    assertRejected(RejectReason.INVALID_PDU_FIELD);
  }

  @Test
  void dataOfARejectedCommandIsSwallowed() {
    initiator.close();
    initiator = server.login(login -> login.offer("InitialR2T", "No"));

    // RFC 7143 section 7.3: its unsolicited data is on its way and no reason for another Reject
    initiator
        .command(Cdbs.write10(0, 16))
        .write(new byte[8192])
        .attribute(7)
        .immediate(512)
        .unsolicited(7680)
        .send();

    assertRejected(RejectReason.INVALID_PDU_FIELD);
    assertThat(initiator.hasReject()).isFalse();
  }

  @Test
  void tagThatIsInUseIsRejected() {
    byte[] data = Patterns.bytes(8192, 4);
    Exchange first =
        initiator.command(Cdbs.write10(0, 16)).write(data).immediate(0).leaveR2t().send();
    first.awaitR2t(0);

    initiator.command(Cdbs.testUnitReady()).tag(first.tag()).send();

    assertThat(initiator.awaitReject()).isEqualTo(RejectReason.TASK_IN_PROGRESS.code());
    assertThat(first.answerR2ts().await().outcome()).isEqualTo("GOOD");
    assertSame(server.disk().readBytes(0, 8192), data);
  }

  @Test
  void immediateDataOfACommandThatDoesNotWriteIsRejected() {
    initiator.command(Cdbs.testUnitReady()).unlabelledData(new byte[512]).send();

    assertRejected(RejectReason.INVALID_PDU_FIELD);
  }

  @Test
  void unsolicitedDataOfACommandThatDoesNotWriteIsRejected() {
    initiator.command(Cdbs.read10(0, 1)).read(512).announceUnsolicited().send();

    assertRejected(RejectReason.INVALID_PDU_FIELD);
  }

  @Test
  void unknownCdbGetsItsSense() {
    byte[] cdb = new byte[16];
    cdb[0] = (byte) 0xee;

    assertThat(initiator.command(cdb).await().outcome()).isEqualTo("CHECK CONDITION 5/20/00");
  }

  @ParameterizedTest
  @ValueSource(
      longs = {
        0x0100_0000_0000_0000L,
        0x4005_0000_0000_0000L,
        0xc102_0000_0000_0000L,
        0x0000_0001_0000_0000L,
        -1
      })
  void lunThatNobodyHasGetsItsSense(long lun) {
    assertThat(initiator.command(Cdbs.testUnitReady()).lunField(lun).await().outcome())
        .isEqualTo("CHECK CONDITION 5/25/00");
    assertSessionGoesOn();
  }

  @Test
  void flatLunIsTheSameUnit() {
    assertThat(initiator.command(Cdbs.testUnitReady()).lunField(0x4000L << 48).await().outcome())
        .isEqualTo("GOOD");
  }

  @Test
  void reservedBitsAreIgnored() {
    NopOutPdu header = ping(5);
    byte[] bytes = initiator.bytes(header, new byte[4]);
    bytes[0] |= (byte) 0x80; // reserved
    bytes[1] |= 0x7f; // reserved but for F
    bytes[2] = 0x55;
    bytes[40] = 0x55;

    initiator.sendRaw(header, bytes);

    assertThat(initiator.answer(5, "an echo").data()).hasSize(4);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void randomBytesInTheMiddleHarmNobodyElse(long seed) {
    try (ScriptedInitiator other = server.login(login -> login.isid(9))) {
      initiator.sendRaw(Patterns.bytes(20_000, seed));
      initiator.shutdownOutput();

      byte[] data = Patterns.bytes(2048, seed);
      other.write(3000, data);
      assertSame(other.read(3000, 4), data);
      assertThat(server.events().awaitClosed()).isNotEmpty();
    }
  }
}

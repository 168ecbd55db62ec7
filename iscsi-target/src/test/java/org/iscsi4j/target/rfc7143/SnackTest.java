package org.iscsi4j.target.rfc7143;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.target.fixture.Patterns.assertSame;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.iscsi4j.protocol.DataInPdu;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.protocol.ReadyToTransferPdu;
import org.iscsi4j.protocol.RejectPdu;
import org.iscsi4j.protocol.RejectReason;
import org.iscsi4j.protocol.ScsiResponsePdu;
import org.iscsi4j.protocol.SnackRequestPdu;
import org.iscsi4j.protocol.SnackType;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.Exchange;
import org.iscsi4j.target.fixture.GatedDevice;
import org.iscsi4j.target.fixture.LoginScript;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a target sends again, and what it refuses to, at ErrorRecoveryLevel 1. */
class SnackTest {

  private static final int MIB = 1 << 20;
  private static final int MAX_RECV = 8192;
  private static final int PIECES = 4;
  private static final int READ_SIZE = PIECES * MAX_RECV;
  private static final int NONE = Pdu.RESERVED_TAG;
  private static final int QUEUE_DEPTH = 8;

  private static final byte[] CONTENT = Patterns.bytes(16 * MIB, 1);

  private final GatedDevice disk = new GatedDevice(CONTENT.length);
  private final TestServer server =
      TestServer.serving(settings -> settings.errorRecoveryLevel(1).queueDepth(QUEUE_DEPTH), disk);
  private ScriptedInitiator initiator;

  @BeforeEach
  void fill() throws IOException {
    disk.memory().write(0, ByteBuffer.wrap(CONTENT));
  }

  @AfterEach
  void close() {
    disk.release();
    if (initiator != null) {
      initiator.close();
    }
    server.close();
  }

  private void login(Consumer<LoginScript> more) {
    initiator =
        server.login(
            script -> {
              script
                  .offer("ErrorRecoveryLevel", 1)
                  .offer("MaxRecvDataSegmentLength", MAX_RECV)
                  .offer("MaxBurstLength", MIB);
              more.accept(script);
            });
    initiator.holdExpStatSn();
  }

  private void login() {
    login(script -> {});
  }

  private Exchange read(int bytes) {
    return initiator.command(Cdbs.read16(0, bytes / Cdbs.BLOCK)).read(bytes).send();
  }

  /** A read whose first MiB has come, while the device holds the next one back. */
  private Exchange readThatStops(int bytes) {
    disk.hold();
    Exchange read = read(bytes);
    disk.awaitCall().release();
    disk.awaitCall();
    receive(read, MIB);
    return read;
  }

  private void receive(Exchange read, int bytes) {
    while (read.dataIn().size() < bytes / MAX_RECV) {
      initiator.receive();
    }
  }

  private void snack(SnackType type, int tag, int transferTag, int begRun, int runLength) {
    initiator.snack().send(type, 0, tag, transferTag, begRun, runLength);
  }

  private void assertRejected(RejectReason reason, int dataSn) {
    RejectPdu reject = initiator.awaitRejected().as(RejectPdu.class);
    assertThat(reject.reason()).isEqualTo(reason.code());
    assertThat(reject.dataSn()).isEqualTo(dataSn);
  }

  private void assertRefused(RejectReason reason, SnackType type, int tag, int begRun, int length) {
    snack(type, tag, NONE, begRun, length);
    assertRejected(reason, 0);
  }

  /** What the target had to send has come, and been checked. */
  private void assertNothingElseComes() {
    initiator.ping(new byte[0]);
  }

  private List<Integer> dataSnsThatComeAgain(int count) {
    List<Integer> numbers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      numbers.add(initiator.awaitAgain().as(DataInPdu.class).dataSn());
    }
    assertNothingElseComes();
    return numbers;
  }

  private void assertEndsWell(Exchange read) {
    assertThat(read.await().outcome()).isEqualTo("GOOD");
    assertSame(read.data(), Arrays.copyOf(CONTENT, read.data().length));
  }

  // ---- Data/R2T SNACK --------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(strings = {"None", "CRC32C"})
  @Item(
      value = 66,
      section = "11.16",
      rule = "lost PDUs come again as they were, if they were sent and not acknowledged")
  void lostDataComesAgain(String digest) {
    login(script -> script.offer("HeaderDigest", digest).offer("DataDigest", digest));
    Exchange read = read(READ_SIZE);
    assertEndsWell(read);

    initiator.snack().data(read, 1, 2);
    assertThat(dataSnsThatComeAgain(2)).containsExactly(1, 2);
    initiator.snack().data(read, 2, 0);
    assertThat(dataSnsThatComeAgain(2)).containsExactly(2, 3);
    initiator.snack().data(read, 0, 0);
    assertThat(dataSnsThatComeAgain(PIECES)).containsExactly(0, 1, 2, 3);
  }

  @Test
  @Item(
      value = 66,
      section = "11.16",
      rule = "lost PDUs come again as they were, if they were sent and not acknowledged")
  void lostR2tComesAgain() {
    login(script -> script.offer("InitialR2T", "Yes").offer("ImmediateData", "No"));
    byte[] data = Patterns.bytes(4096, 7);
    Exchange write = initiator.command(Cdbs.write10(0, 8)).write(data).leaveR2t().send();
    ReadyToTransferPdu r2t = write.awaitR2t(0);
    initiator.ping(new byte[0]);

    initiator.snack().data(write, 0, 1);

    ReadyToTransferPdu again = initiator.awaitAgain().as(ReadyToTransferPdu.class);
    assertThat(again.targetTransferTag()).isEqualTo(r2t.targetTransferTag());
    assertThat(again.statSn()).isEqualTo(r2t.statSn() + 1);
    write.answer(again);
    assertThat(write.await().outcome()).isEqualTo("GOOD");
    assertSame(initiator.read(0, 8), data);
  }

  @Test
  @Item(
      value = 66,
      section = "11.16",
      rule = "lost PDUs come again as they were, if they were sent and not acknowledged")
  void proactiveSnackLearnsWhatIsNext() {
    login();
    disk.hold();
    Exchange read = read(2 * MIB);
    disk.awaitCall();
    snack(SnackType.DATA_R2T, read.tag(), NONE, 0, 0);
    assertNothingElseComes();
    snack(SnackType.DATA_R2T, read.tag(), NONE, 0, 1);
    assertRejected(RejectReason.PROTOCOL_ERROR, 0);
    disk.release();
    assertEndsWell(read);

    int sent = 2 * MIB / MAX_RECV;
    for (int[] run : new int[][] {{sent, 0}, {sent, 1}, {sent - 1, 2}, {0, sent + 1}}) {
      snack(SnackType.DATA_R2T, read.tag(), NONE, run[0], run[1]);
      assertRejected(RejectReason.PROTOCOL_ERROR, sent);
    }
  }

  @Test
  @Item(
      value = 66,
      section = "11.16",
      rule = "lost PDUs come again as they were, if they were sent and not acknowledged")
  void unknownAbortedAndAcknowledgedCommandsAreRefused() {
    login();
    Exchange aborted = readThatStops(2 * MIB);
    initiator.abort(aborted);
    disk.release();
    Exchange ended = read(READ_SIZE);
    assertEndsWell(ended);
    initiator.releaseExpStatSn();

    for (int tag : new int[] {0x7777, NONE, aborted.tag(), ended.tag()}) {
      assertRefused(RejectReason.PROTOCOL_ERROR, SnackType.DATA_R2T, tag, 0, 0);
      snack(SnackType.R_DATA, tag, 1, 0, 0);
      assertRejected(RejectReason.PROTOCOL_ERROR, 0);
    }
  }

  @Test
  @Item(
      value = 66,
      section = "11.16",
      rule = "lost PDUs come again as they were, if they were sent and not acknowledged")
  void everythingThatIsAskedForComes() throws IOException {
    login();
    initiator.socket().setReceiveBufferSize(64 * 1024); // so that the target can't be rid of it
    List<Exchange> reads = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      reads.add(read(MIB));
      assertEndsWell(reads.get(i));
    }

    reads.forEach(read -> initiator.snack().data(read, 0, 0));

    int all = reads.size() * MIB / MAX_RECV;
    assertThat(dataSnsThatComeAgain(all)).hasSize(all);
  }

  @Test
  @Item(
      value = 66,
      section = "11.16",
      rule = "lost PDUs come again as they were, if they were sent and not acknowledged")
  void dataThatIsGoneEndsTheCommand() {
    login();
    disk.hold();
    Exchange read = read(12 * MIB);
    for (int i = 1; i <= 10; i++) {
      disk.awaitCall().release();
      receive(read, i * MIB);
    }
    disk.awaitCall();

    snack(SnackType.DATA_R2T, read.tag(), NONE, 0, 1);

    assertRejected(RejectReason.SNACK_REJECT, 10 * MIB / MAX_RECV);
    disk.release();
    assertThat(read.await().outcome()).isEqualTo("CHECK CONDITION b/11/13");
    assertSame(read.data(), Arrays.copyOf(CONTENT, 10 * MIB));
    server.assertServes();
  }

  @Test
  @Item(
      value = 66,
      section = "11.16",
      rule = "lost PDUs come again as they were, if they were sent and not acknowledged")
  void requestForDataThatIsGoneEndsTheCommand() {
    login(script -> script.offer("InitialR2T", "Yes").offer("ImmediateData", "No"));
    Exchange write = initiator.command(Cdbs.write10(0, 8)).write(new byte[4096]).leaveR2t().send();
    write.awaitR2t(0);
    for (int i = 0; i < 9; i++) {
      assertEndsWell(read(MIB));
    }

    snack(SnackType.DATA_R2T, write.tag(), NONE, 0, 1);

    assertRejected(RejectReason.SNACK_REJECT, 1);
    assertThat(write.await().outcome()).isEqualTo("CHECK CONDITION b/11/13");
  }

  // ---- Status SNACK ----------------------------------------------------------------------------

  @Test
  @Item(
      value = 66,
      section = "11.16",
      rule = "lost PDUs come again as they were, if they were sent and not acknowledged")
  @Item(value = 46, section = "4.2.2.2", rule = "status is numbered, and acknowledged by ExpStatSN")
  void lostStatusComesAgain() {
    login();
    int first = initiator.expStatSn();
    initiator.ping(new byte[] {1, 2, 3});
    initiator.command(Cdbs.testUnitReady()).await();
    initiator.command(Cdbs.read10(1 << 30, 1)).read(512).await(); // with sense data
    initiator.taskManagement(1, 0, 0x7777, 0);
    read(READ_SIZE).await();
    initiator.text();
    snack(SnackType.DATA_R2T, 0x7777, NONE, 0, 1);
    initiator.awaitReject();

    initiator.snack().status(first, 0);

    List<Integer> opcodes = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      opcodes.add(initiator.awaitAgain().pdu().opcode());
    }
    assertThat(opcodes).containsExactly(0x20, 0x21, 0x21, 0x22, 0x25, 0x24, 0x3f);
    initiator.snack().status(first + 2, 2);
    assertThat(initiator.awaitAgain().pdu().opcode()).isEqualTo(0x21);
    assertThat(initiator.awaitAgain().pdu().opcode()).isEqualTo(0x22);
    assertNothingElseComes();
  }

  @Test
  @Item(
      value = 66,
      section = "11.16",
      rule = "lost PDUs come again as they were, if they were sent and not acknowledged")
  @Item(value = 46, section = "4.2.2.2", rule = "status is numbered, and acknowledged by ExpStatSN")
  void statusThatWasAcknowledgedOrNotSentIsRefused() {
    login();
    int first = initiator.expStatSn();
    initiator.command(Cdbs.testUnitReady()).await();
    initiator.command(Cdbs.testUnitReady()).await();
    assertRefused(RejectReason.PROTOCOL_ERROR, SnackType.STATUS, NONE, first - 1, 1);
    assertRefused(RejectReason.PROTOCOL_ERROR, SnackType.STATUS, NONE, first + 3, 1);
    assertRefused(RejectReason.PROTOCOL_ERROR, SnackType.STATUS, NONE, first + 3, 2);
    assertRefused(RejectReason.PROTOCOL_ERROR, SnackType.STATUS, NONE, first + 5, 0);
    initiator.snack().status(first, 1);
    initiator.awaitAgain();

    initiator.releaseExpStatSn(); // the SNACK itself acknowledges
    assertRefused(RejectReason.PROTOCOL_ERROR, SnackType.STATUS, NONE, first, 1);
    snack(SnackType.STATUS, NONE, NONE, 0, 0);
    assertNothingElseComes();
  }

  @Test
  @Item(value = 47, section = "4.2.2.2", rule = "status is kept until acknowledged, within bounds")
  void connectionEndsWhenNothingIsAcknowledged() {
    login();
    for (int i = 0; i < 4 * (QUEUE_DEPTH + 16); i++) {
      initiator.ping(new byte[0]);
    }

    initiator.ping(new byte[0]);

    initiator.awaitEnd();
    server.assertServes();
  }

  @Test
  @Item(value = 47, section = "4.2.2.2", rule = "status is kept until acknowledged, within bounds")
  void peerThatAcknowledgesGoesOnForEver() {
    login();
    initiator.releaseExpStatSn();

    for (int i = 0; i < 10 * (QUEUE_DEPTH + 16); i++) {
      initiator.ping(new byte[0]);
    }
  }

  // ---- DataACK ---------------------------------------------------------------------------------

  @Test
  @Item(
      value = 55,
      section = "11.7.2",
      rule = "A once a burst, and only at ErrorRecoveryLevel 1 and above")
  void bitAsksForAcknowledgementOnceABurst() {
    login();
    Exchange read = read(2 * MIB + READ_SIZE);
    assertEndsWell(read);

    List<Integer> asking =
        read.dataIn().stream()
            .filter(pdu -> (pdu.flags() & DataInPdu.ACKNOWLEDGE) != 0)
            .map(DataInPdu::dataSn)
            .toList();
    assertThat(asking).containsExactly(MIB / MAX_RECV - 1, 2 * MIB / MAX_RECV - 1);
  }

  @Test
  @Item(
      value = 66,
      section = "11.16.2",
      rule = "a DataACK frees data, and data it does not fit is refused")
  void acknowledgedDataIsRefused() {
    login();
    Exchange read = readThatStops(2 * MIB);
    int sent = read.dataIn().size();
    DataInPdu asking = read.dataIn().get(sent - 1);
    initiator.snack().data(read, 0, 1);
    assertThat(dataSnsThatComeAgain(1)).containsExactly(0);

    initiator.snack().acknowledge(read, asking);

    for (int begRun : new int[] {0, sent - 1}) {
      snack(SnackType.DATA_R2T, read.tag(), NONE, begRun, 1);
      assertRejected(RejectReason.PROTOCOL_ERROR, sent);
    }
    snack(SnackType.DATA_R2T, read.tag(), NONE, 0, 0);
    assertNothingElseComes();
    disk.release();
    assertEndsWell(read);
    initiator.releaseExpStatSn();
    assertNothingElseComes();
    initiator.snack().acknowledge(read, asking); // late, and harmless
    assertNothingElseComes();
  }

  @Test
  @Item(
      value = 66,
      section = "11.16.2",
      rule = "a DataACK frees data, and data it does not fit is refused")
  void wrongAcknowledgementIsRefused() {
    login();
    Exchange read = readThatStops(2 * MIB);
    int sent = read.dataIn().size();
    int tag = read.dataIn().get(sent - 1).targetTransferTag();

    snack(SnackType.DATA_ACK, NONE, tag, sent + 1, 0);
    assertRejected(RejectReason.INVALID_DATA_ACK, 0);
    snack(SnackType.DATA_ACK, NONE, tag + 1, sent, 0);
    assertRejected(RejectReason.INVALID_DATA_ACK, 0);
    snack(SnackType.DATA_ACK, NONE, tag, sent, 1);
    assertRejected(RejectReason.INVALID_DATA_ACK, 0);

    disk.release();
    assertEndsWell(read);
  }

  // ---- R-Data SNACK ----------------------------------------------------------------------------

  @Test
  @Item(value = 66, section = "11.16.3", rule = "data comes again in pieces of the current limit")
  void endedCommandIsCutAnew() {
    login();
    Exchange read = read(READ_SIZE);
    assertEndsWell(read);
    initiator.redeclareMaxRecv(2048);

    initiator.snack().anew(read, 0x5a);

    assertEndsWell(read);
    assertThat(read.dataIn()).hasSize(READ_SIZE / 2048);
    initiator.snack().anew(read, 0x5b);
    assertEndsWell(read);
    initiator.snack().status(read.statSn(), 1);
    assertThat(initiator.awaitAgain().as(ScsiResponsePdu.class).snackTag()).isEqualTo(0x5b);
  }

  @Test
  @Item(value = 66, section = "11.16.3", rule = "data comes again in pieces of the current limit")
  void commandUnderWayIsCutAnew() {
    login();
    Exchange read = readThatStops(2 * MIB);
    initiator.redeclareMaxRecv(4096);

    initiator.snack().anew(read, 0x5a);
    assertNothingElseComes();
    disk.release();

    assertEndsWell(read);
    assertThat(read.dataIn()).hasSize(2 * MIB / 4096);
  }

  @Test
  @Item(value = 66, section = "11.16.3", rule = "data comes again in pieces of the current limit")
  void acknowledgedDataIsNotCutAnew() {
    login();
    Exchange read = readThatStops(2 * MIB);
    int sent = read.dataIn().size();
    initiator.snack().acknowledge(read, read.dataIn().get(sent - 1));
    initiator.redeclareMaxRecv(4096);

    initiator.snack().anew(read, 0x5a);
    assertNothingElseComes();
    disk.release();

    assertEndsWell(read);
    assertThat(read.dataIn()).hasSize(sent + MIB / 4096);
  }

  @Test
  @Item(value = 66, section = "11.16.5", rule = "an R-Data SNACK has a tag and no run")
  void malformedSnackIsRefused() {
    login();
    Exchange read = read(READ_SIZE);
    assertEndsWell(read);

    for (int[] wrong : new int[][] {{0, 0, 0}, {NONE, 0, 0}, {1, 1, 0}, {1, 0, 1}}) {
      snack(SnackType.R_DATA, read.tag(), wrong[0], wrong[1], wrong[2]);
      assertRejected(RejectReason.INVALID_PDU_FIELD, PIECES);
    }
    initiator.send(new SnackRequestPdu(7, 0, 0, 0, read.tag(), NONE, initiator.expStatSn(), 0, 0));
    assertRejected(RejectReason.INVALID_PDU_FIELD, PIECES);
  }

  // ---- no recovery -----------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  @Item(
      value = 66,
      section = "11.16",
      rule = "lost PDUs come again as they were, if they were sent and not acknowledged")
  void levelZeroRefusesEverySnack(int type) {
    initiator = server.login(script -> script.offer("ErrorRecoveryLevel", 0));
    initiator.holdExpStatSn();
    Exchange read = initiator.command(Cdbs.read10(0, 64)).read(64 * Cdbs.BLOCK).await();

    initiator.send(
        new SnackRequestPdu(type, 0, 0, 0, read.tag(), NONE, initiator.expStatSn(), 0, 0));

    assertRejected(RejectReason.SNACK_REJECT, 0);
    assertThat(read.dataIn()).noneMatch(pdu -> (pdu.flags() & DataInPdu.ACKNOWLEDGE) != 0);
  }
}

package org.iscsi4j.target.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.iscsi4j.protocol.DataInPdu;
import org.iscsi4j.protocol.NopInPdu;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.protocol.ProtocolException;
import org.iscsi4j.protocol.ReadyToTransferPdu;
import org.iscsi4j.protocol.RejectPdu;
import org.iscsi4j.protocol.RejectReason;
import org.iscsi4j.protocol.ScsiResponsePdu;
import org.iscsi4j.protocol.TaskManagementResponsePdu;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.limit.Pool;
import org.iscsi4j.target.limit.Share;
import org.junit.jupiter.api.Test;

/** What is kept of what was sent, for how long, and how it is sent again. */
class SentLogTest {

  private static final int FIRST = 0xffff_fffd; // so that numbers wrap
  private static final int QUEUE_DEPTH = 4;
  private static final int LIMIT = 100_000;
  private static final int TAG = 0x11;
  private static final int TRANSFER_TAG = 0x77;
  private static final int F = DataInPdu.FINAL;
  private static final int A = DataInPdu.ACKNOWLEDGE;
  private static final int S = DataInPdu.STATUS;
  private static final int U = DataInPdu.UNDERFLOW;

  private final List<String> events = new ArrayList<>();
  private final Pool pool = new Pool(LIMIT);
  private final SentLog log = newLog(FIRST);
  private int statSn = FIRST;

  private SentLog newLog(int firstStatSn) {
    return new SentLog(
        firstStatSn, QUEUE_DEPTH, LIMIT, new Share(pool, 0, 1), () -> events.add("too many"));
  }

  // ---- what is sent

  private Pdu send(Pdu pdu, byte... data) {
    ByteBuffer header = ByteBuffer.allocate(7 + Pdu.BHS_LENGTH);
    pdu.encode(header, 7);
    ByteBuffer body = ByteBuffer.allocate(3 + data.length).put(3, data);
    log.sent(header, 7, body, 3, data.length);
    return pdu;
  }

  private Pdu dataIn(int tag, int dataSn, int flags, int offset, int length) {
    boolean ack = (flags & A) != 0;
    boolean status = (flags & S) != 0;
    DataInPdu pdu =
        new DataInPdu(
            flags,
            0,
            length,
            ack ? 5L << 48 : 0,
            tag,
            ack ? TRANSFER_TAG : Pdu.RESERVED_TAG,
            status ? statSn++ : 0,
            1,
            2,
            dataSn,
            offset,
            status && (flags & U) != 0 ? 9 : 0);
    return send(
        pdu, Arrays.copyOfRange(Patterns.bytes(offset + length, tag), offset, offset + length));
  }

  private Pdu r2t(int number) {
    return send(new ReadyToTransferPdu(0, TAG, 0x99, statSn, 1, 2, number, 0, 512));
  }

  private Pdu response(int tag, int expDataSn) {
    return send(new ScsiResponsePdu(0, 0, 0, 0, tag, 0, statSn++, 1, 2, expDataSn, 0, 0));
  }

  private Pdu echo(int length) {
    NopInPdu pdu = new NopInPdu(length, 0, 0x22, Pdu.RESERVED_TAG, statSn++, 1, 2);
    return send(pdu, new byte[length]);
  }

  // ---- what is looked at

  private static Pdu decoded(SentPdu pdu) {
    try {
      return Pdu.decode(pdu.bytes(), 0);
    } catch (ProtocolException e) {
      throw new AssertionError(e);
    }
  }

  private static List<Pdu> decoded(List<SentPdu> pdus) {
    return pdus.stream().map(SentLogTest::decoded).toList();
  }

  private static byte[] data(SentPdu pdu) {
    byte[] all = pdu.bytes().array();
    return Arrays.copyOfRange(all, Pdu.BHS_LENGTH, all.length);
  }

  /** DataSN, flags, offset and length of Data-In PDUs, whose data must be right. */
  private static List<String> pieces(List<SentPdu> pdus) {
    List<String> pieces = new ArrayList<>();
    for (SentPdu pdu : pdus) {
      if (decoded(pdu) instanceof DataInPdu in) {
        byte[] whole =
            Patterns.bytes(in.bufferOffset() + in.dataSegmentLength(), in.initiatorTaskTag());
        assertThat(data(pdu)).isEqualTo(Arrays.copyOfRange(whole, in.bufferOffset(), whole.length));
        pieces.add(
            String.format(
                "%d %02x %d+%d",
                in.dataSn(), in.flags(), in.bufferOffset(), in.dataSegmentLength()));
      }
    }
    return pieces;
  }

  private static void assertRefused(RejectReason reason, ThrowingCallable request) {
    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(request)
        .satisfies(e -> assertThat(e.reason()).isEqualTo(reason));
  }

  // ---- statuses

  @Test
  void oldestDataIsLetGoWhenOthersKeepTooMuch() throws Exception {
    pool.tryTake(LIMIT - 5000);
    dataIn(TAG, 0, 0, 0, 4000);
    dataIn(TAG, 1, F, 4000, 4000);

    assertThat(log.command(TAG).isWhole()).isFalse();
    assertThat(log.bytes()).isLessThan(5000);
    Pdu response = response(TAG, 2);
    assertThat(decoded(log.statuses(FIRST, 1))).containsExactly(response);
  }

  @Test
  void logThatIsClosedKeepsNothing() {
    dataIn(TAG, 0, F | A, 0, 4000);
    response(TAG, 1);
    echo(100);
    dataIn(0x12, 0, 0, 0, 4000);
    log.close();
    log.close();
    assertThat(pool.used()).isZero();

    echo(100);
    log.aborted(0x12);
    log.acknowledged(statSn);

    assertThat(log.bytes()).isZero();
    assertThat(pool.used()).isZero();
  }

  @Test
  void everyPduWithStatusIsKeptUntilItIsAcknowledged() throws Exception {
    Pdu echo = echo(3);
    Pdu response = response(TAG, 0);
    Pdu answer = send(new TaskManagementResponsePdu(0, 0, 0, 0x33, statSn++, 1, 2));
    Pdu reject =
        send(new RejectPdu(4, 4, statSn++, 1, 2, 0), (byte) 1, (byte) 2, (byte) 3, (byte) 4);

    assertThat(decoded(log.statuses(0, 0))).containsExactly(echo, response, answer, reject);
    assertThat(decoded(log.statuses(FIRST + 1, 2))).containsExactly(response, answer);
    assertThat(decoded(log.statuses(FIRST + 2, 0))).containsExactly(answer, reject);
    assertThat(data(log.statuses(FIRST + 3, 1).get(0))).containsExactly(1, 2, 3, 4);

    log.acknowledged(FIRST + 2);
    assertThat(decoded(log.statuses(0, 0))).containsExactly(answer, reject);
    log.acknowledged(FIRST + 4);
    assertThat(log.statuses(0, 0)).isEmpty();
    assertThat(log.bytes()).isZero();
  }

  @Test
  void statusesThatWereNotSentOrAreAcknowledgedAreRefused() {
    for (int i = 0; i < 5; i++) {
      response(i, 0);
    }
    log.acknowledged(FIRST + 2);

    int[][] wrong = {
      {FIRST, 1},
      {FIRST + 1, 1},
      {FIRST + 1, 0},
      {FIRST, 4},
      {FIRST + 4, 2},
      {FIRST + 5, 1},
      {FIRST + 5, 0},
      {FIRST + 2, 4},
      {FIRST + 2, -1},
      {FIRST + 1000, 1},
      {FIRST - 1000, 0}
    };
    for (int[] run : wrong) {
      assertRefused(RejectReason.PROTOCOL_ERROR, () -> log.statuses(run[0], run[1]));
    }
  }

  @Test
  void numbersThatAcknowledgeNothingNewAreIgnored() throws Exception {
    Pdu first = response(1, 0);
    Pdu second = response(2, 0);

    log.acknowledged(FIRST);
    log.acknowledged(FIRST - 1);
    log.acknowledged(FIRST + 3); // not sent yet
    assertThat(decoded(log.statuses(0, 0))).containsExactly(first, second);

    log.acknowledged(FIRST + 1);
    log.acknowledged(FIRST); // overtaken
    assertThat(decoded(log.statuses(0, 0))).containsExactly(second);
  }

  @Test
  void ourOwnPingIsNotKept() {
    send(new NopInPdu(0, 0, Pdu.RESERVED_TAG, 5, statSn, 1, 2));

    assertThat(log.bytes()).isZero();
  }

  @Test
  void statusesWithoutAcknowledgementAreBounded() {
    for (int i = 0; i < SentLog.WINDOWS * QUEUE_DEPTH; i++) {
      response(i, 0);
    }
    assertThat(events).isEmpty();

    response(99, 0);

    assertThat(events).containsExactly("too many");
  }

  // ---- data

  @Test
  void dataIsSentAgainAsItWas() throws Exception {
    Pdu first = dataIn(TAG, 0, 0, 0, 10);
    Pdu second = dataIn(TAG, 1, 0, 10, 10);
    Pdu third = dataIn(TAG, 2, F | S | U, 20, 3);
    SentCommand command = log.command(TAG);

    assertThat(decoded(command.run(0, 0))).containsExactly(first, second, third);
    assertThat(decoded(command.run(1, 1))).containsExactly(second);
    assertThat(decoded(command.run(0, 2))).containsExactly(first, second);
    assertThat(decoded(command.run(1, 0))).containsExactly(second, third);
    assertThat(pieces(command.run(2, 1))).containsExactly("2 83 20+3");
    assertThat(decoded(log.statuses(FIRST, 1))).containsExactly(third);
    for (int[] wrong : new int[][] {{3, 0}, {3, 1}, {2, 2}, {0, 4}, {1, -1}, {-1, 1}}) {
      assertRefused(RejectReason.PROTOCOL_ERROR, () -> command.run(wrong[0], wrong[1]));
    }
  }

  @Test
  void whatIsSentAgainShowsCurrentNumbers() throws Exception {
    r2t(0);
    dataIn(TAG, 1, F | S, 0, 4);
    SentPdu r2t = log.command(TAG).run(0, 1).get(0);
    SentPdu dataIn = log.command(TAG).run(1, 1).get(0);

    r2t.show(70, 80, 90);
    dataIn.show(70, 80, 90);

    assertThat(decoded(r2t)).isEqualTo(new ReadyToTransferPdu(0, TAG, 0x99, 70, 80, 90, 0, 0, 512));
    DataInPdu shown = (DataInPdu) decoded(dataIn);
    assertThat(List.of(shown.statSn(), shown.expCmdSn(), shown.maxCmdSn()))
        .containsExactly(FIRST, 80, 90);
  }

  @Test
  void dataGoesWithItsStatus() throws Exception {
    dataIn(TAG, 0, F | A, 0, 1000);
    dataIn(TAG, 1, F | A, 1000, 1000);
    response(TAG, 2);
    assertThat(log.bytes()).isGreaterThan(2000);

    log.acknowledged(statSn);

    assertThat(log.bytes()).isZero();
    assertThat(log.command(TAG)).isNull();
    log.dataAcknowledged(TRANSFER_TAG, 2); // crossed with the acknowledgement of the status
  }

  @Test
  void acknowledgedDataIsNotKept() throws Exception {
    dataIn(TAG, 0, 0, 0, 1000);
    dataIn(TAG, 1, F | A, 1000, 1000);
    Pdu third = dataIn(TAG, 2, 0, 2000, 1000);
    SentCommand command = log.command(TAG);
    int all = log.bytes();

    log.dataAcknowledged(TRANSFER_TAG, 2);

    assertThat(log.bytes()).isEqualTo(all / 3);
    assertThat(decoded(command.run(0, 0))).containsExactly(third);
    assertRefused(RejectReason.PROTOCOL_ERROR, () -> command.run(0, 1));
    assertRefused(RejectReason.PROTOCOL_ERROR, () -> command.run(1, 0));
    log.dataAcknowledged(TRANSFER_TAG, 2); // once more does no harm
    log.dataAcknowledged(TRANSFER_TAG, 3);
    assertThat(log.bytes()).isZero();
    assertThat(command.run(0, 0)).isEmpty();
  }

  @Test
  void acknowledgementOfWhatWasNotSentIsRefused() throws Exception {
    dataIn(TAG, 0, 0, 0, 10);
    dataIn(TAG, 1, F | A, 10, 10);
    log.dataAcknowledged(TRANSFER_TAG, 1);

    assertRefused(RejectReason.INVALID_DATA_ACK, () -> log.dataAcknowledged(TRANSFER_TAG, 3));
    assertRefused(RejectReason.INVALID_DATA_ACK, () -> log.dataAcknowledged(TRANSFER_TAG, 0));
    assertRefused(RejectReason.INVALID_DATA_ACK, () -> log.dataAcknowledged(TRANSFER_TAG + 1, 2));
  }

  @Test
  void statusStaysWhenItsDataIsAcknowledged() throws Exception {
    dataIn(TAG, 0, F | A, 0, 10);
    Pdu last = dataIn(TAG, 1, F | S, 10, 2000);

    log.dataAcknowledged(TRANSFER_TAG, 2);

    assertThat(decoded(log.statuses(0, 0))).containsExactly(last);
    log.acknowledged(statSn);
    assertThat(log.bytes()).isZero();
  }

  @Test
  void tagMayBeUsedAgainBeforeTheStatusIsAcknowledged() throws Exception {
    dataIn(TAG, 0, F | S, 0, 100);
    Pdu ofNext = dataIn(TAG, 0, F, 0, 50);
    assertThat(decoded(log.command(TAG).run(0, 0))).containsExactly(ofNext);

    log.acknowledged(statSn);
    assertThat(decoded(log.command(TAG).run(0, 0))).containsExactly(ofNext);

    response(TAG, 1);
    log.acknowledged(statSn);
    assertThat(log.bytes()).isZero();
  }

  @Test
  void nothingIsKeptOfAnAbortedCommand() {
    r2t(0);
    dataIn(TAG, 1, 0, 0, 100);

    log.aborted(TAG);

    assertThat(log.command(TAG)).isNull();
    assertThat(log.bytes()).isZero();
  }

  // ---- bounds

  @Test
  void oldestDataIsLetGoWhenThereIsTooMuch() throws Exception {
    Pdu status = response(1, 0);
    for (int i = 0; i < 30; i++) {
      dataIn(TAG, i, 0, i * 10_000, 10_000);
      assertThat(log.bytes()).isLessThanOrEqualTo(LIMIT);
    }
    SentCommand command = log.command(TAG);

    assertThat(pieces(command.run(21, 2)))
        .containsExactly("21 00 210000+10000", "22 00 220000+10000");
    assertRefused(RejectReason.SNACK_REJECT, () -> command.run(20, 2));
    assertRefused(RejectReason.SNACK_REJECT, () -> command.run(0, 0));
    assertRefused(RejectReason.SNACK_REJECT, () -> log.cutAnew(command, 512, 1));
    assertThat(command.isWhole()).isFalse();
    assertThat(decoded(log.statuses(0, 0))).containsExactly(status);
  }

  @Test
  void largeStatusIsLetGoLikeData() {
    echo(60_000);
    echo(60_000);

    assertThat(log.bytes()).isBetween(60_000, LIMIT);
    assertRefused(RejectReason.SNACK_REJECT, () -> log.statuses(FIRST, 1));
    log.acknowledged(statSn);
    assertThat(log.bytes()).isZero();
  }

  @Test
  void manySmallPdusCountWithWhatTheyTake() {
    for (int i = 0; i < 10_000; i++) {
      r2t(i);
    }

    assertThat(log.command(TAG).pdus()).hasSizeLessThan(LIMIT / 150);
  }

  // ---- another MaxRecvDataSegmentLength

  @Test
  void unacknowledgedDataIsCutAnew() throws Exception {
    dataIn(TAG, 0, F | A, 0, 1000);
    dataIn(TAG, 1, 0, 1000, 700);
    dataIn(TAG, 2, F | A, 1700, 300);
    log.dataAcknowledged(TRANSFER_TAG, 1);
    SentCommand command = log.command(TAG);

    List<SentPdu> again = log.cutAnew(command, 512, 0x55);

    assertThat(pieces(again)).containsExactly("1 00 1000+512", "2 00 1512+188", "3 c0 1700+300");
    assertThat(command.next()).isEqualTo(4);
    DataInPdu asking = (DataInPdu) decoded(again.get(2));
    assertThat(asking.targetTransferTag()).isEqualTo(TRANSFER_TAG);
    assertThat(asking.lun()).isEqualTo(5L << 48);
    assertThat(pieces(command.run(2, 1))).containsExactly("2 00 1512+188");
    log.dataAcknowledged(TRANSFER_TAG, 4);
    assertThat(log.bytes()).isZero();
  }

  @Test
  void statusThatWentWithDataComesAloneAndWithTheTag() throws Exception {
    dataIn(TAG, 0, 0, 0, 600);
    dataIn(TAG, 1, F | S | U, 600, 600);
    SentCommand command = log.command(TAG);

    List<SentPdu> again = log.cutAnew(command, 512, 0x55);

    assertThat(pieces(again))
        .containsExactly("0 00 0+512", "1 00 512+88", "2 00 600+512", "3 80 1112+88");
    Pdu response = new ScsiResponsePdu(U, 0, 0, 0, TAG, 0x55, FIRST, 1, 2, 4, 0, 9);
    assertThat(decoded(again.get(4))).isEqualTo(response);
    assertThat(decoded(log.statuses(0, 0))).containsExactly(response);
    log.acknowledged(statSn);
    assertThat(log.bytes()).isZero();
  }

  @Test
  void latestSnackTagCounts() throws Exception {
    dataIn(TAG, 0, F, 0, 600);
    response(TAG, 1);
    SentCommand command = log.command(TAG);

    log.cutAnew(command, 512, 0x55);
    log.cutAnew(command, 300, 0x56);

    Pdu response = new ScsiResponsePdu(0, 0, 0, 0, TAG, 0x56, FIRST, 1, 2, 3, 0, 0);
    assertThat(decoded(log.statuses(0, 0))).containsExactly(response);
    log.acknowledged(statSn);
    assertThat(log.bytes()).isZero();
  }

  @Test
  void requestsForDataStayWhenDataIsCutAnew() throws Exception {
    r2t(0);
    r2t(1);
    dataIn(TAG, 2, F, 0, 600);

    List<SentPdu> again = log.cutAnew(log.command(TAG), 512, 0x55);

    assertThat(pieces(again)).containsExactly("2 00 0+512", "3 80 512+88");
    assertThat(log.command(TAG).run(0, 2)).hasSize(2);
  }

  // ---- another connection

  @Test
  void commandGoesToAnotherConnection() throws Exception {
    dataIn(TAG, 0, F | A, 0, 600);
    dataIn(TAG, 1, F | S | U, 600, 600);
    SentLog other = newLog(500);

    SentCommand command = log.takeCommand(TAG);
    List<SentPdu> again = other.adopt(command, 1, 512, () -> 500);

    assertThat(log.bytes()).isZero();
    assertThat(pieces(again)).containsExactly("1 00 600+512", "2 80 1112+88");
    Pdu response = new ScsiResponsePdu(U, 0, 0, 0, TAG, 0, 500, 1, 2, 3, 0, 9);
    assertThat(decoded(again.get(2))).isEqualTo(response);
    assertThat(decoded(other.statuses(0, 0))).containsExactly(response);
    assertThat(pieces(other.command(TAG).run(2, 1))).containsExactly("2 80 1112+88");
    other.acknowledged(501);
    assertThat(other.bytes()).isZero();
  }

  @Test
  void commandUnderWayGoesToAnotherConnection() throws Exception {
    r2t(0);
    dataIn(TAG, 1, F | A, 0, 600);
    SentLog other = newLog(500);

    SentCommand command = log.takeCommand(TAG);
    List<SentPdu> again = other.adopt(command, 0, 1024, () -> fail("no status"));

    assertThat(again).hasSize(2);
    assertThat(pieces(again)).containsExactly("1 c0 0+600");
    assertThat(command.next()).isEqualTo(2);
    other.dataAcknowledged(TRANSFER_TAG, 2);
    assertThat(other.bytes()).isZero();
  }

  private static int fail(String what) {
    throw new AssertionError(what);
  }

  @Test
  void dataThatNobodyWasAskedToAcknowledgeIsNotAcknowledgedElsewhere() throws Exception {
    dataIn(TAG, 0, F, 0, 100);
    SentLog other = newLog(500);

    other.adopt(log.takeCommand(TAG), 0, 512, () -> 500);

    assertRefused(RejectReason.INVALID_DATA_ACK, () -> other.dataAcknowledged(Pdu.RESERVED_TAG, 1));
    assertThat(pieces(other.command(TAG).run(0, 1))).containsExactly("0 80 0+100");
  }

  @Test
  void reassignmentWithAnotherExpDataSnAcknowledgesNothing() throws Exception {
    dataIn(TAG, 0, F, 0, 100);
    SentLog other = newLog(500);

    List<SentPdu> again = other.adopt(log.takeCommand(TAG), 2, 512, () -> 500);

    assertThat(pieces(again)).containsExactly("0 80 0+100");
  }

  @Test
  void statusGoesToAnotherConnectionWhenItsDataWasAcknowledged() throws Exception {
    dataIn(TAG, 0, F | S, 0, 100);
    SentLog other = newLog(500);

    List<SentPdu> again = other.adopt(log.takeCommand(TAG), 1, 512, () -> 500);

    assertThat(decoded(again))
        .containsExactly(new ScsiResponsePdu(0, 0, 0, 0, TAG, 0, 500, 1, 2, 1, 0, 0));
    other.acknowledged(501);
    assertThat(other.bytes()).isZero();
  }

  @Test
  void commandWhoseDataIsGoneIsNotAdopted() {
    for (int i = 0; i < 30; i++) {
      dataIn(TAG, i, 0, i * 10_000, 10_000);
    }
    SentLog other = newLog(500);
    SentCommand command = log.takeCommand(TAG);

    assertRefused(RejectReason.SNACK_REJECT, () -> other.adopt(command, 0, 512, () -> 500));

    assertThat(other.command(TAG)).isNull();
    assertThat(other.bytes()).isZero();
    assertThat(log.takeCommand(TAG)).isNull();
  }

  @Test
  void commandThatWentElsewhereIsNotForgottenByItsFormerConnection() throws Exception {
    echo(3);
    dataIn(TAG, 0, F, 0, 600);
    response(TAG, 1);
    echo(3);
    SentLog other = newLog(500);
    other.adopt(log.takeCommand(TAG), 0, 512, () -> 500);
    int bytes = other.bytes();

    log.acknowledged(statSn);

    assertThat(log.bytes()).isZero();
    assertThat(other.bytes()).isEqualTo(bytes);
    assertThat(pieces(other.command(TAG).run(0, 0))).hasSize(2);
    assertThat(decoded(other.statuses(0, 0)))
        .containsExactly(new ScsiResponsePdu(0, 0, 0, 0, TAG, 0, 500, 1, 2, 2, 0, 0));
  }

  @Test
  void requestForDataThatIsMadeAnewTakesThePlaceOfTheOldOne() throws Exception {
    r2t(0);
    r2t(1);
    int bytes = log.bytes();

    Pdu anew = send(new ReadyToTransferPdu(0, TAG, 0x9a, statSn, 1, 2, 1, 100, 412));

    assertThat(log.command(TAG).isWhole()).isTrue();
    assertThat(decoded(log.command(TAG).run(1, 0))).containsExactly(anew);
    assertThat(log.bytes()).isEqualTo(bytes);
  }

  @Test
  void whatIsAboutToBeSentAgainIsNotLetGo() throws Exception {
    int length = LIMIT * 9 / 10;
    dataIn(TAG, 0, F, 0, length);
    response(TAG, 1);
    SentCommand command = log.command(TAG);

    // pieces so small take more than there is room for
    assertThat(pieces(log.cutAnew(command, 512, 0x55))).hasSize(length / 512 + 1);
    SentLog other = newLog(500);
    assertThat(pieces(other.adopt(log.takeCommand(TAG), 0, 512, () -> 500)))
        .hasSize(length / 512 + 1);
    assertThat(other.bytes()).isGreaterThan(LIMIT);
  }

  @Test
  void commandWhoseStatusIsGoneIsNotWhole() throws Exception {
    dataIn(TAG, 0, A | F, 0, 600);
    dataIn(TAG, 1, F | S, 600, 30_000);
    log.dataAcknowledged(TRANSFER_TAG, 2);
    SentCommand command = log.command(TAG);

    for (int i = 0; i < 4; i++) {
      dataIn(0x33, i, 0, i * 30_000, 30_000);
    }

    assertThat(command.isWhole()).isFalse();
  }
}

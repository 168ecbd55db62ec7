package org.iscsi4j.target.rfc7143;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.target.fixture.Patterns.assertSame;

import java.util.Arrays;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.iscsi4j.api.MemoryDevice;
import org.iscsi4j.protocol.DataOutPdu;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.protocol.ReadyToTransferPdu;
import org.iscsi4j.protocol.RejectReason;
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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What an initiator may send for a write, when, and in which order (RFC 7143 sections 11.3.1, 11.7,
 * 11.8 and 13.10 to 13.19). FirstBurstLength is 8192 and MaxBurstLength 16384 unless a test says
 * otherwise.
 */
class DataOutRulesTest {

  private static final String AMOUNT = "what comes unsolicited is bounded";
  private static final String AGREED = "unsolicited data only as agreed";
  private static final String FINAL = "F closes what is unsolicited, and every sequence";
  private static final String R2T = "what an R2T may ask for";
  private static final String CHECKED = "Data-Out PDUs are checked";
  private static final String ORDER = "order of Data-Out PDUs and sequences";
  private static final String LENGTHS = "the smaller of CDB and expected length rules";

  private static final String UNEXPECTED_UNSOLICITED_DATA = "CHECK CONDITION b/0c/0c";
  private static final String INCORRECT_AMOUNT_OF_DATA = "CHECK CONDITION b/0c/0d";

  private static final int FIRST_BURST = 8192;
  private static final int BURST = 16_384;
  private static final int LBA = 64;
  private static final int OFFSET = LBA * 512;
  private static final int NONE = Pdu.RESERVED_TAG;

  private final MemoryDevice disk = MemoryDevice.ofSize(TestServer.DISK_SIZE);
  private final MemoryDevice other = MemoryDevice.ofSize(1 << 20);
  private TestServer server;
  private ScriptedInitiator initiator;

  @BeforeEach
  void start() {
    server =
        TestServer.serving(
            settings ->
                settings
                    .eventLoops(1)
                    .maxOutstandingR2t(8)
                    .dataPduInOrder(false)
                    .dataSequenceInOrder(false),
            disk,
            other);
    initiator =
        login(BURST, login -> login.offer("InitialR2T", "No").offer("MaxOutstandingR2T", 2));
  }

  @AfterEach
  void stop() {
    initiator.close();
    server.close();
  }

  private ScriptedInitiator login(int maxBurst, Consumer<LoginScript> words) {
    return server.login(
        login -> {
          login.offer("FirstBurstLength", FIRST_BURST).offer("MaxBurstLength", maxBurst);
          words.accept(login);
        });
  }

  private void loginAgain(Consumer<LoginScript> words) {
    loginAgain(BURST, words);
  }

  private void loginAgain(int maxBurst, Consumer<LoginScript> words) {
    initiator.close();
    initiator = login(maxBurst, words);
  }

  /** Whatever happened, the disk is as it was and the connection goes on. */
  private void assertNothingWritten() {
    assertSame(disk.readBytes(OFFSET, 65_536), new byte[65_536]);
    assertSessionGoesOn();
  }

  private void assertSessionGoesOn() {
    byte[] data = Patterns.bytes(32_768, 99);
    initiator.write(2048, data);
    assertSame(initiator.read(2048, 64), data);
  }

  private void assertWritten(byte[] data) {
    assertSame(disk.readBytes(OFFSET, data.length), data);
    assertSame(disk.readBytes(OFFSET + data.length, 4096), new byte[4096]);
  }

  /** A write of which nothing is sent unless asked for, and then by the test. */
  private Exchange solicited(byte[] data) {
    return initiator
        .command(Cdbs.write10(LBA, data.length / 512))
        .write(data)
        .immediate(0)
        .unsolicited(0)
        .leaveR2t()
        .send();
  }

  /** Sends a command that says that unsolicited data follows, and none of it. */
  private Exchange announce(byte[] data) {
    return initiator
        .command(Cdbs.write10(LBA, data.length / 512))
        .write(data)
        .immediate(0)
        .announceUnsolicited()
        .leaveR2t()
        .send();
  }

  // ---- how much comes unasked ------------------------------------------------------------------

  @ParameterizedTest(name = "InitialR2T={0}, ImmediateData={1}, {2} bytes: R2T from {3}")
  @CsvSource({
    "Yes, Yes, 7680, -1", // all of it is immediate
    "Yes, Yes, 8192, -1",
    "Yes, Yes, 8704, 8192",
    "Yes, No, 512, 0",
    "Yes, No, 8192, 0",
    "Yes, No, 40960, 0",
    "No, Yes, 7680, -1",
    "No, Yes, 8192, -1",
    "No, Yes, 8704, 8192",
    "No, Yes, 40960, 8192",
    "No, No, 7680, -1", // all of it follows unsolicited
    "No, No, 8192, -1",
    "No, No, 8704, 8192",
    "No, No, 40960, 8192"
  })
  @Item(value = 50, section = "13.10", rule = AGREED)
  @Item(value = 50, section = "13.11", rule = AGREED)
  void whatWasAgreedIsTakenAndTheRestIsAskedFor(
      String initialR2t, String immediateData, int length, int askedFrom) {
    loginAgain(
        login -> login.offer("InitialR2T", initialR2t).offer("ImmediateData", immediateData));
    byte[] data = Patterns.bytes(length, length);

    Exchange write = initiator.command(Cdbs.write10(LBA, length / 512)).write(data).await();

    assertThat(write.outcome()).isEqualTo("GOOD");
    assertThat(write.r2ts().isEmpty() ? -1 : write.r2ts().get(0).bufferOffset())
        .isEqualTo(askedFrom);
    assertWritten(data);
  }

  @ParameterizedTest(name = "{0} bytes expected, {1} immediate, {2} unsolicited: {3}")
  @CsvSource({
    "16384, 8191, 0, GOOD",
    "16384, 8192, 0, GOOD",
    "16384, 8193, 0, " + INCORRECT_AMOUNT_OF_DATA,
    "16384, 0, 8191, GOOD",
    "16384, 0, 8192, GOOD",
    "16384, 0, 8193, " + INCORRECT_AMOUNT_OF_DATA,
    "16384, 4096, 4095, GOOD",
    "16384, 4096, 4096, GOOD",
    "16384, 4096, 4097, " + INCORRECT_AMOUNT_OF_DATA,
    "16384, 8192, 1, " + INCORRECT_AMOUNT_OF_DATA,
    "1024, 1023, 0, GOOD",
    "1024, 1024, 0, GOOD",
    "1024, 1025, 0, " + INCORRECT_AMOUNT_OF_DATA,
    "1024, 0, 1023, GOOD",
    "1024, 0, 1024, GOOD",
    "1024, 0, 1025, " + INCORRECT_AMOUNT_OF_DATA,
    "1024, 512, 513, " + INCORRECT_AMOUNT_OF_DATA
  })
  @Item(value = 50, section = "13.14", rule = AMOUNT)
  @Item(value = 50, section = "11.4.7.2", rule = AMOUNT)
  void unsolicitedDataIsAtMostFirstBurstAndWhatIsExpected(
      int expected, int immediate, int unsolicited, String outcome) {
    byte[] data = Patterns.bytes(expected + 512, 1);

    Exchange write =
        initiator
            .command(Cdbs.write10(LBA, expected / 512))
            .write(data)
            .expected(expected)
            .immediate(immediate)
            .unsolicited(unsolicited)
            .await();

    assertThat(write.outcome()).isEqualTo(outcome);
    if (outcome.equals("GOOD")) {
      assertWritten(Arrays.copyOf(data, expected));
    } else {
      assertNothingWritten();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Yes", "No"})
  @Item(value = 50, section = "13.11", rule = AGREED)
  void immediateDataIsRefusedWhenNotAgreed(String initialR2t) {
    loginAgain(login -> login.offer("ImmediateData", "No").offer("InitialR2T", initialR2t));

    Exchange write =
        initiator
            .command(Cdbs.write10(LBA, 2))
            .write(Patterns.bytes(1024, 4))
            .immediate(512)
            .unsolicited(0)
            .await();

    assertThat(write.outcome()).isEqualTo(UNEXPECTED_UNSOLICITED_DATA);
    assertNothingWritten();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Yes", "No"})
  @Item(value = 50, section = "13.10", rule = AGREED)
  void unsolicitedDataIsRefusedWhenNotAgreed(String immediateData) {
    loginAgain(login -> login.offer("InitialR2T", "Yes").offer("ImmediateData", immediateData));

    Exchange write =
        initiator
            .command(Cdbs.write10(LBA, 2))
            .write(Patterns.bytes(1024, 5))
            .immediate(0)
            .unsolicited(1024)
            .await();

    assertThat(write.outcome()).isEqualTo(UNEXPECTED_UNSOLICITED_DATA);
    assertThat(initiator.hasReject()).isFalse();
    assertNothingWritten();
  }

  // ---- the F bit -------------------------------------------------------------------------------

  @Test
  @Item(value = 51, section = "11.3.1", rule = FINAL)
  void dataFollowsOnlyACommandWithoutF() {
    Exchange write = solicited(Patterns.bytes(8192, 1));
    ReadyToTransferPdu r2t = write.awaitR2t(0);

    write.dataOut(NONE, 0, 0, 512, true);
    write.answer(r2t);

    assertThat(write.await().outcome()).isEqualTo(UNEXPECTED_UNSOLICITED_DATA);
    assertNothingWritten();
  }

  @Test
  @Item(value = 51, section = "11.3.1", rule = FINAL)
  void commandThatDoesNotWriteHasF() {
    initiator.command(Cdbs.read10(LBA, 1)).read(512).announceUnsolicited().send();

    assertThat(initiator.awaitReject()).isEqualTo(RejectReason.INVALID_PDU_FIELD.code());
    assertSessionGoesOn();
  }

  @Test
  @Item(value = 51, section = "11.3.1", rule = FINAL)
  void commandWithoutFIsRefusedWhenR2tComesFirst() {
    loginAgain(login -> login.offer("InitialR2T", "Yes"));
    Exchange write = announce(Patterns.bytes(8192, 1));

    assertThat(initiator.ping(new byte[4])).hasSize(4);
    assertThat(write.ended()).isFalse(); // what it announced is still to come
    write.dataOut(NONE, 0, 0, 512, true);

    assertThat(write.await().outcome()).isEqualTo(UNEXPECTED_UNSOLICITED_DATA);
    assertNothingWritten();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 512, 4096})
  @Item(value = 51, section = "11.7.1", rule = FINAL)
  void unsolicitedDataMayEndEarlyAndTheRestIsAskedFor(int sent) {
    byte[] data = Patterns.bytes(32_768, 8);
    Exchange write = announce(data);
    assertThat(initiator.ping(new byte[4])).hasSize(4);
    assertThat(write.r2ts()).isEmpty();

    write.dataOut(NONE, 0, 0, sent, true);

    ReadyToTransferPdu first = write.awaitR2t(0);
    assertThat(first.bufferOffset()).isEqualTo(sent);
    assertThat(first.desiredDataTransferLength()).isEqualTo(BURST);
    assertThat(write.answerR2ts().await().outcome()).isEqualTo("GOOD");
    assertWritten(data);
  }

  @Test
  @Item(value = 51, section = "11.7.1", rule = FINAL)
  void unsolicitedDataThatIsWholeWaitsForF() {
    byte[] data = Patterns.bytes(8192, 9);
    Exchange write = announce(data);
    write.dataOut(NONE, 0, 0, 8192, false);

    assertThat(initiator.ping(new byte[4])).hasSize(4);
    assertThat(write.ended()).isFalse();
    write.dataOut(NONE, 1, 8192, 0, true);

    assertThat(write.await().outcome()).isEqualTo("GOOD");
    assertWritten(data);
  }

  @Test
  @Item(value = 51, section = "11.7.1", rule = FINAL)
  void unsolicitedDataAfterFIsRefused() {
    Exchange write = announce(Patterns.bytes(8192, 10));
    write.dataOut(NONE, 0, 0, 512, true);
    ReadyToTransferPdu r2t = write.awaitR2t(0);

    write.dataOut(NONE, 1, 512, 512, true);
    write.answer(r2t);

    assertThat(write.await().outcome()).isEqualTo(UNEXPECTED_UNSOLICITED_DATA);
    assertNothingWritten();
  }

  @Test
  @Item(value = 51, section = "11.7.1", rule = FINAL)
  void sequenceThatEndsShortIsRefused() {
    Exchange write = solicited(Patterns.bytes(8192, 10));
    ReadyToTransferPdu r2t = write.awaitR2t(0);

    write.dataOut(r2t.targetTransferTag(), 0, 0, 4096, true);

    assertThat(write.await().outcome()).isEqualTo(INCORRECT_AMOUNT_OF_DATA);
    assertNothingWritten();
  }

  @Test
  @Item(value = 51, section = "11.7.1", rule = FINAL)
  void sequenceWithoutFIsRefused() {
    Exchange write = solicited(Patterns.bytes(8192, 11));
    ReadyToTransferPdu r2t = write.awaitR2t(0);

    write.dataOut(r2t.targetTransferTag(), 0, 0, 8192, false);
    assertThat(write.await().outcome()).isEqualTo(INCORRECT_AMOUNT_OF_DATA);

    write.dataOut(r2t.targetTransferTag(), 1, 8192, 0, true);
    assertThat(initiator.hasReject()).isFalse();
    assertNothingWritten();
  }

  @Test
  @Item(value = 51, section = "11.7.1", rule = FINAL)
  void sequenceThatDoesNotEndIsWaitedFor() {
    byte[] data = Patterns.bytes(32_768, 9);
    Exchange write = solicited(data);
    ReadyToTransferPdu r2t = write.awaitR2t(0);
    write.dataOut(r2t.targetTransferTag(), 0, 0, 8192, false);

    assertThat(initiator.ping(new byte[4])).hasSize(4);
    assertThat(write.ended()).isFalse();
    assertSame(disk.readBytes(OFFSET, 32_768), new byte[32_768]);
    write.dataOut(r2t.targetTransferTag(), 1, 8192, 8192, true);
    write.answer(write.awaitR2t(1));

    assertThat(write.await().outcome()).isEqualTo("GOOD");
    assertWritten(data);
  }

  // ---- R2T -------------------------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource({
    "512, 512",
    "15872, 15872",
    "16384, 16384",
    "16896, 16384 512",
    "32768, 16384 16384",
    "33280, 16384 16384 512"
  })
  @Item(value = 52, section = "11.8.4", rule = R2T)
  void everyR2tAsksForAtMostABurst(int length, String lengths) {
    byte[] data = Patterns.bytes(length, length);

    Exchange write = solicited(data).answerR2ts().await();

    assertThat(write.outcome()).isEqualTo("GOOD");
    assertThat(write.r2ts())
        .extracting(ReadyToTransferPdu::desiredDataTransferLength)
        .containsExactlyElementsOf(Stream.of(lengths.split(" ")).map(Integer::valueOf).toList());
    assertWritten(data);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 8})
  @Item(value = 52, section = "13.17", rule = R2T)
  void atMostSoManyR2tsAreOpen(int outstanding) {
    loginAgain(login -> login.offer("MaxOutstandingR2T", outstanding));
    byte[] data = Patterns.bytes(12 * BURST, outstanding);
    Exchange write = solicited(data);

    for (int answered = 0; answered < 12; answered++) {
      ReadyToTransferPdu oldest = write.awaitR2t(answered);
      assertThat(initiator.ping(new byte[4])).hasSize(4);
      assertThat(write.r2ts()).hasSize(Math.min(12, answered + outstanding));
      assertThat(oldest.r2tSn()).isEqualTo(answered);
      assertThat(oldest.bufferOffset()).isEqualTo(answered * BURST);
      write.answer(oldest);
    }

    assertThat(write.await().outcome()).isEqualTo("GOOD");
    assertThat(write.r2ts())
        .extracting(ReadyToTransferPdu::targetTransferTag)
        .doesNotHaveDuplicates();
    assertWritten(data);
  }

  @Test
  @Item(value = 52, section = "11.8.5", rule = R2T)
  void tagsOfR2tsAreUniqueAmongCommands() {
    byte[] data = Patterns.bytes(BURST, 1);
    Exchange first = solicited(data);
    Exchange second = solicited(data);
    Exchange third = solicited(data);

    assertThat(Stream.of(first, second, third).map(write -> write.awaitR2t(0).targetTransferTag()))
        .doesNotHaveDuplicates()
        .doesNotContain(NONE);
    for (Exchange write : new Exchange[] {third, first, second}) {
      assertThat(write.answerR2ts().await().outcome()).isEqualTo("GOOD");
    }
    assertWritten(data);
  }

  @Test
  @Item(value = 52, section = "11.8", rule = R2T)
  void bidirectionalWriteAsksForItsPart() {
    byte[] data = Patterns.bytes(2 * BURST, 3);

    Exchange write =
        initiator
            .command(Cdbs.write10(LBA, 2 * BURST / 512))
            .write(data)
            .alsoRead(4096)
            .immediate(512)
            .unsolicited(512)
            .await();

    assertThat(write.outcome()).isEqualTo("GOOD");
    assertThat(write.r2ts())
        .extracting(ReadyToTransferPdu::bufferOffset)
        .containsExactly(1024, 1024 + BURST);
    assertThat(write.residual()).isEqualTo("none");
    assertThat(write.bidirectionalReadResidual()).isEqualTo("underflow 4096");
    assertWritten(data);
  }

  // ---- what is wrong with a PDU ----------------------------------------------------------------

  @Test
  @Item(value = 53, section = "11.7.4", rule = CHECKED)
  void dataForAnUnknownTaskIsRejected() {
    DataOutPdu stray = new DataOutPdu(true, 0, 0, 0, 0x7777, NONE, initiator.expStatSn(), 0, 0);

    initiator.send(stray, new byte[512]);

    assertThat(initiator.awaitReject()).isEqualTo(RejectReason.INVALID_PDU_FIELD.code());
    assertNothingWritten();
  }

  @Test
  @Item(value = 53, section = "11.7.4", rule = CHECKED)
  void dataWithTheTaskTagOfAnotherWriteIsRefused() {
    byte[] data = Patterns.bytes(8192, 1);
    Exchange first = solicited(data);
    ReadyToTransferPdu firstR2t = first.awaitR2t(0);
    Exchange second = solicited(data);
    ReadyToTransferPdu secondR2t = second.awaitR2t(0);

    first.dataOut(secondR2t.targetTransferTag(), 0, 0, 8192, true);
    first.answer(firstR2t);

    assertThat(first.await().outcome()).isEqualTo(UNEXPECTED_UNSOLICITED_DATA);
    assertNothingWritten();
    assertThat(second.answerR2ts().await().outcome()).isEqualTo("GOOD");
    assertWritten(data);
  }

  @ParameterizedTest
  @ValueSource(ints = {512, 262_144}) // the latter goes to its place as it comes
  @Item(value = 53, section = "11.7.4", rule = CHECKED)
  void dataForAnotherUnitIsRejectedAndHarmsNobody(int length) {
    loginAgain(262_144, login -> {});
    byte[] data = Patterns.bytes(length, 2);
    Exchange write = solicited(data);
    ReadyToTransferPdu r2t = write.awaitR2t(0);

    initiator.send(
        new DataOutPdu(
            true,
            0,
            0,
            1L << 48,
            write.tag(),
            r2t.targetTransferTag(),
            initiator.expStatSn(),
            0,
            0),
        Patterns.bytes(length, 3));
    assertThat(initiator.awaitReject()).isEqualTo(RejectReason.INVALID_PDU_FIELD.code());
    assertThat(write.ended()).isFalse();

    assertThat(write.answerR2ts().await().outcome()).isEqualTo("GOOD");
    assertWritten(data);
    assertSame(other.readBytes(0, 1 << 20), new byte[1 << 20]);
  }

  @ParameterizedTest(name = "tag +{0}, DataSN {1}, offset {2}, {3} bytes, F {4}: {5}")
  @CsvSource({
    "1000, 0, 0, 512, false, " + UNEXPECTED_UNSOLICITED_DATA, // another Target Transfer Tag
    "0, 1, 0, 512, false, " + UNEXPECTED_UNSOLICITED_DATA, // DataSN does not begin with 0
    "0, -1, 0, 512, false, " + UNEXPECTED_UNSOLICITED_DATA,
    "0, 0, 512, 512, false, " + UNEXPECTED_UNSOLICITED_DATA, // not where the R2T begins
    "0, 0, -512, 512, false, " + UNEXPECTED_UNSOLICITED_DATA, // before the start
    "0, 0, 16384, 512, false, " + UNEXPECTED_UNSOLICITED_DATA, // in the sequence after
    "0, 0, 1048576, 512, false, " + UNEXPECTED_UNSOLICITED_DATA, // past the end
    "0, 0, -2147483648, 512, false, " + UNEXPECTED_UNSOLICITED_DATA,
    "0, 0, 2147483647, 512, false, " + UNEXPECTED_UNSOLICITED_DATA,
    "0, 0, 0, 16896, true, " + INCORRECT_AMOUNT_OF_DATA, // past the end of the sequence
    "0, 0, 0, 16385, true, " + INCORRECT_AMOUNT_OF_DATA,
    "0, 0, 0, 32768, false, " + INCORRECT_AMOUNT_OF_DATA
  })
  @Item(value = 53, section = "11.7", rule = CHECKED)
  void dataOutsideItsSequenceIsRefused(
      int tagOffset, int dataSn, int offset, int length, boolean last, String outcome) {
    loginAgain(login -> login.offer("MaxOutstandingR2T", 1));
    Exchange write = solicited(Patterns.bytes(2 * BURST, 12));
    ReadyToTransferPdu r2t = write.awaitR2t(0);

    int tag = r2t.targetTransferTag() + tagOffset;
    initiator.send(write.dataOutPdu(tag, dataSn, offset, last), Patterns.bytes(length, 13));

    // what was asked for is on its way, and no reason for a Reject
    write.answer(r2t);
    assertThat(write.await().outcome()).isEqualTo(outcome);
    assertThat(initiator.ping(new byte[4])).hasSize(4);
    assertThat(initiator.hasReject()).isFalse();
    assertNothingWritten();
  }

  @ParameterizedTest(name = "DataSN {0}, offset {1}, {2} bytes")
  @CsvSource({
    "1, 1024, 512", // a hole
    "1, 0, 512", // again
    "0, 512, 512",
    "2, 512, 512",
    "1, -512, 512",
    "1, 1048576, 512"
  })
  @Item(value = 53, section = "11.7.5", rule = CHECKED)
  void unsolicitedDataOutOfOrderIsRefused(int dataSn, int offset, int length) {
    Exchange write = announce(Patterns.bytes(8192, 6));
    write.dataOut(NONE, 0, 0, 512, false);

    initiator.send(write.dataOutPdu(NONE, dataSn, offset, true), new byte[length]);

    assertThat(write.await().outcome()).isEqualTo(UNEXPECTED_UNSOLICITED_DATA);
    assertNothingWritten();
  }

  @Test
  @Item(value = 53, section = "11.7.6", rule = CHECKED)
  void dataPastTheExpectedLengthIsRefused() {
    byte[] data = Patterns.bytes(1024, 3);
    Exchange write =
        initiator
            .command(Cdbs.write10(LBA, 2))
            .write(data)
            .expected(512)
            .immediate(0)
            .unsolicited(0)
            .leaveR2t()
            .send();
    ReadyToTransferPdu r2t = write.awaitR2t(0);
    assertThat(r2t.desiredDataTransferLength()).isEqualTo(512);

    write.dataOut(r2t.targetTransferTag(), 0, 0, 1024, true);

    assertThat(write.await().outcome()).isEqualTo(INCORRECT_AMOUNT_OF_DATA);
    assertNothingWritten();
  }

  @Test
  @Item(value = 53, section = "11.17.1", rule = CHECKED)
  void refusedWriteTakesWhatIsOnItsWayBeforeItIsAnswered() {
    Exchange write = solicited(Patterns.bytes(32_768, 14));
    ReadyToTransferPdu first = write.awaitR2t(0);
    ReadyToTransferPdu second = write.awaitR2t(1);
    write.dataOut(first.targetTransferTag(), 7, 0, 512, false);

    assertThat(initiator.ping(new byte[4])).hasSize(4);
    assertThat(write.ended()).isFalse();
    write.dataOut(first.targetTransferTag(), 8, 512, 512, true);
    assertThat(initiator.ping(new byte[4])).hasSize(4);
    assertThat(write.ended()).isFalse();
    write.answer(second);

    assertThat(write.await().outcome()).isEqualTo(UNEXPECTED_UNSOLICITED_DATA);
    assertThat(write.r2ts()).hasSize(2);
    assertThat(initiator.hasReject()).isFalse();
    assertNothingWritten();
  }

  @Test
  @Item(value = 53, section = "11.17.1", rule = CHECKED)
  void refusedWriteWaitsForTheEndOfUnsolicitedData() {
    Exchange write = announce(Patterns.bytes(8192, 19));
    write.dataOut(NONE, 7, 0, 512, false);

    // the initiator may use the tag for another command as soon as it has the answer
    assertThat(initiator.ping(new byte[4])).hasSize(4);
    assertThat(write.ended()).isFalse();
    write.dataOut(NONE, 8, 512, 512, true);

    assertThat(write.await().outcome()).isEqualTo(UNEXPECTED_UNSOLICITED_DATA);
    assertNothingWritten();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Item(value = 53, section = "11.17.1", rule = CHECKED)
  void refusedWriteWhoseDataNeverEndsCanBeAborted(boolean asked) {
    byte[] data = Patterns.bytes(8192, 20);
    Exchange write = asked ? solicited(data) : announce(data);
    int tag = asked ? write.awaitR2t(0).targetTransferTag() : NONE;
    write.dataOut(tag, 7, 0, 512, false);

    assertThat(initiator.abort(write)).isZero();

    write.dataOut(tag, 8, 512, 512, true);
    assertNothingWritten();
    assertThat(initiator.hasReject()).isFalse();
  }

  @Test
  @Item(value = 53, section = "11.4.2", rule = CHECKED)
  void dataOfARefusedCommandIsTakenBeforeTheAnswer() {
    // beyond the last block, so it is refused at once; its unsolicited data comes all the same
    Exchange write =
        initiator
            .command(Cdbs.write10(TestServer.DISK_SIZE / 512 - 1, 16))
            .write(Patterns.bytes(8192, 15))
            .immediate(512)
            .unsolicited(7680)
            .await();

    assertThat(write.outcome()).isEqualTo("CHECK CONDITION 5/21/00");
    assertThat(initiator.hasReject()).isFalse();
    assertNothingWritten();
  }

  // ---- order -----------------------------------------------------------------------------------

  private void loginWithOrder(String ofPdus, String ofSequences) {
    loginAgain(
        1 << 20,
        login ->
            login
                .offer("InitialR2T", "No")
                .offer("MaxOutstandingR2T", 4)
                .offer("DataPDUInOrder", ofPdus)
                .offer("DataSequenceInOrder", ofSequences));
  }

  @Test
  @Item(value = 54, section = "13.18", rule = ORDER)
  void pdusInAnyOrderAreRefusedWhenNotAgreed() {
    loginWithOrder("Yes", "No");
    Exchange write = solicited(Patterns.bytes(8192, 1));
    int tag = write.awaitR2t(0).targetTransferTag();

    write.dataOut(tag, 0, 4096, 4096, false);
    write.dataOut(tag, 1, 0, 4096, true);

    assertThat(write.await().outcome()).isEqualTo(UNEXPECTED_UNSOLICITED_DATA);
    assertNothingWritten();
  }

  @Test
  @Item(value = 54, section = "13.19", rule = ORDER)
  void sequencesInAnyOrderAreRefusedWhenNotAgreed() {
    loginWithOrder("No", "Yes");
    Exchange write = solicited(Patterns.bytes(2 << 20, 1));
    ReadyToTransferPdu first = write.awaitR2t(0);
    ReadyToTransferPdu second = write.awaitR2t(1);

    write.answer(second);
    write.answer(first);

    assertThat(write.await().outcome()).isEqualTo(UNEXPECTED_UNSOLICITED_DATA);
    assertNothingWritten();
  }

  @ParameterizedTest
  @ValueSource(ints = {512, 4096, 131_072}) // the last go to their place as they come
  @Item(value = 54, section = "13.18", rule = ORDER)
  void pdusOfASequenceMayComeBackwards(int piece) {
    loginWithOrder("No", "Yes");
    byte[] data = Patterns.bytes(8 * piece, piece);
    Exchange write = solicited(data);
    int tag = write.awaitR2t(0).targetTransferTag();

    for (int i = 0; i < 8; i++) {
      write.dataOut(tag, i, (7 - i) * piece, piece, i == 7);
    }

    assertThat(write.await().outcome()).isEqualTo("GOOD");
    assertWritten(data);
  }

  @Test
  @Item(value = 54, section = "13.18", rule = ORDER)
  void pdusOfASequenceMayOverlap() {
    loginWithOrder("No", "Yes");
    byte[] data = Patterns.bytes(131_072, 2);
    Exchange write = solicited(data);
    int tag = write.awaitR2t(0).targetTransferTag();

    write.dataOut(tag, 0, 65_536, 1024, false);
    write.dataOut(tag, 1, 0, 131_072, false);
    assertThat(initiator.ping(new byte[4])).hasSize(4);
    assertThat(write.ended()).isFalse(); // F has not come
    write.dataOut(tag, 2, 1000, 100_000, true);

    assertThat(write.await().outcome()).isEqualTo("GOOD");
    assertWritten(data);
  }

  @Test
  @Item(value = 54, section = "13.18", rule = ORDER)
  void sequenceThatEndsWithAHoleIsRefused() {
    loginWithOrder("No", "No");
    Exchange write = solicited(Patterns.bytes(8192, 3));
    int tag = write.awaitR2t(0).targetTransferTag();

    write.dataOut(tag, 0, 4096, 4096, false);
    write.dataOut(tag, 1, 0, 4095, true);

    assertThat(write.await().outcome()).isEqualTo(INCORRECT_AMOUNT_OF_DATA);
    assertNothingWritten();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2, 7})
  @Item(value = 54, section = "11.7.5", rule = ORDER)
  void dataSnCountsInTheOrderOfSending(int dataSn) {
    loginWithOrder("No", "No");
    Exchange write = solicited(Patterns.bytes(8192, 3));
    int tag = write.awaitR2t(0).targetTransferTag();

    write.dataOut(tag, 0, 4096, 4096, false);
    write.dataOut(tag, dataSn, 0, 4096, true);

    assertThat(write.await().outcome()).isEqualTo(UNEXPECTED_UNSOLICITED_DATA);
    assertNothingWritten();
  }

  @ParameterizedTest(name = "tag +{0}, offset {1}, {2} bytes")
  @CsvSource({
    "0, 1048576, 512",
    "0, 1048000, 1024",
    "0, -512, 512",
    "9, 0, 512",
    "0, 2147483647, 1"
  })
  @Item(value = 54, section = "13.18", rule = ORDER)
  void pduOfNoSequenceIsRefusedInAnyOrder(int tagOffset, int offset, int length) {
    loginWithOrder("No", "No");
    Exchange write = solicited(Patterns.bytes(2 << 20, 3));
    ReadyToTransferPdu first = write.awaitR2t(0);
    ReadyToTransferPdu second = write.awaitR2t(1);
    write.dataOut(first.targetTransferTag(), 0, 4096, 4096, false);

    int tag = first.targetTransferTag() + tagOffset;
    initiator.send(write.dataOutPdu(tag, 1, offset, false), new byte[length]);
    write.answer(first);
    write.answer(second);

    assertThat(write.await().outcome()).startsWith("CHECK CONDITION b/0c/0");
    assertNothingWritten();
  }

  @Test
  @Item(value = 54, section = "13.18", rule = ORDER)
  void unsolicitedPdusMayComeInAnyOrder() {
    loginWithOrder("No", "Yes");
    byte[] data = Patterns.bytes(16_384, 4);
    Exchange write =
        initiator
            .command(Cdbs.write10(LBA, 32))
            .write(data)
            .immediate(1024)
            .announceUnsolicited()
            .send();

    write.dataOut(NONE, 0, 4096, 2048, false);
    write.dataOut(NONE, 1, 6144, 2048, false);
    write.dataOut(NONE, 2, 1024, 3072, true);

    assertThat(write.await().outcome()).isEqualTo("GOOD");
    assertThat(write.r2ts()).extracting(ReadyToTransferPdu::bufferOffset).containsExactly(8192);
    assertWritten(data);
  }

  @Test
  @Item(value = 54, section = "13.18", rule = ORDER)
  void unsolicitedPdusWithAHoleAreRefused() {
    loginWithOrder("No", "Yes");
    Exchange write = announce(Patterns.bytes(16_384, 4));

    write.dataOut(NONE, 0, 4096, 4096, false);
    write.dataOut(NONE, 1, 0, 4000, true);

    assertThat(write.await().outcome()).isEqualTo(INCORRECT_AMOUNT_OF_DATA);
    assertNothingWritten();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Yes", "No"})
  @Item(value = 54, section = "13.19", rule = ORDER)
  void sequencesMayComeInAnyOrder(String ofPdus) {
    loginWithOrder(ofPdus, "No");
    byte[] data = Patterns.bytes(5 << 20, 5);
    Exchange write = solicited(data);

    write.answer(write.awaitR2t(3));
    write.answer(write.awaitR2t(1));
    write.answer(write.awaitR2t(4));
    write.answer(write.awaitR2t(0));
    write.answer(write.awaitR2t(2));

    assertThat(write.await().outcome()).isEqualTo("GOOD");
    assertWritten(data);
  }

  @Test
  @Item(value = 54, section = "13.19", rule = ORDER)
  void pdusOfSeveralSequencesMayAlternate() {
    loginWithOrder("No", "No");
    byte[] data = Patterns.bytes(2 << 20, 6);
    Exchange write = solicited(data);
    int first = write.awaitR2t(0).targetTransferTag();
    int second = write.awaitR2t(1).targetTransferTag();

    int piece = 131_072;
    for (int i = 0; i < 8; i++) {
      write.dataOut(second, i, (15 - i) * piece, piece, i == 7);
      write.dataOut(first, i, (i ^ 1) * piece, piece, i == 7);
    }

    assertThat(write.await().outcome()).isEqualTo("GOOD");
    assertWritten(data);
  }

  // ---- expected length and CDB -----------------------------------------------------------------

  @ParameterizedTest(
      name = "{0} bytes by the CDB, {1} expected, {2} immediate, {3} unsolicited: {4}")
  @CsvSource({
    "1024, 8192, 0, 0, underflow 7168",
    "1024, 8192, 8192, 0, underflow 7168",
    "1024, 8192, 0, 8192, underflow 7168",
    "1024, 8192, 512, 7680, underflow 7168",
    "1024, 8192, 1024, 7168, underflow 7168",
    "1024, 8192, 0, 512, underflow 7168",
    "32768, 40960, 0, 0, underflow 8192",
    "32768, 40960, 4096, 4096, underflow 8192",
    "8192, 1024, 0, 0, overflow 7168",
    "8192, 1024, 1024, 0, overflow 7168",
    "8192, 1024, 0, 1024, overflow 7168",
    "8192, 1024, 512, 0, overflow 7168",
    "0, 1024, 0, 0, underflow 1024",
    "0, 1024, 512, 512, underflow 1024",
    "1024, 0, 0, 0, overflow 1024",
    "0, 0, 0, 0, none"
  })
  @Item(value = 57, section = "11.4.5", rule = LENGTHS)
  void onlyWhatBothSidesMeanIsMoved(
      int byCdb, int expected, int immediate, int unsolicited, String residual) {
    byte[] data = Patterns.bytes(expected, 7);

    Exchange write =
        initiator
            .command(Cdbs.write10(LBA, byCdb / 512))
            .write(data)
            .immediate(immediate)
            .unsolicited(unsolicited)
            .await();

    assertThat(write.outcome()).isEqualTo("GOOD");
    assertThat(write.residual()).isEqualTo(residual);
    int moved = Math.min(byCdb, expected);
    int asked = write.r2ts().stream().mapToInt(ReadyToTransferPdu::desiredDataTransferLength).sum();
    assertThat(asked).isEqualTo(Math.max(0, moved - immediate - unsolicited));
    assertWritten(Arrays.copyOf(data, moved));
    assertSessionGoesOn();
  }

  @Test
  @Item(value = 57, section = "11.4.5", rule = LENGTHS)
  void commandThatMovesNothingByItsFlagsDoesNotStall() {
    Exchange write = initiator.command(Cdbs.write10(LBA, 2)).await();
    Exchange read = initiator.command(Cdbs.read10(LBA, 2)).await();

    assertThat(write.residual()).isEqualTo("overflow 1024");
    assertThat(write.r2ts()).isEmpty();
    assertThat(read.residual()).isEqualTo("overflow 1024");
    assertNothingWritten();
  }

  @Test
  @Item(value = 57, section = "11.4.5", rule = LENGTHS)
  void writeThatIsAnnouncedAsAReadDoesNotStall() {
    Exchange write = initiator.command(Cdbs.write10(LBA, 2)).read(1024).await();

    assertThat(write.residual()).isEqualTo("underflow 1024");
    assertNothingWritten();
  }
}

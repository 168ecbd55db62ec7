package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.target.fixture.Patterns.assertSame;

import java.util.Arrays;
import org.iscsi4j.protocol.DataOutPdu;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.protocol.ReadyToTransferPdu;
import org.iscsi4j.protocol.RejectReason;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.Exchange;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Write data that is not what was agreed (RFC 7143 sections 11.4.7.2, 11.7 and 13.10 to 13.14). */
class WriteDataTest {

  private static final String UNEXPECTED_UNSOLICITED_DATA = "CHECK CONDITION b/0c/0c";
  private static final String INCORRECT_AMOUNT_OF_DATA = "CHECK CONDITION b/0c/0d";
  private static final int LBA = 64;
  private static final int OFFSET = LBA * 512;

  private TestServer server;
  private ScriptedInitiator initiator;

  @BeforeEach
  void start() {
    server = TestServer.start(settings -> settings.eventLoops(1));
    initiator =
        server.login(
            login ->
                login
                    .offer("InitialR2T", "No")
                    .offer("FirstBurstLength", 8192)
                    .offer("MaxBurstLength", 16_384)
                    .offer("MaxOutstandingR2T", 2));
  }

  @AfterEach
  void stop() {
    initiator.close();
    server.close();
  }

  /** Whatever happened, the disk is as it was and the session goes on. */
  private void assertNothingWritten() {
    assertSame(server.disk().readBytes(OFFSET, 65_536), new byte[65_536]);
    byte[] data = Patterns.bytes(32_768, 99);
    initiator.write(2048, data);
    assertSame(initiator.read(2048, 64), data);
  }

  private Exchange solicited(byte[] data) {
    return solicited(LBA, data);
  }

  /** A write of which nothing is sent unless asked for, and then by the test. */
  private Exchange solicited(int lba, byte[] data) {
    return initiator
        .command(Cdbs.write10(lba, data.length / 512))
        .write(data)
        .immediate(0)
        .unsolicited(0)
        .leaveR2t()
        .send();
  }

  // ---- unsolicited data ----------------------------------------------------------------------

  @Test
  void immediateDataBeyondFirstBurstIsRefused() {
    byte[] data = Patterns.bytes(8192 + 512, 1);

    Exchange write =
        initiator.command(Cdbs.write10(LBA, 17)).write(data).immediate(8704).unsolicited(0).await();

    assertThat(write.outcome()).isEqualTo(INCORRECT_AMOUNT_OF_DATA);
    assertNothingWritten();
  }

  @Test
  void unsolicitedDataBeyondFirstBurstIsRefused() {
    byte[] data = Patterns.bytes(16_384, 2);

    Exchange write =
        initiator
            .command(Cdbs.write10(LBA, 32))
            .write(data)
            .immediate(4096)
            .unsolicited(4608)
            .await();

    assertThat(write.outcome()).isEqualTo(INCORRECT_AMOUNT_OF_DATA);
    assertNothingWritten();
  }

  @Test
  void immediateDataBeyondTheExpectedLengthIsRefused() {
    byte[] data = Patterns.bytes(1024, 3);

    Exchange write =
        initiator
            .command(Cdbs.write10(LBA, 2))
            .write(data)
            .expected(512)
            .immediate(1024)
            .unsolicited(0)
            .await();

    assertThat(write.outcome()).isEqualTo(INCORRECT_AMOUNT_OF_DATA);
    assertNothingWritten();
  }

  @Test
  void immediateDataIsRefusedWhenNotAgreed() {
    initiator.close();
    initiator = server.login(login -> login.offer("ImmediateData", "No"));

    Exchange write =
        initiator
            .command(Cdbs.write10(LBA, 1))
            .write(Patterns.bytes(512, 4))
            .immediate(512)
            .await();

    assertThat(write.outcome()).isEqualTo(UNEXPECTED_UNSOLICITED_DATA);
    assertNothingWritten();
  }

  @Test
  void unsolicitedDataIsRefusedWhenNotAgreed() {
    initiator.close();
    initiator = server.login(login -> login.offer("InitialR2T", "Yes"));

    Exchange write =
        initiator
            .command(Cdbs.write10(LBA, 2))
            .write(Patterns.bytes(1024, 5))
            .immediate(0)
            .unsolicited(1024)
            .await();

    assertThat(write.outcome()).isEqualTo(UNEXPECTED_UNSOLICITED_DATA);
    assertNothingWritten();
  }

  @Test
  void unsolicitedDataAtTheWrongOffsetIsRefused() {
    byte[] data = Patterns.bytes(8192, 6);
    Exchange write = announce(data);

    write.dataOut(Pdu.RESERVED_TAG, 0, 512, 512, true);

    assertThat(write.await().outcome()).isEqualTo(UNEXPECTED_UNSOLICITED_DATA);
    assertNothingWritten();
  }

  @Test
  void unsolicitedDataWithAGapInDataSnIsRefused() {
    byte[] data = Patterns.bytes(8192, 7);
    Exchange write = announce(data);

    write.dataOut(Pdu.RESERVED_TAG, 0, 0, 512, false);
    write.dataOut(Pdu.RESERVED_TAG, 2, 512, 512, true);

    assertThat(write.await().outcome()).isEqualTo(UNEXPECTED_UNSOLICITED_DATA);
    assertNothingWritten();
  }

  @Test
  void unsolicitedDataMayEndEarlyAndTheRestIsAskedFor() {
    byte[] data = Patterns.bytes(32_768, 8);
    Exchange write = announce(data);

    write.dataOut(Pdu.RESERVED_TAG, 0, 0, 512, true);
    // RFC 7143 section 11.8.4: the target asks for what is missing, from where it is missing
    ReadyToTransferPdu first = initiator.receive().as(ReadyToTransferPdu.class);

    assertThat(first.bufferOffset()).isEqualTo(512);
    assertThat(first.desiredDataTransferLength()).isEqualTo(16_384);
    assertThat(initiator.ping(new byte[4])).hasSize(4);
    assertThat(write.ended()).isFalse();
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

  // ---- solicited data ------------------------------------------------------------------------

  @Test
  void writeWaitsForDataThatNobodySends() {
    byte[] data = Patterns.bytes(32_768, 9);
    Exchange write = solicited(data);
    ReadyToTransferPdu r2t = write.awaitR2t(0);
    write.dataOut(r2t.targetTransferTag(), 0, 0, 8192, false);

    assertThat(initiator.ping(new byte[4])).hasSize(4);
    assertThat(write.ended()).isFalse();
    assertSame(server.disk().readBytes(OFFSET, 32_768), new byte[32_768]);
    write.dataOut(r2t.targetTransferTag(), 1, 8192, 8192, true);
    write.answer(write.awaitR2t(1));
    assertThat(write.await().outcome()).isEqualTo("GOOD");
    assertSame(server.disk().readBytes(OFFSET, 32_768), data);
  }

  @Test
  void shortFinalDataIsRefused() {
    byte[] data = Patterns.bytes(8192, 10);
    Exchange write = solicited(data);
    ReadyToTransferPdu r2t = write.awaitR2t(0);

    write.dataOut(r2t.targetTransferTag(), 0, 0, 4096, true);

    assertThat(write.await().outcome()).isEqualTo(INCORRECT_AMOUNT_OF_DATA);
    assertNothingWritten();
  }

  @Test
  void missingFinalBitIsRefused() {
    byte[] data = Patterns.bytes(8192, 11);
    Exchange write = solicited(data);
    ReadyToTransferPdu r2t = write.awaitR2t(0);

    write.dataOut(r2t.targetTransferTag(), 0, 0, 8192, false);
    write.dataOut(r2t.targetTransferTag(), 1, 8192, 0, true);

    assertThat(write.await().outcome()).isEqualTo(INCORRECT_AMOUNT_OF_DATA);
    assertNothingWritten();
  }

  @ParameterizedTest(name = "tag +{0}, DataSN {1}, offset {2}")
  @CsvSource({
    "1000, 0, 0", // another Target Transfer Tag
    "0, 1, 0", // DataSN does not begin with 0
    "0, 0, 512", // not where the R2T begins
    "0, 0, -512", // before the start
    "0, 0, 1048576" // past the end
  })
  void dataOutsideItsSequenceIsRefused(int tagOffset, int dataSn, int offset) {
    byte[] data = Patterns.bytes(8192, 12);
    Exchange write = solicited(data);
    ReadyToTransferPdu r2t = write.awaitR2t(0);

    DataOutPdu wrong = write.dataOutPdu(r2t.targetTransferTag() + tagOffset, dataSn, offset, false);
    initiator.send(wrong, new byte[512]);

    // what was asked for is on its way, and no reason for a Reject
    write.answer(r2t);
    assertThat(write.await().outcome()).isEqualTo(UNEXPECTED_UNSOLICITED_DATA);
    assertNothingWritten();
  }

  @Test
  void dataPastTheEndOfItsSequenceIsRefused() {
    byte[] data = Patterns.bytes(32_768, 13);
    Exchange write = solicited(data);
    ReadyToTransferPdu r2t = write.awaitR2t(0);

    write.dataOut(r2t.targetTransferTag(), 0, 0, 16_384 + 512, true);
    write.answer(write.awaitR2t(1));

    assertThat(write.await().outcome()).isEqualTo(INCORRECT_AMOUNT_OF_DATA);
    assertNothingWritten();
  }

  @Test
  void dataOfARefusedWriteIsSwallowed() {
    byte[] data = Patterns.bytes(32_768, 14);
    Exchange write = solicited(data);
    ReadyToTransferPdu first = write.awaitR2t(0);
    ReadyToTransferPdu second = write.awaitR2t(1);
    write.dataOut(first.targetTransferTag(), 7, 0, 512, false);

    // what is under way already is no reason for a Reject (RFC 7143 section 7.3)
    write.dataOut(first.targetTransferTag(), 8, 512, 512, true);
    write.answer(second);

    assertThat(write.await().outcome()).isEqualTo(UNEXPECTED_UNSOLICITED_DATA);
    assertThat(write.r2ts()).hasSize(2);
    assertThat(initiator.hasReject()).isFalse();
    assertNothingWritten();
  }

  @Test
  void refusedWriteDoesNotWaitForWhatWasAskedFor() {
    byte[] data = Patterns.bytes(8192, 18);
    Exchange write = solicited(data);
    ReadyToTransferPdu r2t = write.awaitR2t(0);

    write.dataOut(r2t.targetTransferTag(), 7, 0, 512, false);

    assertThat(write.await().outcome()).isEqualTo(UNEXPECTED_UNSOLICITED_DATA);
    assertNothingWritten();
  }

  @Test
  void refusedWriteWaitsForTheEndOfUnsolicitedData() {
    byte[] data = Patterns.bytes(8192, 19);
    Exchange write = announce(data);
    write.dataOut(Pdu.RESERVED_TAG, 7, 0, 512, false);

    // the initiator may use the tag for another command as soon as it has the answer
    assertThat(initiator.ping(new byte[4])).hasSize(4);
    assertThat(write.ended()).isFalse();
    write.dataOut(Pdu.RESERVED_TAG, 8, 512, 512, true);

    assertThat(write.await().outcome()).isEqualTo(UNEXPECTED_UNSOLICITED_DATA);
    assertNothingWritten();
  }

  @Test
  void refusedWriteWhoseDataNeverEndsCanBeAborted() {
    Exchange write = announce(Patterns.bytes(8192, 20));
    write.dataOut(Pdu.RESERVED_TAG, 7, 0, 512, false);

    assertThat(initiator.abort(write)).isZero();

    write.dataOut(Pdu.RESERVED_TAG, 8, 512, 512, true);
    assertNothingWritten();
  }

  @Test
  void dataForAnUnknownTaskIsRejected() {
    DataOutPdu stray =
        new DataOutPdu(true, 0, 0, 0, 0x7777, Pdu.RESERVED_TAG, initiator.expStatSn(), 0, 0);

    initiator.send(stray, new byte[512]);

    assertThat(initiator.awaitReject()).isEqualTo(RejectReason.INVALID_PDU_FIELD.code());
    assertNothingWritten();
  }

  @Test
  void dataForARefusedCommandIsSwallowedBeforeTheAnswer() {
    byte[] data = Patterns.bytes(8192, 15);

    // beyond the last block, so it is refused at once; its unsolicited data comes all the same
    Exchange write =
        initiator
            .command(Cdbs.write10(TestServer.DISK_SIZE / 512 - 1, 16))
            .write(data)
            .immediate(512)
            .unsolicited(7680)
            .await();

    assertThat(write.outcome()).isEqualTo("CHECK CONDITION 5/21/00");
    assertNothingWritten();
  }

  // ---- room for data ---------------------------------------------------------------------------

  @Test
  void writesThatWaitForRoomGetItInTheEnd() {
    initiator.close();
    int firstBurst = 4 << 20;
    server.close();
    server =
        TestServer.start(
            settings ->
                settings.eventLoops(1).firstBurstLength(firstBurst).maxBurstLength(8 << 20));
    initiator =
        server.login(
            login ->
                login
                    .offer("InitialR2T", "No")
                    .offer("FirstBurstLength", firstBurst)
                    .offer("MaxBurstLength", 8 << 20));
    byte[] large = Patterns.bytes(16 << 20, 16);
    byte[] medium = Arrays.copyOf(large, 8 << 20);
    Exchange[] writes = new Exchange[10];
    for (int i = 0; i < writes.length; i++) {
      byte[] data = i < 2 ? large : medium;
      writes[i] =
          initiator
              .command(Cdbs.write10(0, data.length / 512))
              .write(data)
              .immediate(0)
              .unsolicited(i < 2 ? 0 : firstBurst)
              .send();
    }

    for (Exchange write : writes) {
      assertThat(write.await().outcome()).isEqualTo("GOOD");
    }
  }

  @Test
  void writeThatIsAbortedWhileItWaitsForRoomIsForgotten() {
    initiator.close();
    initiator = server.login(login -> login.offer("MaxOutstandingR2T", 2));
    byte[] large = Patterns.bytes(16 << 20, 17);
    byte[] small = Arrays.copyOf(large, 1 << 20);
    Exchange first = solicited(0, large);
    first.awaitR2t(0);
    Exchange ahead = solicited(98_304, small);
    Exchange waits = solicited(65_536, large);
    assertThat(initiator.ping(new byte[4])).hasSize(4);
    assertThat(waits.r2ts()).isEmpty();

    // data that nobody asked for is refused, and changes nothing
    initiator.send(waits.dataOutPdu(Pdu.RESERVED_TAG, 0, 0, true), new byte[512]);
    assertThat(initiator.awaitReject()).isEqualTo(RejectReason.INVALID_PDU_FIELD.code());
    assertThat(initiator.abort(waits)).isZero();
    Exchange next = solicited(65_536, small);
    assertThat(first.answerR2ts().await().outcome()).isEqualTo("GOOD");

    assertThat(ahead.answerR2ts().await().outcome()).isEqualTo("GOOD");
    assertThat(next.answerR2ts().await().outcome()).isEqualTo("GOOD");
    assertSame(server.disk().readBytes(65_536L * 512, 1 << 20), small);
  }
}

package org.iscsi4j.target.rfc7143;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.target.fixture.Patterns.assertSame;

import java.util.Arrays;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.iscsi4j.protocol.DataOutPdu;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.protocol.ReadyToTransferPdu;
import org.iscsi4j.protocol.RejectReason;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.CommandScript;
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

/**
 * Write data that is lost on its way (RFC 7143 sections 7.8 and 11.8). Data digests are on, and the
 * error recovery level is 1 unless a test says otherwise.
 */
class DataOutRecoveryTest {

  private static final String RECOVERY = "an R2T may ask again for what was lost";
  private static final String DIGEST = "data digest error: Reject, and recovery or CHECK CONDITION";

  private static final String PROTOCOL_SERVICE_CRC_ERROR = "CHECK CONDITION b/47/05";
  private static final String UNEXPECTED_UNSOLICITED_DATA = "CHECK CONDITION b/0c/0c";
  private static final String INCORRECT_AMOUNT_OF_DATA = "CHECK CONDITION b/0c/0d";
  private static final int NONE = Pdu.RESERVED_TAG;
  private static final int BURST = 262_144; // by default

  /** More than a command gets. */
  private static final int MANY = 100;

  private TestServer server;
  private ScriptedInitiator initiator;

  @BeforeEach
  void start() {
    server =
        TestServer.start(
            settings ->
                settings
                    .eventLoops(1)
                    .maxOutstandingR2t(4)
                    .dataSequenceInOrder(false)
                    .errorRecoveryLevel(1));
    initiator = login(login -> login.offer("ErrorRecoveryLevel", 1));
  }

  @AfterEach
  void stop() {
    initiator.close();
    server.close();
  }

  private ScriptedInitiator login(Consumer<LoginScript> words) {
    return server.login(
        login -> {
          login
              .offer("DataDigest", "CRC32C")
              .offer("InitialR2T", "No")
              .offer("MaxOutstandingR2T", 4);
          words.accept(login);
        });
  }

  private void loginAgain(Consumer<LoginScript> words) {
    initiator.close();
    initiator = login(words);
  }

  private Exchange solicited(byte[] data) {
    return initiator
        .command(Cdbs.write10(0, data.length / 512))
        .write(data)
        .immediate(0)
        .unsolicited(0)
        .leaveR2t()
        .send();
  }

  private Exchange announce(byte[] data) {
    return initiator
        .command(Cdbs.write10(0, data.length / 512))
        .write(data)
        .immediate(0)
        .announceUnsolicited()
        .leaveR2t()
        .send();
  }

  /** Sends a Data-Out PDU whose data changes on its way, and waits for its Reject. */
  private void damaged(Exchange write, int tag, int dataSn, int offset, int length, boolean last) {
    DataOutPdu pdu = write.dataOutPdu(tag, dataSn, offset, last);
    byte[] bytes = initiator.bytes(pdu, Patterns.bytes(length, 666));
    bytes[Pdu.BHS_LENGTH + length / 2] ^= 0x10;
    initiator.sendRaw(pdu, bytes);
    if (last) {
      write.answered(tag);
    }
    assertThat(initiator.awaitReject()).isEqualTo(RejectReason.DATA_DIGEST_ERROR.code());
  }

  /** Checks which part of the data an R2T asks for. */
  private static ReadyToTransferPdu asks(ReadyToTransferPdu r2t, int number, int from, int length) {
    assertThat(r2t.r2tSn()).isEqualTo(number);
    assertThat(r2t.bufferOffset()).isEqualTo(from);
    assertThat(r2t.desiredDataTransferLength()).isEqualTo(length);
    return r2t;
  }

  private void assertWritten(Exchange write, byte[] data) {
    assertThat(write.await().outcome()).isEqualTo("GOOD");
    assertSame(server.disk().readBytes(0, data.length), data);
    assertThat(initiator.hasReject()).isFalse();
  }

  private void assertNothingWritten() {
    assertSame(server.disk().readBytes(0, 65_536), new byte[65_536]);
    byte[] data = Patterns.bytes(32_768, 99);
    initiator.write(2048, data);
    assertSame(initiator.read(2048, 64), data);
  }

  // ---- solicited data --------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(ints = {512, 65_536}) // the latter goes to its place as it comes
  @Item(value = 64, section = "7.8", rule = DIGEST)
  @Item(value = 52, section = "11.8", rule = RECOVERY)
  void damagedDataIsAskedForAgain(int piece) {
    byte[] data = Patterns.bytes(4 * piece, 1);
    Exchange write = solicited(data);
    int tag = write.awaitR2t(0).targetTransferTag();

    write.dataOut(tag, 0, 0, piece, false);
    damaged(write, tag, 1, piece, piece, false);
    assertThat(initiator.ping(new byte[4])).hasSize(4);
    assertThat(write.r2ts()).hasSize(1); // the sequence goes on, so no other may be open
    write.dataOut(tag, 2, 2 * piece, 2 * piece, true);

    ReadyToTransferPdu again = asks(write.awaitR2t(1), 1, piece, piece);
    assertThat(again.targetTransferTag()).isNotEqualTo(tag);
    write.answer(again);
    assertWritten(write, data);
  }

  @Test
  @Item(value = 64, section = "7.8", rule = DIGEST)
  void damagedLastDataIsAskedForAgain() {
    byte[] data = Patterns.bytes(BURST + 4096, 2);
    Exchange write = solicited(data);
    int tag = write.awaitR2t(0).targetTransferTag();

    write.dataOut(tag, 0, 0, BURST - 512, false);
    damaged(write, tag, 1, BURST - 512, 512, true);

    write.answer(asks(write.awaitR2t(1), 1, BURST - 512, 512));
    write.answer(asks(write.awaitR2t(2), 2, BURST, 4096));
    assertWritten(write, data);
  }

  @Test
  @Item(value = 64, section = "7.8", rule = DIGEST)
  void whatIsAskedForAgainMayBeDamagedAgain() {
    byte[] data = Patterns.bytes(8192, 3);
    Exchange write = solicited(data);

    for (int i = 0; i < 5; i++) {
      damaged(write, write.awaitR2t(i).targetTransferTag(), 0, 0, 8192, true);
    }

    write.answer(asks(write.awaitR2t(5), 5, 0, 8192));
    assertWritten(write, data);
  }

  @Test
  @Item(value = 64, section = "7.8", rule = DIGEST)
  void commandIsGivenUpInTheEnd() {
    Exchange write = solicited(Patterns.bytes(8192, 3));

    IntStream.range(0, MANY)
        .takeWhile(i -> !write.ended())
        .forEach(
            i -> {
              damaged(write, write.awaitR2t(i).targetTransferTag(), 0, 0, 8192, true);
              assertThat(initiator.ping(new byte[4])).hasSize(4);
            });

    assertThat(write.ended()).isTrue();
    assertThat(write.outcome()).isEqualTo(PROTOCOL_SERVICE_CRC_ERROR);
    assertThat(write.r2ts()).hasSizeLessThan(MANY);
    assertNothingWritten();
  }

  @Test
  @Item(value = 52, section = "11.8", rule = RECOVERY)
  void everyHoleThatDataSnShowsIsAskedFor() {
    byte[] data = Patterns.bytes(8192, 4);
    Exchange write = solicited(data);
    int tag = write.awaitR2t(0).targetTransferTag();

    write.dataOut(tag, 1, 512, 512, false);
    write.dataOut(tag, 4, 4096, 512, false);
    write.dataOut(tag, 6, 7680, 512, true);

    write.answer(asks(write.awaitR2t(1), 1, 0, 512));
    write.answer(asks(write.awaitR2t(2), 2, 1024, 3072));
    write.answer(asks(write.awaitR2t(3), 3, 4608, 3072));
    assertWritten(write, data);
  }

  @Test
  @Item(value = 52, section = "11.8", rule = RECOVERY)
  void endThatIsMissingIsAskedFor() {
    byte[] data = Patterns.bytes(8192, 5);
    Exchange write = solicited(data);

    write.dataOut(write.awaitR2t(0).targetTransferTag(), 0, 0, 4096, true);

    write.answer(asks(write.awaitR2t(1), 1, 4096, 4096));
    assertWritten(write, data);
  }

  @Test
  @Item(value = 52, section = "13.19", rule = RECOVERY)
  void oneR2tIsOpenWhenSequencesComeInOrder() {
    byte[] data = Patterns.bytes(3 * BURST, 6);
    Exchange write = solicited(data);
    ReadyToTransferPdu first = write.awaitR2t(0);

    assertThat(initiator.ping(new byte[4])).hasSize(4);
    assertThat(write.r2ts()).hasSize(1); // only the last R2T may be tried again

    damaged(write, first.targetTransferTag(), 0, 0, BURST, true);
    write.answer(asks(write.awaitR2t(1), 1, 0, BURST));
    write.answer(asks(write.awaitR2t(2), 2, BURST, BURST));
    write.answer(asks(write.awaitR2t(3), 3, 2 * BURST, BURST));
    assertWritten(write, data);
  }

  @Test
  @Item(value = 52, section = "13.19", rule = RECOVERY)
  void severalR2tsAreOpenWhenTheOrderOfSequencesIsFree() {
    loginAgain(login -> login.offer("ErrorRecoveryLevel", 1).offer("DataSequenceInOrder", "No"));
    byte[] data = Patterns.bytes(5 * BURST, 7);
    Exchange write = solicited(data);
    ReadyToTransferPdu fourth = write.awaitR2t(3);

    damaged(write, write.r2ts().get(0).targetTransferTag(), 0, 0, BURST, true);
    ReadyToTransferPdu again = asks(write.awaitR2t(4), 4, 0, BURST);
    write.answer(write.r2ts().get(1));
    write.answer(write.r2ts().get(2));
    write.answer(fourth);
    write.answer(again);
    write.answer(asks(write.awaitR2t(5), 5, 4 * BURST, BURST));

    assertWritten(write, data);
  }

  // ---- unsolicited data ------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  @Item(value = 64, section = "7.8", rule = DIGEST)
  void damagedUnsolicitedDataIsAskedForAgain(int which) {
    byte[] data = Patterns.bytes(16_384, which);
    Exchange write = announce(data);

    for (int i = 0; i < 3; i++) {
      if (i == which) {
        damaged(write, NONE, i, i * 4096, 4096, i == 2);
      } else {
        write.dataOut(NONE, i, i * 4096, 4096, i == 2);
      }
    }

    if (which < 2) {
      write.answer(asks(write.awaitR2t(0), 0, which * 4096, 4096));
      write.answer(asks(write.awaitR2t(1), 1, 12_288, 4096));
    } else {
      write.answer(asks(write.awaitR2t(0), 0, 8192, 8192));
    }
    assertWritten(write, data);
  }

  @Test
  @Item(value = 64, section = "7.8", rule = DIGEST)
  void damagedDataThatTheCommandDoesNotNeedIsNotAskedFor() {
    byte[] data = Patterns.bytes(16_384, 8);
    Exchange write =
        initiator
            .command(Cdbs.write10(0, 8))
            .write(data)
            .immediate(0)
            .announceUnsolicited()
            .leaveR2t()
            .send();

    write.dataOut(NONE, 0, 0, 4096, false);
    damaged(write, NONE, 1, 4096, 4096, false);
    assertThat(initiator.ping(new byte[4])).hasSize(4);
    assertThat(write.ended()).isFalse(); // F has not come (RFC 7143 section 11.4.2)
    write.dataOut(NONE, 2, 8192, 4096, true);

    assertWritten(write, Arrays.copyOf(data, 4096));
    assertThat(write.residual()).isEqualTo("underflow 12288");
  }

  @Test
  @Item(value = 64, section = "7.8", rule = DIGEST)
  void damagedDataOfARefusedCommandIsNotAskedFor() {
    Exchange write =
        initiator
            .command(Cdbs.write10(TestServer.DISK_SIZE / 512 - 1, 16))
            .write(Patterns.bytes(8192, 15))
            .immediate(0)
            .announceUnsolicited()
            .leaveR2t()
            .send();

    damaged(write, NONE, 0, 0, 4096, false);
    damaged(write, NONE, 1, 4096, 4096, true);

    assertThat(write.await().outcome()).isEqualTo("CHECK CONDITION 5/21/00");
    assertNothingWritten();
  }

  // ---- what is no loss -------------------------------------------------------------------------

  @Test
  @Item(value = 53, section = "11.7.5", rule = "Data-Out PDUs are checked")
  void dataSnThatComesTwiceIsRefused() {
    Exchange write = solicited(Patterns.bytes(8192, 9));
    int tag = write.awaitR2t(0).targetTransferTag();

    write.dataOut(tag, 0, 0, 4096, false);
    write.dataOut(tag, 0, 4096, 4096, true);

    assertThat(write.await().outcome()).isEqualTo(UNEXPECTED_UNSOLICITED_DATA);
    assertNothingWritten();
  }

  @Test
  @Item(value = 53, section = "11.7", rule = "Data-Out PDUs are checked")
  void dataBeyondItsSequenceIsRefused() {
    Exchange write = solicited(Patterns.bytes(2 * BURST, 9));
    int tag = write.awaitR2t(0).targetTransferTag();

    write.dataOut(tag, 0, BURST - 4096, 8192, true);
    assertThat(initiator.ping(new byte[4])).hasSize(4);

    assertThat(write.await().outcome()).isIn(UNEXPECTED_UNSOLICITED_DATA, INCORRECT_AMOUNT_OF_DATA);
    assertNothingWritten();
  }

  // ---- level 0 ---------------------------------------------------------------------------------

  @Test
  @Item(value = 64, section = "7.8", rule = DIGEST)
  void damagedDataEndsTheCommandWithoutRecovery() {
    loginAgain(login -> login.offer("MaxBurstLength", 4096));
    Exchange write = solicited(Patterns.bytes(8192, 10));
    int first = write.awaitR2t(0).targetTransferTag();
    ReadyToTransferPdu second = write.awaitR2t(1);

    damaged(write, first, 0, 0, 2048, false);
    write.dataOut(first, 1, 2048, 2048, true);
    assertThat(initiator.ping(new byte[4])).hasSize(4);
    assertThat(write.ended()).isFalse(); // every F that is due comes before the answer
    write.answer(second);

    assertThat(write.await().outcome()).isEqualTo(PROTOCOL_SERVICE_CRC_ERROR);
    assertThat(write.r2ts()).hasSize(2);
    assertNothingWritten();
  }

  // ---- immediate data ------------------------------------------------------------------------

  private CommandScript damagedImmediate(byte[] data) {
    return initiator
        .command(Cdbs.write10(0, data.length / 512))
        .write(data)
        .immediate(1024)
        .damage(Pdu.BHS_LENGTH + 100);
  }

  @Test
  @Item(value = 52, section = "11.8", rule = RECOVERY)
  @Item(value = 64, section = "7.8", rule = DIGEST)
  void immediateDataThatWasLostIsAskedFor() {
    byte[] data = Patterns.bytes(1024, 31);

    Exchange write = damagedImmediate(data).unsolicited(0).send();

    assertThat(initiator.awaitReject()).isEqualTo(RejectReason.DATA_DIGEST_ERROR.code());
    asks(write.awaitR2t(0), 0, 0, 1024);
    assertWritten(write, data);
  }

  @Test
  @Item(value = 52, section = "11.8", rule = RECOVERY)
  @Item(value = 64, section = "7.8", rule = DIGEST)
  void immediateDataThatWasLostIsAskedForWhenWhatFollowsItHasCome() {
    byte[] data = Patterns.bytes(8192, 32);

    Exchange write = damagedImmediate(data).unsolicited(2048).send();

    assertThat(initiator.awaitReject()).isEqualTo(RejectReason.DATA_DIGEST_ERROR.code());
    asks(write.awaitR2t(0), 0, 0, 1024);
    asks(write.awaitR2t(1), 1, 3072, 5120);
    assertWritten(write, data);
  }

  @Test
  @Item(value = 52, section = "11.8", rule = RECOVERY)
  @Item(value = 64, section = "7.8", rule = DIGEST)
  void immediateDataOfACommandThatCameEarlyIsAskedForInItsTurn() {
    byte[] data = Patterns.bytes(8192, 33);
    int first = initiator.takeCmdSn();

    Exchange write = damagedImmediate(data).unsolicited(2048).send();
    assertThat(initiator.awaitReject()).isEqualTo(RejectReason.DATA_DIGEST_ERROR.code());
    initiator.command(Cdbs.testUnitReady()).cmdSn(first).await();

    asks(write.awaitR2t(0), 0, 0, 1024);
    assertWritten(write, data);
  }
}

package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.TapeEngine.FIXED;
import static org.iscsi4j.scsi.TapeEngine.REWIND;
import static org.iscsi4j.scsi.TapeEngine.SILI;
import static org.iscsi4j.scsi.TapeEngine.bytes;
import static org.iscsi4j.scsi.TapeEngine.filemarks;
import static org.iscsi4j.scsi.TapeEngine.read;
import static org.iscsi4j.scsi.TapeEngine.write;

import java.io.IOException;
import java.util.HexFormat;
import org.iscsi4j.api.BlockDeviceException;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.PeripheralDeviceType;
import org.junit.jupiter.api.Test;

class TapeReadWriteTest {

  private static final Sense ILI = Sense.INCORRECT_LENGTH;

  private final TestDisk disk = TestDisk.ofBlocks(8192);
  private final TapeEngine tape = new TapeEngine(disk);

  private void check(ScsiResult result, Sense sense, byte[] data) {
    assertThat(result.sense()).isEqualTo(sense);
    assertThat(result.status()).isEqualTo(sense.isNone() ? Status.GOOD : Status.CHECK_CONDITION);
    assertThat(result.data()).isEqualTo(data);
  }

  // ---- one block of any length

  @Test
  void aBlockOfAnyLengthIsReadBack() {
    tape.record(1, 1);
    tape.record(2, 10_240);
    tape.record(3, 0xff_ffff >> 4);
    tape.good(REWIND);

    check(tape.execute(read(0, 1)), Sense.NONE, bytes(1, 1));
    check(tape.execute(read(0, 10_240)), Sense.NONE, bytes(2, 10_240));
    check(tape.execute(read(0, 0xff_ffff >> 4)), Sense.NONE, bytes(3, 0xff_ffff >> 4));
    assertThat(disk.offences).isEmpty();
  }

  @Test
  void aShorterBlockIsSentWithHowMuchWasMissing() {
    tape.record(1, 300);
    tape.record(2, 300);
    tape.good(REWIND);

    check(tape.execute(read(0, 1000)), ILI.withInformation(700), bytes(1, 300));
    check(tape.execute(read(0, 300)), Sense.NONE, bytes(2, 300));
  }

  @Test
  void aLongerBlockIsCutOffAndPassedWithHowMuchWasLeft() {
    tape.record(1, 1000);
    tape.record(2, 300);
    tape.good(REWIND);

    check(tape.execute(read(0, 300)), ILI.withInformation(-700), bytes(1, 300));
    check(tape.execute(read(0, 300)), Sense.NONE, bytes(2, 300));
  }

  @Test
  void suppressedIncorrectLengthsAreNotToldUnlessABlockLengthIsSelected() {
    tape.record(1, 300);
    tape.record(2, 3000);
    tape.good(REWIND);
    check(tape.execute(read(SILI, 1000)), Sense.NONE, bytes(1, 300));
    check(tape.execute(read(SILI, 1000)), Sense.NONE, bytes(2, 1000));

    tape.blockLength(512);
    tape.good(REWIND);
    check(tape.execute(read(SILI, 1000)), Sense.NONE, bytes(1, 300));
    check(tape.execute(read(SILI, 1000)), ILI.withInformation(-2000), bytes(2, 1000));
  }

  @Test
  void aFilemarkIsPassedAndTold() {
    tape.record(1, 300);
    tape.good(filemarks(1));
    tape.record(2, 300);
    tape.good(REWIND);
    tape.good(read(0, 300));

    check(tape.execute(read(0, 400)), Sense.FILEMARK_DETECTED.withInformation(400), bytes(0, 0));
    check(tape.execute(read(0, 300)), Sense.NONE, bytes(2, 300));
  }

  @Test
  void atTheEndOfDataNothingIsRead() {
    check(tape.execute(read(0, 400)), Sense.END_OF_DATA_DETECTED.withInformation(400), bytes(0, 0));
    tape.record(1, 300);

    check(tape.execute(read(0, 400)), Sense.END_OF_DATA_DETECTED.withInformation(400), bytes(0, 0));
    assertThat(tape.position()).isEqualTo(1);
  }

  @Test
  void nothingAskedForIsNothingDone() {
    tape.good(read(0, 0));
    tape.good(write(0, 0));

    assertThat(tape.position()).isZero();
    assertThat(disk.calls).isEmpty();
  }

  @Test
  void verifyReadsWithoutSending() {
    tape.record(1, 300);
    tape.good(filemarks(1));
    tape.good(REWIND);

    check(tape.execute(Cdbs.hex("13 00 00012c 00")), Sense.NONE, bytes(0, 0));
    check(
        tape.execute(Cdbs.hex("13 00 00012c 00")),
        Sense.FILEMARK_DETECTED.withInformation(300),
        bytes(0, 0));
  }

  // ---- blocks of one length

  @Test
  void blocksOfTheSelectedLengthAreReadHoweverTheyWereWritten() {
    tape.blockLength(500);
    assertThat(tape.execute(write(FIXED, 3), bytes(1, 1500)).status()).isEqualTo(Status.GOOD);
    tape.record(1, 500);
    assertThat(tape.execute(write(FIXED, 2), bytes(1, 1000)).status()).isEqualTo(Status.GOOD);
    assertThat(tape.position()).isEqualTo(6);
    tape.good(REWIND);

    check(tape.execute(read(FIXED, 2)), Sense.NONE, bytes(1, 1000));
    check(tape.execute(read(FIXED, 4)), Sense.NONE, bytes(1, 2000));
    assertThat(tape.position()).isEqualTo(6);
  }

  @Test
  void blocksUpToAFilemarkAreSentWithHowManyWereMissing() {
    tape.blockLength(500);
    tape.execute(write(FIXED, 3), bytes(1, 1500));
    tape.good(filemarks(1));
    tape.good(REWIND);

    check(
        tape.execute(read(FIXED, 10)), Sense.FILEMARK_DETECTED.withInformation(7), bytes(1, 1500));
    check(
        tape.execute(read(FIXED, 10)), Sense.END_OF_DATA_DETECTED.withInformation(10), bytes(0, 0));
    assertThat(tape.position()).isEqualTo(4);
  }

  @Test
  void aBlockOfAnotherLengthEndsTheReadAndIsPassed() {
    tape.blockLength(500);
    tape.execute(write(FIXED, 2), bytes(1, 1000));
    tape.record(2, 300);
    tape.execute(write(FIXED, 2), bytes(3, 1000));
    tape.good(REWIND);

    check(tape.execute(read(FIXED, 5)), ILI.withInformation(3), bytes(1, 1000));
    check(tape.execute(read(FIXED, 2)), Sense.NONE, bytes(3, 1000));
  }

  @Test
  void fixedBlocksNeedABlockLengthAndNoSuppression() {
    assertThat(tape.execute(read(FIXED, 1)).sense()).isEqualTo(Sense.invalidFieldInCdb(1, 0));
    assertThat(tape.execute(write(FIXED, 1), bytes(1, 512)).sense())
        .isEqualTo(Sense.invalidFieldInCdb(1, 0));
    tape.blockLength(512);
    assertThat(tape.execute(read(FIXED | SILI, 1)).sense())
        .isEqualTo(Sense.invalidFieldInCdb(1, 1));
    assertThat(tape.execute(read(FIXED, 0xff_ffff)).sense()).isEqualTo(Sense.invalidFieldInCdb(2));
    assertThat(tape.execute(write(FIXED, 0xff_ffff)).sense()).isEqualTo(Sense.invalidFieldInCdb(2));
  }

  // ---- sense data as initiators see them

  @Test
  void senseTellsFilemarkEndOfMediumAndIncorrectLengthInBothFormats() {
    HexFormat hex = HexFormat.of();
    assertThat(hex.formatHex(Sense.FILEMARK_DETECTED.withInformation(7).toBytes(false)))
        .isEqualTo("f000" + "80" + "00000007" + "0a00000000" + "0001" + "00000000");
    assertThat(hex.formatHex(ILI.withInformation(-700).toBytes(false)))
        .isEqualTo("f000" + "20" + "fffffd44" + "0a00000000" + "0000" + "00000000");
    assertThat(hex.formatHex(Sense.END_OF_MEDIUM_REACHED.withInformation(1).toBytes(false)))
        .isEqualTo("f000" + "4d" + "00000001" + "0a00000000" + "0002" + "00000000");
    assertThat(hex.formatHex(ILI.withInformation(-2).toBytes(true)))
        .isEqualTo("72000000" + "00000010" + "000a8000fffffffffffffffe" + "04020020");
  }

  // ---- the end of the medium

  @Test
  void theEndIsWarnedOfAndThenThereIsIt() {
    int blocks = 0;
    ScsiResult result;
    do {
      result = tape.execute(write(0, 60_000), bytes(1, 60_000));
      blocks++;
    } while (result.status() == Status.GOOD);

    assertThat(result.sense()).isEqualTo(Sense.END_OF_MEDIUM_DETECTED.withInformation(0));
    assertThat(tape.position()).isEqualTo(blocks);
    assertThat(tape.good(TapeEngine.readPosition(0)).u8(0)).isEqualTo(0x40);
    do {
      result = tape.execute(write(0, 60_000), bytes(1, 60_000));
    } while (result.sense().key() == SenseKey.NO_SENSE);
    assertThat(result.sense()).isEqualTo(Sense.END_OF_MEDIUM_REACHED.withInformation(60_000));
    assertThat(tape.execute(filemarks(2)).sense())
        .isEqualTo(Sense.END_OF_MEDIUM_DETECTED.withInformation(0));
    assertThat(disk.offences).isEmpty();
  }

  @Test
  void ofFixedBlocksThatDoNotFitTheFirstAreWritten() {
    tape.blockLength(100_000);

    ScsiResult result = tape.execute(write(FIXED, 50), bytes(1, 5_000_000));

    long written = tape.position();
    assertThat(written).isEqualTo(39);
    assertThat(result.sense()).isEqualTo(Sense.END_OF_MEDIUM_REACHED.withInformation(50 - written));
  }

  // ---- faults

  @Test
  void aTapeThatCantBeWrittenSaysSoAndStaysWhereItIs() {
    tape.record(1, 300);
    disk.fault = new IOException("torn");

    assertThat(tape.execute(write(0, 300), bytes(2, 300)).sense())
        .isEqualTo(Sense.WRITE_ERROR.withInformation(300));
    tape.record(3, 300);
    tape.good(REWIND);
    check(tape.execute(read(0, 300)), Sense.NONE, bytes(1, 300));
    check(tape.execute(read(0, 300)), Sense.NONE, bytes(3, 300));
  }

  @Test
  void aDeviceWithoutStorageLeftIsATapeAtItsEnd() {
    tape.record(1, 300);
    disk.fault = new BlockDeviceException(BlockDeviceException.Kind.OUT_OF_SPACE, "full");

    assertThat(tape.execute(write(0, 300), bytes(2, 300)).sense())
        .isEqualTo(Sense.END_OF_MEDIUM_REACHED.withInformation(300));
  }

  @Test
  void aBlockThatCantBeReadIsPassed() {
    tape.record(1, 600);
    tape.record(2, 300);
    tape.good(TapeEngine.UNLOAD);
    disk.fill(257, 1, 9);
    tape.good(TapeEngine.LOAD);

    check(
        tape.execute(read(0, 600)), Sense.UNRECOVERED_READ_ERROR.withInformation(600), bytes(0, 0));
    check(tape.execute(read(0, 300)), Sense.NONE, bytes(2, 300));
  }

  @Test
  void halfTheDataAreNotWritten() {
    assertThat(tape.execute(write(0, 300), bytes(1, 200)).sense())
        .isEqualTo(Sense.INVALID_FIELD_IN_COMMAND_INFORMATION_UNIT);
    assertThat(tape.position()).isZero();
  }

  @Test
  void aReadOnlyTapeIsReadAndNotWritten() {
    tape.record(1, 300);
    tape.good(filemarks(1));
    disk.calls.clear();
    TapeEngine again =
        new TapeEngine(
            LogicalUnit.builder(disk)
                .type(PeripheralDeviceType.SEQUENTIAL_ACCESS)
                .readOnly()
                .build(),
            Runnable::run);

    check(again.execute(read(0, 300)), Sense.NONE, bytes(1, 300));
    for (byte[] cdb : new byte[][] {write(0, 10), filemarks(1), TapeEngine.erase(1)}) {
      assertThat(again.execute(cdb, bytes(1, 10)).sense()).isEqualTo(Sense.WRITE_PROTECTED);
    }
    assertThat(again.good(Cdbs.hex("1a 00 00 00 0c 00")).u8(2)).isEqualTo(0x90);
    again.good(TapeEngine.UNLOAD);
    assertThat(disk.calls).isEmpty();
  }
}

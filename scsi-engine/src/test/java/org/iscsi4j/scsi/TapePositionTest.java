package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.TapeEngine.REWIND;
import static org.iscsi4j.scsi.TapeEngine.filemarks;
import static org.iscsi4j.scsi.TapeEngine.locate;
import static org.iscsi4j.scsi.TapeEngine.readPosition;
import static org.iscsi4j.scsi.TapeEngine.space;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TapePositionTest {

  private static final int BLOCKS = 0;
  private static final int FILEMARKS = 1;
  private static final int SEQUENTIAL_FILEMARKS = 2;
  private static final int END_OF_DATA = 3;

  private static final Sense FILEMARK = Sense.FILEMARK_DETECTED;
  private static final Sense BEGINNING = Sense.BEGINNING_OF_MEDIUM_DETECTED;
  private static final Sense END = Sense.END_OF_DATA_DETECTED;

  private final TapeEngine tape = new TapeEngine(TestDisk.ofBlocks(8192));

  /** Objects 0 to 11 are: block block mark block block block mark mark block mark mark mark. */
  @BeforeEach
  void record() {
    tape.record(0, 100);
    tape.record(1, 100);
    tape.good(filemarks(1));
    tape.record(3, 100);
    tape.record(4, 100);
    tape.record(5, 100);
    tape.good(filemarks(2));
    tape.record(8, 100);
    tape.good(filemarks(1));
    tape.good(filemarks(2));
  }

  private static byte[] space16(int code, long count) {
    return ByteBuffer.allocate(16).put((byte) 0x91).put((byte) code).putLong(4, count).array();
  }

  private static byte[] locate16(int type, long id) {
    return ByteBuffer.allocate(16).put((byte) 0x92).put((byte) (type << 3)).putLong(4, id).array();
  }

  private void check(int from, int code, long count, int to, Sense sense) {
    for (byte[] cdb : new byte[][] {space(code, (int) count), space16(code, count)}) {
      tape.good(locate(from));
      ScsiResult result = tape.execute(cdb);
      assertThat(result.sense()).isEqualTo(sense);
      assertThat(result.status()).isEqualTo(sense.isNone() ? Status.GOOD : Status.CHECK_CONDITION);
      assertThat(tape.position()).isEqualTo(to);
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 1, 1", "0, 2, 2", "3, 3, 6", "5, -2, 3", "2, -2, 0", "8, 1, 9", "4, 0, 4"})
  void spaceGoesOverBlocks(int from, int count, int to) {
    check(from, BLOCKS, count, to, Sense.NONE);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 5, 3, 3",
    "2, 1, 3, 1",
    "4, 100, 7, 98",
    "5, -3, 2, 1",
    "8, -1, 7, 1",
    "12, -7, 11, 7"
  })
  void aFilemarkEndsSpacingOverBlocks(int from, int count, int to, int left) {
    check(from, BLOCKS, count, to, FILEMARK.withInformation(left));
  }

  @Test
  void theEndsOfTheTapeEndSpacingOverBlocks() {
    check(1, BLOCKS, -3, 0, BEGINNING.withInformation(2));
    check(12, BLOCKS, 5, 12, END.withInformation(5));
    tape.record(12, 100);
    tape.record(13, 100);
    check(13, BLOCKS, 5, 14, END.withInformation(4));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 1, 3",
    "0, 2, 7",
    "0, 3, 8",
    "1, 6, 12",
    "7, 1, 8",
    "12, -1, 11",
    "12, -4, 7",
    "8, -3, 2",
    "5, -1, 2",
    "5, 0, 5"
  })
  void spaceGoesOverFilemarks(int from, int count, int to) {
    check(from, FILEMARKS, count, to, Sense.NONE);
  }

  @Test
  void theEndsOfTheTapeEndSpacingOverFilemarks() {
    check(0, FILEMARKS, 8, 12, END.withInformation(2));
    check(7, FILEMARKS, -5, 0, BEGINNING.withInformation(3));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 1, 3",
    "0, 2, 8",
    "0, 3, 12",
    "8, 2, 11",
    "7, 2, 11",
    "12, -2, 10",
    "12, -3, 9",
    "9, -2, 6",
    "9, -1, 7",
    "10, -2, 6"
  })
  void spaceGoesToFilemarksInARow(int from, int count, int to) {
    check(from, SEQUENTIAL_FILEMARKS, count, to, Sense.NONE);
  }

  @Test
  void thereMayNotBeThatManyFilemarksInARow() {
    check(0, SEQUENTIAL_FILEMARKS, 4, 12, END);
    check(12, SEQUENTIAL_FILEMARKS, -4, 0, BEGINNING);
  }

  @Test
  void spaceGoesToTheEndOfData() {
    check(4, END_OF_DATA, 0, 12, Sense.NONE);
    check(12, END_OF_DATA, 3, 12, Sense.NONE);
  }

  @Test
  void countsThatNoTapeHasGoToItsEnds() {
    for (int code : new int[] {BLOCKS, FILEMARKS, SEQUENTIAL_FILEMARKS}) {
      tape.good(locate(1));
      assertThat(tape.execute(space16(code, Long.MIN_VALUE)).sense().asc()).isZero();
      assertThat(tape.position()).isZero();
      tape.good(locate(12));
      assertThat(tape.execute(space16(code, Long.MAX_VALUE)).sense().key())
          .isEqualTo(SenseKey.BLANK_CHECK);
      assertThat(tape.position()).isEqualTo(12);
    }
  }

  @Test
  void unknownThingsAreNotSpacedOver() {
    assertThat(tape.execute(space(4, 1)).sense()).isEqualTo(Sense.invalidFieldInCdb(1, 3));
    assertThat(tape.position()).isEqualTo(12);
  }

  @Test
  void locateGoesToObjectsAndFilesAndTheEndOfData() {
    for (int object = 0; object <= 12; object++) {
      tape.good(locate16(0, object));
      assertThat(tape.position()).isEqualTo(object);
    }
    int[] files = {0, 3, 7, 8, 10, 11, 12};
    for (int file = 0; file < files.length; file++) {
      tape.good(locate16(1, file));
      assertThat(tape.position()).isEqualTo(files[file]);
      assertThat(tape.file()).isEqualTo(file);
    }
    tape.good(REWIND);
    tape.good(locate16(3, 0));
    assertThat(tape.position()).isEqualTo(12);
  }

  @Test
  void whatIsBehindTheEndOfDataCantBeLocated() {
    for (byte[] cdb : new byte[][] {locate(13), locate16(0, 13), locate16(0, -1), locate16(1, 7)}) {
      tape.good(REWIND);
      assertThat(tape.execute(cdb).sense()).isEqualTo(END);
      assertThat(tape.position()).isEqualTo(12);
    }
    assertThat(tape.execute(locate16(2, 0)).sense()).isEqualTo(Sense.invalidFieldInCdb(1, 4));
  }

  @Test
  void thereIsOnePartition() {
    byte[] ten = locate(3);
    ten[1] = 2; // CP
    tape.good(ten);
    ten[8] = 1;
    assertThat(tape.execute(ten).sense()).isEqualTo(Sense.invalidFieldInCdb(8));
  }

  @Test
  void thePositionIsToldInEveryForm() {
    tape.good(locate(8));

    String shortForm = "00000000" + "00000008" + "00000008" + "00".repeat(8);
    assertThat(tape.good(readPosition(0)).hex()).isEqualTo(shortForm);
    assertThat(tape.good(readPosition(1)).hex()).isEqualTo(shortForm);
    assertThat(tape.good(readPosition(6)).hex())
        .isEqualTo("00".repeat(8) + "0000000000000008" + "0000000000000003" + "00".repeat(8));
    assertThat(tape.good(readPosition(8)).hex())
        .isEqualTo("0000001c00000000" + "0000000000000008".repeat(2) + "00".repeat(8));
    tape.good(REWIND);
    assertThat(tape.good(readPosition(0)).u8(0)).isEqualTo(0x80);
    assertThat(tape.execute(readPosition(2)).sense()).isEqualTo(Sense.invalidFieldInCdb(1, 4));
  }
}

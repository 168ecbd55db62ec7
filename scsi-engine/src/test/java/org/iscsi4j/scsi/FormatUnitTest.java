package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.Cdbs.TEST_UNIT_READY;
import static org.iscsi4j.scsi.Cdbs.hex;

import java.io.IOException;
import java.util.Arrays;
import org.iscsi4j.api.Blocking;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.LogicalUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FormatUnitTest {

  private static final byte[] FORMAT = hex("04 00 00 0000 00");
  private static final byte[] FORMAT_WITH_LIST = hex("04 10 00 0000 00");
  private static final byte[] FORMAT_WITH_LONG_LIST = hex("04 30 00 0000 00");

  /** 512 MiB: sixteen steps of deallocation. */
  private static final long SIXTEEN_STEPS = 16L * Fill.DEALLOCATE_STEP / 512;

  private final TestDisk disk = TestDisk.thin(16);
  private final Engine engine = Engine.over(disk);

  @Test
  void givesBackWhatReadsAsZeroesThen() {
    disk.fill(0, 16, 0x55);

    assertThat(engine.execute(FORMAT).status()).isEqualTo(Status.GOOD);

    assertThat(disk.calls).containsExactly("deallocate 0+8192", "flush");
    assertThat(engine.execute(Cdbs.read10(15, 1)).data()).containsOnly(0);
  }

  @Test
  void writesZeroesToADeviceThatCanGiveNothingBack() {
    TestDisk thick = TestDisk.ofBlocks(16);

    assertThat(Engine.over(thick).execute(FORMAT).status()).isEqualTo(Status.GOOD);

    assertThat(thick.calls).containsExactly("zero! 0+8192", "flush");
  }

  @Test
  void repeatsTheInitializationPatternInEachBlock() {
    ScsiResult result =
        engine.execute(FORMAT_WITH_LIST, hex("00 88 0000" + "00 01 0003" + "0a0b0c"));

    assertThat(result.status()).isEqualTo(Status.GOOD);
    assertThat(result.dataOutLength()).isEqualTo(11);
    for (int lba : new int[] {0, 15}) {
      assertThat(Arrays.copyOf(disk.block(lba), 5)).containsExactly(10, 11, 12, 10, 11);
      assertThat(disk.block(lba)[511]).as("the first byte again").isEqualTo((byte) 11);
    }
  }

  @Test
  void withSecurityInitializeEveryBlockIsWritten() {
    assertThat(engine.execute(FORMAT_WITH_LIST, hex("00 88 0000" + "20 00 0000")).status())
        .isEqualTo(Status.GOOD);

    assertThat(disk.calls).containsExactly("zero 0+8192", "flush");
  }

  @Test
  void takesEmptyListsInEveryFormat() {
    for (int listFormat = 0; listFormat <= 5; listFormat++) {
      byte[] cdb = {4, (byte) (0x18 | listFormat), 0, 0, 0, 0};
      assertThat(engine.execute(cdb, hex("00 b0 0000")).status()).isEqualTo(Status.GOOD);
    }
    assertThat(engine.execute(FORMAT_WITH_LONG_LIST, hex("00 80 00 00 00000000")).status())
        .isEqualTo(Status.GOOD);
    assertThat(disk.calls).hasSize(14);
  }

  @ParameterizedTest
  @CsvSource({
    "0401, 1, 2",
    "0408, 1, 3",
    "0416, 1, 2",
    "0417, 1, 2",
    "0440, 1, 6",
    "0480, 1, 7",
  })
  void refusesWhatTheCdbMayNotSay(String start, int atByte, int bit) {
    assertThat(engine.execute(hex(start + "00000000"), hex("00000000")).sense())
        .isEqualTo(Sense.invalidFieldInCdb(atByte, bit));
    assertThat(disk.calls).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "01 00 0000, 0", // PROTECTION FIELD USAGE
    "00 08 0000, 1", // IP without FOV
    "00 10 0000, 1", // STPF without FOV
    "00 20 0000, 1", // DCRT without FOV
    "00 40 0000, 1", // DPRY without FOV
    "00 04 0000, 1", // obsolete
    "00 80 0001, 3", // a defect
    "00 80 0100, 2",
    "00 88 0000 40 00 0000, 4", // IP MODIFIER
    "00 88 0000 01 00 0000, 4",
    "00 88 0000 00 02 0000, 5", // no such pattern
    "00 88 0000 00 00 0001 aa, 6", // a default pattern with one of its own
    "00 88 0000 00 01 0000, 6",
    "00 88 0000 00 01 0201, 6", // longer than a block
  })
  void refusesWhatTheListMayNotSay(String list, int atByte) {
    assertThat(engine.execute(FORMAT_WITH_LIST, hex(list)).sense())
        .isEqualTo(Sense.invalidFieldInParameterList(atByte));
    assertThat(disk.calls).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "00 80 00 10 00000000, 3", // PROTECTION INTERVAL EXPONENT
    "00 80 01 00 00000000, 2",
    "00 80 00 00 01000000, 4",
    "00 80 00 00 00000001, 7",
    "00 88 00 00 00000000 00 03 0000, 9",
  })
  void refusesWhatALongListMayNotSay(String list, int atByte) {
    assertThat(engine.execute(FORMAT_WITH_LONG_LIST, hex(list)).sense())
        .isEqualTo(Sense.invalidFieldInParameterList(atByte));
    assertThat(disk.calls).isEmpty();
  }

  @Test
  void refusesAListThatEndsTooEarly() {
    byte[] whole = hex("00 88 0000" + "00 01 0002" + "abcd");
    for (int length = 0; length < whole.length; length++) {
      assertThat(engine.execute(FORMAT_WITH_LIST, Arrays.copyOf(whole, length)).sense())
          .as("%d bytes", length)
          .isEqualTo(Sense.PARAMETER_LIST_LENGTH_ERROR);
    }
    for (int length = 0; length < 8; length++) {
      assertThat(engine.execute(FORMAT_WITH_LONG_LIST, new byte[length]).sense())
          .isEqualTo(Sense.PARAMETER_LIST_LENGTH_ERROR);
    }
    assertThat(disk.calls).isEmpty();
  }

  @Test
  void isWriteProtectedAsWritesAre() {
    Engine locked = Engine.over(LogicalUnit.builder(disk).readOnly().build());

    assertThat(locked.execute(FORMAT).sense()).isEqualTo(Sense.WRITE_PROTECTED);
  }

  // ---- while it is under way

  private final SteppedExecutor executor = new SteppedExecutor();
  private final TestDisk large =
      new TestDisk(Geometry.of(512, SIXTEEN_STEPS), TestDisk.THIN.withBlocking(Blocking.LONG));
  private final Engine slow = Engine.over(LogicalUnit.of(large), executor);
  private final TestNexus other = slow.nexus("other");

  @Test
  void tellsOthersHowFarItIs() {
    TestTask task = slow.start(FORMAT, new byte[0]);

    assertThat(slow.execute(other, TEST_UNIT_READY).sense())
        .isEqualTo(Sense.FORMAT_IN_PROGRESS.withProgress(0));
    steps(1 + 4); // it is noted first
    assertThat(slow.execute(other, Cdbs.read10(0, 1)).sense())
        .isEqualTo(Sense.FORMAT_IN_PROGRESS.withProgress(0x4000));
    assertThat(slow.execute(other, hex("03 00 0000 12 00")).hex())
        .isEqualTo("700002000000000a00000000040400804000");
    assertThat(slow.execute(other, hex("03 01 0000 ff 00")).hex())
        .isEqualTo("7202040400000008" + "0206000080400000");
    assertThat(task.ended).isZero();

    steps(12 + 1);
    assertThat(task.status()).isEqualTo(Status.GOOD);
    assertThat(slow.execute(other, TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
    assertThat(large.calls).hasSize(16 + 1);
  }

  @Test
  void onlyInquiryReportLunsAndRequestSenseRunMeanwhile() {
    TestTask task = slow.start(FORMAT, new byte[0]);

    for (Command row : slow.unit.table().rows()) {
      boolean runs = row.opcode() == 0x12 || row.opcode() == 0xa0 || row.opcode() == 0x03;
      Sense sense = slow.execute(other, Cdbs.of(row)).sense();
      assertThat(sense.equals(Sense.FORMAT_IN_PROGRESS.withProgress(0)))
          .as("%s %s", row, sense)
          .isEqualTo(!runs);
    }
    assertThat(task.ended).isZero();
  }

  @Test
  void withImmedItGoesOnBehindTheAnswer() {
    TestTask task = slow.start(FORMAT_WITH_LIST, hex("00 02 0000"));

    assertThat(task.status()).isEqualTo(Status.GOOD);
    assertThat(slow.execute(TEST_UNIT_READY).sense())
        .isEqualTo(Sense.FORMAT_IN_PROGRESS.withProgress(0));
    executor.runAll();
    assertThat(slow.execute(TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
  }

  @Test
  void anAbortEndsItBetweenTwoStepsAndLeavesTheMediumCorrupt() {
    TestTask task = slow.start(FORMAT, new byte[0]);
    steps(1 + 2);

    assertThat(task.abort()).isTrue();
    steps(1);

    assertThat(task.released).isZero();
    assertThat(executor.waiting()).isZero();
    assertThat(large.calls).hasSize(2);
    assertThat(slow.execute(other, Cdbs.read10(0, 1)).sense())
        .isEqualTo(Sense.MEDIUM_FORMAT_CORRUPTED);
    assertThat(slow.execute(other, Cdbs.write10(0, 1)).sense())
        .isEqualTo(Sense.MEDIUM_FORMAT_CORRUPTED);
    assertThat(slow.execute(other, Cdbs.READ_CAPACITY_10).status()).isEqualTo(Status.GOOD);
    assertThat(slow.execute(other, hex("03 00 0000 12 00")).hex())
        .startsWith("700003000000000a000000003100");
  }

  @Test
  void theNextFormatMakesACorruptMediumGood() {
    TestTask begun = slow.start(FORMAT, new byte[0]);
    steps(2);
    begun.abort();
    steps(1);

    TestTask again = slow.start(FORMAT, new byte[0]);
    steps(1 + 16 + 1);

    assertThat(again.status()).isEqualTo(Status.GOOD);
    assertThat(slow.unit.readiness()).isEqualTo(Sense.NONE);
  }

  @Test
  void anAbortBeforeItBeganChangesNothing() {
    TestTask task = slow.start(FORMAT, new byte[0]);

    task.abort();
    steps(1);

    assertThat(slow.execute(other, TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
    assertThat(large.calls).isEmpty();
  }

  @Test
  void waitsForTheWritesThatAreUnderWay() {
    TestTask write = slow.start(Cdbs.write10(0, 1), Cdbs.block(1));
    TestTask format = slow.start(FORMAT, new byte[0]);

    steps(1);
    assertThat(write.status()).isEqualTo(Status.GOOD);
    assertThat(large.calls).containsExactly("write 0+512");
    steps(18);
    assertThat(format.status()).isEqualTo(Status.GOOD);
    assertThat(large.block(0)).containsOnly(0);
  }

  @Test
  void aSecondOneIsTooLate() {
    slow.start(FORMAT, new byte[0]);

    assertThat(slow.execute(other, FORMAT).sense())
        .isEqualTo(Sense.FORMAT_IN_PROGRESS.withProgress(0));
  }

  @Test
  void aFaultIsToldAndLeavesTheMediumCorrupt() {
    disk.fault = new IOException("for the test");

    assertThat(engine.execute(FORMAT).sense()).isEqualTo(Sense.WRITE_ERROR);
    assertThat(engine.execute(Cdbs.read10(0, 1)).sense()).isEqualTo(Sense.MEDIUM_FORMAT_CORRUPTED);
    assertThat(engine.execute(FORMAT).status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(Cdbs.read10(0, 1)).status()).isEqualTo(Status.GOOD);
  }

  /** Runs so many calls, and what they hand over. */
  private void steps(int count) {
    for (int step = 0; step < count; step++) {
      executor.runNext();
      slow.nexus.drain();
    }
  }
}

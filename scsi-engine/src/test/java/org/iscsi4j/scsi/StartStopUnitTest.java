package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.Cdbs.TEST_UNIT_READY;
import static org.iscsi4j.scsi.Cdbs.startStop;

import java.io.IOException;
import java.util.List;
import org.iscsi4j.api.LogicalUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StartStopUnitTest {

  private static final int START = 0x01;
  private static final int LOEJ = 0x02;
  private static final int NO_FLUSH = 0x04;

  private final TestDisk disk = TestDisk.thin(16);
  private final Engine engine = Engine.over(LogicalUnit.builder(disk).removable().build());
  private final TestNexus other = engine.nexus("other");

  @Test
  void ejectTakesTheMediumOutForEverybody() {
    assertThat(engine.execute(startStop(LOEJ)).status()).isEqualTo(Status.GOOD);

    for (TestNexus each : List.of(engine.nexus, other)) {
      assertThat(engine.execute(each, TEST_UNIT_READY).sense())
          .isEqualTo(Sense.of(SenseKey.NOT_READY, 0x3a, 0x00));
    }
  }

  @Test
  void withoutAMediumNothingThatNeedsItRuns() {
    engine.execute(startStop(LOEJ | NO_FLUSH));

    for (byte[] cdb :
        List.of(
            TEST_UNIT_READY,
            Cdbs.READ_CAPACITY_10,
            Cdbs.sixteen(0x9e, 0x10, 0, 32),
            Cdbs.six(0x08, 0, 1),
            Cdbs.read10(0, 1),
            Cdbs.twelve(0xa8, 0, 0, 1),
            Cdbs.read16(0, 1),
            Cdbs.six(0x0a, 0, 1),
            Cdbs.write10(0, 1),
            Cdbs.twelve(0xaa, 0, 0, 1),
            Cdbs.write16(0, 1),
            Cdbs.ten(0x35, 0x06, 0, 1),
            Cdbs.sixteen(0x91, 0x06, 0, 1),
            Cdbs.writeSame10(0, 0, 1),
            Cdbs.writeSame16(0, 0, 1),
            Cdbs.unmap(24),
            startStop(START))) {
      assertThat(engine.execute(cdb, Cdbs.block(0)).sense()).isEqualTo(Sense.MEDIUM_NOT_PRESENT);
    }
    assertThat(disk.calls).isEmpty();
  }

  @Test
  void withoutAMediumTheUnitStillTellsWhatItIs() {
    engine.execute(startStop(LOEJ));

    assertThat(engine.execute(Cdbs.inquiry(36)).u8(0)).isZero();
    assertThat(engine.execute(Cdbs.vpd(0xb0, 64)).status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(Cdbs.hex("1a 00 08 00 ff 00")).hex())
        .as("no blocks")
        .startsWith("1f001008" + "00000000" + "00000200");
  }

  @Test
  void loadPutsTheMediumBackAndTellsTheOthers() {
    engine.execute(startStop(LOEJ));

    assertThat(engine.execute(startStop(LOEJ | START)).status()).isEqualTo(Status.GOOD);

    assertThat(engine.execute(TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(other, TEST_UNIT_READY).sense())
        .isEqualTo(Sense.of(SenseKey.UNIT_ATTENTION, 0x28, 0x00));
    assertThat(engine.execute(other, TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
  }

  @Test
  void loadingALoadedMediumChangesNothing() {
    engine.execute(startStop(LOEJ | START));

    assertThat(engine.execute(other, TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
  }

  @Test
  void ejectFlushesFirst() {
    engine.execute(startStop(LOEJ));
    engine.execute(startStop(LOEJ));

    assertThat(disk.calls).containsExactly("flush");
  }

  @Test
  void whenTheFlushFailsTheMediumStays() {
    disk.fault = new IOException("disk on fire");

    assertThat(engine.execute(startStop(LOEJ)).sense()).isEqualTo(Sense.WRITE_ERROR);
    assertThat(engine.execute(TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
  }

  @Test
  void stopFlushesAndLeavesTheUnitReady() {
    assertThat(engine.execute(startStop(0)).status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(startStop(NO_FLUSH)).status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(startStop(START)).status()).isEqualTo(Status.GOOD);

    assertThat(disk.calls).containsExactly("flush");
    assertThat(engine.execute(TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 10, 11, 15})
  void aPowerConditionMovesNothing(int powerCondition) {
    ScsiResult result = engine.execute(startStop(powerCondition << 4 | LOEJ));

    assertThat(result.status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
    assertThat(disk.calls).isEmpty();
  }

  @Test
  void aFixedDiskHasNothingToEject() {
    Engine fixed = Engine.over(disk);

    assertThat(fixed.execute(startStop(LOEJ)).sense()).isEqualTo(Sense.invalidFieldInCdb(4, 1));
    assertThat(fixed.execute(startStop(LOEJ | START)).sense())
        .isEqualTo(Sense.invalidFieldInCdb(4, 1));
    assertThat(fixed.execute(startStop(0)).status()).isEqualTo(Status.GOOD);
  }

  @Test
  void dataThatComeAfterTheMediumIsOutAreNotWritten() {
    TestTask write = TestTask.of(engine.nexus, 0, Cdbs.write10(0, 1), 0, Cdbs.block(1));
    write.late = true;
    engine.router.execute(write);
    engine.execute(Cdbs.startStop(0x02));
    disk.calls.clear();

    write.give();

    assertThat(write.sense()).isEqualTo(Sense.MEDIUM_NOT_PRESENT);
    assertThat(disk.calls).isEmpty();
  }
}

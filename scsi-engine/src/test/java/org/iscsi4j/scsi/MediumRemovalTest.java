package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.Cdbs.TEST_UNIT_READY;
import static org.iscsi4j.scsi.Cdbs.hex;
import static org.iscsi4j.scsi.Cdbs.startStop;

import org.iscsi4j.api.LogicalUnit;
import org.junit.jupiter.api.Test;

class MediumRemovalTest {

  private static final byte[] PREVENT = hex("1e 0000 00 01 00");
  private static final byte[] ALLOW = hex("1e 0000 00 00 00");
  private static final byte[] EJECT = startStop(0x02);
  private static final byte[] LOAD = startStop(0x03);
  private static final Sense PREVENTED = Sense.of(SenseKey.ILLEGAL_REQUEST, 0x53, 0x02);

  private final TestDisk disk = TestDisk.thin(16);
  private final Engine engine = Engine.over(LogicalUnit.builder(disk).removable().build());
  private final TestNexus other = engine.nexus("other");

  @Test
  void whoPreventsRemovalPreventsItForAll() {
    assertThat(engine.execute(PREVENT).status()).isEqualTo(Status.GOOD);

    assertThat(engine.execute(EJECT).sense()).isEqualTo(PREVENTED);
    assertThat(engine.execute(other, EJECT).sense()).isEqualTo(PREVENTED);
    assertThat(engine.execute(TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
    assertThat(disk.calls).as("refused before the flush").isEmpty();
  }

  @Test
  void onlyWhoPreventsItAllowsItAgain() {
    engine.execute(PREVENT);
    engine.execute(other, ALLOW);
    assertThat(engine.execute(other, EJECT).sense()).isEqualTo(PREVENTED);

    engine.execute(ALLOW);
    assertThat(engine.execute(other, EJECT).status()).isEqualTo(Status.GOOD);
  }

  @Test
  void theLossOfTheNexusEndsIt() {
    engine.execute(other, PREVENT);
    other.close();

    assertThat(engine.execute(EJECT).status()).isEqualTo(Status.GOOD);
  }

  @Test
  void aResetEndsIt() {
    engine.execute(PREVENT);
    engine.execute(other, PREVENT);
    engine.unit.reset(UnitAttention.BUS_DEVICE_RESET);
    engine.execute(TEST_UNIT_READY);

    assertThat(engine.execute(EJECT).status()).isEqualTo(Status.GOOD);
  }

  @Test
  void whatKeepsTheMediumInKeepsItOut() {
    engine.execute(EJECT);
    assertThat(engine.execute(PREVENT).status()).as("without a medium").isEqualTo(Status.GOOD);

    assertThat(engine.execute(LOAD).sense()).isEqualTo(PREVENTED);
    engine.execute(ALLOW);
    assertThat(engine.execute(LOAD).status()).isEqualTo(Status.GOOD);
  }

  @Test
  void loadingWhatIsLoadedIsNotPrevented() {
    engine.execute(PREVENT);

    assertThat(engine.execute(LOAD).status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(startStop(0)).status()).as("stop").isEqualTo(Status.GOOD);
  }

  @Test
  void whoPreventsItDuringTheFlushIsHeard() {
    disk.onCall = () -> other.unit(0, engine.unit).preventRemoval(true);

    assertThat(engine.execute(EJECT).sense()).isEqualTo(PREVENTED);
    assertThat(engine.execute(TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
  }

  @Test
  void aFixedDiskHasNothingToPrevent() {
    assertThat(Engine.over(disk).execute(PREVENT).sense()).isEqualTo(Sense.INVALID_OPERATION_CODE);
    assertThat(engine.execute(hex("1e 0000 00 02 00")).sense())
        .isEqualTo(Sense.invalidFieldInCdb(4, 1));
  }
}

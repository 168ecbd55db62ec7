package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.Cdbs.TEST_UNIT_READY;

import org.iscsi4j.api.Geometry;
import org.junit.jupiter.api.Test;

/** Which commands a unit attention stops, and whom it reaches. */
class UnitAttentionTest {

  private final TestDisk disk = TestDisk.ofBlocks(16);
  private final Engine engine = Engine.over(disk);
  private final TestNexus other = engine.nexus("other");

  /** Tells the unit under test of a change. */
  private Runnable changed = () -> {};

  @Test
  void aNewNexusIsToldOfThePowerOnOnceByEachUnit() {
    TestNexus fresh = new TestNexus("fresh", engine.router);

    assertThat(engine.execute(fresh, TEST_UNIT_READY).sense())
        .isEqualTo(UnitAttention.POWER_ON.sense());
    assertThat(engine.execute(fresh, TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
  }

  @Test
  void aNexusThatComesBackIsToldThatItWasLost() {
    TestNexus first = new TestNexus("host", engine.router);
    engine.execute(first, TEST_UNIT_READY);
    first.close();

    TestNexus again = new TestNexus("host", engine.router);

    assertThat(engine.execute(again, TEST_UNIT_READY).sense())
        .isEqualTo(UnitAttention.I_T_NEXUS_LOSS.sense());
    assertThat(engine.execute(again, TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
  }

  @Test
  void whoHasNotComeForLongestIsForgotten() {
    for (int i = 0; i <= KnownNexuses.LIMIT; i++) {
      engine.execute(new TestNexus("host" + i, engine.router), TEST_UNIT_READY);
    }

    assertThat(engine.execute(new TestNexus("host0", engine.router), TEST_UNIT_READY).sense())
        .isEqualTo(UnitAttention.POWER_ON.sense());
    assertThat(engine.execute(new TestNexus("host2", engine.router), TEST_UNIT_READY).sense())
        .isEqualTo(UnitAttention.I_T_NEXUS_LOSS.sense());
  }

  @Test
  void inquiryReportLunsAndRequestSenseAreNotStopped() {
    TestNexus fresh = new TestNexus("fresh", engine.router);

    assertThat(engine.execute(fresh, Cdbs.inquiry(36)).status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(fresh, Cdbs.hex("a0 00 00 000000 00000400 00 00")).status())
        .isEqualTo(Status.GOOD);
    assertThat(engine.execute(fresh, TEST_UNIT_READY).sense())
        .as("neither told nor cleared")
        .isEqualTo(UnitAttention.POWER_ON.sense());
  }

  @Test
  void requestSenseTellsAndClearsIt() {
    TestNexus fresh = new TestNexus("fresh", engine.router);

    ScsiResult told = engine.execute(fresh, Cdbs.hex("03 00 0000 12 00"));

    assertThat(told.status()).isEqualTo(Status.GOOD);
    assertThat(told.hex()).isEqualTo("700006000000000a" + "00000000" + "2900" + "00000000");
    assertThat(engine.execute(fresh, TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
  }

  @Test
  void aCommandStoppedByItDoesNothing() {
    engine.unit.raiseForOthers(null, UnitAttention.CAPACITY_DATA_HAS_CHANGED);

    ScsiResult stopped = engine.execute(Cdbs.write10(0, 1), Cdbs.block(1));

    assertThat(stopped.sense()).isEqualTo(UnitAttention.CAPACITY_DATA_HAS_CHANGED.sense());
    assertThat(disk.calls).isEmpty();
  }

  @Test
  void everyNexusIsToldOfANewCapacity() {
    disk.geometry(Geometry.of(512, 32));
    engine.unit.geometryChanged();

    for (TestNexus each : new TestNexus[] {engine.nexus, other}) {
      assertThat(engine.execute(each, TEST_UNIT_READY).sense())
          .isEqualTo(Sense.of(SenseKey.UNIT_ATTENTION, 0x2a, 0x09));
      assertThat(engine.execute(each, Cdbs.READ_CAPACITY_10).hex()).isEqualTo("0000001f00000200");
    }
  }

  @Test
  void reportLunsClearsOnlyWhatItAnswers() {
    engine.unit.raiseForOthers(null, UnitAttention.REPORTED_LUNS_DATA_HAS_CHANGED);
    engine.unit.raiseForOthers(null, UnitAttention.CAPACITY_DATA_HAS_CHANGED);

    engine.execute(Cdbs.hex("a0 00 00 000000 00000400 00 00"));

    assertThat(engine.execute(TEST_UNIT_READY).sense())
        .isEqualTo(UnitAttention.CAPACITY_DATA_HAS_CHANGED.sense());
    assertThat(engine.execute(TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
    engine.execute(other, TEST_UNIT_READY);
    assertThat(engine.execute(other, TEST_UNIT_READY).sense())
        .isEqualTo(UnitAttention.REPORTED_LUNS_DATA_HAS_CHANGED.sense());
  }

  @Test
  void nobodyIsToldOfAGeometryThatIsTheSame() {
    engine.unit.geometryChanged();

    assertThat(engine.execute(TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
  }

  @Test
  void aChangeThatIsToldWhileAnotherIsReadIsReadAsWell() {
    TestDisk changing =
        new TestDisk(Geometry.of(512, 16), TestDisk.MEMORY) {
          private boolean again;

          @Override
          public Geometry geometry() {
            Geometry old = super.geometry();
            if (again) {
              // as from another thread, after this one has read
              again = false;
              geometry(Geometry.of(4096, 99));
              changed.run();
            }
            return old;
          }

          @Override
          void geometry(Geometry now) {
            again = now.blockCount() == 32;
            super.geometry(now);
          }
        };
    Engine of = Engine.over(changing);
    changed = of.unit::geometryChanged;
    changing.geometry(Geometry.of(512, 32));

    of.unit.geometryChanged();

    assertThat(of.unit.geometry()).isEqualTo(Geometry.of(4096, 99));
  }
}

package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.UnitAttention.BUS_DEVICE_RESET;
import static org.iscsi4j.scsi.UnitAttention.CAPACITY_DATA_HAS_CHANGED;
import static org.iscsi4j.scsi.UnitAttention.COMMANDS_CLEARED_BY_ANOTHER_INITIATOR;
import static org.iscsi4j.scsi.UnitAttention.MEDIUM_MAY_HAVE_CHANGED;
import static org.iscsi4j.scsi.UnitAttention.POWER_ON;
import static org.iscsi4j.scsi.UnitAttention.REPORTED_LUNS_DATA_HAS_CHANGED;

import org.junit.jupiter.api.Test;

class ItlNexusTest {

  private final Engine engine = Engine.over(TestDisk.ofBlocks(16));
  private final ItlNexus nexus = engine.nexus.unit(0, engine.unit);

  @Test
  void powerOnIsTheFirstThingAnInitiatorIsTold() {
    ItlNexus fresh = new ItlNexus(new TestNexus("fresh", engine.router), 0, engine.unit, false);

    assertThat(fresh.hasUnitAttention()).isTrue();
    assertThat(fresh.takeUnitAttention()).isEqualTo(Sense.of(SenseKey.UNIT_ATTENTION, 0x29, 0x00));
    assertThat(fresh.hasUnitAttention()).isFalse();
    assertThat(fresh.takeUnitAttention()).isEqualTo(Sense.NONE);
  }

  @Test
  void theMostImportantComesFirst() {
    nexus.raise(REPORTED_LUNS_DATA_HAS_CHANGED);
    nexus.raise(CAPACITY_DATA_HAS_CHANGED);
    nexus.raise(MEDIUM_MAY_HAVE_CHANGED);
    nexus.raise(COMMANDS_CLEARED_BY_ANOTHER_INITIATOR);
    nexus.raise(BUS_DEVICE_RESET);

    assertThat(nexus.takeUnitAttention()).isEqualTo(BUS_DEVICE_RESET.sense());
    assertThat(nexus.takeUnitAttention()).isEqualTo(MEDIUM_MAY_HAVE_CHANGED.sense());
    assertThat(nexus.takeUnitAttention()).isEqualTo(COMMANDS_CLEARED_BY_ANOTHER_INITIATOR.sense());
    assertThat(nexus.takeUnitAttention()).isEqualTo(CAPACITY_DATA_HAS_CHANGED.sense());
    assertThat(nexus.hasUnitAttention()).isTrue();
    assertThat(nexus.takeUnitAttention()).isEqualTo(REPORTED_LUNS_DATA_HAS_CHANGED.sense());
    assertThat(nexus.hasUnitAttention()).isFalse();
  }

  @Test
  void oneOfEachCauseIsKept() {
    nexus.raise(CAPACITY_DATA_HAS_CHANGED);
    nexus.raise(CAPACITY_DATA_HAS_CHANGED);

    nexus.takeUnitAttention();

    assertThat(nexus.hasUnitAttention()).isFalse();
  }

  @Test
  void powerOnSaysItAll() {
    ItlNexus fresh = new ItlNexus(new TestNexus("fresh", engine.router), 0, engine.unit, false);
    fresh.raise(MEDIUM_MAY_HAVE_CHANGED);
    fresh.raise(CAPACITY_DATA_HAS_CHANGED);

    assertThat(fresh.takeUnitAttention()).isEqualTo(POWER_ON.sense());
    assertThat(fresh.hasUnitAttention()).isFalse();
  }

  @Test
  void theTransportHearsOfEachConditionOnce() {
    nexus.raise(CAPACITY_DATA_HAS_CHANGED);
    nexus.raise(CAPACITY_DATA_HAS_CHANGED);
    nexus.raise(MEDIUM_MAY_HAVE_CHANGED);
    nexus.takeUnitAttention();
    nexus.raise(MEDIUM_MAY_HAVE_CHANGED);

    assertThat(engine.nexus.attentions)
        .containsExactly(
            "0 " + CAPACITY_DATA_HAS_CHANGED.sense(),
            "0 " + MEDIUM_MAY_HAVE_CHANGED.sense(),
            "0 " + MEDIUM_MAY_HAVE_CHANGED.sense());
  }

  @Test
  void theTransportHearsNothingThatAPowerOnHides() {
    TestNexus owner = new TestNexus("fresh", engine.router);
    ItlNexus fresh = new ItlNexus(owner, 0, engine.unit, false);

    fresh.raise(MEDIUM_MAY_HAVE_CHANGED);

    assertThat(owner.attentions).isEmpty();
  }

  @Test
  void aTransportThatFailsKeepsNobodyElseFromBeingTold() {
    TestNexus other = engine.nexus("other");
    engine.nexus.failing = true;
    other.failing = true;

    engine.unit.raiseForOthers(null, CAPACITY_DATA_HAS_CHANGED);

    assertThat(engine.nexus.attentions).hasSize(1);
    assertThat(other.attentions).hasSize(1);
  }

  @Test
  void aLookLeavesTheConditionWhereItIs() {
    assertThat(nexus.unitAttention()).isEqualTo(Sense.NONE);
    nexus.raise(CAPACITY_DATA_HAS_CHANGED);

    assertThat(nexus.unitAttention()).isEqualTo(CAPACITY_DATA_HAS_CHANGED.sense());
    assertThat(nexus.hasUnitAttention()).isTrue();
    assertThat(nexus.takeUnitAttention()).isEqualTo(CAPACITY_DATA_HAS_CHANGED.sense());
  }

  @Test
  void aConditionCanBeForgotten() {
    nexus.raise(CAPACITY_DATA_HAS_CHANGED);
    nexus.raise(REPORTED_LUNS_DATA_HAS_CHANGED);

    nexus.clear(REPORTED_LUNS_DATA_HAS_CHANGED);
    assertThat(nexus.hasUnitAttention()).isTrue();
    nexus.clear(CAPACITY_DATA_HAS_CHANGED);
    assertThat(nexus.hasUnitAttention()).isFalse();
  }

  @Test
  void aClosedNexusIsToldNothing() {
    engine.nexus.close();

    engine.unit.raiseForOthers(null, CAPACITY_DATA_HAS_CHANGED);

    assertThat(nexus.hasUnitAttention()).isFalse();
    assertThat(engine.unit.nexuses()).isEmpty();
  }
}

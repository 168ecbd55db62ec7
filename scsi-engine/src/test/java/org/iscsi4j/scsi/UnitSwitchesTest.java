package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.iscsi4j.scsi.Cdbs.TEST_UNIT_READY;
import static org.iscsi4j.scsi.Cdbs.hex;
import static org.iscsi4j.scsi.Cdbs.startStop;

import java.util.ArrayList;
import java.util.List;
import org.iscsi4j.api.Blocking;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.StateStore;
import org.iscsi4j.api.monitor.UnitAvailability;
import org.junit.jupiter.api.Test;

/** What the host switches while initiators work. */
class UnitSwitchesTest {

  private static final byte[] MODE_SENSE = hex("1a 08 3f 00 ff 00");
  private static final byte[] REQUEST_SENSE = hex("03 01 0000 ff 00");
  private static final byte[] REPORT_LUNS = hex("a0 00 00 000000 00000400 00 00");
  private static final byte[] PREVENT = hex("1e 0000 00 01 00");
  private static final byte[] EJECT = startStop(0x02);
  private static final byte[] LOAD = startStop(0x03);
  private static final Sense MODE_CHANGED = Sense.of(SenseKey.UNIT_ATTENTION, 0x2a, 0x01);
  private static final Sense MAY_HAVE_CHANGED = Sense.of(SenseKey.UNIT_ATTENTION, 0x28, 0x00);
  private static final Sense OFFLINE = Sense.of(SenseKey.NOT_READY, 0x04, 0x12);
  private static final Sense NO_MEDIUM = Sense.of(SenseKey.NOT_READY, 0x3a, 0x00);

  private final List<String> heard = new ArrayList<>();
  private final SteppedExecutor executor = new SteppedExecutor();
  private final TestDisk disk = TestDisk.thin(16);
  private final Engine engine = engine(LogicalUnit.builder(disk).removable().build());
  private final TestNexus other = engine.nexus("other");

  /** Whether the listener fails. */
  private boolean failing;

  private Engine engine(LogicalUnit unit) {
    TargetPortGroups groups = new TargetPortGroups(List.of(1), (state, tag) -> {});
    return Engine.over(unit, new Devices(executor, StateStore.inMemory(), groups, new Ears()));
  }

  private final class Ears implements UnitListener {
    @Override
    public void changed(DeviceServer unit, UnitAvailability availability, boolean readOnly) {
      hear((readOnly ? "read-only " : "writable ") + availability);
    }

    @Override
    public void resized(DeviceServer unit, Geometry geometry) {
      hear(geometry.blockCount() + " blocks");
    }

    private void hear(String what) {
      heard.add(what);
      if (failing) {
        throw new IllegalStateException("for the test");
      }
    }
  }

  @Test
  void listenerHearsOfAnotherSize() {
    disk.geometry(Geometry.of(512, 8));

    engine.unit.geometryChanged();
    engine.unit.geometryChanged();

    assertThat(heard).containsExactly("8 blocks");
  }

  // ---- read-only

  @Test
  void everyInitiatorLearnsThatTheUnitIsReadOnlyAndThatItIsNot() {
    for (boolean on : new boolean[] {true, false}) {
      engine.unit.readOnly(on);

      for (TestNexus each : new TestNexus[] {engine.nexus, other}) {
        assertThat(engine.execute(each, TEST_UNIT_READY).sense()).isEqualTo(MODE_CHANGED);
        assertThat(engine.execute(each, MODE_SENSE).u8(2) >> 7).isEqualTo(on ? 1 : 0);
      }
      assertThat(write(1).sense()).isEqualTo(on ? Sense.WRITE_PROTECTED : Sense.NONE);
      assertThat(engine.execute(Cdbs.read10(0, 1)).status()).isEqualTo(Status.GOOD);
    }
    assertThat(heard).containsExactly("read-only READY", "writable READY");
  }

  @Test
  void aSwitchThatStandsSoAlreadyIsNoNews() {
    engine.unit.readOnly(false);
    engine.unit.online(true);
    engine.unit.load();

    assertThat(engine.execute(TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
    assertThat(heard).isEmpty();
  }

  @Test
  void aUnitThatIsBuiltReadOnlyStaysSo() {
    Engine locked = engine(LogicalUnit.builder(disk).readOnly().build());

    locked.unit.readOnly(false);

    assertThat(locked.unit.condition().readOnly()).isTrue();
    assertThat(locked.execute(Cdbs.write10(0, 1), Cdbs.block(1)).sense())
        .isEqualTo(Sense.WRITE_PROTECTED);
  }

  @Test
  void aWriteThatTheDeviceHasGoesOnAndOneThatWaitsForItsDataDoesNot() {
    TestDisk slow = new TestDisk(Geometry.of(512, 16), TestDisk.MEMORY.withBlocking(Blocking.LONG));
    Engine over = engine(LogicalUnit.of(slow));
    TestTask begun = over.start(Cdbs.write10(3, 1), Cdbs.block(0x42));
    TestTask late = TestTask.of(over.nexus, 0, Cdbs.write10(4, 1), 0, Cdbs.block(0x43));
    late.late = true;
    over.router.execute(late);

    over.unit.readOnly(true);
    late.give();
    executor.runAll();
    over.nexus.drain();

    assertThat(begun.status()).isEqualTo(Status.GOOD);
    assertThat(late.sense()).isEqualTo(Sense.WRITE_PROTECTED);
    assertThat(slow.calls).containsExactly("write 1536+512");
  }

  // ---- offline

  @Test
  void offlineStopsWhatNeedsTheMediumAndNothingElse() {
    engine.unit.online(false);

    for (byte[] cdb :
        new byte[][] {
          TEST_UNIT_READY,
          Cdbs.read10(0, 1),
          Cdbs.READ_CAPACITY_10,
          startStop(0x01),
          startStop(0x00),
          EJECT,
          LOAD
        }) {
      assertThat(engine.execute(cdb).sense()).isEqualTo(OFFLINE);
    }
    assertThat(write(1).sense()).isEqualTo(OFFLINE);
    assertThat(engine.execute(Cdbs.inquiry(36)).u8(0)).isZero();
    assertThat(engine.execute(REPORT_LUNS).status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(REQUEST_SENSE).hex()).isEqualTo("7202041200000000");
    assertThat(engine.execute(hex("16 00 000000 00")).status())
        .as("RESERVE")
        .isEqualTo(Status.GOOD);
    assertThat(disk.calls).isEmpty();
    assertThat(heard).containsExactly("writable OFFLINE");
  }

  @Test
  void everyCommandThatNeedsTheMediumIsStopped() {
    engine.unit.online(false);
    List<Command> stopped =
        new Disk(engine.unit.unit()).table().rows().stream().filter(Command::needsMedium).toList();
    assertThat(stopped).isNotEmpty();

    for (Command each : stopped) {
      assertThat(engine.execute(Cdbs.of(each)).sense()).as(each.name()).isEqualTo(OFFLINE);
    }
  }

  @Test
  void backOnlineEveryInitiatorLooksAnew() {
    engine.unit.online(false);
    engine.execute(TEST_UNIT_READY);
    disk.geometry(Geometry.of(512, 32));

    engine.unit.online(true);

    for (TestNexus each : new TestNexus[] {engine.nexus, other}) {
      assertThat(engine.execute(each, TEST_UNIT_READY).sense()).isEqualTo(MAY_HAVE_CHANGED);
      assertThat(engine.execute(each, TEST_UNIT_READY).sense())
          .isEqualTo(UnitAttention.CAPACITY_DATA_HAS_CHANGED.sense());
      assertThat(engine.execute(each, Cdbs.READ_CAPACITY_10).hex()).isEqualTo("0000001f00000200");
    }
  }

  @Test
  void callsThatTheDeviceHasGoOnWhenTheUnitGoesOffline() {
    TestDisk slow = new TestDisk(Geometry.of(512, 16), TestDisk.MEMORY.withBlocking(Blocking.LONG));
    Engine over = engine(LogicalUnit.of(slow));
    TestTask begun = over.start(Cdbs.write10(3, 1), Cdbs.block(0x42));

    over.unit.online(false);
    executor.runAll();
    over.nexus.drain();

    assertThat(begun.status()).isEqualTo(Status.GOOD);
  }

  // ---- media

  @Test
  void theHostEjectsAndLoadsAsInitiatorsDo() {
    assertThat(engine.unit.eject(false)).isTrue();
    assertThat(engine.execute(TEST_UNIT_READY).sense()).isEqualTo(NO_MEDIUM);
    assertThat(engine.execute(other, Cdbs.read10(0, 1)).sense()).isEqualTo(NO_MEDIUM);

    engine.unit.load();
    for (TestNexus each : new TestNexus[] {engine.nexus, other}) {
      assertThat(engine.execute(each, TEST_UNIT_READY).sense()).isEqualTo(MAY_HAVE_CHANGED);
      assertThat(engine.execute(each, TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
    }
    assertThat(heard).containsExactly("writable EJECTED", "writable READY");
  }

  @Test
  void whatOneEjectsTheOtherLoads() {
    engine.execute(EJECT);
    assertThat(engine.unit.condition().loaded()).isFalse();
    engine.unit.load();
    assertThat(engine.execute(TEST_UNIT_READY).sense()).isEqualTo(MAY_HAVE_CHANGED);

    engine.unit.eject(false);
    assertThat(engine.execute(LOAD).status()).isEqualTo(Status.GOOD);
    assertThat(engine.unit.condition().loaded()).isTrue();
    assertThat(engine.execute(TEST_UNIT_READY).status()).as("who loaded it").isEqualTo(Status.GOOD);
    assertThat(engine.execute(other, TEST_UNIT_READY).sense()).isEqualTo(MAY_HAVE_CHANGED);
    assertThat(heard).hasSize(4);
  }

  @Test
  void whoPreventsRemovalIsHeardUnlessTheHostInsists() {
    engine.execute(PREVENT);

    assertThat(engine.unit.eject(false)).isFalse();
    assertThat(engine.execute(TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);

    assertThat(engine.unit.eject(true)).isTrue();
    assertThat(engine.execute(TEST_UNIT_READY).sense()).isEqualTo(NO_MEDIUM);
    engine.unit.load();
    assertThat(engine.unit.condition().loaded()).isTrue();
  }

  @Test
  void anotherMediumMayHaveAnotherSize() {
    engine.unit.eject(false);
    disk.geometry(Geometry.of(4096, 5));
    engine.unit.load();

    engine.execute(TEST_UNIT_READY);
    engine.execute(TEST_UNIT_READY);
    assertThat(engine.execute(Cdbs.READ_CAPACITY_10).hex()).isEqualTo("0000000400001000");
  }

  @Test
  void aMediumThatIsLoadedOfflineIsToldOfWhenTheUnitIsOnline() {
    engine.unit.eject(false);
    engine.unit.online(false);
    assertThat(engine.execute(TEST_UNIT_READY).sense()).isEqualTo(OFFLINE);
    engine.unit.load();
    assertThat(engine.execute(TEST_UNIT_READY).sense()).isEqualTo(OFFLINE);

    engine.unit.online(true);

    assertThat(engine.execute(TEST_UNIT_READY).sense()).isEqualTo(MAY_HAVE_CHANGED);
  }

  @Test
  void aFixedDiskHasNoMediumToEject() {
    Engine fixed = engine(LogicalUnit.of(disk));

    assertThatThrownBy(() -> fixed.unit.eject(true))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("DeviceServer[SN-0042] is not removable");
    assertThatThrownBy(fixed.unit::load).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aListenerThatFailsKeepsNothingFromHappening() {
    failing = true;

    engine.unit.online(false);

    assertThat(engine.execute(TEST_UNIT_READY).sense()).isEqualTo(OFFLINE);
    assertThat(heard).hasSize(1);
  }

  private ScsiResult write(long lba) {
    return engine.execute(engine.nexus, Cdbs.write10(lba, 1), 0, Cdbs.block(1));
  }
}

package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.monitor.NexusPorts;
import org.iscsi4j.api.monitor.ReservationSnapshot;
import org.iscsi4j.api.monitor.ReservationSnapshot.Registration;
import org.iscsi4j.api.monitor.ReservationType;
import org.iscsi4j.api.monitor.UnitAvailability;
import org.iscsi4j.api.monitor.UnitSnapshot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A unit as the host sees it. */
class UnitSnapshotTest {

  private static final String OTHER = "iqn.2026-11.org.example:other,i,0x000000000002";
  private static final byte[] RESERVE_6 = Cdbs.hex("16 00 000000 00");

  private final TestDisk disk = TestDisk.thin(64);
  private final SteppedExecutor executor = new SteppedExecutor();
  private final Engine engine =
      Engine.over(LogicalUnit.builder(disk).removable().build(), executor);
  private final TestNexus one = engine.nexus;
  private final TestNexus two = engine.nexus(OTHER);
  private final NexusPorts onePorts =
      new NexusPorts(one.initiatorPort(), TestNexus.PORT.portName());
  private final NexusPorts twoPorts = new NexusPorts(OTHER, TestNexus.PORT.portName());

  @Test
  void tellsWhoTheUnitIsAndHowLarge() {
    UnitSnapshot snapshot = engine.unit.snapshot();

    assertThat(snapshot.identity()).isEqualTo(Engine.IDENTITY);
    assertThat(snapshot.geometry()).isEqualTo(Geometry.of(512, 64));
    assertThat(snapshot.readOnly()).isFalse();
    assertThat(snapshot.availability()).isEqualTo(UnitAvailability.READY);
  }

  @Test
  void tellsWhetherAnInitiatorKeepsTheMediumWhereItIs() {
    assertThat(engine.unit.snapshot().removalPrevented()).isFalse();

    engine.execute(two, Cdbs.hex("1e 0000 00 01 00"));
    assertThat(engine.unit.snapshot().removalPrevented()).isTrue();

    engine.execute(two, Cdbs.hex("1e 0000 00 00 00"));
    assertThat(engine.unit.snapshot().removalPrevented()).isFalse();
  }

  @Test
  void tellsTheSizeThatIsKnownNow() {
    disk.geometry(Geometry.of(512, 32));
    assertThat(engine.unit.snapshot().geometry().blockCount()).isEqualTo(64);

    engine.unit.geometryChanged();

    assertThat(engine.unit.snapshot().geometry().blockCount()).isEqualTo(32);
  }

  @Test
  void tellsThatTheUnitIsReadOnly() {
    Engine readOnly = Engine.over(LogicalUnit.builder(disk).readOnly().build());

    assertThat(readOnly.unit.snapshot().readOnly()).isTrue();
  }

  @Test
  void countsTheNexusesThatAreThere() {
    assertThat(engine.unit.snapshot().nexuses()).isEqualTo(2);

    two.close();

    assertThat(engine.unit.snapshot().nexuses()).isEqualTo(1);
  }

  @Test
  void countsTheCommandsThatHaveNotEnded() {
    TestTask ordered = one.start(TaskAttribute.ORDERED, Cdbs.inquiry(36));
    TestTask write = TestTask.of(one, 0, Cdbs.write10(0, 1), 0, Cdbs.block(1));
    write.late = true;
    one.drain();
    two.drain();
    one.drain();
    assertThat(ordered.ended).isEqualTo(1);
    assertThat(engine.unit.snapshot().outstandingCommands()).isZero();

    engine.router.execute(write);
    TestTask waits = one.start(TaskAttribute.ORDERED, Cdbs.inquiry(36));
    TestTask waitsToo = one.start(TaskAttribute.SIMPLE, Cdbs.inquiry(36));
    assertThat(engine.unit.snapshot().outstandingCommands()).isEqualTo(3);

    waitsToo.abort();
    assertThat(engine.unit.snapshot().outstandingCommands()).isEqualTo(2);
    write.give();
    one.drain();
    two.drain();
    one.drain();
    assertThat(waits.ended).isEqualTo(1);
    assertThat(engine.unit.snapshot().outstandingCommands()).isZero();
  }

  @Test
  void tellsThatTheMediumIsOut() {
    engine.execute(Cdbs.startStop(0x02));
    assertThat(availability()).isEqualTo(UnitAvailability.EJECTED);

    engine.execute(Cdbs.startStop(0x03));
    assertThat(availability()).isEqualTo(UnitAvailability.READY);
  }

  @Test
  void tellsThatTheHostTookTheUnitOutOfUseOrLetsNobodyWrite() {
    engine.unit.online(false);
    engine.unit.eject(true);
    assertThat(availability()).isEqualTo(UnitAvailability.OFFLINE);
    engine.unit.online(true);
    assertThat(availability()).isEqualTo(UnitAvailability.EJECTED);

    engine.unit.readOnly(true);
    assertThat(engine.unit.snapshot().readOnly()).isTrue();
  }

  @Test
  void tellsThatTheMediumIsBeingSanitizedAndHowThatEnded() {
    byte[] blockErase = Cdbs.hex("48 82 0000000000 0000 00"); // IMMED
    engine.execute(blockErase);
    assertThat(availability()).isEqualTo(UnitAvailability.IN_PROGRESS);
    executor.runAll();
    assertThat(availability()).isEqualTo(UnitAvailability.READY);

    engine.execute(blockErase);
    disk.onCall =
        () -> {
          throw new IllegalStateException("for the test");
        };
    executor.runAll();
    assertThat(availability()).isEqualTo(UnitAvailability.MEDIUM_FAILED);
  }

  // ---- reservations

  @Test
  void nobodyHasReservedAnything() {
    assertThat(reservations())
        .isEqualTo(
            new ReservationSnapshot(Optional.empty(), Optional.empty(), 0, false, List.of()));
  }

  @Test
  void tellsWhoReservedTheUnitAndThatItIsOver() {
    engine.execute(two, RESERVE_6);
    assertThat(reservations().reservedBy()).contains(twoPorts);
    assertThat(reservations().holders()).isEmpty();

    two.close();
    assertThat(reservations().reservedBy()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void tellsRegistrationsAndWhoHoldsThePersistentReservation(ReservationType type) {
    register(one, 0xabcd, 0);
    register(two, -1, 0);
    execute(two, ReserveOut.RESERVE, type.code(), ReserveOut.list(-1, 0, 0));

    ReservationSnapshot snapshot = reservations();

    Registration first = new Registration(onePorts, 0xabcd, type.heldByAll());
    Registration second = new Registration(twoPorts, -1, true);
    assertThat(snapshot)
        .isEqualTo(
            new ReservationSnapshot(
                Optional.empty(), Optional.of(type), 2, false, List.of(first, second)));
    assertThat(snapshot.holders())
        .isEqualTo(type.heldByAll() ? List.of(first, second) : List.of(second));
  }

  @Test
  void registrationsStayWhenTheirSessionGoes() {
    register(two, 7, ReserveOut.APTPL);

    two.close();
    executor.runAll();

    assertThat(reservations().survivesPowerLoss()).isTrue();
    assertThat(reservations().registrations())
        .containsExactly(new Registration(twoPorts, 7, false));
  }

  private void register(TestNexus nexus, long key, int flags) {
    execute(nexus, ReserveOut.REGISTER, 0, ReserveOut.list(0, key, flags));
  }

  private void execute(TestNexus nexus, int action, int scopeAndType, byte[] list) {
    TestTask task = nexus.start(0, ReserveOut.cdb(action, scopeAndType, list.length), 0, list);
    executor.runAll();
    nexus.drain();
    assertThat(task.status()).isEqualTo(Status.GOOD);
  }

  private UnitAvailability availability() {
    return engine.unit.snapshot().availability();
  }

  private ReservationSnapshot reservations() {
    return engine.unit.snapshot().reservations();
  }
}

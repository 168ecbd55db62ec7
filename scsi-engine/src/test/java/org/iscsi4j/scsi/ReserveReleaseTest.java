package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.Cdbs.TEST_UNIT_READY;
import static org.iscsi4j.scsi.Cdbs.hex;

import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.monitor.ReservationType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RESERVE and RELEASE, and what they make of persistent reservations. */
class ReserveReleaseTest {

  private static final byte[] RESERVE_6 = hex("16 00 000000 00");
  private static final byte[] RELEASE_6 = hex("17 00 000000 00");
  private static final byte[] RESERVE_10 = hex("56 00 00000000000000 00");
  private static final byte[] RELEASE_10 = hex("57 00 00000000000000 00");

  private final Engine engine = Engine.over(LogicalUnit.of(TestDisk.thin(16)));
  private final TestNexus one = engine.nexus;
  private final TestNexus two = engine.nexus("two");

  @Test
  void aReservationExcludesOthersUntilItsHolderReleasesIt() {
    good(one, RESERVE_6);
    good(one, RESERVE_10);
    conflict(two, TEST_UNIT_READY);
    conflict(two, RESERVE_6);
    conflict(two, RESERVE_10);
    good(one, TEST_UNIT_READY);
    good(one, RELEASE_10);
    good(two, TEST_UNIT_READY);
    good(two, RESERVE_10);
    conflict(one, TEST_UNIT_READY);
  }

  @Test
  void whoDoesNotHoldReleasesNothingWithoutFault() {
    good(two, RELEASE_6);
    good(one, RESERVE_6);
    good(two, RELEASE_6);
    good(two, RELEASE_10);
    conflict(two, TEST_UNIT_READY);
  }

  @Test
  void aResetEndsIt() {
    good(one, RESERVE_6);
    TaskManager.logicalUnitReset(two, engine.unit, () -> {});
    one.unit(0, engine.unit).takeUnitAttention();
    two.unit(0, engine.unit).takeUnitAttention();

    good(two, TEST_UNIT_READY);
    good(two, RESERVE_6);
  }

  @Test
  void theLossOfTheHolderEndsItAndTheLossOfAnotherDoesNot() {
    good(one, RESERVE_6);
    engine.nexus("three").close();
    conflict(two, TEST_UNIT_READY);
    one.close();
    good(two, TEST_UNIT_READY);
  }

  @Test
  void aReleaseIsNotToldToAnybody() {
    good(one, RESERVE_6);
    good(one, RELEASE_6);
    good(two, TEST_UNIT_READY);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "16 10 000000 00", // 3RDPTY
        "16 01 000000 00", // EXTENT
        "17 10 000000 00",
        "56 10 00 00 000000 0000 00",
        "56 02 00 00 000000 0008 00", // LONGID
        "57 10 00 00 000000 0000 00",
      })
  void thirdPartiesAndExtentsAreRefused(String cdb) {
    assertThat(engine.execute(one, hex(cdb)).sense().asc()).isEqualTo(0x24);
    good(two, TEST_UNIT_READY);
  }

  @Test
  void persistentReserveConflictsEvenForItsHolder() {
    good(one, RESERVE_6);
    conflict(one, hex("5e 00 0000000000 0100 00"));
    conflict(two, hex("5e 00 0000000000 0100 00"));
    assertThat(register(one).status()).isEqualTo(Status.RESERVATION_CONFLICT);
    good(one, RELEASE_6);
    assertThat(register(one).status()).isEqualTo(Status.GOOD);
  }

  @Test
  void besideRegistrationsBothConflict() {
    assertThat(register(one).status()).isEqualTo(Status.GOOD);
    for (byte[] cdb : new byte[][] {RESERVE_6, RELEASE_6, RESERVE_10, RELEASE_10}) {
      conflict(one, cdb);
      conflict(two, cdb);
    }
  }

  /** Compatible reservation handling. */
  @ParameterizedTest
  @EnumSource
  void besideAPersistentReservationThatAdmitsItBothEndWellAndDoNothing(ReservationType type) {
    TestNexus registrant = engine.nexus("registrant");
    assertThat(register(one).status()).isEqualTo(Status.GOOD);
    assertThat(register(registrant).status()).isEqualTo(Status.GOOD);
    byte[] list = ReserveOut.list(0x11, 0, 0);
    byte[] reserve = ReserveOut.cdb(ReserveOut.RESERVE, type.code(), list.length);
    assertThat(engine.execute(one, reserve, 0, list).status()).isEqualTo(Status.GOOD);

    for (byte[] cdb : new byte[][] {RESERVE_6, RELEASE_6, RESERVE_10, RELEASE_10}) {
      good(one, cdb);
      if (type.code() >= 5) {
        good(registrant, cdb);
      } else {
        conflict(registrant, cdb);
      }
      conflict(two, cdb);
    }
    good(two, hex("5e 00 0000000000 0100 00"));
    conflict(two, Cdbs.write10(0, 1));
  }

  private ScsiResult register(TestNexus from) {
    byte[] list = ReserveOut.list(0, 0x11, 0);
    return engine.execute(from, ReserveOut.cdb(ReserveOut.REGISTER, 0, list.length), 0, list);
  }

  private void good(TestNexus from, byte[] cdb) {
    assertThat(engine.execute(from, cdb).status()).isEqualTo(Status.GOOD);
  }

  private void conflict(TestNexus from, byte[] cdb) {
    assertThat(engine.execute(from, cdb).status()).isEqualTo(Status.RESERVATION_CONFLICT);
  }
}

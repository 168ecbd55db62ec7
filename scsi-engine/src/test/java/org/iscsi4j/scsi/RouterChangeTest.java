package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.Cdbs.TEST_UNIT_READY;
import static org.iscsi4j.scsi.Cdbs.hex;

import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.iscsi4j.api.Blocking;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.Identity;
import org.iscsi4j.api.LogicalUnit;
import org.junit.jupiter.api.Test;

/** What happens when a nexus is to see other units than before. */
class RouterChangeTest {

  private static final byte[] RESERVE = hex("16 00 000000 00");
  private static final byte[] REPORT_LUNS = hex("a0 00 00 000000 00000400 00 00");
  private static final Sense LUNS_CHANGED = Sense.of(SenseKey.UNIT_ATTENTION, 0x3f, 0x0e);

  private final SteppedExecutor executor = new SteppedExecutor();
  private final Devices devices = new Devices(executor);
  private final TestDisk slow =
      new TestDisk(Geometry.of(512, 16), TestDisk.MEMORY.withBlocking(Blocking.LONG));
  private final DeviceServer one = disk(slow, 1);
  private final DeviceServer two = disk(TestDisk.ofBlocks(16), 2);
  private final TestNexus nexus = new TestNexus("host", new TaskRouter(Map.of(0, one, 1, two)));
  private final TestNexus other = new TestNexus("other", nexus.router());
  private final AtomicInteger drained = new AtomicInteger();

  RouterChangeTest() {
    for (TestNexus each : new TestNexus[] {nexus, other}) {
      execute(each, 0, TEST_UNIT_READY);
      execute(each, 1, TEST_UNIT_READY);
    }
  }

  private DeviceServer disk(TestDisk device, long id) {
    Identity identity = new Identity("ACME", "ROCKET DISK", "1.0", "SN-" + id, id);
    return DeviceServer.of(LogicalUnit.of(device), identity, devices);
  }

  // ---- what initiators are told

  @Test
  void unitsThatStayTellOfOneThatComesOnce() {
    route(Map.of(0, one, 1, two, 2, one));

    assertThat(execute(nexus, 0, TEST_UNIT_READY).sense()).isEqualTo(LUNS_CHANGED);
    assertThat(execute(nexus, 1, TEST_UNIT_READY).sense()).isEqualTo(LUNS_CHANGED);
    good(nexus, 0);
    good(nexus, 1);
    assertThat(execute(nexus, 0, REPORT_LUNS).hex())
        .isEqualTo("0000001800000000" + "0".repeat(16) + "0001000000000000" + "0002000000000000");
    good(other, 0);
  }

  @Test
  void reportLunsSaysItAll() {
    route(Map.of(0, one));

    execute(nexus, 0, REPORT_LUNS);

    good(nexus, 0);
  }

  @Test
  void aUnitThatGoesIsNotThereAnyMore() {
    route(Map.of(0, one));

    assertThat(execute(nexus, 1, TEST_UNIT_READY).sense())
        .isEqualTo(Sense.LOGICAL_UNIT_NOT_SUPPORTED);
    assertThat(drained).hasValue(1);
    good(other, 1);
  }

  @Test
  void aUnitInThePlaceOfAnotherTellsThatItIsNew() {
    DeviceServer fresh = disk(TestDisk.ofBlocks(99), 3);
    nexus.attentions.clear();

    route(Map.of(0, one, 1, fresh));

    assertThat(nexus.attentions)
        .containsExactly("0 UNIT_ATTENTION 3Fh/0Eh", "1 UNIT_ATTENTION 29h/00h");
    assertThat(execute(nexus, 1, TEST_UNIT_READY).sense())
        .isEqualTo(UnitAttention.POWER_ON.sense());
    assertThat(execute(nexus, 1, Cdbs.READ_CAPACITY_10).hex()).isEqualTo("0000006200000200");
  }

  @Test
  void unitsThatChangePlacesBothTellIt() {
    route(Map.of(0, two, 1, one));

    assertThat(execute(nexus, 0, TEST_UNIT_READY).sense().key()).isEqualTo(SenseKey.UNIT_ATTENTION);
    assertThat(execute(nexus, 1, TEST_UNIT_READY).sense().key()).isEqualTo(SenseKey.UNIT_ATTENTION);
  }

  @Test
  void theTransportHearsOfItWhenNoUnitIsLeft() {
    nexus.attentions.clear();

    route(Map.of());

    assertThat(nexus.attentions).containsExactly("0 UNIT_ATTENTION 3Fh/0Eh");
  }

  @Test
  void nobodyIsToldOfAMapThatIsTheSame() {
    nexus.attentions.clear();

    route(Map.of(0, one, 1, two));

    assertThat(nexus.attentions).isEmpty();
    good(nexus, 0);
    assertThat(drained).hasValue(1);
  }

  @Test
  void whoMayOnlyReadFromNowOnIsToldOfTheModeParameters() {
    nexus.route(
        new TaskRouter(
            Map.of(0, MappedUnit.of(one, true), 1, MappedUnit.of(two)), any -> List.of()),
        drained::incrementAndGet);

    assertThat(execute(nexus, 0, TEST_UNIT_READY).sense())
        .isEqualTo(Sense.of(SenseKey.UNIT_ATTENTION, 0x2a, 0x01));
    assertThat(execute(nexus, 0, Cdbs.write10(0, 1), Cdbs.block(1)).sense())
        .isEqualTo(Sense.WRITE_PROTECTED);
    good(nexus, 1);
  }

  @Test
  void aPowerOnThatWasNotToldDoesNotHideTheChange() {
    TestNexus fresh = new TestNexus("fresh", nexus.router());
    fresh.unit(0, one);

    fresh.route(new TaskRouter(Map.of(0, one)), () -> {});

    assertThat(execute(fresh, 0, TEST_UNIT_READY).sense())
        .isEqualTo(UnitAttention.POWER_ON.sense());
    assertThat(execute(fresh, 0, TEST_UNIT_READY).sense()).isEqualTo(LUNS_CHANGED);
  }

  // ---- what the nexus holds

  @Test
  void whatIsReservedInAUnitThatGoesIsFree() {
    execute(nexus, 1, RESERVE);

    route(Map.of(0, one));

    good(other, 1);
  }

  @Test
  void aUnitThatStaysKeepsItsReservation() {
    execute(nexus, 1, RESERVE);

    route(Map.of(1, two));

    assertThat(execute(other, 1, TEST_UNIT_READY).status()).isEqualTo(Status.RESERVATION_CONFLICT);
  }

  @Test
  void aReservationStaysWhileAnotherNumberReachesTheUnit() {
    execute(nexus, 1, RESERVE);

    route(Map.of(0, one, 7, two));
    assertThat(execute(other, 1, TEST_UNIT_READY).status()).isEqualTo(Status.RESERVATION_CONFLICT);

    nexus.close();
    good(other, 1);
  }

  @Test
  void aPersistentReservationOutlivesTheMap() {
    reserveOut(ReserveOut.REGISTER, 0, ReserveOut.list(0, 0xa, 0));
    reserveOut(ReserveOut.RESERVE, 1, ReserveOut.list(0xa, 0, 0));

    route(Map.of(0, one));
    assertThat(execute(other, 1, Cdbs.write10(0, 1), Cdbs.block(1)).status())
        .isEqualTo(Status.RESERVATION_CONFLICT);

    route(Map.of(0, one, 1, two));
    execute(nexus, 1, TEST_UNIT_READY);
    assertThat(execute(nexus, 1, Cdbs.write10(0, 1), Cdbs.block(1)).status())
        .isEqualTo(Status.GOOD);
  }

  private void reserveOut(int action, int type, byte[] list) {
    TestTask task = nexus.start(Lun.encode(1), ReserveOut.cdb(action, type, list.length), 0, list);
    executor.runAll();
    nexus.drain();
    assertThat(task.status()).isEqualTo(Status.GOOD);
  }

  // ---- commands under way

  @Test
  void commandsThatAUnitHasGoOnWhenItGoes() {
    TestTask begun = start(Cdbs.write10(3, 1), Cdbs.block(0x42));

    route(Map.of(1, two));
    assertThat(drained).hasValue(0);
    assertThat(begun.isOutdated()).isTrue();

    executor.runAll();
    nexus.drain();
    assertThat(begun.status()).isEqualTo(Status.GOOD);
    assertThat(slow.block(3)).isEqualTo(Cdbs.block(0x42));
    assertThat(drained).hasValue(1);
  }

  @Test
  void commandsThatWaitForTheirTurnHaveItBeforeTheUnitGoes() {
    TestTask begun = start(Cdbs.write10(3, 1), Cdbs.block(1));
    TestTask waiting =
        TestTask.of(nexus, 0, TaskAttribute.ORDERED, TEST_UNIT_READY, 0, new byte[0]);
    nexus.router().execute(waiting);

    route(Map.of(1, two));
    assertThat(waiting.ended).isZero();

    executor.runAll();
    nexus.drain();
    other.drain(); // has to let an ordered command go first
    nexus.drain();
    assertThat(begun.status()).isEqualTo(Status.GOOD);
    assertThat(waiting.status()).isEqualTo(Status.GOOD);
    assertThat(drained).hasValue(1);
  }

  @Test
  void aUnitIsLeftAtOnceWhenItsCommandsAreAborted() {
    TestTask begun = start(Cdbs.write10(3, 1), Cdbs.block(1));
    route(Map.of(1, two));

    begun.abort();
    nexus.drain();

    assertThat(drained).hasValue(1);
    assertThat(one.nexuses()).noneMatch(each -> each.nexus() == nexus);
  }

  @Test
  void theEndOfTheNexusEndsTheWait() {
    TestTask begun = start(Cdbs.write10(3, 1), Cdbs.block(1));
    route(Map.of(1, two));

    begun.abort();
    nexus.close();

    assertThat(drained).hasValue(1);
    assertThat(one.nexuses()).noneMatch(each -> each.nexus() == nexus);
  }

  @Test
  void aUnitThatComesBackWhileItsOldCommandsRunKeepsTheReservation() {
    execute(nexus, 0, RESERVE);
    start(Cdbs.write10(3, 1), Cdbs.block(1));
    route(Map.of(1, two));
    route(Map.of(0, one, 1, two));

    executor.runAll();
    nexus.drain();

    assertThat(drained).hasValue(2);
    assertThat(execute(other, 0, TEST_UNIT_READY).status()).isEqualTo(Status.RESERVATION_CONFLICT);
    nexus.close();
    good(other, 0);
  }

  @Test
  void aFaultThatNobodyCouldClearAnyMoreHoldsUpNobody() {
    execute(nexus, 0, hex("28 00 0000ffff 00 0001 04"));
    assertThat(execute(other, 0, TEST_UNIT_READY).status()).isEqualTo(Status.BUSY);

    route(Map.of(1, two));

    good(other, 0);
    assertThat(drained).hasValue(1);
  }

  private TestTask start(byte[] cdb, byte[] dataOut) {
    return nexus.start(0, cdb, 1024, dataOut);
  }

  private void route(Map<Integer, DeviceServer> units) {
    nexus.route(new TaskRouter(units), drained::incrementAndGet);
  }

  private static void good(TestNexus from, int number) {
    assertThat(execute(from, number, TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
  }

  private static ScsiResult execute(TestNexus from, int number, byte[] cdb, byte... dataOut) {
    TestTask task = from.start(Lun.encode(number), cdb, 1024, dataOut);
    from.drain();
    assertThat(task.ended).isEqualTo(1);
    return ScsiResult.of(task);
  }
}

package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.iscsi4j.scsi.Cdbs.TEST_UNIT_READY;
import static org.iscsi4j.scsi.Cdbs.hex;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.iscsi4j.api.LogicalUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What one nexus sees of the units, by which numbers, and what it may do with them. */
class LunMapTest {

  private static final byte[] MODE_SENSE = hex("1a 08 3f 00 ff 00");
  private static final int WRITE_PROTECTED = 0x80;

  private final TestDisk disk = TestDisk.thin(16);
  private final Devices devices = new Devices(Runnable::run);
  private final DeviceServer unit = DeviceServer.of(LogicalUnit.of(disk), Engine.IDENTITY, devices);
  private final TestNexus writer = nexus("writer", Map.of(0, MappedUnit.of(unit)));
  private final TestNexus reader = nexus("reader", Map.of(5, MappedUnit.of(unit, true)));

  @Test
  void aUnitStandsBehindOtherNumbersForOtherNexuses() {
    disk.fill(3, 1, 0x42);

    assertThat(execute(writer, 0, Cdbs.read10(3, 1)).data()).isEqualTo(Cdbs.block(0x42));
    assertThat(execute(reader, 5, Cdbs.read10(3, 1)).data()).isEqualTo(Cdbs.block(0x42));
    assertThat(execute(reader, 0, TEST_UNIT_READY).sense())
        .isEqualTo(Sense.LOGICAL_UNIT_NOT_SUPPORTED);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 9, 255, 256, 16_383})
  void everyNumberIsFoundWhateverStandsBeside(int number) {
    for (List<Integer> beside : List.of(List.<Integer>of(), List.of(0), List.of(2, 8, 300))) {
      Map<Integer, MappedUnit> map = new HashMap<>();
      beside.forEach(each -> map.put(each, MappedUnit.of(unit, true)));
      map.put(number, MappedUnit.of(unit));

      assertThat(new TaskRouter(map, any -> List.of()).mapped(number).readOnly()).isFalse();
      assertThat(new TaskRouter(map, any -> List.of()).mapped(7)).isNull();
    }
  }

  @Test
  void aNumberThatNoLunHasIsRefused() {
    for (int number : new int[] {-1, 16_384}) {
      assertThatThrownBy(() -> new TaskRouter(Map.of(number, unit)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("logical unit number " + number + " is not within 0 to 16383");
    }
  }

  @Test
  void everyCommandThatWritesIsRefusedToWhoMayOnlyRead() {
    List<Command> writing =
        new Disk(LogicalUnit.of(disk)).table().rows().stream().filter(Command::writes).toList();
    assertThat(writing).isNotEmpty();

    for (Command each : writing) {
      ScsiResult refused = execute(reader, 5, Cdbs.of(each));
      assertThat(refused.sense())
          .as(each.name())
          .isEqualTo(Sense.of(SenseKey.DATA_PROTECT, 0x27, 0x00));
    }
    assertThat(disk.calls).isEmpty();
    assertThat(write(writer, 0).status()).isEqualTo(Status.GOOD);
  }

  @Test
  void onlyWhoMayOnlyReadSeesTheMediumWriteProtected() {
    assertThat(execute(reader, 5, MODE_SENSE).u8(2) & WRITE_PROTECTED).isEqualTo(WRITE_PROTECTED);
    assertThat(execute(writer, 0, MODE_SENSE).u8(2) & WRITE_PROTECTED).isZero();
  }

  @Test
  void whoMayOnlyReadReservesAllTheSame() {
    assertThat(execute(reader, 5, hex("16 00 000000 00")).status()).isEqualTo(Status.GOOD);

    assertThat(write(writer, 0).status()).isEqualTo(Status.RESERVATION_CONFLICT);
  }

  @Test
  void oneNumberMayBeReadOnlyAndAnotherOfTheSameUnitNot() {
    TestNexus both =
        nexus("both", Map.of(1, MappedUnit.of(unit, true), 2, MappedUnit.of(unit, false)));

    assertThat(write(both, 1).sense()).isEqualTo(Sense.WRITE_PROTECTED);
    assertThat(write(both, 2).status()).isEqualTo(Status.GOOD);
  }

  @Test
  void aSecondNumberOfAUnitTellsNoLossOfWhatTheFirstHolds() {
    TestNexus both =
        new TestNexus(
            "both", new TaskRouter(Map.of(1, MappedUnit.of(unit), 2, MappedUnit.of(unit)), null));

    assertThat(execute(both, 1, TEST_UNIT_READY).sense()).isEqualTo(UnitAttention.POWER_ON.sense());
    assertThat(execute(both, 2, TEST_UNIT_READY).sense())
        .isEqualTo(UnitAttention.INQUIRY_DATA_HAS_CHANGED.sense());
  }

  @Test
  void theEndOfANexusEndsItsReservationWhateverNumbersItHas() {
    TestNexus both = nexus("both", Map.of(1, MappedUnit.of(unit), 2, MappedUnit.of(unit)));
    execute(both, 2, TEST_UNIT_READY);
    execute(both, 1, hex("16 00 000000 00"));

    both.close();

    assertThat(write(writer, 0).status()).isEqualTo(Status.GOOD);
  }

  @Test
  void aTargetResetReachesAUnitOnceHoweverManyNumbersItHas() {
    TestNexus both = nexus("both", Map.of(1, MappedUnit.of(unit), 2, MappedUnit.of(unit)));

    assertThat(both.router().servers()).containsExactly(unit);
  }

  /** A nexus whose units have told all that they had to tell. */
  private TestNexus nexus(String name, Map<Integer, MappedUnit> map) {
    TestNexus made = new TestNexus(name, new TaskRouter(map, any -> List.of()));
    map.keySet().forEach(number -> execute(made, number, TEST_UNIT_READY));
    return made;
  }

  private static ScsiResult write(TestNexus from, int number) {
    return execute(from, number, Cdbs.write10(0, 1), Cdbs.block(1));
  }

  private static ScsiResult execute(TestNexus from, int number, byte[] cdb, byte... dataOut) {
    TestTask task = from.start(Lun.encode(number), cdb, 1024, dataOut);
    from.drain();
    assertThat(task.ended).isEqualTo(1);
    return ScsiResult.of(task);
  }
}

package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.iscsi4j.api.LogicalUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PrimaryCommandsTest {

  private final Engine engine = Engine.over(TestDisk.ofBlocks(16));

  @Test
  void aDiskIsReady() {
    ScsiResult ready = engine.execute(Cdbs.TEST_UNIT_READY);

    assertThat(ready.status()).isEqualTo(Status.GOOD);
    assertThat(ready.data()).isEmpty();
  }

  @Test
  void unknownOperationCodesAreRefused() {
    assertThat(engine.execute(Cdbs.hex("ff 00 00 00 00 00")).sense())
        .isEqualTo(Sense.INVALID_OPERATION_CODE);
  }

  @Test
  void requestSenseHasNothingToTell() {
    assertThat(engine.execute(Cdbs.hex("03 00 0000 ff 00")).hex())
        .isEqualTo("700000000000000a" + "00".repeat(10));
    assertThat(engine.execute(Cdbs.hex("03 01 0000 ff 00")).hex()).isEqualTo("7200000000000000");
  }

  @Test
  void requestSenseTellsAUnitAttentionInBothFormats() {
    engine.unit.raiseForOthers(null, UnitAttention.CAPACITY_DATA_HAS_CHANGED);
    assertThat(engine.execute(Cdbs.hex("03 01 0000 ff 00")).hex()).isEqualTo("72062a0900000000");

    engine.unit.raiseForOthers(null, UnitAttention.CAPACITY_DATA_HAS_CHANGED);
    assertThat(engine.execute(Cdbs.hex("03 00 0000 ff 00")).hex())
        .isEqualTo("700006000000000a" + "00000000" + "2a09" + "00000000");
  }

  @ParameterizedTest
  @CsvSource({"00, 0", "00, 13", "01, 0", "01, 3"})
  void aUnitAttentionIsNotLostToAnInitiatorThatTakesLess(String format, int length) {
    engine.unit.raiseForOthers(null, UnitAttention.CAPACITY_DATA_HAS_CHANGED);

    ScsiResult cut = engine.execute(Cdbs.hex(String.format("03 %s 0000 %02x 00", format, length)));

    assertThat(cut.status()).isEqualTo(Status.GOOD);
    assertThat(cut.data()).hasSize(length);
    assertThat(engine.execute(Cdbs.hex("03 01 0000 04 00")).hex()).isEqualTo("72062a09");
    assertThat(engine.execute(Cdbs.TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
  }

  @Test
  void requestSenseTellsThatTheMediumIsOut() {
    Engine removable = Engine.over(LogicalUnit.builder(TestDisk.ofBlocks(16)).removable().build());
    removable.execute(Cdbs.startStop(0x02));

    assertThat(removable.execute(Cdbs.hex("03 01 0000 ff 00")).hex()).isEqualTo("72023a0000000000");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 8, 17, 18, 255})
  void requestSenseIsCutByTheAllocationLength(int length) {
    ScsiResult result = engine.execute(new byte[] {0x03, 0, 0, 0, (byte) length, 0});

    assertThat(result.status()).isEqualTo(Status.GOOD);
    assertThat(result.data()).hasSize(Math.min(length, 18));
  }

  @Test
  void reportLunsListsUnitsInOrder() {
    TestNexus nexus = new TestNexus("host", units(300, 0, 7, 255, 256));
    String units =
        "0000000000000000"
            + "0007000000000000"
            + "00ff000000000000"
            + "4100000000000000"
            + "412c000000000000";
    String wellKnown = "c101000000000000";
    String none = "0000000000000000";

    assertThat(reportLuns(nexus, 0x00, 1024).hex()).isEqualTo("0000002800000000" + units);
    assertThat(reportLuns(nexus, 0x01, 1024).hex()).isEqualTo("0000000800000000" + wellKnown);
    assertThat(reportLuns(nexus, 0x02, 1024).hex())
        .isEqualTo("0000003000000000" + units + wellKnown);
    assertThat(reportLuns(nexus, 0x10, 1024).hex()).as("administrative").isEqualTo(none);
    assertThat(reportLuns(nexus, 0x11, 1024).hex()).isEqualTo("0000002800000000" + units);
  }

  @Test
  void onlyTheTargetItselfKnowsOfConglomerates() {
    TestNexus nexus = new TestNexus("host", units(0, 7));

    for (int select : new int[] {0x10, 0x11}) {
      byte[] cdb = Cdbs.hex(String.format("a0 00 %02x 000000 00000400 00 00", select));
      assertThat(start(nexus, Lun.encode(7), cdb).sense()).isEqualTo(Sense.invalidFieldInCdb(2));
      assertThat(start(nexus, WellKnownUnit.REPORT_LUNS, cdb).status()).isEqualTo(Status.GOOD);
    }
    assertThat(reportLuns(nexus, 0x12, 1024).sense())
        .as("subsidiary units of a unit that is not administrative")
        .isEqualTo(Sense.invalidFieldInCdb(2));
  }

  @Test
  void reportLunsIsCutInTheMiddleOfALunToo() {
    TestNexus nexus = new TestNexus("host", units(0, 7));

    assertThat(reportLuns(nexus, 0, 20).hex())
        .isEqualTo("0000001000000000" + "0000000000000000" + "00070000");
    assertThat(reportLuns(nexus, 0, 0xffff_ffffL).data()).hasSize(24);
  }

  @Test
  void reportLunsRefusesShortAllocationsAndUnknownSelections() {
    assertThat(reportLuns(engine.nexus, 0, 15).sense()).isEqualTo(Sense.invalidFieldInCdb(6));
    assertThat(reportLuns(engine.nexus, 0, 0).sense()).isEqualTo(Sense.invalidFieldInCdb(6));
    assertThat(reportLuns(engine.nexus, 3, 16).sense()).isEqualTo(Sense.invalidFieldInCdb(2));
    assertThat(reportLuns(engine.nexus, 0, 16).status()).isEqualTo(Status.GOOD);
  }

  private TaskRouter units(int... numbers) {
    Map<Integer, DeviceServer> units = new TreeMap<>();
    for (int number : numbers) {
      units.put(number, engine.unit);
    }
    return new TaskRouter(units);
  }

  private static ScsiResult reportLuns(TestNexus nexus, int select, long allocationLength) {
    byte[] cdb = Cdbs.hex(String.format("a0 00 %02x 000000 %08x 00 00", select, allocationLength));
    return start(nexus, 0, cdb);
  }

  private static ScsiResult start(TestNexus nexus, long lun, byte[] cdb) {
    return ScsiResult.of(nexus.start(lun, cdb, 65_536, new byte[0]));
  }
}

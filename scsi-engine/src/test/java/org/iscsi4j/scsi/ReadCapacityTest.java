package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.LogicalUnit;
import org.junit.jupiter.api.Test;

class ReadCapacityTest {

  private static final long ABOVE_32_BITS = 0x1_0000_0001L;

  @Test
  void onlyUnitsThatAreNotRemovablePromiseZeroes() {
    byte[] readCapacity16 = Cdbs.hex("9e 10 0000000000000000 00000020 00 00");
    Engine fixed = Engine.over(TestDisk.thin(16));
    Engine removable = Engine.over(LogicalUnit.builder(TestDisk.thin(16)).removable().build());

    assertThat(fixed.execute(readCapacity16).u8(14)).as("LBPME, LBPRZ").isEqualTo(0xc0);
    assertThat(fixed.execute(Cdbs.vpd(0xb2, 255)).u8(5)).isEqualTo(0xe4);
    assertThat(removable.execute(readCapacity16).u8(14)).isEqualTo(0x80);
    assertThat(removable.execute(Cdbs.vpd(0xb2, 255)).u8(5)).isEqualTo(0xe0);
  }

  @Test
  void tenTellsTheLastBlock() {
    assertThat(ten(Geometry.of(512, 0x12345679))).isEqualTo("12345678" + "00000200");
    assertThat(ten(Geometry.of(4096, 1))).isEqualTo("00000000" + "00001000");
  }

  @Test
  void tenGivesUpBeyond32Bits() {
    assertThat(ten(Geometry.of(512, 0xffff_ffffL))).isEqualTo("fffffffe" + "00000200");
    assertThat(ten(Geometry.of(512, 0x1_0000_0000L))).isEqualTo("ffffffff" + "00000200");
    assertThat(ten(Geometry.of(512, ABOVE_32_BITS))).isEqualTo("ffffffff" + "00000200");
  }

  @Test
  void sixteenTellsCapacityAndProvisioning() {
    Geometry geometry = Geometry.of(512, 0x123456789abL).withPhysicalBlockSize(4096);

    assertThat(sixteen(new TestDisk(geometry, TestDisk.THIN), 32).hex())
        .isEqualTo("00000123456789aa" + "00000200" + "00" + "03" + "c000" + "00".repeat(16));
    assertThat(sixteen(new TestDisk(geometry, TestDisk.MEMORY.withDeallocate(false)), 32).hex())
        .startsWith("00000123456789aa" + "00000200" + "00" + "03" + "8000");
    assertThat(sixteen(TestDisk.ofBlocks(1), 32).hex())
        .isEqualTo("0000000000000000" + "00000200" + "00" + "00" + "0000" + "00".repeat(16));
  }

  @Test
  void sixteenIsCutByTheAllocationLength() {
    for (int length : new int[] {0, 1, 15, 31, 32, 33}) {
      ScsiResult result = sixteen(TestDisk.ofBlocks(16), length);
      assertThat(result.status()).isEqualTo(Status.GOOD);
      assertThat(result.data()).hasSize(Math.min(length, 32));
    }
  }

  @Test
  void addressAndPmiAreObsolete() {
    Engine engine = Engine.over(TestDisk.ofBlocks(16));

    assertThat(engine.execute(Cdbs.hex("25 00 00000100 0000 00 00")).sense())
        .isEqualTo(Sense.invalidFieldInCdb(4, 0));
    assertThat(engine.execute(Cdbs.hex("25 00 00000000 0000 01 00")).sense())
        .isEqualTo(Sense.invalidFieldInCdb(8, 0));
    assertThat(engine.execute(Cdbs.hex("9e 11 0000000000000000 00000020 00 00")).sense())
        .isEqualTo(Sense.invalidFieldInCdb(1, 4));
  }

  private static String ten(Geometry geometry) {
    return Engine.over(new TestDisk(geometry, TestDisk.MEMORY))
        .execute(Cdbs.READ_CAPACITY_10)
        .hex();
  }

  private static ScsiResult sixteen(TestDisk disk, int allocationLength) {
    byte[] cdb = Cdbs.sixteen(0x9e, 0x10, 0, allocationLength);
    return Engine.over(disk).execute(cdb);
  }
}

package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.LogicalUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModeSenseTest {

  private static final String RECOVERY = "010a" + "00".repeat(10);
  private static final String CACHING = "8812" + "04" + "00".repeat(17);
  private static final String CONTROL = "8a0a" + "0210" + "00000000" + "ffff" + "0000";
  private static final String CONTROL_EXTENSION = "4a01001c" + "07" + "00".repeat(27);
  private static final String POWER = "1a26" + "00".repeat(38);
  private static final String EXCEPTIONS = "1c0a" + "08" + "00".repeat(9);
  private static final String ALL_PAGES = RECOVERY + CACHING + CONTROL + POWER + EXCEPTIONS;
  private static final String ALL_SUBPAGES =
      RECOVERY + CACHING + CONTROL + CONTROL_EXTENSION + POWER + EXCEPTIONS;

  private final Engine engine = Engine.over(TestDisk.ofBlocks(0x123456));

  @Test
  void sixWithAllPages() {
    assertThat(six(0x00, 0x3f, 0x00, 255).hex())
        .isEqualTo("6b001008" + "00123456" + "00000200" + ALL_PAGES);
    assertThat(six(0x08, 0x3f, 0x00, 255).hex()).as("DBD").isEqualTo("63001000" + ALL_PAGES);
    assertThat(six(0x08, 0x3f, 0xff, 255).hex())
        .as("subpages")
        .isEqualTo("83001000" + ALL_SUBPAGES);
  }

  @Test
  void sixWithOnePage() {
    assertThat(six(0x08, 0x08, 0x00, 255).hex()).isEqualTo("17001000" + CACHING);
    assertThat(six(0x08, 0x0a, 0x00, 255).hex()).isEqualTo("0f001000" + CONTROL);
    assertThat(six(0x08, 0x0a, 0x01, 255).hex()).isEqualTo("23001000" + CONTROL_EXTENSION);
    assertThat(six(0x08, 0x0a, 0xff, 255).hex())
        .isEqualTo("2f001000" + CONTROL + CONTROL_EXTENSION);
    assertThat(six(0x08, 0x01, 0x00, 255).hex()).isEqualTo("0f001000" + RECOVERY);
    assertThat(six(0x08, 0x1a, 0x00, 255).hex()).isEqualTo("2b001000" + POWER);
    assertThat(six(0x08, 0x1c, 0x00, 255).hex()).isEqualTo("0f001000" + EXCEPTIONS);
  }

  @Test
  void tenHasALongerHeader() {
    assertThat(ten(0x08, 0x3f, 512).hex()).isEqualTo("0066" + "001000000000" + ALL_PAGES);
    assertThat(ten(0x00, 0x0a, 512).hex())
        .isEqualTo("001a" + "001000000008" + "00123456" + "00000200" + CONTROL);
  }

  @Test
  void tenHasALongBlockDescriptorOnRequest() {
    assertThat(ten(0x10, 0x0a, 512).hex())
        .isEqualTo(
            "0022" + "001001000010" + "0000000000123456" + "00000000" + "00000200" + CONTROL);
    assertThat(ten(0x18, 0x0a, 512).hex())
        .as("LLBAA with DBD")
        .isEqualTo("0012" + "001000000000" + CONTROL);
  }

  @Test
  void aDiskTooLargeForTheShortDescriptorSaysSo() {
    Engine large = Engine.over(new TestDisk(Geometry.of(65_536, 1L << 33), TestDisk.MEMORY));

    assertThat(large.execute(Cdbs.hex("1a 00 0a 00 ff 00")).hex())
        .startsWith("17001008" + "ffffffff" + "00010000");
    assertThat(large.execute(Cdbs.hex("5a 10 0a 00 000000 00ff 00")).hex())
        .startsWith("0022" + "001001000010" + "0000000200000000" + "00000000" + "00010000");
  }

  @Test
  void untilTheyAreChangedAllValuesAreTheDefaultOnes() {
    assertThat(six(0x08, 0x80 | 0x3f, 0xff, 255).hex())
        .as("default")
        .isEqualTo("83001000" + ALL_SUBPAGES);
    assertThat(six(0x08, 0xc0 | 0x3f, 0xff, 255).hex())
        .as("saved")
        .isEqualTo("83001000" + ALL_SUBPAGES);
  }

  @Test
  void whatMayBeChanged() {
    assertThat(six(0x08, 0x40 | 0x3f, 0xff, 255).hex())
        .isEqualTo(
            "83001000"
                + RECOVERY
                + "8812"
                + "04"
                + "00".repeat(17)
                + "8a0a"
                + "e4063840"
                + "00".repeat(6)
                + "4a01001c"
                + "00".repeat(28)
                + POWER
                + "1c0a"
                + "00".repeat(10));
  }

  @Test
  void aThinUnitTellsOfItsThresholdsUnlessItMayNot() {
    Engine thin = Engine.over(TestDisk.thin(16));

    assertThat(thin.execute(Cdbs.hex("1a 08 01 00 ff 00")).hex())
        .isEqualTo("0f001000" + "810a" + "0000000000" + "80" + "00000000");
    assertThat(thin.execute(Cdbs.hex("1a 08 41 00 ff 00")).hex())
        .isEqualTo("0f001000" + "810a" + "0000000000" + "80" + "00000000");
  }

  @Test
  void allPagesFitIntoTheShortForm() {
    Engine thin = Engine.over(LogicalUnit.builder(TestDisk.thin(16)).removable().build());
    ScsiResult all = thin.execute(Cdbs.hex("1a 00 3f ff ff 00"));

    assertThat(all.data()).hasSize(all.u8(0) + 1);
  }

  @Test
  void aMediumThatIsOutHasNoBlocks() {
    Engine removable = Engine.over(LogicalUnit.builder(TestDisk.ofBlocks(16)).removable().build());
    removable.execute(Cdbs.startStop(0x02));

    assertThat(removable.execute(Cdbs.hex("1a 00 0a 00 ff 00")).hex())
        .isEqualTo("17001008" + "00000000" + "00000200" + CONTROL);
  }

  @ParameterizedTest
  @CsvSource({"0x02, 0x00, 2, 5", "0x00, 0x00, 2, 5", "0x3e, 0xff, 2, 5"})
  void anUnknownPageIsRefused(String page, String subpage, int atByte, int bit) {
    assertThat(six(0x08, Integer.decode(page), Integer.decode(subpage), 255).sense())
        .isEqualTo(Sense.invalidFieldInCdb(atByte, bit));
  }

  @ParameterizedTest
  @CsvSource({"0x0a, 0x02", "0x3f, 0x02", "0x08, 0xfe"})
  void anUnknownSubpageIsRefused(String page, String subpage) {
    assertThat(six(0x08, Integer.decode(page), Integer.decode(subpage), 255).sense())
        .isEqualTo(Sense.invalidFieldInCdb(3));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4, 11, 107, 108, 109})
  void allocationLengthCutsTheDataAndNotTheLengthInIt(int allocationLength) {
    ScsiResult result = six(0x00, 0x3f, 0x00, allocationLength);

    assertThat(result.status()).isEqualTo(Status.GOOD);
    assertThat(result.data()).hasSize(Math.min(allocationLength, 108));
    assertThat(allocationLength == 0 || result.u8(0) == 0x6b).isTrue();
  }

  @Test
  void writeProtectionIsShown() {
    Engine unit = Engine.over(LogicalUnit.builder(TestDisk.ofBlocks(16)).readOnly().build());
    Engine device =
        Engine.over(new TestDisk(Geometry.of(512, 16), TestDisk.MEMORY.withReadOnly(true)));

    assertThat(unit.execute(Cdbs.hex("1a 08 08 00 ff 00")).u8(2)).isEqualTo(0x90);
    assertThat(device.execute(Cdbs.hex("1a 08 08 00 ff 00")).u8(2)).isEqualTo(0x90);
  }

  @Test
  void writeCacheEnableIsWhatTheDeviceSays() {
    Engine durable =
        Engine.over(new TestDisk(Geometry.of(512, 16), TestDisk.MEMORY.withVolatileCache(false)));

    assertThat(durable.execute(Cdbs.hex("1a 08 08 00 ff 00")).hex())
        .isEqualTo("17001000" + "0812" + "00".repeat(18));
    assertThat(durable.execute(Cdbs.hex("1a 08 48 00 ff 00")).hex())
        .as("changeable")
        .isEqualTo("17001000" + "0812" + "00".repeat(18));
  }

  private ScsiResult six(int flags, int page, int subpage, int allocationLength) {
    return engine.execute(
        new byte[] {0x1a, (byte) flags, (byte) page, (byte) subpage, (byte) allocationLength, 0});
  }

  private ScsiResult ten(int flags, int page, int allocationLength) {
    return engine.execute(Cdbs.ten(0x5a, flags, (long) page << 24, allocationLength));
  }
}

package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.LogicalUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModeSenseTest {

  private static final String CACHING = "0812" + "04" + "00".repeat(17);
  private static final String CONTROL = "0a0a" + "0210" + "00000000" + "ffff" + "0000";
  private static final String EXCEPTIONS = "1c0a" + "08" + "00".repeat(9);
  private static final String ALL_PAGES = CACHING + CONTROL + EXCEPTIONS;

  private final Engine engine = Engine.over(TestDisk.ofBlocks(0x123456));

  @Test
  void sixWithAllPages() {
    assertThat(six(0x00, 0x3f, 0x00, 255).hex())
        .isEqualTo("37001008" + "00123456" + "00000200" + ALL_PAGES);
    assertThat(six(0x08, 0x3f, 0x00, 255).hex()).as("DBD").isEqualTo("2f001000" + ALL_PAGES);
    assertThat(six(0x08, 0x3f, 0xff, 255).hex()).as("subpages").isEqualTo("2f001000" + ALL_PAGES);
  }

  @Test
  void sixWithOnePage() {
    assertThat(six(0x08, 0x08, 0x00, 255).hex()).isEqualTo("17001000" + CACHING);
    assertThat(six(0x08, 0x0a, 0x00, 255).hex()).isEqualTo("0f001000" + CONTROL);
    assertThat(six(0x08, 0x0a, 0xff, 255).hex()).isEqualTo("0f001000" + CONTROL);
    assertThat(six(0x08, 0x1c, 0x00, 255).hex()).isEqualTo("0f001000" + EXCEPTIONS);
  }

  @Test
  void tenHasALongerHeader() {
    assertThat(ten(0x08, 0x3f, 512).hex()).isEqualTo("0032" + "001000000000" + ALL_PAGES);
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
  void currentAndDefaultAreTheSameAndNothingIsChangeable() {
    assertThat(six(0x08, 0x80 | 0x3f, 0x00, 255).hex())
        .as("default")
        .isEqualTo("2f001000" + ALL_PAGES);
    assertThat(six(0x08, 0x40 | 0x3f, 0x00, 255).hex())
        .as("changeable")
        .isEqualTo(
            "2f001000"
                + "0812"
                + "00".repeat(18)
                + "0a0a"
                + "00".repeat(10)
                + "1c0a"
                + "00".repeat(10));
  }

  @Test
  void nothingIsSaved() {
    assertThat(six(0x08, 0xc0 | 0x08, 0x00, 255).sense())
        .isEqualTo(Sense.of(SenseKey.ILLEGAL_REQUEST, 0x39, 0x00));
  }

  @ParameterizedTest
  @CsvSource({"0x01, 0x00, 2, 5", "0x00, 0x00, 2, 5", "0x3e, 0xff, 2, 5"})
  void anUnknownPageIsRefused(String page, String subpage, int atByte, int bit) {
    assertThat(six(0x08, Integer.decode(page), Integer.decode(subpage), 255).sense())
        .isEqualTo(Sense.invalidFieldInCdb(atByte, bit));
  }

  @ParameterizedTest
  @CsvSource({"0x0a, 0x01", "0x3f, 0x01", "0x08, 0xfe"})
  void anUnknownSubpageIsRefused(String page, String subpage) {
    assertThat(six(0x08, Integer.decode(page), Integer.decode(subpage), 255).sense())
        .isEqualTo(Sense.invalidFieldInCdb(3));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4, 11, 55, 56, 57})
  void allocationLengthCutsTheDataAndNotTheLengthInIt(int allocationLength) {
    ScsiResult result = six(0x00, 0x3f, 0x00, allocationLength);

    assertThat(result.status()).isEqualTo(Status.GOOD);
    assertThat(result.data()).hasSize(Math.min(allocationLength, 56));
    assertThat(allocationLength == 0 || result.u8(0) == 0x37).isTrue();
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
  }

  private ScsiResult six(int flags, int page, int subpage, int allocationLength) {
    return engine.execute(
        new byte[] {0x1a, (byte) flags, (byte) page, (byte) subpage, (byte) allocationLength, 0});
  }

  private ScsiResult ten(int flags, int page, int allocationLength) {
    return engine.execute(Cdbs.ten(0x5a, flags, (long) page << 24, allocationLength));
  }
}

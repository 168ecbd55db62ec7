package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.iscsi4j.api.Capabilities;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.StateStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InquiryTest {

  private final Engine engine = Engine.over(TestDisk.ofBlocks(16));

  @Test
  void standardData() {
    assertThat(engine.execute(Cdbs.inquiry(255)).hex())
        .isEqualTo(
            "000006325b380002" // TPGS: implicit and explicit; 3PC
                + ascii("ACME    ")
                + ascii("ROCKET DISK     ")
                + ascii("1.0 ")
                + "00".repeat(22)
                + "00a0" // SAM-5
                + "0960" // iSCSI
                + "0460" // SPC-4
                + "04c0" // SBC-3
                + "00".repeat(30));
  }

  @Test
  void aRemovableUnitSaysSo() {
    LogicalUnit unit = LogicalUnit.builder(TestDisk.ofBlocks(16)).removable().build();

    assertThat(Engine.over(unit).execute(Cdbs.inquiry(36)).hex()).startsWith("0080");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5, 36, 95, 96, 97, 256, 65_535})
  void allocationLengthCutsTheDataAndIsNoError(int allocationLength) {
    ScsiResult result = engine.execute(Cdbs.inquiry(allocationLength));

    assertThat(result.status()).isEqualTo(Status.GOOD);
    assertThat(result.data()).hasSize(Math.min(allocationLength, 96));
  }

  @Test
  void aPageCodeNeedsEvpd() {
    assertThat(engine.execute(Cdbs.hex("12 00 80 00ff 00")).sense())
        .isEqualTo(Sense.invalidFieldInCdb(2));
    assertThat(engine.execute(Cdbs.hex("12 02 00 00ff 00")).sense())
        .as("CMDDT")
        .isEqualTo(Sense.invalidFieldInCdb(1, 1));
  }

  @Test
  void supportedPagesAreExactlyThoseThatAreAnswered() {
    assertThat(engine.execute(Cdbs.vpd(0x00, 255)).hex())
        .isEqualTo("0000000a" + "0080838687888fb0b1b2");
    String listed = engine.execute(Cdbs.vpd(0x00, 255)).hex().substring(8);
    for (int page = 0; page < 256; page++) {
      ScsiResult answer = engine.execute(Cdbs.vpd(page, 65_535));
      if (HexFormat.of().formatHex(answer.data()).length() > 0) {
        assertThat(listed).contains(String.format("%02x", page));
        assertThat(answer.u8(1)).isEqualTo(page);
        assertThat(answer.data()).hasSize(answer.u8(2) * 256 + answer.u8(3) + 4);
      } else {
        assertThat(answer.sense()).isEqualTo(Sense.invalidFieldInCdb(2));
      }
    }
  }

  @Test
  void unitSerialNumber() {
    assertThat(engine.execute(Cdbs.vpd(0x80, 255)).hex()).isEqualTo("00800007" + ascii("SN-0042"));
  }

  @Test
  void deviceIdentification() {
    String target = "iqn.2026-11.org.example:disk";

    assertThat(engine.execute(Cdbs.vpd(0x83, 255)).hex())
        .isEqualTo(
            "0083008f"
                // NAA, locally assigned
                + "01030008"
                + "3123456789abcdef"
                // T10 vendor ID based
                + "0201001f"
                + ascii("ACME    ROCKET DISK     SN-0042")
                // relative target port, target port group
                + "51940004"
                + "00000001"
                + "51950004"
                + "00000001"
                // SCSI name strings of the target port and the target device
                + "53980028"
                + ascii(target + ",t,0x0001")
                + "000000"
                + "53a80020"
                + ascii(target)
                + "00000000");
  }

  @Test
  void theUnitIsTheSameThroughEveryPort() {
    TargetPort second = new TargetPort("iqn.x:y", "iqn.x:y,t,0x0002", 2, 3);

    byte[] here = DeviceIdentification.encode(Engine.IDENTITY, TestNexus.PORT);
    byte[] there = DeviceIdentification.encode(Engine.IDENTITY, second);

    assertThat(there).startsWith(Arrays.copyOf(here, 12 + 35)).isNotEqualTo(here);
  }

  @Test
  void aTargetOfSeveralPortsSaysSo() {
    assertThat(twoGroups().execute(Cdbs.inquiry(36)).hex()).startsWith("000006325b381002");
  }

  @Test
  void extendedInquiryData() {
    assertThat(
            engine(Geometry.of(512, 16), TestDisk.MEMORY.withVolatileCache(false))
                .execute(Cdbs.vpd(0x86, 255))
                .hex())
        .isEqualTo(
            "0086003c"
                + "00"
                + "07" // HEADSUP, ORDSUP, SIMPSUP
                + "00"
                + "01" // LUICLR
                + "00".repeat(56));
    assertThat(engine.execute(Cdbs.vpd(0x86, 255)).hex())
        .as("V_SUP")
        .startsWith("0086003c" + "00070101");
  }

  @Test
  void modePagesAreShared() {
    assertThat(engine.execute(Cdbs.vpd(0x87, 255)).hex()).isEqualTo("00870004" + "3fff0000");
  }

  @Test
  void scsiPorts() {
    String target = TestNexus.PORT.deviceName();

    assertThat(twoGroups().execute(Cdbs.vpd(0x88, 255)).hex())
        .isEqualTo(
            "00880070"
                + "00000001" // RELATIVE PORT IDENTIFIER
                + "00000000"
                + "0000002c" // TARGET PORT DESCRIPTORS LENGTH
                + "53980028"
                + ascii(target + ",t,0x0001")
                + "000000"
                + "00000002"
                + "00000000"
                + "0000002c"
                + "53980028"
                + ascii(target + ",t,0x1234")
                + "000000");
  }

  private static Engine twoGroups() {
    TargetPortGroups groups = new TargetPortGroups(List.of(1, 0x1234), (state, tag) -> {});
    return Engine.over(
        LogicalUnit.of(TestDisk.ofBlocks(16)),
        new Devices(Runnable::run, StateStore.inMemory(), groups));
  }

  @Test
  void blockLimitsOfAThickDisk() {
    assertThat(engine.execute(Cdbs.vpd(0xb0, 255)).hex())
        .isEqualTo(
            "00b0003c"
                + "00" // WSNZ
                + "ff" // MAXIMUM COMPARE AND WRITE LENGTH
                + "0001" // OPTIMAL TRANSFER LENGTH GRANULARITY
                + "00010000" // MAXIMUM TRANSFER LENGTH
                + "00000000" // OPTIMAL TRANSFER LENGTH
                + "00000000" // MAXIMUM PREFETCH LENGTH
                + "00".repeat(16) // UNMAP
                + "0000000000000000" // MAXIMUM WRITE SAME LENGTH
                + "00000800" // MAXIMUM ATOMIC TRANSFER LENGTH
                + "00000001" // ATOMIC ALIGNMENT
                + "00000001" // ATOMIC TRANSFER LENGTH GRANULARITY
                + "00".repeat(8)); // no ATOMIC BOUNDARY
  }

  @Test
  void blockLimitsOfAThinDiskWithPreferences() {
    Geometry geometry = new Geometry(512, 1 << 20, 4096, 65_536, 8192);

    assertThat(engine(geometry, TestDisk.THIN).execute(Cdbs.vpd(0xb0, 255)).hex())
        .isEqualTo(
            "00b0003c"
                + "00"
                + "ff"
                + "0008" // OPTIMAL TRANSFER LENGTH GRANULARITY
                + "00010000"
                + "00000080" // OPTIMAL TRANSFER LENGTH
                + "00000000"
                + "00100000" // MAXIMUM UNMAP LBA COUNT
                + "00000100" // MAXIMUM UNMAP BLOCK DESCRIPTOR COUNT
                + "00000010" // OPTIMAL UNMAP GRANULARITY
                + "80000000" // UGAVALID, UNMAP GRANULARITY ALIGNMENT
                + "0000000000000000"
                + "00000800"
                + "00000008" // ATOMIC ALIGNMENT
                + "00000008" // ATOMIC TRANSFER LENGTH GRANULARITY
                + "00".repeat(8));
  }

  @Test
  void blockLimitsCountLargeBlocks() {
    Geometry geometry = new Geometry(65_536, 1 << 20, 65_536, 1 << 30, 65_536);

    assertThat(engine(geometry, TestDisk.THIN).execute(Cdbs.vpd(0xb0, 255)).hex())
        .isEqualTo(
            "00b0003c"
                + "00"
                + "ff"
                + "0001"
                + "00000200" // MAXIMUM TRANSFER LENGTH
                + "00000200" // OPTIMAL TRANSFER LENGTH: liked is more, allowed is this
                + "00000000"
                + "00002000" // MAXIMUM UNMAP LBA COUNT
                + "00000100"
                + "00000000" // not told for the sake of QEMU
                + "00000000"
                + "0000000000000000"
                + "00000010" // MAXIMUM ATOMIC TRANSFER LENGTH
                + "00000001"
                + "00000001"
                + "00".repeat(8));
  }

  @Test
  void blockDeviceCharacteristics() {
    assertThat(engine.execute(Cdbs.vpd(0xb1, 255)).hex())
        .isEqualTo("00b1003c" + "00010050" + "01" /* VBULS */ + "00".repeat(55));
    assertThat(
            engine(Geometry.of(512, 16), TestDisk.MEMORY.withRotationRate(7200))
                .execute(Cdbs.vpd(0xb1, 255))
                .hex())
        .startsWith("00b1003c" + "1c20");
  }

  @Test
  void whatTheHostSaysOfADiskGoesBeforeWhatItsDeviceSays() {
    LogicalUnit.Builder unit = LogicalUnit.builder(TestDisk.ofBlocks(16));

    assertThat(Engine.over(unit.rotationRate(7200).build()).execute(Cdbs.vpd(0xb1, 255)).hex())
        .startsWith("00b1003c" + "1c200050");
    assertThat(Engine.over(unit.rotationRate(0).build()).execute(Cdbs.vpd(0xb1, 255)).hex())
        .startsWith("00b1003c" + "00000050");
    assertThat(Engine.over(unit.formFactor(2).build()).execute(Cdbs.vpd(0xb1, 255)).hex())
        .startsWith("00b1003c" + "00000052");
  }

  @Test
  void logicalBlockProvisioning() {
    Geometry geometry = Geometry.of(512, 16);

    assertThat(engine.execute(Cdbs.vpd(0xb2, 255)).hex()).isEqualTo("00b20004" + "00000000");
    assertThat(engine(geometry, TestDisk.THIN).execute(Cdbs.vpd(0xb2, 255)).hex())
        .isEqualTo("00b20004" + "00e40200");
    assertThat(
            engine(geometry, TestDisk.MEMORY.withDeallocate(false))
                .execute(Cdbs.vpd(0xb2, 255))
                .hex())
        .as("without LBPRZ")
        .isEqualTo("00b20004" + "00e00200");
  }

  private static Engine engine(Geometry geometry, Capabilities capabilities) {
    return Engine.over(new TestDisk(geometry, capabilities));
  }

  private static String ascii(String text) {
    return HexFormat.of().formatHex(text.getBytes(StandardCharsets.US_ASCII));
  }
}

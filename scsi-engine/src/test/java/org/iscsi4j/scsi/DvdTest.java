package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.Cdbs.hex;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.iscsi4j.api.Drive;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.PeripheralDeviceType;
import org.junit.jupiter.api.Test;

class DvdTest {

  private final TestDisk disc = Discs.cd();
  private final Engine engine = Discs.drive(disc);

  @Test
  void standardInquiryData() {
    assertThat(engine.execute(Cdbs.inquiry(255)).hex())
        .isEqualTo(
            "05800632" // CD/DVD, RMB
                + "5b100002" // TPGS: implicit, since SET TARGET PORT GROUPS has REPORT KEY's code
                + ascii("ACME    ")
                + ascii("ROCKET DISK     ")
                + ascii("1.0 ")
                + "00".repeat(22)
                + "00a0" // SAM-5
                + "0960" // iSCSI
                + "0460" // SPC-4
                + "04e0" // MMC-6
                + "00".repeat(30));
  }

  @Test
  void vitalProductData() {
    assertThat(engine.execute(Cdbs.vpd(0x00, 255)).hex()).isEqualTo("05000007" + "00808385868788");
    assertThat(engine.execute(Cdbs.vpd(0x80, 255)).hex()).isEqualTo("05800007" + ascii("SN-0042"));
    assertThat(engine.execute(Cdbs.vpd(0x83, 255)).hex()).startsWith("0583008f" + "01030008");
    assertThat(engine.execute(Cdbs.vpd(0x85, 255)).hex()).as("no addresses").isEqualTo("05850000");
    assertThat(engine.execute(Cdbs.vpd(0xb0, 255)).sense()).isEqualTo(Sense.invalidFieldInCdb(2));
  }

  @Test
  void allCommands() {
    assertThat(engine.execute(hex("a3 0c 00 00 0000 0000ffff 00 00")).hex())
        .isEqualTo(
            "00000170"
                + "0000000000000006" // TEST UNIT READY
                + "0300000000000006" // REQUEST SENSE
                + "1200000000000006" // INQUIRY
                + "1500000000000006" // MODE SELECT(6)
                + "1600000000000006" // RESERVE(6)
                + "1700000000000006" // RELEASE(6)
                + "1a00000000000006" // MODE SENSE(6)
                + "1b00000000000006" // START STOP UNIT
                + "1e00000000000006" // PREVENT ALLOW MEDIUM REMOVAL
                + "250000000000000a" // READ CAPACITY(10)
                + "280000000000000a" // READ(10)
                + "350000000000000a" // SYNCHRONIZE CACHE(10)
                + "430000000000000a" // READ TOC/PMA/ATIP
                + "460000000000000a" // GET CONFIGURATION
                + "4a0000000000000a" // GET EVENT STATUS NOTIFICATION
                + "510000000000000a" // READ DISC INFORMATION
                + "520000000000000a" // READ TRACK INFORMATION
                + "550000000000000a" // MODE SELECT(10)
                + "560000000000000a" // RESERVE(10)
                + "570000000000000a" // RELEASE(10)
                + "5a0000000000000a" // MODE SENSE(10)
                + "5e0000000001000a" // PERSISTENT RESERVE IN
                + "5e0000010001000a"
                + "5e0000020001000a"
                + "5e0000030001000a"
                + "5f0000000001000a" // PERSISTENT RESERVE OUT
                + "5f0000010001000a"
                + "5f0000020001000a"
                + "5f0000030001000a"
                + "5f0000040001000a"
                + "5f0000050001000a"
                + "5f0000060001000a"
                + "5f0000070001000a"
                + "a00000000000000c" // REPORT LUNS
                + "a300000a0001000c" // REPORT TARGET PORT GROUPS
                + "a300000c0001000c" // REPORT SUPPORTED OPERATION CODES
                + "a300000d0001000c" // REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS
                + "a40000000000000c" // REPORT KEY
                + "a80000000000000c" // READ(12)
                + "ac0000000000000c" // GET PERFORMANCE
                + "ad0000000000000c" // READ DISC STRUCTURE
                + "b60000000000000c" // SET STREAMING
                + "b90000000000000c" // READ CD MSF
                + "bb0000000000000c" // SET CD SPEED
                + "bd0000000000000c" // MECHANISM STATUS
                + "be0000000000000c"); // READ CD
  }

  @Test
  void whatWritesIsUnknown() {
    for (byte[] cdb :
        List.of(
            Cdbs.six(0x0a, 0, 1),
            Cdbs.write10(0, 1),
            Cdbs.twelve(0xaa, 0, 0, 1),
            Cdbs.writeSame10(0, 0, 1),
            Cdbs.unmap(24),
            hex("04 00 00 00 00 00"), // FORMAT UNIT
            hex("a1 00 00000000 000000000000"))) { // BLANK
      assertThat(engine.execute(cdb, Cdbs.block(1)).sense())
          .isEqualTo(Sense.INVALID_OPERATION_CODE);
    }
    assertThat(disc.calls).isEmpty();
  }

  @Test
  void readsBlocksOf2048Bytes() {
    disc.fill(3, 2, 0x5a);

    assertThat(engine.execute(Cdbs.read10(2, 3)).hex())
        .isEqualTo("00".repeat(2048) + "5a".repeat(4096));
    assertThat(engine.execute(Cdbs.twelve(0xa8, Cdbs.FUA | Cdbs.DPO, 4, 1)).hex())
        .isEqualTo("5a".repeat(2048));
    assertThat(engine.execute(Cdbs.read10(Discs.CD_BLOCKS - 1, 2)).sense())
        .isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation(Discs.CD_BLOCKS));
    assertThat(engine.execute(Cdbs.twelve(0xa8, 0, Discs.CD_BLOCKS, 1)).sense())
        .isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation(Discs.CD_BLOCKS));
  }

  @Test
  void readCapacityTellsTheImage() {
    assertThat(engine.execute(Cdbs.READ_CAPACITY_10).hex()).isEqualTo("0000000f" + "00000800");
  }

  @Test
  void thereIsNothingToSynchronize() {
    assertThat(engine.execute(Cdbs.ten(0x35, 0, 0, 0)).status()).isEqualTo(Status.GOOD);
  }

  @Test
  void reservationsAreThoseOfDisks() {
    TestNexus other = engine.nexus("other");
    engine.execute(hex("16 00 00 00 00 00"));

    assertThat(engine.execute(other, Cdbs.read10(0, 1)).status())
        .isEqualTo(Status.RESERVATION_CONFLICT);
    assertThat(engine.execute(other, hex("46 00 0000 000000 0008 00")).status())
        .isEqualTo(Status.GOOD);
    assertThat(engine.execute(hex("17 00 00 00 00 00")).status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(other, Cdbs.read10(0, 1)).status()).isEqualTo(Status.GOOD);
  }

  @Test
  void aDeviceNeedNotBeADrive() {
    LogicalUnit unit = LogicalUnit.builder(Discs.cd()).type(PeripheralDeviceType.CD_DVD).build();

    assertThat(unit.readOnly()).isTrue();
    assertThat(unit.removable()).isTrue();
    assertThat(Engine.over(unit).execute(Cdbs.read10(0, 1)).data()).hasSize(2048);
  }

  @Test
  void aMediumWithOtherBlocksIsIncompatible() {
    TestDisk disk = TestDisk.ofBlocks(16);
    Drive drive = Drive.of(disk);
    Engine other = Discs.drive(drive);
    Sense incompatible = Sense.of(SenseKey.NOT_READY, 0x30, 0x00);

    assertThat(other.execute(Cdbs.TEST_UNIT_READY).sense()).isEqualTo(incompatible);
    assertThat(other.execute(Cdbs.startStop(0x03)).sense()).as("load").isEqualTo(incompatible);

    disk.geometry(Geometry.of(2048, 4));
    assertThat(other.execute(Cdbs.startStop(0x03)).status()).isEqualTo(Status.GOOD);
  }

  private static String ascii(String text) {
    return HexFormat.of().formatHex(text.getBytes(StandardCharsets.US_ASCII));
  }
}

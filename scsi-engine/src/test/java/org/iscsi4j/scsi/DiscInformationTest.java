package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.Cdbs.hex;

import org.iscsi4j.api.Drive;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DiscInformationTest {

  private final Engine cd = Discs.drive(Discs.cd());
  private final Engine dvd = Discs.drive(Discs.dvd());

  @Test
  void aDiscIsCompleteWithOneTrackInOneSession() {
    assertThat(cd.execute(hex("51 00 0000000000 00ff 00")).hex())
        .isEqualTo(
            "0020"
                + "0e"
                + "01010101"
                + "20"
                + "00"
                + "00".repeat(7)
                + "ffffffff"
                + "ffffffff"
                + "00".repeat(10));
  }

  @Test
  void nothingIsLeftToBeWritten() {
    assertThat(cd.execute(hex("51 01 0000000000 00ff 00")).hex())
        .as("one track is possible and assigned")
        .isEqualTo("000a" + "2000" + "0000" + "0001" + "00000000");
    assertThat(cd.execute(hex("51 02 0000000000 00ff 00")).hex())
        .isEqualTo("000e" + "4000" + "00".repeat(12));
    assertThat(cd.execute(hex("51 03 0000000000 00ff 00")).sense())
        .isEqualTo(Sense.invalidFieldInCdb(1, 2));
  }

  @ParameterizedTest
  @CsvSource({"00, 0000000f", "01, 00000001", "02, 00000001"})
  void theTrackByBlockNumberAndSession(String type, String address) {
    assertThat(cd.execute(hex("52" + type + address + "00 00ff 00")).hex())
        .isEqualTo(
            "0022"
                + "0101"
                + "00"
                + "04"
                + "01"
                + "02"
                + "00".repeat(16)
                + "00000010"
                + "0000000f"
                + "00000000");
  }

  @Test
  void otherTracksAreNotThere() {
    assertThat(cd.execute(hex("52 00 00000010 00 00ff 00")).sense())
        .isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation(16));
    assertThat(cd.execute(hex("52 01 00000002 00 00ff 00")).sense())
        .isEqualTo(Sense.invalidFieldInCdb(2));
    assertThat(cd.execute(hex("52 02 00000000 00 00ff 00")).sense())
        .isEqualTo(Sense.invalidFieldInCdb(2));
    assertThat(cd.execute(hex("52 03 00000001 00 00ff 00")).sense())
        .isEqualTo(Sense.invalidFieldInCdb(1, 1));
    assertThat(cd.execute(hex("52 05 00000001 00 00ff 00")).sense())
        .as("an open one")
        .isEqualTo(Sense.invalidFieldInCdb(1, 2));
  }

  @Test
  void thePhysicalFormatOfADvd() {
    ScsiResult result = dvd.execute(hex("ad 00 00000000 00 00 ffff 00 00"));

    assertThat(result.data()).hasSize(2052);
    assertThat(result.hex())
        .startsWith("08020000" + "010f0100" + "00030000" + "00087e40" + "00000000" + "0000");
    assertThat(Discs.drive(Discs.ofBlocks(0x100_0000)).execute(physicalFormat()).hex())
        .as("sectors beyond 24 bits")
        .contains("00030000" + "00ffffff");
  }

  @Test
  void aDvdIsNotProtected() {
    assertThat(dvd.execute(hex("ad 00 00000000 00 01 00ff 00 00")).hex())
        .isEqualTo("00060000" + "00000000");
  }

  @Test
  void theListOfStructuresNeedsNoMedium() {
    String list = "000e0000" + "00400804" + "01400008" + "ff400010";

    for (Engine each : new Engine[] {cd, dvd, Discs.drive(Drive.empty(2048))}) {
      assertThat(each.execute(hex("ad 00 00000000 00 ff 00ff 00 00")).hex()).isEqualTo(list);
    }
  }

  @Test
  void structuresThatAreNotThere() {
    assertThat(cd.execute(physicalFormat()).sense())
        .as("of a CD")
        .isEqualTo(Sense.of(SenseKey.ILLEGAL_REQUEST, 0x30, 0x02));
    assertThat(dvd.execute(hex("ad 00 00000000 00 03 00ff 00 00")).sense())
        .isEqualTo(Sense.invalidFieldInCdb(7));
    assertThat(dvd.execute(hex("ad 00 00000000 01 00 00ff 00 00")).sense())
        .as("layer 1")
        .isEqualTo(Sense.invalidFieldInCdb(6));
    assertThat(dvd.execute(hex("ad 01 00000000 00 00 00ff 00 00")).sense())
        .as("of a Blu-ray disc")
        .isEqualTo(Sense.invalidFieldInCdb(1, 3));
  }

  @Test
  void noRegionIsExcluded() {
    assertThat(dvd.execute(hex("a4 00 00000000 00 00 0008 08 00")).hex())
        .isEqualTo("00060000" + "00000000");
  }

  @Test
  void thereAreNoKeys() {
    assertThat(dvd.execute(hex("a4 00 00000000 00 00 0008 00 00")).sense())
        .as("AGID")
        .isEqualTo(Sense.invalidFieldInCdb(10, 5));
    assertThat(dvd.execute(hex("a4 00 00000000 00 01 0008 08 00")).sense())
        .isEqualTo(Sense.invalidFieldInCdb(7));
  }

  @Test
  void theMechanismTellsItsTray() {
    byte[] status = hex("bd 00 000000000000 00ff 00 00");

    assertThat(cd.execute(status).hex()).isEqualTo("00".repeat(8));
    cd.execute(Cdbs.startStop(0x02));
    assertThat(cd.execute(status).hex()).isEqualTo("0010" + "00".repeat(6));
    cd.execute(Cdbs.startStop(0x03));
    assertThat(cd.execute(status).hex()).isEqualTo("00".repeat(8));
  }

  private static byte[] physicalFormat() {
    return hex("ad 00 00000000 00 00 00ff 00 00");
  }
}

package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.Cdbs.hex;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReadTocTest {

  private static final String TRACK_1 = "00140100" + "00000000";
  private static final String TRACK_1_TIME = "00140100" + "00000200";

  private final Engine engine = Discs.drive(Discs.cd());

  private String read(String cdb) {
    return engine.execute(hex(cdb)).hex();
  }

  @Test
  void oneTrackAndTheLeadOut() {
    assertThat(read("43 00 00 000000 00 00ff 00"))
        .isEqualTo("0012" + "0101" + TRACK_1 + "0014aa00" + "00000010");
    assertThat(read("43 00 00 000000 01 00ff 00"))
        .as("from track 1 on")
        .isEqualTo("0012" + "0101" + TRACK_1 + "0014aa00" + "00000010");
    assertThat(read("43 00 00 000000 aa 00ff 00"))
        .as("from the lead-out on")
        .isEqualTo("000a" + "0101" + "0014aa00" + "00000010");
  }

  @Test
  void addressesAsTimes() {
    assertThat(read("43 02 00 000000 00 00ff 00"))
        .isEqualTo("0012" + "0101" + TRACK_1_TIME + "0014aa00" + "00000210");
  }

  @Test
  void timesOfLargeMedia() {
    byte[] leadOut = hex("43 02 00 000000 aa 00ff 00");

    assertThat(Discs.drive(Discs.ofBlocks(360_000)).execute(leadOut).hex())
        .endsWith("00500200"); // 80:02:00
    assertThat(Discs.drive(Discs.ofBlocks(1_151_849)).execute(leadOut).hex())
        .as("the last time that there is")
        .endsWith("00ff3b4a");
    assertThat(Discs.drive(Discs.ofBlocks(2_295_104)).execute(leadOut).hex())
        .as("a whole DVD")
        .endsWith("00ff3b4a");
  }

  @Test
  void oneSession() {
    assertThat(read("43 00 01 000000 00 000c 00")).isEqualTo("000a" + "0101" + TRACK_1);
    assertThat(read("43 02 01 000000 00 000c 00")).isEqualTo("000a" + "0101" + TRACK_1_TIME);
    assertThat(read("43 00 00 000000 00 000c 40"))
        .as("as Linux asks for it")
        .isEqualTo("000a" + "0101" + TRACK_1);
  }

  @Test
  void theFullTableOfContents() {
    assertThat(read("43 02 02 000000 00 00ff 00"))
        .isEqualTo(
            "002e"
                + "0101"
                + "011400a0"
                + "00000000"
                + "010000"
                + "011400a1"
                + "00000000"
                + "010000"
                + "011400a2"
                + "00000000"
                + "000210"
                + "01140001"
                + "00000000"
                + "000200");
  }

  @Test
  void theLengthIsThatOfAllEvenWhenItIsCut() {
    assertThat(read("43 00 00 000000 00 0004 00")).isEqualTo("00120101");
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 4, 5, 15})
  void whatRecordersLeaveBehindIsNotThere(int format) {
    byte[] cdb = hex("43 00 00 000000 00 00ff 00");
    cdb[2] = (byte) format;

    assertThat(engine.execute(cdb).sense()).isEqualTo(Sense.invalidFieldInCdb(2, 3));
  }

  @Test
  void tracksAndSessionsThatAreNotThere() {
    assertThat(engine.execute(hex("43 00 00 000000 02 00ff 00")).sense())
        .isEqualTo(Sense.invalidFieldInCdb(6));
    assertThat(engine.execute(hex("43 00 02 000000 aa 00ff 00")).sense())
        .isEqualTo(Sense.invalidFieldInCdb(6));
  }
}

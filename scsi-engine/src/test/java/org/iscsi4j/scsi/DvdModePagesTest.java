package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.Cdbs.hex;

import org.iscsi4j.api.Drive;
import org.junit.jupiter.api.Test;

class DvdModePagesTest {

  private static final String CAPABILITIES = "2a14" + "0b000000";

  private final Engine engine = Discs.drive(Discs.dvd());

  private String sense(String cdb) {
    return engine.execute(hex(cdb)).hex();
  }

  @Test
  void theHeaderHasNoBlockDescriptorAndTellsNothing() {
    assertThat(sense("1a 00 08 00 ff 00")).isEqualTo("0f000000" + "080a" + "00".repeat(10));
    assertThat(sense("5a 00 08 00 000000 00ff 00"))
        .isEqualTo("0012000000000000" + "080a" + "00".repeat(10));
  }

  @Test
  void allPages() {
    assertThat(sense("5a 00 3f 00 000000 00ff 00"))
        .isEqualTo(
            "0062000000000000"
                + "010a"
                + "00".repeat(10)
                + "080a"
                + "00".repeat(10)
                + "8a0a"
                + "02100000"
                + "0000"
                + "ffff"
                + "0000"
                + "1a0a"
                + "00".repeat(10)
                + "1c0a"
                + "08000000"
                + "00000000"
                + "0000"
                + "1d08"
                + "00000000"
                + "001e"
                + "003c"
                + CAPABILITIES
                + "2900"
                + "5690"
                + "00000000"
                + "5690"
                + "000000000000");
  }

  @Test
  void theSpeedIsThatOfTheMedium() {
    assertThat(Discs.drive(Discs.cd()).execute(capabilities()).hex())
        .contains(CAPABILITIES + "2900" + "5690" + "00000000" + "1b90");
    assertThat(Discs.drive(Drive.empty(2048)).execute(capabilities()).hex())
        .contains(CAPABILITIES + "2900" + "5690" + "00000000" + "0000");
  }

  @Test
  void theLockIsTold() {
    TestNexus other = engine.nexus("other");
    engine.execute(other, hex("1e 0000 00 01 00"));

    assertThat(engine.execute(capabilities()).hex()).contains(CAPABILITIES + "2b00");
    assertThat(sense("5a 00 aa 00 000000 00ff 00"))
        .as("the default")
        .contains(CAPABILITIES + "2900");
    engine.execute(other, hex("1e 0000 00 00 00"));
    assertThat(engine.execute(capabilities()).hex()).contains(CAPABILITIES + "2900");
  }

  @Test
  void aPageComesBackAsItWent() {
    byte[] list = hex("0000000000000000" + "080a" + "00".repeat(10));

    assertThat(engine.execute(hex("55 10 0000000000 0014 00"), list).status())
        .isEqualTo(Status.GOOD);
    list[10] = 4;
    assertThat(engine.execute(hex("55 10 0000000000 0014 00"), list).sense())
        .as("a cache of writes")
        .isEqualTo(Sense.invalidFieldInParameterList(10, 2));
  }

  @Test
  void aBlockDescriptorIsRefused() {
    byte[] list = hex("00000008" + "00000000" + "00000800");

    assertThat(engine.execute(hex("15 10 0000 0c 00"), list).sense())
        .isEqualTo(Sense.invalidFieldInParameterList(4));
  }

  private static byte[] capabilities() {
    return hex("5a 00 2a 00 000000 00ff 00");
  }
}

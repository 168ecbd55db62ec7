package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The REPORT LUNS well-known logical unit. */
class WellKnownUnitTest {

  private static final byte[] REPORT_LUNS = Cdbs.hex("a0 00 00 000000 00000400 00 00");

  private final Engine engine = Engine.over(TestDisk.ofBlocks(16));

  @Test
  void itsLunIsThatOfTheStandard() {
    assertThat(WellKnownUnit.REPORT_LUNS).isEqualTo(0xc101_0000_0000_0000L);
  }

  @Test
  void inquiryTellsItsType() {
    assertThat(execute(Cdbs.inquiry(255)).hex()).startsWith("1e0006125b000002");
  }

  @Test
  void itIsReady() {
    assertThat(execute(Cdbs.TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
    assertThat(execute(Cdbs.hex("03 01 0000 ff 00")).hex()).isEqualTo("7200000000000000");
  }

  @Test
  void itReportsTheUnits() {
    assertThat(execute(REPORT_LUNS).hex()).isEqualTo("0000000800000000" + "0".repeat(16));
  }

  @Test
  void itIsKnownByThePortItIsReachedThrough() {
    String target = TestNexus.PORT.deviceName();

    assertThat(execute(Cdbs.vpd(0x00, 255)).hex()).isEqualTo("1e000002" + "0083");
    assertThat(execute(Cdbs.vpd(0x83, 255)).hex())
        .isEqualTo(
            "1e830060"
                + "5194000400000001"
                + "5195000400000001"
                + "53980028"
                + ascii(target + ",t,0x0001")
                + "000000"
                + "53a80020"
                + ascii(target)
                + "00000000");
    assertThat(execute(Cdbs.vpd(0x80, 255)).sense()).isEqualTo(Sense.invalidFieldInCdb(2));
  }

  @Test
  void everythingElseIsRefused() {
    assertThat(execute(Cdbs.read10(0, 1)).sense()).isEqualTo(Sense.INVALID_OPERATION_CODE);
    assertThat(execute(Cdbs.hex("00 00 00 00 01 00")).sense())
        .isEqualTo(Sense.invalidFieldInCdb(4, 0));
    assertThat(execute(Cdbs.hex("00 00 00 00 00 04")).sense())
        .as("NACA, where NORMACA is 0")
        .isEqualTo(Sense.invalidFieldInCdb(5, 2));
    assertThat(execute(Cdbs.hex("12 00 80 00ff 00")).sense()).isEqualTo(Sense.invalidFieldInCdb(2));
  }

  private ScsiResult execute(byte[] cdb) {
    return ScsiResult.of(engine.nexus.start(WellKnownUnit.REPORT_LUNS, cdb, 1024, new byte[0]));
  }

  private static String ascii(String text) {
    return HexFormat.of().formatHex(text.getBytes(StandardCharsets.US_ASCII));
  }
}

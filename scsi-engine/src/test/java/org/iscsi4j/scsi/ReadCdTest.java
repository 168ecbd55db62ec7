package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.Cdbs.hex;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReadCdTest {

  private final TestDisk disc = Discs.cd();
  private final Engine engine = Discs.drive(disc);

  @Test
  void userDataByBlock() {
    disc.fill(3, 1, 0x33);

    assertThat(engine.execute(hex("be 00 00000002 000002 10 00 00")).hex())
        .isEqualTo("00".repeat(2048) + "33".repeat(2048));
    assertThat(engine.execute(hex("be 08 00000003 000001 10 00 00")).hex())
        .as("mode 1")
        .isEqualTo("33".repeat(2048));
    assertThat(engine.execute(hex("be 00 0000000f 000002 10 00 00")).sense())
        .isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation(16));
  }

  @Test
  void userDataByTime() {
    disc.fill(3, 1, 0x33);

    assertThat(engine.execute(hex("b9 00 00 000202 000204 10 00 00")).hex())
        .isEqualTo("00".repeat(2048) + "33".repeat(2048));
    assertThat(engine.execute(hex("b9 00 00 000203 000203 10 00 00")).data())
        .as("the end is not read")
        .isEmpty();
    assertThat(engine.execute(hex("b9 00 00 000204 000203 10 00 00")).data())
        .as("an end before the start")
        .isEmpty();
  }

  @Test
  void beforeTheFirstBlockIsNothing() {
    ScsiResult result = engine.execute(hex("b9 00 00 00014a 000203 10 00 00"));

    assertThat(result.status()).isEqualTo(Status.CHECK_CONDITION);
    assertThat(result.sense().asc()).isEqualTo(0x21);
  }

  @ParameterizedTest
  @ValueSource(ints = {0x04, 0x0c, 0x10, 0x14})
  void theTrackIsOfMode1(int expectedSectorType) {
    byte[] cdb = hex("be 00 00000000 000001 10 00 00");
    cdb[1] = (byte) expectedSectorType;

    assertThat(engine.execute(cdb).sense())
        .isEqualTo(Sense.of(SenseKey.ILLEGAL_REQUEST, 0x64, 0x00));
  }

  @Test
  void anImageHasNothingButUserData() {
    assertThat(engine.execute(hex("be 00 00000000 000001 f8 00 00")).sense())
        .isEqualTo(Sense.invalidFieldInCdb(9));
    assertThat(engine.execute(hex("be 00 00000000 000001 10 01 00")).sense())
        .isEqualTo(Sense.invalidFieldInCdb(10));
  }

  @Test
  void aDvdHasNoSectorsOfACd() {
    assertThat(Discs.drive(Discs.dvd()).execute(hex("be 00 00000000 000001 10 00 00")).sense())
        .isEqualTo(Sense.of(SenseKey.ILLEGAL_REQUEST, 0x30, 0x02));
  }
}

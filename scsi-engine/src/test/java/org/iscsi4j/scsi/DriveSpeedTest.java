package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.Cdbs.hex;

import org.junit.jupiter.api.Test;

class DriveSpeedTest {

  private final Engine engine = Discs.drive(Discs.dvd());

  @Test
  void aDiscReadsAtOneSpeed() {
    assertThat(engine.execute(hex("ac 10 00000000 0000 0001 00 00")).hex())
        .isEqualTo("00000014" + "00000000" + "00000000" + "00005690" + "00057e40" + "00005690");
    assertThat(Discs.drive(Discs.cd()).execute(hex("ac 10 00000004 0000 0001 00 00")).hex())
        .isEqualTo("00000014" + "00000000" + "00000004" + "00001b90" + "0000000f" + "00001b90");
  }

  @Test
  void noDescriptorsLeaveTheHeader() {
    assertThat(engine.execute(hex("ac 10 00000000 0000 0000 00 00")).hex())
        .isEqualTo("00000014" + "00000000");
  }

  @Test
  void thereAreNoExceptionsAndNoSpeedsOfWriting() {
    assertThat(engine.execute(hex("ac 12 00000000 0000 0001 00 00")).hex())
        .isEqualTo("00000004" + "01000000");
    assertThat(engine.execute(hex("ac 14 00000000 0000 0001 00 00")).hex())
        .isEqualTo("00000004" + "02000000");
    assertThat(engine.execute(hex("ac 00 00000000 0000 0008 03 00")).hex())
        .isEqualTo("00000004" + "00000000");
  }

  @Test
  void whatCanNotBeAskedFor() {
    assertThat(engine.execute(hex("ac 13 00000000 0000 0001 00 00")).sense())
        .isEqualTo(Sense.invalidFieldInCdb(1, 1));
    assertThat(engine.execute(hex("ac 10 00000000 0000 0001 01 00")).sense())
        .isEqualTo(Sense.invalidFieldInCdb(10));
    assertThat(engine.execute(hex("ac 10 00057e41 0000 0001 00 00")).sense())
        .isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation(0x57e41));
  }

  @Test
  void aSpeedMayBeAskedFor() {
    assertThat(engine.execute(hex("bb 00 0160 ffff 0000000000 00")).status())
        .isEqualTo(Status.GOOD);
    assertThat(engine.execute(streaming(28), new byte[28]).status()).isEqualTo(Status.GOOD);
  }

  @Test
  void anExactPerformanceIsNotPromised() {
    byte[] exact = new byte[28];
    exact[0] = 0x02;

    assertThat(engine.execute(streaming(28), exact).sense())
        .isEqualTo(Sense.invalidFieldInParameterList(0, 1));
  }

  @Test
  void aPerformanceDescriptorIsWhole() {
    assertThat(engine.execute(streaming(27), new byte[27]).sense())
        .isEqualTo(Sense.PARAMETER_LIST_LENGTH_ERROR);
    assertThat(engine.execute(streaming(28), new byte[27]).sense())
        .isEqualTo(Sense.PARAMETER_LIST_LENGTH_ERROR);
    assertThat(engine.execute(hex("b6 00 000000000000 05 001c 00"), new byte[28]).sense())
        .isEqualTo(Sense.invalidFieldInCdb(8));
  }

  private static byte[] streaming(int length) {
    byte[] cdb = hex("b6 00 000000000000 00 0000 00");
    cdb[10] = (byte) length;
    return cdb;
  }
}

package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.Cdbs.hex;

import org.iscsi4j.api.Drive;
import org.junit.jupiter.api.Test;

class GetConfigurationTest {

  private static final String CORE = "00010b08" + "00000001" + "03000000";
  private static final String MORPHING = "00020704" + "02000000";
  private static final String REMOVABLE_MEDIUM = "00030b04" + "39000000";
  private static final String POWER_AND_TIMEOUT = "01000300" + "01050300";
  private static final String SERIAL_NUMBER = "01080308" + "534e2d3030343220"; // SN-0042

  @Test
  void ofADvd() {
    assertThat(Discs.drive(Discs.dvd()).execute(all()).hex())
        .isEqualTo(
            "00000068"
                + "0000"
                + "0010" // DVD-ROM is the current profile
                + "00000308"
                + "00100100"
                + "00080000"
                + CORE
                + MORPHING
                + REMOVABLE_MEDIUM
                + "00100108"
                + "00000800"
                + "00100100"
                + "001d0000"
                + "001e0804"
                + "00000000"
                + "001f0504"
                + "00000000"
                + POWER_AND_TIMEOUT
                + "01071104"
                + "08000000"
                + SERIAL_NUMBER);
  }

  @Test
  void ofACd() {
    assertThat(Discs.drive(Discs.cd()).execute(all()).hex())
        .isEqualTo(
            "00000068"
                + "0000"
                + "0008" // CD-ROM
                + "00000308"
                + "00100000"
                + "00080100"
                + CORE
                + MORPHING
                + REMOVABLE_MEDIUM
                + "00100108"
                + "00000800"
                + "00010100"
                + "001d0100"
                + "001e0904"
                + "00000000"
                + "001f0404"
                + "00000000"
                + POWER_AND_TIMEOUT
                + "01071104"
                + "08000000"
                + SERIAL_NUMBER);
  }

  @Test
  void anEmptyDriveHasOnlyWhatIsPersistent() {
    Engine empty = Discs.drive(Drive.empty(2048));

    assertThat(empty.execute(hex("46 01 0000 000000 00ff 00")).hex())
        .isEqualTo(
            "00000040"
                + "0000"
                + "0000" // no profile
                + "00000308"
                + "00100000"
                + "00080000"
                + CORE
                + MORPHING
                + REMOVABLE_MEDIUM
                + POWER_AND_TIMEOUT
                + SERIAL_NUMBER);
  }

  @Test
  void theProfileGoesByTheSizeOfTheMedium() {
    byte[] header = hex("46 00 0000 000000 0008 00");

    assertThat(Discs.drive(Discs.ofBlocks(360_000)).execute(header).u8(7)).isEqualTo(0x08);
    assertThat(Discs.drive(Discs.ofBlocks(360_001)).execute(header).u8(7)).isEqualTo(0x10);
  }

  @Test
  void fromAFeatureOn() {
    assertThat(Discs.drive(Discs.cd()).execute(hex("46 00 0101 000000 00ff 00")).hex())
        .isEqualTo("0000001c" + "00000008" + "01050300" + "01071104" + "08000000" + SERIAL_NUMBER);
    assertThat(Discs.drive(Discs.cd()).execute(hex("46 00 0109 000000 00ff 00")).hex())
        .isEqualTo("00000004" + "00000008");
  }

  @Test
  void oneFeature() {
    Engine engine = Discs.drive(Discs.cd());

    assertThat(engine.execute(hex("46 02 0002 000000 00ff 00")).hex())
        .isEqualTo("0000000c" + "00000008" + MORPHING);
    assertThat(engine.execute(hex("46 02 002a 000000 00ff 00")).hex())
        .as("one that it does not have")
        .isEqualTo("00000004" + "00000008");
  }

  @Test
  void theLengthIsThatOfAllEvenWhenItIsCut() {
    assertThat(Discs.drive(Discs.cd()).execute(hex("46 00 0000 000000 0004 00")).hex())
        .isEqualTo("00000068");
  }

  @Test
  void aUnitAttentionDoesNotStopIt() {
    Engine engine = Discs.drive(Discs.cd());
    engine.nexus.unit(0, engine.unit).raise(UnitAttention.MEDIUM_MAY_HAVE_CHANGED);

    assertThat(engine.execute(all()).status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(Cdbs.TEST_UNIT_READY).status()).isEqualTo(Status.CHECK_CONDITION);
  }

  @Test
  void thereIsNoFourthWayToAsk() {
    assertThat(Discs.drive(Discs.cd()).execute(hex("46 03 0000 000000 00ff 00")).sense())
        .isEqualTo(Sense.invalidFieldInCdb(1, 1));
  }

  private static byte[] all() {
    return hex("46 00 0000 000000 ffff 00");
  }
}

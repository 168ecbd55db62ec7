package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.Cdbs.hex;

import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a tape drive says of itself, and what it may be told. */
class TapeParametersTest {

  private final TapeEngine tape = new TapeEngine(TestDisk.ofBlocks(8192));

  private ScsiResult select(String list) {
    byte[] bytes = hex(list);
    return tape.execute(new byte[] {0x15, 0x10, 0, 0, (byte) bytes.length, 0}, bytes);
  }

  @Test
  void inquiryTellsARemovableSequentialAccessDevice() {
    ScsiResult result = tape.good(Cdbs.inquiry(96));

    assertThat(result.hex()).startsWith("0180");
    assertThat(result.hex().substring(116, 132)).isEqualTo("00a0096004600400");
  }

  @Test
  void vitalProductDataAreThoseOfATape() {
    assertThat(tape.good(Cdbs.vpd(0, 64)).hex()).isEqualTo("01000008" + "008083868788b0b1");
    assertThat(tape.good(Cdbs.vpd(0xb0, 64)).hex()).isEqualTo("01b00002" + "0000");
    assertThat(tape.good(Cdbs.vpd(0xb1, 64)).hex()).isEqualTo("01b10007" + "534e2d30303432");
  }

  @Test
  void blockLimitsAreOneByteTo16MebibytesLessOne() {
    assertThat(tape.good(TapeEngine.READ_BLOCK_LIMITS).hex()).isEqualTo("00ffffff0001");
  }

  @Test
  void theOneDensityIsReported() {
    String all = tape.good(hex("44 00 0000000000 00ff 00")).hex();

    assertThat(all).startsWith("00360000" + "4141a00000" + "000d89" + "007f" + "00d0" + "00000004");
    assertThat(all).hasSize(112);
    tape.good(TapeEngine.UNLOAD);
    assertThat(tape.execute(hex("44 01 0000000000 00ff 00")).sense())
        .isEqualTo(Sense.MEDIUM_NOT_PRESENT);
  }

  @Test
  void modeSenseTellsTheBlockLengthThatWasSelected() {
    assertThat(tape.good(hex("1a 00 00 00 0c 00")).hex())
        .isEqualTo("0b001008" + "4100000000000000");

    tape.blockLength(0x01_0203);

    assertThat(tape.good(hex("1a 00 00 00 0c 00")).hex())
        .isEqualTo("0b001008" + "4100000000010203");
    assertThat(tape.good(hex("5a 10 3f 00 000000 00ff 00")).hex())
        .contains("001000000008" + "4100000000010203");
    assertThat(tape.good(hex("1a 08 00 00 0c 00")).hex()).isEqualTo("03001000");
  }

  @ParameterizedTest
  @CsvSource({
    "1a 00 0f 00 ff 00, 8f0e4080000000100000001000000000",
    "1a 00 10 00 ff 00, 100e0000000000004000180000000008",
    "1a 00 11 00 ff 00, 1106000000010000",
    "1a 00 1c 00 ff 00, 1c0a08000000000000000000"
  })
  void modePagesAreThoseOfATape(String cdb, String page) {
    assertThat(tape.good(hex(cdb)).hex().substring(24)).isEqualTo(page);
  }

  @Test
  void compressionIsAFlag() {
    String page = "0f0e" + "c080" + "00000010" + "00000010" + "00000000";
    assertThat(select("00001000" + page).status()).isEqualTo(Status.GOOD);

    assertThat(tape.good(hex("1a 08 0f 00 ff 00")).hex())
        .isEqualTo("13001000" + "8" + page.substring(1));
  }

  @Test
  void whatWasTakenFromModeSenseMayBeHandedBack() {
    String all = tape.good(hex("1a 00 3f 00 ff 00")).hex();

    assertThat(select("00" + all.substring(2)).status()).isEqualTo(Status.GOOD);
  }

  @ParameterizedTest
  @CsvSource({
    "00001008 0000000000000200, 4100000000000200",
    "00001008 7f00000000000200, 4100000000000200",
    "00001008 4100000000000000, 4100000000000000"
  })
  void densitiesThatMeanTheOneAreTaken(String list, String descriptor) {
    assertThat(select(list).status()).isEqualTo(Status.GOOD);
    assertThat(tape.good(hex("1a 00 00 00 0c 00")).hex()).endsWith(descriptor);
  }

  @Test
  void whatCantBeHonouredIsRefusedAndChangesNothing() {
    assertThat(select("00001008 4000000000000200").sense())
        .isEqualTo(Sense.invalidFieldInParameterList(4));
    assertThat(select("00001008 4100000100000200").sense())
        .isEqualTo(Sense.invalidFieldInParameterList(5));
    assertThat(select("00003008 4100000000000200").sense())
        .isEqualTo(Sense.invalidFieldInParameterList(2, 6));
    assertThat(select("00001108 4100000000000200").sense())
        .isEqualTo(Sense.invalidFieldInParameterList(2, 3));
    assertThat(select("00001008 4100000000000200 1106000000010100").sense())
        .isEqualTo(Sense.invalidFieldInParameterList(18, 0));
    assertThat(tape.good(hex("1a 00 00 00 0c 00")).hex())
        .isEqualTo("0b001008" + "4100000000000000");
  }

  @Test
  void theOthersLearnOfASelection() {
    TestNexus other = tape.engine.nexus("other");
    tape.blockLength(512);
    tape.blockLength(512);

    assertThat(tape.engine.execute(other, Cdbs.TEST_UNIT_READY).sense())
        .isEqualTo(UnitAttention.MODE_PARAMETERS_CHANGED.sense());
    assertThat(tape.engine.execute(other, Cdbs.TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
    tape.good(Cdbs.TEST_UNIT_READY);
  }

  @Test
  void logPagesAreThoseOfATape() {
    assertThat(tape.good(hex("4d 00 40 00 00 0000 00ff 00")).hex())
        .isEqualTo("00000004" + "000e2e2f");
    String alerts = tape.good(hex("4d 00 6e 00 00 0000 ffff 00")).hex();
    assertThat(alerts).startsWith("ae000140" + "0001230100").hasSize(2 * (4 + 320));
  }

  @Test
  void everyCommandIsReportedWithItsUsage() {
    String names =
        tape.engine.unit.table().rows().stream()
            .filter(Command::sequential)
            .map(Command::name)
            .collect(Collectors.joining(", "));

    assertThat(names)
        .isEqualTo(
            "REWIND, READ BLOCK LIMITS, READ(6), WRITE(6), WRITE FILEMARKS(6), SPACE(6), VERIFY(6),"
                + " ERASE(6), LOAD UNLOAD, LOCATE(10), READ POSITION short form,"
                + " READ POSITION short form, vendor, READ POSITION long form,"
                + " READ POSITION extended form, REPORT DENSITY SUPPORT, SPACE(16), LOCATE(16)");
    assertThat(tape.good(hex("a3 0c 01 0a 0000 000000ff 00 00")).hex())
        .isEqualTo("00030006" + "0a01ffffff04");
  }
}

package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.Cdbs.TEST_UNIT_READY;
import static org.iscsi4j.scsi.Cdbs.hex;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.LogicalUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The parameter list: what is accepted, what is refused and where the field pointer points. */
class ModeSelectTest {

  private static final String HEADER = "00000000";
  private static final String CACHE_OFF = "0812" + "00".repeat(18);
  private static final String CACHE_ON = "0812" + "04" + "00".repeat(17);
  private static final String DESCRIPTOR_SENSE = "0a0a" + "0610" + "00000000" + "ffff" + "0000";
  private static final String PLAIN_SENSE = "0a0a" + "0210" + "00000000" + "ffff" + "0000";
  private static final String EXTENSION = "4a01001c" + "07" + "00".repeat(27);
  private static final String POWER = "1a26" + "00".repeat(38);

  private final Engine engine = Engine.over(TestDisk.ofBlocks(0x123456));
  private final TestNexus other = engine.nexus("other");

  // ---- what is accepted

  @Test
  void aPageBecomesCurrentAndNothingElseDoes() {
    assertGood(six(HEADER + DESCRIPTOR_SENSE));

    assertThat(sense(0x00)).isEqualTo("8a0a" + "0610" + "00000000" + "ffff" + "0000");
    assertThat(sense(0x80)).as("default").startsWith("8a0a" + "0210");
    assertThat(sense(0xc0)).as("saved").startsWith("8a0a" + "0210");
    assertThat(sense(0x40)).as("changeable").startsWith("8a0a" + "e406");
  }

  @Test
  void severalPagesOfAllFormatsStandInOneList() {
    assertGood(six(HEADER + CACHE_OFF + DESCRIPTOR_SENSE + EXTENSION + POWER));

    assertThat(engine.unit.mode().writesThrough()).isTrue();
    assertThat(engine.unit.mode().descriptorSense()).isTrue();
  }

  @Test
  void theLastOfTwoPagesCounts() {
    assertGood(six(HEADER + DESCRIPTOR_SENSE + PLAIN_SENSE));

    assertThat(engine.unit.mode().descriptorSense()).isFalse();
    assertThat(attention(other)).isEqualTo(Sense.NONE);
  }

  @Test
  void whatModeSenseReturnedMayBeHandedBack() {
    assertGood(six(engine.execute(hex("1a 00 3f ff ff 00")).hex()));
    assertGood(ten(engine.execute(hex("5a 00 3f ff 000000 ffff 00")).hex()));
    assertGood(ten(engine.execute(hex("5a 10 3f ff 000000 ffff 00")).hex()));
    assertThat(attention(other)).as("nothing changed").isEqualTo(Sense.NONE);
  }

  @Test
  void anEmptyListIsNoError() {
    assertThat(engine.execute(hex("15 00 0000 00 00")).status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(hex("15 10 0000 00 00")).status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(hex("55 10 0000000000 0000 00")).status()).isEqualTo(Status.GOOD);
    assertGood(six(HEADER));
    assertGood(ten(HEADER + HEADER));
  }

  @ParameterizedTest
  @ValueSource(strings = {"00123456", "00000000", "ffffffff"})
  void theShortBlockDescriptorMayNameWhatIs(String blocks) {
    assertGood(six("00000008" + blocks + "00000200" + DESCRIPTOR_SENSE));
    assertGood(ten("0000000000000008" + blocks + "00000200" + PLAIN_SENSE));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0000000000123456", "0000000000000000", "ffffffffffffffff"})
  void theLongBlockDescriptorMayNameWhatIs(String blocks) {
    assertGood(ten("0000000001000010" + blocks + "00000000" + "00000200" + DESCRIPTOR_SENSE));
  }

  @Test
  void aDiskTooLargeForTheShortDescriptorTakesBackWhatItTold() {
    Engine large = Engine.over(new TestDisk(Geometry.of(512, 1L << 33), TestDisk.MEMORY));

    assertThat(large.execute(cdb6(12), hex("00000008" + "ffffffff" + "00000200")).status())
        .isEqualTo(Status.GOOD);
    assertThat(large.execute(cdb6(12), hex("00000008" + "fffffffe" + "00000200")).sense())
        .isEqualTo(Sense.invalidFieldInParameterList(4));
  }

  @Test
  void aMediumThatIsOutIsNoObstacle() {
    Engine removable = Engine.over(LogicalUnit.builder(TestDisk.ofBlocks(16)).removable().build());
    removable.execute(Cdbs.startStop(0x02));

    byte[] list = hex("00000008" + "00000000" + "00000200" + DESCRIPTOR_SENSE);

    assertThat(removable.execute(cdb6(list.length), list).status()).isEqualTo(Status.GOOD);
    assertThat(removable.unit.mode().descriptorSense()).isTrue();
  }

  // ---- what is refused

  @ParameterizedTest
  @CsvSource({
    "15 00 0000 04 00, 1, 4", // PF 0 with a list
    "15 12 0000 04 00, 1, 1", // RTD
    "15 11 0000 04 80, 5, 7",
    "15 10 0100 04 00, 2, 0",
    "55 00 0000000000 0008 00, 1, 4",
    "55 10 8000000000 0008 00, 2, 7"
  })
  void bitsOfTheCdb(String cdb, int atByte, int bit) {
    assertThat(engine.execute(hex(cdb), hex(HEADER + HEADER)).sense())
        .isEqualTo(Sense.invalidFieldInCdb(atByte, bit));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "00",
        "000000",
        "00000008",
        "00000008" + "00123456" + "000002",
        "00000000" + "0a",
        "00000000" + "4a",
        "00000000" + "4a0100",
        "00000000" + "0a0a",
        "00000000" + "0a0a" + "0610" + "00000000" + "ffff" + "00",
        "00000000" + "4a01001c" + "00",
        "00000000" + "0a0a" + "0610" + "00000000" + "ffff" + "0000" + "08"
      })
  void aListThatEndsInTheMiddle(String list) {
    assertThat(six(list).sense()).isEqualTo(Sense.PARAMETER_LIST_LENGTH_ERROR);
    assertThat(engine.unit.mode().descriptorSense()).isFalse();
  }

  @Test
  void aTenByteHeaderOrItsDescriptorThatEndsInTheMiddle() {
    assertThat(ten(HEADER + "000000").sense()).isEqualTo(Sense.PARAMETER_LIST_LENGTH_ERROR);
    assertThat(ten("0000000001000010" + "00".repeat(15)).sense())
        .isEqualTo(Sense.PARAMETER_LIST_LENGTH_ERROR);
  }

  @Test
  void lessDataThanTheCdbAnnounced() {
    assertThat(engine.execute(cdb6(200), hex(HEADER + DESCRIPTOR_SENSE)).sense())
        .isEqualTo(Sense.PARAMETER_LIST_LENGTH_ERROR);
    assertThat(engine.execute(cdb6(4)).sense()).isEqualTo(Sense.PARAMETER_LIST_LENGTH_ERROR);
    assertThat(engine.unit.mode().descriptorSense()).isFalse();
  }

  @Test
  void moreDataThanTheCdbAnnouncedIsNotLookedAt() {
    assertThat(engine.execute(cdb6(4), hex(HEADER + "ffffff")).status()).isEqualTo(Status.GOOD);
  }

  @ParameterizedTest
  @CsvSource({
    "00010000, 1", // MEDIUM TYPE
    "00000001, 3", // BLOCK DESCRIPTOR LENGTH
    "00000010, 3",
    "000000ff, 3",
    "00000008 00123455 00000200, 4", // NUMBER OF LOGICAL BLOCKS
    "00000008 00123457 00000200, 4",
    "00000008 00123456 00001000, 8", // LOGICAL BLOCK LENGTH
    "00000008 00123456 00000000, 8",
    "00000000 0813" + " 00000000000000000000000000000000000000, 5", // PAGE LENGTH
    "00000000 4a01001b, 6",
    "00000000 0800, 5",
    "00000000 4a02001c, 5", // SUBPAGE CODE
    "00000000 4a00000a, 5",
    "00000000 5a01000a, 5"
  })
  void aFieldOfTheList(String list, int atByte) {
    assertThat(six(list).sense()).isEqualTo(Sense.invalidFieldInParameterList(atByte));
  }

  @ParameterizedTest
  @CsvSource({
    "00000100 00000000, 2", // MEDIUM TYPE
    "00000000 00000010, 6", // BLOCK DESCRIPTOR LENGTH
    "00000000 01000008, 6",
    "00000000 01000010 0000000000123457 00000000 00000200, 8",
    "00000000 01000010 0000000000123456 00010000 00000200, 16",
    "00000000 01000010 0000000000123456 00000000 00000201, 20",
    "00000000 00000008 00123456 00000400, 12"
  })
  void aFieldOfTheLongList(String list, int atByte) {
    assertThat(ten(list).sense()).isEqualTo(Sense.invalidFieldInParameterList(atByte));
  }

  @ParameterizedTest
  @CsvSource({
    // a page that is not known
    "020e 0000, 4, 5",
    "3f00, 4, 5",
    "7fff0000, 4, 5",
    // unchangeable: DRA, IC, RLEC, NUAR, BUSY TIMEOUT PERIOD, IALUAE, a timer
    "0812 04 00 0000000000000000 20 00 000000000000, 16, 5",
    "0812 84 00 0000000000000000 00 00 000000000000, 6, 7",
    "0a0a 0310 00000000 ffff 0000, 6, 0",
    "0a0a 0218 00000000 ffff 0000, 7, 3",
    "0a0a 0210 00000000 fff0 0000, 13, 3",
    "4a01001c 06 00000000000000 000000000000000000000000000000000000000000, 8, 0",
    "1a26 00000000 00000001 0000000000000000000000000000000000000000000000000000000000000000, 13, 0",
    // values that are reserved: TST, QERR, UA_INTLCK_CTRL
    "0a0a 4210 00000000 ffff 0000, 6, 7",
    "0a0a 0214 00000000 ffff 0000, 7, 2",
    "0a0a 0210 10000000 ffff 0000, 8, 5"
  })
  void aBitOfAPage(String page, int atByte, int bit) {
    assertThat(six(HEADER + page).sense())
        .isEqualTo(Sense.invalidFieldInParameterList(atByte, bit));
  }

  @Test
  void theFieldPointerCountsFromTheStartOfTheList() {
    assertThat(ten("0000000000000008" + "0012345600000200" + CACHE_ON + "020e").sense())
        .isEqualTo(Sense.invalidFieldInParameterList(8 + 8 + 20, 5));
  }

  @Test
  void oneBadPageSpoilsThoseBeforeIt() {
    assertThat(six(HEADER + CACHE_OFF + DESCRIPTOR_SENSE + "1c0a" + "00".repeat(10)).sense())
        .isEqualTo(Sense.invalidFieldInParameterList(4 + 20 + 12 + 2, 3));

    assertThat(engine.unit.mode().writesThrough()).isFalse();
    assertThat(engine.unit.mode().descriptorSense()).isFalse();
    assertThat(attention(other)).isEqualTo(Sense.NONE);
  }

  // ---- who is told

  @Test
  void theOtherNexusesAreToldOfAChange() {
    assertGood(six(HEADER + DESCRIPTOR_SENSE));

    assertThat(attention(engine.nexus)).isEqualTo(Sense.NONE);
    assertThat(attention(other)).isEqualTo(Sense.of(SenseKey.UNIT_ATTENTION, 0x2a, 0x01));
  }

  @Test
  void theyAreNotToldOfWhatChangesNothing() {
    assertGood(six(HEADER + PLAIN_SENSE + CACHE_ON + EXTENSION));

    assertThat(attention(other)).isEqualTo(Sense.NONE);
  }

  // ---- anything at all

  @Test
  void noListDoesHarm() {
    Random random = new Random(20_261_123);
    byte[] template =
        hex("00000008" + "0012345600000200" + CACHE_OFF + DESCRIPTOR_SENSE + EXTENSION + POWER);
    int good = 0;
    for (int round = 0; round < 20_000; round++) {
      byte[] list = Arrays.copyOf(template, random.nextInt(template.length + 8));
      for (int flips = random.nextInt(3); flips > 0 && list.length > 0; flips--) {
        list[random.nextInt(list.length)] ^= (byte) (1 << random.nextInt(8));
      }
      int length = random.nextInt(8) == 0 ? random.nextInt(256) : list.length;
      ScsiResult result = engine.execute(cdb6(length), list);

      boolean refused =
          result.sense().asc() == Sense.PARAMETER_LIST_LENGTH_ERROR.asc()
              || result.sense().asc() == Sense.INVALID_FIELD_IN_PARAMETER_LIST.asc();
      assertThat(result.status() == Status.GOOD || refused)
          .as(HexFormat.of().formatHex(list))
          .isTrue();
      good += result.status() == Status.GOOD ? 1 : 0;
    }
    assertOnlyChangeableBitsDiffer();
    assertThat(good).isGreaterThan(100);
  }

  private void assertOnlyChangeableBitsDiffer() {
    ModeParameters current = engine.unit.mode();
    for (ModePage page : engine.unit.modes().find(ModeSense.ALL_PAGES, ModeSense.ALL_SUBPAGES)) {
      for (int at = 0; at < page.length(); at++) {
        int differing = current.values(page)[at] ^ page.defaults()[at];
        assertThat(differing & ~page.changeable()[at]).as("%s, byte %d", page, at).isZero();
      }
    }
  }

  private ScsiResult six(String list) {
    byte[] bytes = hex(list);
    return engine.execute(cdb6(bytes.length), bytes);
  }

  private ScsiResult ten(String list) {
    byte[] bytes = hex(list);
    return engine.execute(Cdbs.ten(0x55, 0x10, 0, bytes.length), bytes);
  }

  private static byte[] cdb6(int length) {
    return new byte[] {0x15, 0x10, 0, 0, (byte) length, 0};
  }

  /** The control page, in the values that PC asks for. */
  private String sense(int control) {
    return engine
        .execute(new byte[] {0x1a, 0x08, (byte) (control | 0x0a), 0, (byte) 255, 0})
        .hex()
        .substring(8);
  }

  private Sense attention(TestNexus of) {
    return engine.execute(of, TEST_UNIT_READY).sense();
  }

  private static void assertGood(ScsiResult result) {
    assertThat(result.sense()).isEqualTo(Sense.NONE);
    assertThat(result.status()).isEqualTo(Status.GOOD);
  }
}

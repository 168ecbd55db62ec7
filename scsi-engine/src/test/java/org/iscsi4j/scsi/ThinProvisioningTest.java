package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.MemoryDevice;
import org.iscsi4j.api.Space;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A disk whose storage ends before it does. */
class ThinProvisioningTest {

  private static final int SET = 1024;

  /** Available space at the first threshold descriptor, which begins at byte 16 of the page. */
  private static final Sense AVAILABLE_LOW =
      Sense.of(SenseKey.UNIT_ATTENTION, 0x38, 0x07).withInformation(16);

  private static final Sense USED_HIGH =
      Sense.of(SenseKey.UNIT_ATTENTION, 0x38, 0x07).withInformation(24);

  @Test
  void aWriteThatFindsNoSpaceFailsAndChangesNothing() {
    MemoryDevice disk = MemoryDevice.limited(Geometry.of(512, 1000), 2 * 4096);
    Engine engine = Engine.over(disk);
    engine.execute(Cdbs.write10(0, 9), Cdbs.blocks(9));
    engine.execute(Cdbs.TEST_UNIT_READY); // takes the warning

    ScsiResult full = engine.execute(Cdbs.write10(16, 1), Cdbs.blocks(1));

    assertThat(full.sense()).isEqualTo(Sense.of(SenseKey.DATA_PROTECT, 0x27, 0x07));
    assertThat(engine.execute(Cdbs.read10(0, 17)).data())
        .startsWith(Cdbs.blocks(9))
        .endsWith(new byte[8 * 512]);
    assertThat(engine.execute(Cdbs.write10(8, 8), Cdbs.blocks(8)).status())
        .as("where there is space already")
        .isEqualTo(Status.GOOD);
    engine.execute(Cdbs.unmap(24), Cdbs.unmapList(0, 8));
    assertThat(engine.execute(Cdbs.write10(16, 1), Cdbs.blocks(1)).status())
        .as("with what was given back")
        .isEqualTo(Status.GOOD);
  }

  @Test
  void writeSameFindsNoSpaceEither() {
    Engine engine = Engine.over(MemoryDevice.limited(Geometry.of(512, 1000), 4096));

    assertThat(engine.execute(Cdbs.writeSame10(0, 0, 9), Cdbs.block(1)).sense())
        .isEqualTo(Sense.SPACE_ALLOCATION_FAILED);
  }

  @Test
  void aFormatInTheBackgroundWarnsToo() {
    SpaceDisk disk = new SpaceDisk(Space.of(0, 500 * 512));
    Engine engine = Engine.over(disk);
    disk.onCall = () -> disk.space = Space.of(500 * 512, 0);

    byte[] ones = Cdbs.hex("008a0000" + "00010001ff"); // IMMED, FOV, IP
    engine.execute(Cdbs.hex("04 10 00 00 00 00"), ones);

    assertThat(disk.calls).isNotEmpty();
    assertThat(engine.execute(Cdbs.TEST_UNIT_READY).sense()).isEqualTo(AVAILABLE_LOW);
  }

  @Test
  void theProvisioningPageTellsTheThresholdExponent() {
    assertThat(vpd(MemoryDevice.limited(Geometry.of(512, 1000), 65_536)))
        .isEqualTo("00b20004" + "03" + "e4" + "02" + "00");
    assertThat(vpd(MemoryDevice.ofSize(1 << 20))).isEqualTo("00b20004" + "00e40200");
  }

  @ParameterizedTest
  @CsvSource({
    "512, 1000, 512, 1, 1024",
    "512, 1000, 4096, 3, 4096",
    "512, 1000, 3072, 3, 4096",
    "4096, 1000, 4096, 1, 8192",
    "512, 4294967295, 4096, 3, 4096",
    "512, 1099511627776, 4096, 10, 524288",
    "512, 18014398509481983, 4096, 23, 4294967296",
  })
  void setsAreAsSmallAsTheyCanBeCounted(
      int blockSize, long blocks, int granularity, int exponent, long bytes) {
    Geometry geometry = Geometry.of(blockSize, blocks).withDeallocationGranularity(granularity);

    assertThat(ThresholdSets.of(geometry)).isEqualTo(new ThresholdSets(exponent, bytes));
    assertThat(blocks >>> exponent).isLessThan(1L << 32);
  }

  @Test
  void warnsEveryNexusOnceWhenAFifthIsLeft() {
    SpaceDisk disk = new SpaceDisk(Space.of(0, 100 * SET));
    Engine engine = Engine.over(disk);
    TestNexus other = engine.nexus("iqn.2026-11.org.example:other,i,0x000000000002");

    write(engine, disk, 79 * SET);
    assertThat(engine.execute(Cdbs.TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
    write(engine, disk, 80 * SET);

    assertThat(engine.execute(Cdbs.TEST_UNIT_READY).sense()).isEqualTo(AVAILABLE_LOW);
    assertThat(engine.execute(other, Cdbs.TEST_UNIT_READY).sense()).isEqualTo(AVAILABLE_LOW);
    write(engine, disk, 90 * SET);
    assertThat(engine.execute(Cdbs.TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(other, Cdbs.TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
  }

  @Test
  void warnsAgainOnlyAfterTheWholeRangeOfTheThresholdWasLeft() {
    SpaceDisk disk = new SpaceDisk(Space.of(80 * SET, 20 * SET));
    Engine engine = Engine.over(disk);
    write(engine, disk, 80 * SET);
    engine.execute(Cdbs.TEST_UNIT_READY);

    write(engine, disk, 80 * SET - SET / 2); // still in the range
    write(engine, disk, 80 * SET);
    assertThat(engine.execute(Cdbs.TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);

    write(engine, disk, 80 * SET - SET / 2 - 1);
    write(engine, disk, 80 * SET);
    assertThat(engine.execute(Cdbs.TEST_UNIT_READY).sense()).isEqualTo(AVAILABLE_LOW);
  }

  @Test
  void theWarningComesWithTheNextCommandAndNotWithTheWrite() {
    SpaceDisk disk = new SpaceDisk(Space.of(0, 100 * SET));
    Engine engine = Engine.over(disk);

    assertThat(write(engine, disk, 100 * SET).status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(Cdbs.read10(0, 1)).sense()).isEqualTo(AVAILABLE_LOW);
  }

  @Test
  void aWatchOnUsedSpaceLooksTheOtherWay() {
    SpaceDisk disk = new SpaceDisk(Space.of(0, 100 * SET));
    Engine engine = Engine.over(disk);
    engine
        .unit
        .spaceWatch()
        .watch(
            List.of(
                new Threshold(false, Threshold.Resource.AVAILABLE, 99),
                new Threshold(true, Threshold.Resource.USED, 10)));

    write(engine, disk, 10 * SET - 1);
    assertThat(engine.execute(Cdbs.TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
    write(engine, disk, 10 * SET);
    assertThat(engine.execute(Cdbs.TEST_UNIT_READY).sense()).isEqualTo(USED_HIGH);
    write(engine, disk, 10 * SET - SET / 2);
    write(engine, disk, 10 * SET);
    assertThat(engine.execute(Cdbs.TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
    write(engine, disk, 10 * SET - SET / 2 - 1);
    write(engine, disk, 10 * SET);
    assertThat(engine.execute(Cdbs.TEST_UNIT_READY).sense()).isEqualTo(USED_HIGH);
  }

  @Test
  void aThresholdThatIsReachedWhenItIsSetIsToldAtOnce() {
    Engine engine = Engine.over(new SpaceDisk(Space.of(0, 100 * SET)));

    engine
        .unit
        .spaceWatch()
        .watch(List.of(new Threshold(true, Threshold.Resource.AVAILABLE, 0xffff_ffffL)));

    assertThat(engine.execute(Cdbs.TEST_UNIT_READY).sense()).isEqualTo(AVAILABLE_LOW);
  }

  @Test
  void whatOthersTakeFromASharedPoolIsToldToo() {
    SpaceDisk disk = new SpaceDisk(new Space(0, 100 * SET, true));
    Engine engine = Engine.over(disk);

    disk.space = new Space(0, SET, true);
    disk.events.spaceChanged();

    assertThat(engine.execute(Cdbs.TEST_UNIT_READY).sense()).isEqualTo(AVAILABLE_LOW);
  }

  @Test
  void onlyChangesAskForTheSpace() {
    SpaceDisk disk = new SpaceDisk(Space.of(0, 100 * SET));
    Engine engine = Engine.over(disk);
    disk.asked = 0;

    engine.execute(Cdbs.read10(0, 8));
    engine.execute(Cdbs.TEST_UNIT_READY);
    assertThat(disk.asked).isZero();
    engine.execute(Cdbs.write10(0, 1), Cdbs.blocks(1));
    assertThat(disk.asked).isEqualTo(1);
    engine.execute(Cdbs.unmap(24), Cdbs.unmapList(0, 8));
    assertThat(disk.asked).isEqualTo(2);
  }

  @Test
  void aDeviceThatBreaksItsWordHarmsNoCommand() {
    SpaceDisk disk = new SpaceDisk(Space.of(0, 100 * SET));
    Engine engine = Engine.over(disk);
    disk.space = null;

    assertThat(engine.execute(Cdbs.write10(0, 1), Cdbs.blocks(1)).status()).isEqualTo(Status.GOOD);
  }

  @Test
  void defaultThresholdsStandAtAFifthAndCanBeMoved() {
    Engine engine = Engine.over(new SpaceDisk(Space.of(10 * SET, 91 * SET)));

    assertThat(modePage(engine, 0))
        .isEqualTo(
            "dc02001c"
                + "00" // SITUA
                + "00".repeat(11)
                + "8001000000000014" // ENABLED, decreasing, available
                + "0102000000000051"); // increasing, used
    assertThat(modePage(engine, 1))
        .as("changeable")
        .isEqualTo("dc02001c" + "00".repeat(12) + "80000000ffffffff" + "80000000ffffffff");
  }

  @Test
  void aUnitThatDoesNotTellItsSpaceHasNoThresholds() {
    Engine engine = Engine.over(TestDisk.thin(16));

    assertThat(engine.execute(Cdbs.hex("5a 08 1c 02 000000 00ff 00")).sense())
        .isEqualTo(Sense.invalidFieldInCdb(3));
  }

  @Test
  void modeSelectMovesAThreshold() {
    SpaceDisk disk = new SpaceDisk(Space.of(0, 100 * SET));
    Engine engine = Engine.over(disk);

    assertThat(select(engine, "800100000000005f" + "010200000000003c").status())
        .isEqualTo(Status.GOOD);

    assertThat(modePage(engine, 0)).endsWith("800100000000005f" + "010200000000003c");
    write(engine, disk, 4 * SET);
    assertThat(engine.execute(Cdbs.TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
    write(engine, disk, 5 * SET);
    assertThat(engine.execute(Cdbs.TEST_UNIT_READY).sense()).isEqualTo(AVAILABLE_LOW);
  }

  @Test
  void modeSelectEnablesAndDisablesAThreshold() {
    SpaceDisk disk = new SpaceDisk(Space.of(0, 100 * SET));
    Engine engine = Engine.over(disk);

    select(engine, "0001000000000014" + "810200000000003c");

    write(engine, disk, 60 * SET);
    assertThat(engine.execute(Cdbs.TEST_UNIT_READY).sense()).isEqualTo(USED_HIGH);
    write(engine, disk, 90 * SET);
    assertThat(engine.execute(Cdbs.TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
  }

  @ParameterizedTest
  @CsvSource({
    "8101000000000014, 24, 0", // increasing
    "8801000000000014, 24, 3", // another type
    "8002000000000014, 25, 1", // another resource
  })
  void whatAThresholdWatchesIsFixed(String descriptor, int at, int bit) {
    Engine engine = Engine.over(new SpaceDisk(Space.of(0, 100 * SET)));

    assertThat(select(engine, descriptor + "0102000000000050").sense())
        .isEqualTo(Sense.invalidFieldInParameterList(at, bit));
  }

  @Test
  void noThresholdIsToldWhileTheRecoveryPageForbidsIt() {
    SpaceDisk disk = new SpaceDisk(Space.of(0, 100 * SET));
    Engine engine = Engine.over(disk);

    lbpere(engine, "00");
    write(engine, disk, 90 * SET);
    assertThat(engine.execute(Cdbs.TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
    lbpere(engine, "80");
    write(engine, disk, 90 * SET);
    assertThat(engine.execute(Cdbs.TEST_UNIT_READY).sense()).isEqualTo(AVAILABLE_LOW);
  }

  private static void lbpere(Engine engine, String value) {
    byte[] list = Cdbs.hex("0000000000000000" + "010a" + "0000000000" + value + "00000000");
    assertThat(engine.execute(Cdbs.ten(0x55, 0x10, 0, list.length), list).status())
        .isEqualTo(Status.GOOD);
  }

  private static ScsiResult select(Engine engine, String descriptors) {
    byte[] list = Cdbs.hex("0000000000000000" + "5c02001c" + "00".repeat(12) + descriptors);
    return engine.execute(Cdbs.ten(0x55, 0x10, 0, list.length), list);
  }

  /** The page, without the header of the mode data. */
  private static String modePage(Engine engine, int control) {
    byte[] cdb = Cdbs.ten(0x5a, 0x08, (long) (control << 6 | 0x1c) << 24 | 0x02 << 16, 255);
    return engine.execute(cdb).hex().substring(16);
  }

  private static ScsiResult write(Engine engine, SpaceDisk disk, long used) {
    disk.space = Space.of(used, 100 * SET - used);
    return engine.execute(Cdbs.write10(0, 1), Cdbs.blocks(1));
  }

  private static String vpd(MemoryDevice disk) {
    return Engine.over(disk).execute(Cdbs.vpd(0xb2, 255)).hex();
  }
}

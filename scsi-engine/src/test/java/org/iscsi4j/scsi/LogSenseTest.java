package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.MemoryDevice;
import org.iscsi4j.api.Space;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LogSenseTest {

  /** Idle time, and the interval that it would be counted in: neither is measured. */
  static final String NO_TIMES = "00022208" + "00".repeat(8) + "00032308" + "00".repeat(8);

  private static final int CUMULATIVE = 0x40;

  private final Engine engine = Engine.over(TestDisk.ofBlocks(64));

  @Test
  void supportedPages() {
    assertThat(sense(0x00, 0x00).hex()).isEqualTo("00000005" + "000e15192f");
    assertThat(sense(thin(), 0x00, 0x00).hex()).isEqualTo("00000006" + "000c0e15192f");
  }

  @Test
  void supportedPagesAndSubpages() {
    assertThat(sense(0x00, 0xff).hex())
        .isEqualTo("40ff0014" + "000000ff" + "0e000eff" + "150015ff" + "190019ff" + "2f002fff");
    assertThat(sense(0x19, 0xff).hex()).isEqualTo("59ff0004" + "190019ff");
  }

  @Test
  void pagesAreExactlyThoseThatAreListed() {
    String listed = sense(0x00, 0xff).hex().substring(8);
    for (int page = 0; page < 64; page++) {
      for (int subpage = 0; subpage < 256; subpage++) {
        ScsiResult answer = sense(page, subpage);
        String codes = String.format("%02x%02x", page, subpage);
        if (answer.status() == Status.GOOD) {
          assertThat(listed).contains(codes);
          assertThat(answer.u8(0) & 0x3f).isEqualTo(page);
          assertThat(answer.u8(0) & 0x40).isEqualTo(subpage == 0 ? 0 : 0x40);
          assertThat(answer.u8(1)).isEqualTo(subpage);
          assertThat(answer.data()).hasSize(answer.u8(2) * 256 + answer.u8(3) + 4);
        } else {
          assertThat(listed).doesNotContainPattern("^(....)*" + codes);
        }
      }
    }
  }

  @Test
  void logicalBlockProvisioning() {
    MemoryDevice disk = MemoryDevice.limited(Geometry.of(512, 1000), 16 * 4096);
    Engine thin = Engine.over(disk);
    thin.execute(Cdbs.write10(7, 2), Cdbs.blocks(2));

    assertThat(sense(thin, 0x0c, 0).hex())
        .isEqualTo(
            "8c000018"
                + "00012308" // available, binary list that is not saved
                + "0000000e" // RESOURCE COUNT
                + "01000000" // SCOPE: dedicated
                + "00022308" // used
                + "00000002"
                + "01000000");
  }

  @Test
  void availableSpaceOfASharedPoolSaysSo() {
    TestDisk disk = new SpaceDisk(new Space(4097, 8191, true));

    assertThat(sense(Engine.over(disk), 0x0c, 0).hex())
        .isEqualTo(
            "8c000018"
                + "00012308"
                + "00000007"
                + "02000000"
                + "00022308"
                + "00000005"
                + "01000000");
  }

  @Test
  void resourcesBeyondTheFieldAreAsManyAsItHolds() {
    TestDisk disk = new SpaceDisk(Space.of(Long.MAX_VALUE, Long.MAX_VALUE));

    assertThat(sense(Engine.over(disk), 0x0c, 0).hex())
        .isEqualTo(
            "8c000018"
                + "00012308"
                + "ffffffff"
                + "01000000"
                + "00022308"
                + "ffffffff"
                + "01000000");
  }

  @Test
  void spaceThatIsNotToldAnyMoreLeavesThePageEmpty() {
    SpaceDisk disk = new SpaceDisk(Space.of(0, 4096));
    Engine broken = Engine.over(disk);
    disk.space = null;

    assertThat(sense(broken, 0x0c, 0).hex()).isEqualTo("8c000000");
  }

  @Test
  void startStopCycleCounter() {
    assertThat(sense(0x0e, 0).hex())
        .isEqualTo("8e000012" + "00022106" + "202020202020" + "00042304" + "00000000");
    engine.execute(Cdbs.startStop(0x00));
    engine.execute(Cdbs.startStop(0x01));
    assertThat(sense(0x0e, 0).hex()).endsWith("00042304" + "00000001");
  }

  @Test
  void aRemovableUnitCountsHowOftenItWasUnloaded() {
    Engine removable = Engine.over(LogicalUnit.builder(TestDisk.ofBlocks(16)).removable().build());

    removable.execute(Cdbs.startStop(0x02));

    assertThat(sense(removable, 0x0e, 0).hex())
        .isEqualTo(
            "8e00001a"
                + "00022106"
                + "202020202020"
                + "00042304"
                + "00000001"
                + "00062304"
                + "00000001");
  }

  @Test
  void noBackgroundScanWasDone() {
    assertThat(sense(0x15, 0).hex())
        .isEqualTo("95000010" + "0000230c" + "00000000" + "0000" + "0000" + "0000" + "0000");
  }

  @Test
  void generalStatistics() {
    engine.execute(Cdbs.write10(0, 3), Cdbs.blocks(3));
    engine.execute(Cdbs.write16(0, 2), Cdbs.blocks(2));
    engine.execute(Cdbs.read10(0, 7));
    engine.execute(Cdbs.read16(0, 1));
    engine.execute(Cdbs.twelve(0xa8, 0, 0, 4));
    engine.execute(Cdbs.read10(64, 1)); // out of range: received, but no block transmitted
    engine.execute(Cdbs.six(0x08, 0, 9)); // counted nowhere (SPC-4 table 375)

    assertThat(sense(0x19, 0).hex())
        .isEqualTo(
            "9900005c"
                + "00012240"
                + "0000000000000004" // read commands
                + "0000000000000002" // write commands
                + "0000000000000005" // blocks received
                + "000000000000000c" // blocks transmitted
                + "00".repeat(32)
                + NO_TIMES);
  }

  @Test
  void statisticsSumUpAllNexusesThoseThatAreGoneIncluded() {
    TestNexus other = engine.nexus("iqn.2026-11.org.example:other,i,0x000000000002");
    engine.execute(other, Cdbs.read10(0, 2));
    engine.execute(Cdbs.read10(0, 3));
    assertThat(engine.unit.logValues().accesses().totals()).isEqualTo(new AccessTotals(2, 0, 5, 0));

    other.close();

    assertThat(engine.unit.logValues().accesses().totals()).isEqualTo(new AccessTotals(2, 0, 5, 0));
  }

  @Test
  void unmapIsAWriteCommandWithoutBlocks() {
    Engine thin = Engine.over(TestDisk.thin(64));

    thin.execute(Cdbs.unmap(24), Cdbs.unmapList(0, 8));

    assertThat(thin.unit.logValues().accesses().totals()).isEqualTo(new AccessTotals(0, 1, 0, 0));
  }

  @ParameterizedTest
  @CsvSource({
    "0x28, -1, READ",
    "0xa8, -1, READ",
    "0x88, -1, READ",
    "0x7f, 0x09, READ",
    "0x2a, -1, WRITE",
    "0xaa, -1, WRITE",
    "0x8a, -1, WRITE",
    "0x7f, 0x0b, WRITE",
    "0x2e, -1, WRITE",
    "0xae, -1, WRITE",
    "0x8e, -1, WRITE",
    "0x7f, 0x0c, WRITE",
    "0x83, 0x10, READ_WITHOUT_BLOCKS",
    "0x83, 0x11, WRITE_WITHOUT_BLOCKS",
    "0x42, -1, WRITE_WITHOUT_BLOCKS",
    "0x83, 0x00, NONE",
    "0x08, -1, NONE",
    "0x0a, -1, NONE",
    "0x2f, -1, NONE",
    "0x93, -1, NONE",
    "0x7f, 0x0d, NONE",
    "0x89, -1, NONE",
  })
  void countsTheCommandsOfTheStandard(String opcode, String action, Access as) {
    assertThat(Access.of(Integer.decode(opcode), Integer.decode(action))).isEqualTo(as);
  }

  @Test
  void thereAreNoInformationalExceptions() {
    assertThat(sense(0x2f, 0).hex()).isEqualTo("af000008" + "00002304" + "0000ff00");
  }

  @ParameterizedTest
  @ValueSource(ints = {0x00, 0x80, 0xc0})
  void thresholdsAndDefaultsOfACounterAreZero(int control) {
    engine.execute(Cdbs.read10(0, 7));

    assertThat(log(engine, control | 0x19, 0, 0, 255).hex())
        .isEqualTo("9900005c" + "00012240" + "00".repeat(64) + NO_TIMES);
    assertThat(log(engine, control | 0x2f, 0, 0, 255).hex())
        .as("lists ignore PC")
        .isEqualTo("af000008" + "00002304" + "0000ff00");
  }

  @Test
  void beginsWithTheParameterThatThePointerNames() {
    assertThat(log(engine, 0x0e, 0, 2, 255).hex()).startsWith("8e000012" + "0002");
    assertThat(log(engine, 0x0e, 0, 3, 255).hex()).isEqualTo("8e000008" + "00042304" + "00000000");
    assertThat(log(engine, 0x0e, 0, 4, 255).hex()).isEqualTo("8e000008" + "00042304" + "00000000");
  }

  @ParameterizedTest
  @CsvSource({"0x0e, 0, 5", "0x2f, 0, 1", "0x00, 0, 1", "0x00, 255, 1", "0x0e, 255, 65535"})
  void aPointerBehindTheLastParameterIsRefused(String page, int subpage, int pointer) {
    assertThat(log(engine, Integer.decode(page), subpage, pointer, 255).sense())
        .isEqualTo(Sense.invalidFieldInCdb(5));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 4, 5, 9, 10, 65_535})
  void allocationLengthCutsTheDataAndNotTheLengthInIt(int allocationLength) {
    ScsiResult result = log(engine, 0x00, 0, 0, allocationLength);

    assertThat(result.status()).isEqualTo(Status.GOOD);
    assertThat(result.data()).hasSize(Math.min(allocationLength, 9));
    assertThat(allocationLength < 4 || result.u8(3) == 5).isTrue();
  }

  @Test
  void unknownPagesAreRefused() {
    assertThat(sense(0x0c, 0).sense()).as("no space").isEqualTo(Sense.invalidFieldInCdb(2, 5));
    assertThat(sense(0x0d, 0).sense()).isEqualTo(Sense.invalidFieldInCdb(2, 5));
    assertThat(sense(0x3f, 0xff).sense()).isEqualTo(Sense.invalidFieldInCdb(2, 5));
    assertThat(sense(0x0e, 1).sense()).isEqualTo(Sense.invalidFieldInCdb(3));
    assertThat(sense(0x00, 1).sense()).isEqualTo(Sense.invalidFieldInCdb(3));
  }

  @Test
  void nothingIsSavedAndPpcIsObsolete() {
    assertThat(engine.execute(Cdbs.hex("4d 01 40 00 00 0000 00ff 00")).sense())
        .isEqualTo(Sense.invalidFieldInCdb(1, 0));
    assertThat(engine.execute(Cdbs.hex("4d 02 40 00 00 0000 00ff 00")).sense())
        .isEqualTo(Sense.invalidFieldInCdb(1, 1));
  }

  private static Engine thin() {
    return Engine.over(MemoryDevice.limited(Geometry.of(512, 1000), 65_536));
  }

  private ScsiResult sense(int page, int subpage) {
    return sense(engine, page, subpage);
  }

  private static ScsiResult sense(Engine of, int page, int subpage) {
    return log(of, CUMULATIVE | page, subpage, 0, 65_535);
  }

  private static ScsiResult log(Engine of, int page, int subpage, int pointer, int length) {
    byte[] cdb = Cdbs.ten(0x4d, 0, (long) page << 24 | (long) subpage << 16, length);
    cdb[5] = (byte) (pointer >> 8);
    cdb[6] = (byte) pointer;
    return of.execute(cdb);
  }
}

package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LogSelectTest {

  private static final String NO_ACCESSES =
      "9900005c" + "00012240" + "00".repeat(64) + LogSenseTest.NO_TIMES;

  private static final int PCR = 0x02;
  private static final int SP = 0x01;

  private static final String DATE = "00022106" + "323032363438";
  private static final String CHANGED = "8e00000a" + DATE;
  private static final String NO_DATE = "8e000012" + "00022106" + "202020202020";

  private final Engine engine = Engine.over(TestDisk.ofBlocks(64));
  private final TestNexus other = engine.nexus("iqn.2026-11.org.example:other,i,0x000000000002");

  @Test
  void setsTheAccountingDate() {
    assertThat(select(0, 0, CHANGED).status()).isEqualTo(Status.GOOD);

    assertThat(page(0x0e)).startsWith("8e000012" + DATE);
    assertChangeIsTold();
  }

  @Test
  void aListOfWhatIsThereAlreadyChangesNothing() {
    assertThat(select(0, 0x40, "af000008" + "00002304" + "0000ff00").status())
        .isEqualTo(Status.GOOD);
    assertThat(select(0, 0x40, "8e000008" + "00042304" + "00000000").status())
        .isEqualTo(Status.GOOD);
    assertThat(other.unit(0, engine.unit).hasUnitAttention()).isFalse();
  }

  @Test
  void takesSeveralPagesInOrder() {
    String exceptions = "af000008" + "00002304" + "0000ff00";

    assertThat(select(0, 0, exceptions + CHANGED).sense())
        .isEqualTo(Sense.invalidFieldInParameterList(12));
    assertThat(select(0, 0, CHANGED + CHANGED).sense())
        .isEqualTo(Sense.invalidFieldInParameterList(14));
    assertThat(page(0x0e)).as("all or nothing").startsWith(NO_DATE);
    assertThat(select(0, 0, CHANGED + exceptions).status()).isEqualTo(Status.GOOD);
    assertThat(page(0x0e)).startsWith("8e000012" + DATE);
  }

  @Test
  void pcrResetsAllPages() {
    select(0, 0, CHANGED);
    engine.execute(Cdbs.read10(0, 7));
    other.unit(0, engine.unit).takeUnitAttention();

    assertThat(reset(PCR, 0x00, 0x00).status()).isEqualTo(Status.GOOD);

    assertThat(page(0x0e)).startsWith(NO_DATE);
    assertThat(page(0x19)).isEqualTo(NO_ACCESSES);
    assertChangeIsTold();
  }

  @ParameterizedTest
  @CsvSource({"0x19, 0x00", "0x19, 0xff"})
  void pcrResetsThePageThatIsNamed(String page, String subpage) {
    select(0, 0, CHANGED);
    engine.execute(Cdbs.read10(0, 7));

    reset(PCR, Integer.decode(page), Integer.decode(subpage));

    assertThat(page(0x0e)).startsWith("8e000012" + DATE);
    assertThat(page(0x19)).isEqualTo(NO_ACCESSES);
  }

  @Test
  void countersCountOnAfterAReset() {
    engine.execute(Cdbs.read10(0, 7));
    engine.execute(other, Cdbs.read10(0, 5));
    reset(PCR, 0x19, 0);
    engine.execute(Cdbs.read10(0, 2));

    assertThat(engine.unit.logValues().accesses().totals()).isEqualTo(new AccessTotals(1, 0, 2, 0));
  }

  @Test
  void defaultCumulativeValuesResetCountersAlone() {
    select(0, 0, CHANGED);
    engine.execute(Cdbs.read10(0, 7));

    reset(0, 0xc0, 0);

    assertThat(page(0x0e)).startsWith("8e000012" + DATE);
    assertThat(page(0x19)).isEqualTo(NO_ACCESSES);
  }

  @ParameterizedTest
  @ValueSource(ints = {0x00, 0x40, 0x80})
  void anyOtherControlWithoutAListChangesNothing(int control) {
    engine.execute(Cdbs.read10(0, 7));

    assertThat(reset(0, control, 0).status()).isEqualTo(Status.GOOD);

    assertThat(engine.unit.logValues().accesses().totals()).isEqualTo(new AccessTotals(1, 0, 7, 0));
    assertThat(other.unit(0, engine.unit).hasUnitAttention()).isFalse();
  }

  @Test
  void savingIsRefusedWhereThereIsSomethingToSave() {
    assertThat(reset(SP, 0x00, 0).sense()).isEqualTo(Sense.invalidFieldInCdb(1, 0));
    assertThat(reset(SP, 0x40, 0).sense()).isEqualTo(Sense.invalidFieldInCdb(1, 0));
    assertThat(reset(SP | PCR, 0x40, 0).sense()).isEqualTo(Sense.invalidFieldInCdb(1, 0));
    assertThat(reset(SP, 0x80, 0).status()).isEqualTo(Status.GOOD);
    assertThat(reset(SP | PCR, 0xc0, 0).status()).isEqualTo(Status.GOOD);
    assertThat(select(SP, 0, "0e00000a" + DATE).sense())
        .as("DS is 0")
        .isEqualTo(Sense.invalidFieldInParameterList(0));
    assertThat(select(SP, 0, CHANGED).status()).as("DS is 1").isEqualTo(Status.GOOD);
  }

  @Test
  void aListGoesWithoutPcrAndPage() {
    assertThat(select(PCR, 0, CHANGED).sense()).isEqualTo(Sense.invalidFieldInCdb(1, 1));
    assertThat(select(0, 0x0e, CHANGED).sense()).isEqualTo(Sense.invalidFieldInCdb(2, 5));
    assertThat(engine.execute(Cdbs.hex("4c 00 00 ff 000000 000e 00"), Cdbs.hex(CHANGED)).sense())
        .isEqualTo(Sense.invalidFieldInCdb(3));
  }

  @Test
  void anUnknownPageIsRefused() {
    assertThat(reset(PCR, 0x0d, 0).sense()).isEqualTo(Sense.invalidFieldInCdb(2, 5));
    assertThat(reset(PCR, 0x19, 0x01).sense()).isEqualTo(Sense.invalidFieldInCdb(3));
    assertThat(reset(PCR, 0x00, 0xff).status()).isEqualTo(Status.GOOD);
  }

  @ParameterizedTest
  @CsvSource({
    "8d000000, 0", // no such page
    "80000000, 0", // a list of pages
    "c0ff0004000000ff, 0",
    "ceff00040e000eff, 0",
    "8eff0000, 0", // a subpage without SPF
    "ce000000, 0", // SPF without a subpage
    "8e00000a00012106303030303030, 4", // no such parameter
    "8e00000a00022306303030303030, 6", // another format
    "8e0000090002210530303030300000, 7", // another length
    "8e00000a00022107303030303030, 7", // a value cut off by the page
    "8e00000300022106, 4", // a header cut off by the page
    "8e0000080004230400000001, 8", // never changed
    "af000008000023045d00ff00, 8",
    "8e00001200042304000000000002210630303030303030, 12", // not in order
  })
  void whatIsWrongInAListIsPointedAt(String list, int at) {
    assertThat(select(0, 0x40, list).sense()).isEqualTo(Sense.invalidFieldInParameterList(at));
    assertThat(page(0x0e)).startsWith(NO_DATE);
  }

  @Test
  void aCounterKeepsItsControlByte() {
    String zero = "00".repeat(64);
    assertThat(select(0, 0xc0, "99000044" + "00010240" + zero).status()).isEqualTo(Status.GOOD);
    assertThat(select(0, 0xc0, "99000044" + "00018240" + zero).sense())
        .as("DU")
        .isEqualTo(Sense.invalidFieldInParameterList(6));
    assertThat(select(0, 0xc0, "99000044" + "00011240" + zero).sense())
        .as("ETC")
        .isEqualTo(Sense.invalidFieldInParameterList(6));
    engine.execute(Cdbs.read10(0, 1));
    assertThat(select(0, 0x40, "99000044" + "00010240" + zero).sense())
        .as("reset only")
        .isEqualTo(Sense.invalidFieldInParameterList(8));
  }

  @ParameterizedTest
  @ValueSource(strings = {"8e", "8e0000", "8e00000a", CHANGED + "af", "8e00000b" + DATE})
  void aListThatEndsTooEarlyIsRefused(String list) {
    assertThat(select(0, 0, list).sense()).isEqualTo(Sense.PARAMETER_LIST_LENGTH_ERROR);
    assertThat(page(0x0e)).startsWith(NO_DATE);
  }

  @Test
  void aListThatIsShorterThanItsLengthIsRefused() {
    assertThat(engine.execute(Cdbs.ten(0x4c, 0, 0, 15), Cdbs.hex(CHANGED)).sense())
        .isEqualTo(Sense.PARAMETER_LIST_LENGTH_ERROR);
  }

  private void assertChangeIsTold() {
    assertThat(engine.nexus.unit(0, engine.unit).hasUnitAttention()).isFalse();
    assertThat(engine.execute(other, Cdbs.TEST_UNIT_READY).sense())
        .isEqualTo(Sense.of(SenseKey.UNIT_ATTENTION, 0x2a, 0x02));
  }

  private ScsiResult reset(int flags, int page, int subpage) {
    return engine.execute(Cdbs.ten(0x4c, flags, (long) page << 24 | (long) subpage << 16, 0));
  }

  private ScsiResult select(int flags, int page, String list) {
    byte[] bytes = Cdbs.hex(list);
    return engine.execute(Cdbs.ten(0x4c, flags, (long) page << 24, bytes.length), bytes);
  }

  private String page(int code) {
    return engine.execute(Cdbs.ten(0x4d, 0, (0x40L | code) << 24, 255)).hex();
  }
}

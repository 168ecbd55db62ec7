package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.Cdbs.TEST_UNIT_READY;
import static org.iscsi4j.scsi.Cdbs.hex;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.iscsi4j.api.BlockDeviceException;
import org.iscsi4j.api.Blocking;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.StateStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of mode parameters once they are accepted: in the unit, in the store. */
class ModeEffectsTest {

  private static final String CACHE_OFF = "0812" + "00".repeat(18);
  private static final String CACHE_ON = "0812" + "04" + "00".repeat(17);
  private static final int SP = 0x01;

  private final TestDisk disk = TestDisk.thin(16);
  private final SavedState store = new SavedState();
  private final Engine engine = engine(disk, store);
  private final TestNexus other = engine.nexus("other");

  // ---- the write cache

  @Test
  void theCacheIsFlushedBeforeItIsOff() {
    List<String> during = new ArrayList<>();
    disk.onCall = () -> during.add(currentCaching());

    assertGood(select(CACHE_OFF));

    assertThat(disk.calls).containsExactly("flush");
    assertThat(during).as("not told before it is true").containsExactly("8812" + "04");
    assertThat(currentCaching()).isEqualTo("8812" + "00");
  }

  @Test
  void whatIsWrittenDuringThatFlushIsDurable() {
    disk.onCall =
        () -> {
          disk.calls.clear();
          engine.execute(other, Cdbs.write10(0, 1), 0, Cdbs.block(1));
        };

    assertGood(select(CACHE_OFF));

    assertThat(disk.calls).containsExactly("writeThrough 0+512");
  }

  @Test
  void aFlushThatFailsLeavesTheCacheOn() {
    disk.fault = new IOException("disk on fire");

    assertThat(select(SP, CACHE_OFF).sense()).isEqualTo(Sense.WRITE_ERROR);

    assertThat(currentCaching()).isEqualTo("8812" + "04");
    assertThat(attention(other)).isEqualTo(Sense.NONE);
    assertThat(store.saves).isZero();
    disk.calls.clear();
    engine.execute(Cdbs.write10(0, 1), Cdbs.block(1));
    assertThat(disk.calls).containsExactly("write 0+512");
  }

  @Test
  void withTheCacheOffEveryChangeIsDurableOnGood() {
    select(CACHE_OFF);
    disk.calls.clear();

    assertGood(engine.execute(Cdbs.write10(1, 2), Cdbs.blocks(2)));
    assertGood(engine.execute(Cdbs.six(0x0a, 3, 1), Cdbs.block(1)));
    assertThat(disk.calls).containsExactly("writeThrough 512+1024", "writeThrough 1536+512");

    disk.calls.clear();
    assertGood(engine.execute(Cdbs.writeSame10(0, 4, 2), Cdbs.block(0)));
    assertThat(disk.calls).containsExactly("zero 2048+1024", "flush");

    disk.calls.clear();
    assertGood(engine.execute(Cdbs.unmap(24), Cdbs.unmapList(0, 8)));
    assertThat(disk.calls).containsExactly("deallocate 0+4096", "flush");
  }

  @Test
  void aChangeThatCouldNotBeMadeDurableFails() {
    select(CACHE_OFF);
    disk.onCall = () -> disk.onCall = () -> disk.fault = new IOException("disk on fire");

    assertThat(engine.execute(Cdbs.writeSame10(0, 4, 2), Cdbs.block(0)).sense())
        .isEqualTo(Sense.WRITE_ERROR);
  }

  @Test
  void withTheCacheOnAgainWritesNeedNotBeDurable() {
    select(CACHE_OFF);
    select(CACHE_ON);
    disk.calls.clear();

    engine.execute(Cdbs.write10(0, 1), Cdbs.block(1));
    engine.execute(Cdbs.writeSame10(0, 4, 2), Cdbs.block(0));

    assertThat(disk.calls).containsExactly("write 0+512", "zero 2048+1024");
  }

  private static LogicalUnit writingThrough(TestDisk disk) {
    return LogicalUnit.builder(disk).writeCache(false).build();
  }

  @Test
  void aUnitWhoseHostSwitchedTheCacheOffWritesThroughFromTheBeginning() {
    TestDisk through = TestDisk.thin(16);
    Engine over = Engine.over(writingThrough(through));

    over.execute(Cdbs.write10(0, 1), Cdbs.block(1));
    over.execute(Cdbs.writeSame10(0, 4, 2), Cdbs.block(0));

    assertThat(through.calls).containsExactly("writeThrough 0+512", "zero 2048+1024", "flush");
    assertThat(over.execute(hex("1a 08 08 00 ff 00")).hex()).startsWith("17001000" + "0812" + "00");
  }

  @Test
  void noInitiatorSwitchesACacheOnThatTheHostSwitchedOff() {
    Engine over = Engine.over(writingThrough(TestDisk.thin(16)));
    byte[] on = hex("00000000" + CACHE_ON);

    assertThat(over.execute(cdb(0, on.length), on).sense())
        .isEqualTo(Sense.invalidFieldInParameterList(6, 2));
    assertThat(over.unit.mode().writesThrough()).isTrue();
  }

  @Test
  void aCacheThatTheHostSwitchedOffStaysSoWhateverWasSavedBefore() {
    select(SP, control("06", "10", "00", "00"));

    Engine again = engine(writingThrough(TestDisk.thin(16)), store);

    assertThat(again.unit.mode().descriptorSense()).isTrue();
    assertThat(again.unit.mode().writesThrough()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"true, 05, 04", "false, 01, 00"})
  void readsThatAreNotCachedAreOnlyTold(boolean writes, String current, String changeable) {
    LogicalUnit unit =
        LogicalUnit.builder(TestDisk.thin(16)).readCache(false).writeCache(writes).build();
    Engine over = Engine.over(unit);

    String ps = writes ? "88" : "08";
    assertThat(over.execute(hex("1a 08 08 00 ff 00")).hex())
        .startsWith("17001000" + ps + "12" + current);
    assertThat(over.execute(hex("1a 08 48 00 ff 00")).hex())
        .startsWith("17001000" + ps + "12" + changeable);
    assertThat(over.unit.mode().writesThrough()).isEqualTo(!writes);
  }

  @Test
  void aDeviceWithoutAVolatileCacheIsNeverFlushed() {
    TestDisk durable = new TestDisk(Geometry.of(512, 16), TestDisk.MEMORY.withVolatileCache(false));
    Engine over = Engine.over(durable);

    over.execute(Cdbs.write10(0, 1), Cdbs.block(1));
    over.execute(Cdbs.writeSame10(0, 4, 2), Cdbs.block(0));

    assertThat(durable.calls).containsExactly("write 0+512", "zero 2048+1024");
    byte[] on = hex("00000000" + CACHE_ON);
    assertThat(over.execute(cdb(0, on.length), on).sense())
        .isEqualTo(Sense.invalidFieldInParameterList(6, 2));
  }

  @Test
  void aSlowDeviceIsFlushedElsewhere() {
    TestDisk slow = new TestDisk(Geometry.of(512, 16), TestDisk.MEMORY.withBlocking(Blocking.LONG));
    SteppedExecutor executor = new SteppedExecutor();
    Engine over = Engine.over(LogicalUnit.of(slow), executor);
    byte[] off = hex("00000000" + CACHE_OFF);

    TestTask task = over.start(cdb(0, off.length), off);
    assertThat(task.ended).isZero();
    assertThat(slow.calls).isEmpty();
    executor.runAll();
    over.nexus.drain();

    assertThat(task.status()).isEqualTo(Status.GOOD);
    assertThat(slow.calls).containsExactly("flush");
    assertThat(over.unit.mode().writesThrough()).isTrue();
  }

  @Test
  void twoChangesAreMadeOneAfterTheOther() {
    TestDisk slow = new TestDisk(Geometry.of(512, 16), TestDisk.MEMORY.withBlocking(Blocking.LONG));
    SteppedExecutor executor = new SteppedExecutor();
    Engine over = Engine.over(LogicalUnit.of(slow), executor);
    byte[] off = hex("00000000" + CACHE_OFF);
    byte[] protect = hex("00000000" + control("02", "10", "08", "00"));

    TestTask first = over.start(cdb(0, off.length), off);
    TestTask second = over.start(cdb(0, protect.length), protect);
    for (int steps = 0; steps < 4; steps++) {
      executor.runAll();
      over.nexus.drain();
    }

    assertThat(List.of(first.status(), second.status())).containsOnly(Status.GOOD);
    assertThat(over.unit.mode().writesThrough()).isTrue();
    assertThat(over.unit.mode().softwareWriteProtect()).isTrue();
  }

  // ---- the control page

  @Test
  void softwareWriteProtectRefusesWhatWouldChangeTheMedium() {
    engine.execute(Cdbs.write10(3, 1), Cdbs.block(7));
    disk.calls.clear();
    assertGood(select(control("02", "10", "08", "00")));
    assertThat(disk.calls).as("what is cached gets out").containsExactly("flush");
    disk.calls.clear();

    Sense expected = Sense.of(SenseKey.DATA_PROTECT, 0x27, 0x02);
    assertThat(engine.execute(Cdbs.write10(0, 1), Cdbs.block(1)).sense()).isEqualTo(expected);
    assertThat(engine.execute(Cdbs.writeSame10(0, 0, 1), Cdbs.block(1)).sense())
        .isEqualTo(expected);
    assertThat(engine.execute(Cdbs.unmap(24), Cdbs.unmapList(0, 8)).sense()).isEqualTo(expected);
    assertThat(engine.execute(Cdbs.read10(3, 1)).data()).isEqualTo(Cdbs.block(7));
    assertThat(engine.execute(hex("1a 08 0a 00 ff 00")).u8(2)).as("WP").isEqualTo(0x90);
    assertThat(disk.calls).isEmpty();

    assertGood(select(control("02", "10", "00", "00")));
    assertGood(engine.execute(Cdbs.write10(0, 1), Cdbs.block(1)));
    assertThat(engine.execute(hex("1a 08 0a 00 ff 00")).u8(2)).isEqualTo(0x10);
  }

  @Test
  void dataThatComeAfterTheProtectionAreNotWritten() {
    TestTask write = TestTask.of(engine.nexus, 0, Cdbs.write10(0, 1), 0, Cdbs.block(1));
    write.late = true;
    engine.router.execute(write);
    assertGood(select(control("02", "10", "08", "00")));
    disk.calls.clear();

    write.give();

    assertThat(write.sense()).isEqualTo(Sense.SOFTWARE_WRITE_PROTECTED);
    assertThat(disk.calls).isEmpty();
  }

  @Test
  void aWriteProtectedUnitSaysSoFirst() {
    Engine readOnly = Engine.over(LogicalUnit.builder(TestDisk.ofBlocks(16)).readOnly().build());
    byte[] list = hex("00000000" + control("02", "10", "08", "00"));

    assertGood(readOnly.execute(cdb(0, list.length), list));
    assertThat(readOnly.execute(Cdbs.write10(0, 1), Cdbs.block(1)).sense())
        .isEqualTo(Sense.of(SenseKey.DATA_PROTECT, 0x27, 0x00));
  }

  @Test
  void descriptorSenseIsWhatTheUnitSpeaks() {
    TestTask before = engine.start(Cdbs.read10(16, 1), new byte[0]);
    assertThat(before.descriptorSense()).isFalse();

    select(control("06", "10", "00", "00"));

    TestTask after = engine.start(Cdbs.read10(16, 1), new byte[0]);
    assertThat(after.descriptorSense()).isTrue();
    assertThat(engine.execute(hex("03 00 0000 ff 00")).u8(0))
        .as("REQUEST SENSE goes by its own DESC bit")
        .isEqualTo(0x70);
    assertThat(engine.execute(hex("03 01 0000 ff 00")).u8(0)).isEqualTo(0x72);
  }

  @ParameterizedTest
  @CsvSource({
    "02, 10, 00, 00, false, 0, false",
    "22, 10, 00, 00, true, 0, false",
    "02, 12, 00, 00, false, 1, false",
    "02, 16, 00, 00, false, 3, false",
    "22, 16, 00, 40, true, 3, true"
  })
  void theTaskSetReadsItsFields(
      String first,
      String second,
      String third,
      String fourth,
      boolean tst,
      int qerr,
      boolean tas) {
    assertGood(select(control(first, second, third, fourth)));

    assertThat(engine.unit.taskSetPerNexus()).isEqualTo(tst);
    assertThat(engine.unit.mode().queueErrorManagement()).isEqualTo(qerr);
    assertThat(engine.unit.answersAborted()).isEqualTo(tas);
  }

  @Test
  void thresholdsNeedNotBeTold() {
    assertThat(engine.unit.mode().reportsThresholds()).isTrue();
    assertGood(select("010a" + "00".repeat(10)));
    assertThat(engine.unit.mode().reportsThresholds()).isFalse();
  }

  // ---- the interlock of unit attentions

  @Test
  void anInterlockedUnitAttentionStandsUntilRequestSense() {
    select(control("02", "10", "20", "00"));
    assertThat(attention(other)).isEqualTo(UnitAttention.MODE_PARAMETERS_CHANGED.sense());
    assertThat(attention(other)).isEqualTo(UnitAttention.MODE_PARAMETERS_CHANGED.sense());

    assertThat(engine.execute(other, hex("03 00 0000 12 00")).hex()).contains("2a01");
    assertThat(attention(other)).isEqualTo(Sense.NONE);
  }

  @Test
  void withoutTheInterlockItIsToldOnce() {
    select(control("06", "10", "00", "00"));

    assertThat(attention(other)).isEqualTo(UnitAttention.MODE_PARAMETERS_CHANGED.sense());
    assertThat(attention(other)).isEqualTo(Sense.NONE);
  }

  @Test
  void aStatusWithoutSenseIsToldLaterWhenAskedFor() {
    select(control("02", "10", "30", "00"));
    busy();
    engine.nexus.unit(0, engine.unit).ended(Status.RESERVATION_CONFLICT);

    assertThat(attention(engine.nexus))
        .as("one for all, and interlocked")
        .isEqualTo(Sense.of(SenseKey.UNIT_ATTENTION, 0x2c, 0x07));
    assertThat(engine.execute(hex("03 00 0000 12 00")).hex()).contains("2c07");
    assertThat(attention(engine.nexus)).isEqualTo(Sense.NONE);

    engine.nexus.unit(0, engine.unit).ended(Status.RESERVATION_CONFLICT);
    assertThat(attention(engine.nexus)).isEqualTo(Sense.of(SenseKey.UNIT_ATTENTION, 0x2c, 0x09));
    engine.execute(hex("03 00 0000 12 00"));
    engine.nexus.unit(0, engine.unit).ended(Status.TASK_SET_FULL);
    assertThat(attention(engine.nexus)).isEqualTo(Sense.of(SenseKey.UNIT_ATTENTION, 0x2c, 0x08));
  }

  @ParameterizedTest
  @CsvSource({"00", "20"})
  void itIsNotToldWhenNotAskedFor(String interlock) {
    select(control("02", "10", interlock, "00"));
    busy();

    assertThat(attention(engine.nexus)).isEqualTo(Sense.NONE);
  }

  private void busy() {
    disk.fault = new BlockDeviceException(BlockDeviceException.Kind.BUSY, "for the test");
    assertThat(engine.execute(Cdbs.read10(0, 1)).status()).isEqualTo(Status.BUSY);
  }

  // ---- saved values

  @Test
  void savedValuesOutliveTheServer() {
    assertGood(select(SP, CACHE_OFF + control("06", "10", "00", "40")));

    Engine again = engine(TestDisk.thin(16), store);

    assertThat(again.unit.mode().writesThrough()).isTrue();
    assertThat(again.unit.mode().descriptorSense()).isTrue();
    assertThat(again.unit.mode().taskAbortedStatus()).isTrue();
    assertThat(again.execute(hex("1a 08 c8 00 ff 00")).hex())
        .isEqualTo("17001000" + "88" + "12" + "00".repeat(18));
    assertThat(again.execute(hex("1a 08 88 00 ff 00")).hex())
        .as("default")
        .startsWith("17001000" + "8812" + "04");
  }

  @Test
  void allPagesAreSavedThoughTheListNamesNone() {
    select(control("06", "10", "00", "00"));
    assertGood(engine.execute(hex("15 11 0000 00 00")));

    assertThat(engine(TestDisk.thin(16), store).unit.mode().descriptorSense()).isTrue();
  }

  @Test
  void withoutSpNothingIsSaved() {
    assertGood(select(CACHE_OFF));

    assertThat(store.saves).isZero();
    assertThat(engine(TestDisk.thin(16), store).unit.mode().writesThrough()).isFalse();
  }

  @Test
  void aSaveThatFailsLeavesEverythingAsItWas() {
    store.broken = true;

    assertThat(select(SP, CACHE_OFF + control("06", "10", "00", "00")).sense())
        .isEqualTo(Sense.INTERNAL_TARGET_FAILURE);

    assertThat(engine.unit.mode().writesThrough()).isFalse();
    assertThat(engine.unit.mode().descriptorSense()).isFalse();
    assertThat(engine.execute(hex("1a 08 ca 00 ff 00")).hex()).contains("8a0a" + "0210");
    assertThat(attention(other)).isEqualTo(Sense.NONE);
  }

  @Test
  void aResetBringsBackWhatWasSaved() {
    select(SP, control("06", "10", "00", "00"));
    select(CACHE_OFF + control("02", "10", "08", "00"));

    engine.unit.reset(UnitAttention.BUS_DEVICE_RESET);

    assertThat(engine.unit.mode().descriptorSense()).as("saved").isTrue();
    assertThat(engine.unit.mode().softwareWriteProtect()).isFalse();
    assertThat(engine.unit.mode().writesThrough()).isFalse();
  }

  @Test
  void aResetDuringAChangeWins() {
    disk.onCall = () -> engine.unit.reset(UnitAttention.BUS_DEVICE_RESET);

    select(CACHE_OFF);

    assertThat(engine.unit.mode().writesThrough()).isFalse();
    assertThat(engine.unit.mode()).isSameAs(engine.unit.modes().saved());
  }

  @ParameterizedTest
  @CsvSource({
    "8a", // a header that ends
    "8a0a 0610", // a page that ends
    "8a0b 0610 00000000 ffff 000000", // of another length
    "9e0a 0610 00000000 ffff 0000", // of a page that is gone
    "8a0a 0710 00000000 ffff 0000", // with a bit that can't be changed any more
    "8a0a 0614 00000000 ffff 0000" // with a value that is not allowed
  })
  void savedValuesThatDoNotFitAreForgotten(String saved) {
    store.put(hex(saved));

    Engine again = engine(TestDisk.thin(16), store);

    assertThat(again.unit.modes().current().differing(again.unit.modes().defaults())).isEmpty();
  }

  @Test
  void whatFitsAmongThemIsKept() {
    store.put(hex("9e0a" + "00".repeat(10) + "8a0a 0610 00000000 ffff 0000"));

    assertThat(engine(TestDisk.thin(16), store).unit.mode().descriptorSense()).isTrue();
  }

  // ---- a page of somebody else's

  @Test
  void aPageChecksItsValuesAndActsWhenTheyChange() {
    List<String> acted = new ArrayList<>();
    ModePage page =
        ModePage.of(0x1c, 0x02, "00 01", "00 ff")
            .checked(
                (values, at) ->
                    values[1] < 9 ? Sense.NONE : Sense.invalidFieldInParameterList(at + 1))
            .then(unit -> acted.add("acted"));
    List<ModePage> pages = new ArrayList<>(new Disk(LogicalUnit.of(disk)).modePages());
    pages.add(page);
    ModeState modes = new ModeState(pages, engine.unit.state());
    ModeParameters now = modes.current();

    assertThat(page.check(now.values(page), hex("0009"), 30))
        .isEqualTo(Sense.invalidFieldInParameterList(31));
    assertThat(page.check(now.values(page), hex("8005"), 30))
        .isEqualTo(Sense.invalidFieldInParameterList(30, 7));
    modes.change(engine.unit, engine.nexus, now.with(page, hex("0005")), false);
    assertThat(modes.current().values(0x1c, 0x02)).isEqualTo(hex("0005"));
    modes.change(engine.unit, engine.nexus, modes.current(), false);
    assertThat(acted).hasSize(1);
    modes.reset(engine.unit);
    assertThat(modes.current().values(page)).isEqualTo(hex("0001"));
    assertThat(acted).hasSize(2);
  }

  // ----

  private static Engine engine(TestDisk over, StateStore store) {
    return engine(LogicalUnit.of(over), store);
  }

  private static Engine engine(LogicalUnit over, StateStore store) {
    return Engine.over(over, new Devices(Runnable::run, store));
  }

  private ScsiResult select(String pages) {
    return select(0, pages);
  }

  private ScsiResult select(int flags, String pages) {
    byte[] list = hex("00000000" + pages);
    return engine.execute(cdb(flags, list.length), list);
  }

  private static byte[] cdb(int flags, int length) {
    return new byte[] {0x15, (byte) (0x10 | flags), 0, 0, (byte) length, 0};
  }

  /** The control page with its first four bytes behind the header. */
  private static String control(String first, String second, String third, String fourth) {
    return "0a0a" + first + second + third + fourth + "0000" + "ffff" + "0000";
  }

  private String currentCaching() {
    return engine.execute(hex("1a 08 08 00 07 00")).hex().substring(8);
  }

  private Sense attention(TestNexus of) {
    return engine.execute(of, TEST_UNIT_READY).sense();
  }

  private static void assertGood(ScsiResult result) {
    assertThat(result.sense()).isEqualTo(Sense.NONE);
    assertThat(result.status()).isEqualTo(Status.GOOD);
  }

  /** A store that can break. */
  private static final class SavedState implements StateStore {
    private final Map<String, byte[]> values = new ConcurrentHashMap<>();
    private boolean broken;
    private int saves;

    void put(byte[] modePages) {
      values.put(String.format("lu-%015x.mode-pages", Engine.IDENTITY.deviceId()), modePages);
    }

    @Override
    public Optional<byte[]> load(String name) {
      return Optional.ofNullable(values.get(name));
    }

    @Override
    public void save(String name, byte[] value) throws IOException {
      if (broken) {
        throw new IOException("no room");
      }
      saves++;
      values.put(name, value.clone());
    }
  }
}

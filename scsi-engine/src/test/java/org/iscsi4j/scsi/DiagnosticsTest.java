package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.Cdbs.hex;

import java.io.IOException;
import org.iscsi4j.api.BlockDeviceException;
import org.iscsi4j.api.Blocking;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.LogicalUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DiagnosticsTest {

  private static final byte[] SELF_TEST = hex("1d 04 00 0000 00");

  private final TestDisk disk = TestDisk.thin(16);
  private final Engine engine = Engine.over(LogicalUnit.builder(disk).removable().build());

  @Test
  void theSelfTestReadsTheDevice() {
    assertThat(engine.execute(SELF_TEST).status()).isEqualTo(Status.GOOD);

    disk.fault = new IOException("for the test");
    assertThat(engine.execute(SELF_TEST).sense())
        .isEqualTo(Sense.of(SenseKey.HARDWARE_ERROR, 0x3e, 0x03));
    assertThat(engine.execute(SELF_TEST).status()).isEqualTo(Status.GOOD);
  }

  @Test
  void theSelfTestOfASlowDeviceIsMadeElsewhere() {
    SteppedExecutor executor = new SteppedExecutor();
    TestDisk slow = new TestDisk(Geometry.of(512, 16), TestDisk.THIN.withBlocking(Blocking.LONG));
    Engine elsewhere = Engine.over(LogicalUnit.of(slow), executor);
    slow.fault = new IOException("for the test");

    TestTask task = elsewhere.start(SELF_TEST, new byte[0]);
    assertThat(task.ended).isZero();
    executor.runAll();
    elsewhere.nexus.drain();

    assertThat(task.sense()).isEqualTo(Sense.LOGICAL_UNIT_FAILED_SELF_TEST);
  }

  @Test
  void aBusyDeviceHasNotFailed() {
    disk.fault = new BlockDeviceException(BlockDeviceException.Kind.BUSY, "for the test");

    assertThat(engine.execute(SELF_TEST).status()).isEqualTo(Status.BUSY);
  }

  @Test
  void withoutAMediumThereIsNothingToRead() {
    engine.execute(Cdbs.startStop(0x02));
    disk.fault = new IOException("for the test");

    assertThat(engine.execute(SELF_TEST).status()).isEqualTo(Status.GOOD);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 5, 6, 7})
  void otherSelfTestsAreRefused(int code) {
    byte[] cdb = {0x1d, (byte) (code << 5), 0, 0, 0, 0};

    assertThat(engine.execute(cdb).sense()).isEqualTo(Sense.invalidFieldInCdb(1, 7));
  }

  @Test
  void theSelfTestHasNoParameters() {
    assertThat(engine.execute(hex("1d 04 00 0004 00"), new byte[4]).sense())
        .isEqualTo(Sense.invalidFieldInCdb(3));
  }

  @Test
  void theListOfPagesIsTheOnlyPage() {
    assertThat(engine.execute(hex("1d 10 00 0000 00")).status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(hex("1d 10 00 0004 00"), hex("00 00 0000")).status())
        .isEqualTo(Status.GOOD);
    for (String cdb : new String[] {"1c 01 00 00ff 00", "1c 00 00 00ff 00", "1c 00 3f 00ff 00"}) {
      assertThat(engine.execute(hex(cdb)).hex()).isEqualTo("0000000100");
    }
    assertThat(engine.execute(hex("1c 01 00 0002 00")).hex()).isEqualTo("0000");
    assertThat(engine.execute(hex("1c 01 00 0000 00")).data()).isEmpty();
    assertThat(engine.execute(hex("1c 01 40 00ff 00")).sense())
        .isEqualTo(Sense.invalidFieldInCdb(2));
  }

  @ParameterizedTest
  @CsvSource({"1d 00 00 0004 00, 1, 4"})
  void withoutPfParametersHaveNoMeaning(String cdb, int atByte, int bit) {
    assertThat(engine.execute(hex(cdb), new byte[4]).sense())
        .isEqualTo(Sense.invalidFieldInCdb(atByte, bit));
  }

  @Test
  void refusesOtherPagesAndListsThatEndTooEarly() {
    assertThat(engine.execute(hex("1d 10 00 0004 00"), hex("40 00 0000")).sense())
        .isEqualTo(Sense.invalidFieldInParameterList(0));
    assertThat(engine.execute(hex("1d 10 00 0005 00"), hex("00 00 0001 00")).sense())
        .isEqualTo(Sense.invalidFieldInParameterList(2));
    assertThat(engine.execute(hex("1d 10 00 0003 00"), hex("00 00 00")).sense())
        .isEqualTo(Sense.PARAMETER_LIST_LENGTH_ERROR);
    assertThat(engine.execute(hex("1d 10 00 ffff 00"), hex("00 00 0000")).sense())
        .isEqualTo(Sense.PARAMETER_LIST_LENGTH_ERROR);
  }
}

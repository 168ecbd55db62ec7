package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.Cdbs.TEST_UNIT_READY;
import static org.iscsi4j.scsi.Cdbs.hex;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimestampTest {

  private static final byte[] REPORT = hex("a3 0f 00 00 0000 0000000c 00 00");

  private final Engine engine = Engine.over(TestDisk.thin(16));
  private final TestNexus other = engine.nexus("other");

  @Test
  void theClockIsTheHostsUntilItIsSet() {
    long before = System.currentTimeMillis();
    ScsiResult result = engine.execute(REPORT);
    long after = System.currentTimeMillis();

    assertThat(result.hex()).startsWith("000a0300").endsWith("0000").hasSize(24);
    assertThat(ByteBuffer.wrap(result.data()).getLong(4) >>> 16).isBetween(before, after);
  }

  @Test
  void whoSetsItFindsItAgainAndTheOthersAreTold() {
    assertThat(engine.execute(set(12), hex("00000000" + "fffffffff000" + "0000")).status())
        .isEqualTo(Status.GOOD);

    assertThat(engine.execute(REPORT).hex()).startsWith("000a0200" + "fffffffff");
    assertThat(engine.execute(other, TEST_UNIT_READY).sense())
        .isEqualTo(Sense.of(SenseKey.UNIT_ATTENTION, 0x2a, 0x10));
    assertThat(engine.execute(TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
  }

  @Test
  void runsOnFromWhereItWasSet() {
    long[] host = {1_000_000};
    UnitClock clock = new UnitClock(() -> host[0]);
    assertThat(clock.read()).isEqualTo(new UnitClock.Reading(0b011, 1_000_000));

    clock.set(500);
    host[0] += 77;

    assertThat(clock.read()).isEqualTo(new UnitClock.Reading(0b010, 577));
    clock.set(0xffff_ffff_ffffL);
    host[0] += 1;
    assertThat(clock.read().millis()).as("48 bits").isZero();
  }

  @Test
  void aListOfNoBytesSetsNothing() {
    assertThat(engine.execute(set(0)).status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(REPORT).hex()).startsWith("000a03");
    assertThat(engine.execute(other, TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 11})
  void aShortListSetsNothing(int length) {
    assertThat(engine.execute(set(length), new byte[length]).sense())
        .isEqualTo(Sense.PARAMETER_LIST_LENGTH_ERROR);
    assertThat(engine.execute(set(12), new byte[length]).sense())
        .isEqualTo(Sense.PARAMETER_LIST_LENGTH_ERROR);
    assertThat(engine.execute(REPORT).hex()).startsWith("000a03");
  }

  @ParameterizedTest
  @ValueSource(ints = {13, 65536, -1})
  void aLongListIsRefused(int length) {
    assertThat(engine.execute(set(length), new byte[64]).sense())
        .isEqualTo(Sense.invalidFieldInCdb(6));
  }

  @Test
  void allocationLengthCutsTheData() {
    assertThat(engine.execute(hex("a3 0f 00 00 0000 00000003 00 00")).hex()).isEqualTo("000a03");
    assertThat(engine.execute(hex("a3 0f 00 00 0000 00000000 00 00")).data()).isEmpty();
  }

  private static byte[] set(int length) {
    return ByteBuffer.allocate(12).putShort((short) 0xa40f).putInt(6, length).array();
  }
}

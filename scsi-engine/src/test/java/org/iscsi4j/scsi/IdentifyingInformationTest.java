package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.Cdbs.TEST_UNIT_READY;
import static org.iscsi4j.scsi.Cdbs.hex;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.StateStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdentifyingInformationTest {

  private static final int IDENTIFYING = 0;
  private static final int TEXT = 2;

  private final StateStore store = StateStore.inMemory();
  private final LogicalUnit unit = LogicalUnit.of(TestDisk.thin(16));
  private final Engine engine = Engine.over(unit, new Devices(Runnable::run, store));
  private final TestNexus other = engine.nexus("other");

  @Test
  void keepsWhatItIsGiven() {
    assertThat(engine.execute(report(IDENTIFYING, 255)).hex()).isEqualTo("00000000");

    assertThat(engine.execute(set(IDENTIFYING, 3), hex("010203")).status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(set(TEXT, 4), hex("61c3a400")).status()).isEqualTo(Status.GOOD);

    Engine restarted = Engine.over(unit, new Devices(Runnable::run, store));
    assertThat(restarted.execute(report(IDENTIFYING, 255)).hex()).isEqualTo("00000003010203");
    assertThat(restarted.execute(report(TEXT, 255)).hex()).isEqualTo("0000000461c3a400");
    assertThat(restarted.execute(report(TEXT, 5)).hex()).isEqualTo("0000000461");
    assertThat(restarted.execute(report(TEXT, 0)).data()).isEmpty();
  }

  @Test
  void aListOfNoBytesForgetsIt() {
    engine.execute(set(IDENTIFYING, 3), hex("010203"));
    engine.execute(set(IDENTIFYING, 0));

    assertThat(engine.execute(report(IDENTIFYING, 255)).hex()).isEqualTo("00000000");
  }

  @Test
  void theOthersAreTold() {
    engine.execute(set(IDENTIFYING, 3), hex("010203"));

    assertThat(engine.execute(TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(other, TEST_UNIT_READY).sense())
        .isEqualTo(Sense.of(SenseKey.UNIT_ATTENTION, 0x3f, 0x05));
  }

  @Test
  void theTypesThatCanBeSetAndHowLongTheyMayBe() {
    assertThat(engine.execute(report(0x7f, 255)).hex())
        .isEqualTo("00000008" + "00000200" + "04000100");
    assertThat(engine.execute(set(IDENTIFYING, 512), new byte[512]).status())
        .isEqualTo(Status.GOOD);
    assertThat(engine.execute(set(IDENTIFYING, 513), new byte[513]).sense())
        .isEqualTo(Sense.invalidFieldInCdb(6));
    assertThat(engine.execute(set(TEXT, 256), new byte[256]).status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(set(TEXT, 257), new byte[257]).sense())
        .isEqualTo(Sense.invalidFieldInCdb(6));
    assertThat(engine.execute(set(TEXT, -1), new byte[257]).sense())
        .isEqualTo(Sense.invalidFieldInCdb(6));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 0x40, 0x7e})
  void thereIsNoOtherType(int type) {
    assertThat(engine.execute(report(type, 255)).sense()).isEqualTo(Sense.invalidFieldInCdb(10, 7));
    assertThat(engine.execute(set(type, 4), new byte[4]).sense())
        .isEqualTo(Sense.invalidFieldInCdb(10, 7));
  }

  @Test
  void theTypesThemselvesCanNotBeSet() {
    assertThat(engine.execute(set(0x7f, 4), new byte[4]).sense())
        .isEqualTo(Sense.invalidFieldInCdb(10, 7));
  }

  @Test
  void textEndsWithANull() {
    assertThat(engine.execute(set(TEXT, 3), hex("616263")).sense())
        .isEqualTo(Sense.invalidFieldInParameterList(2));
  }

  @Test
  void aListThatEndsTooEarlySetsNothing() {
    byte[] whole = hex("01020304");
    for (int given = 0; given < 4; given++) {
      assertThat(engine.execute(set(IDENTIFYING, 4), Arrays.copyOf(whole, given)).sense())
          .isEqualTo(Sense.PARAMETER_LIST_LENGTH_ERROR);
    }
    assertThat(engine.execute(report(IDENTIFYING, 255)).hex()).isEqualTo("00000000");
  }

  private static byte[] report(int type, int length) {
    return cdb(0xa3, 0x05, type, length);
  }

  private static byte[] set(int type, int length) {
    return cdb(0xa4, 0x06, type, length);
  }

  private static byte[] cdb(int opcode, int action, int type, int length) {
    return ByteBuffer.allocate(12)
        .put((byte) opcode)
        .put((byte) action)
        .putInt(6, length)
        .put(10, (byte) (type << 1))
        .array();
  }
}

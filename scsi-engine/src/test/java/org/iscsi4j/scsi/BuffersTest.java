package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.Cdbs.hex;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BuffersTest {

  private static final int READ = 0x3c;
  private static final int WRITE = 0x3b;
  private static final int DATA = 0x02;
  private static final int DESCRIPTOR = 0x03;
  private static final int ECHO = 0x0a;
  private static final int ECHO_DESCRIPTOR = 0x0b;

  private final Engine engine = Engine.over(TestDisk.thin(16));
  private final TestNexus other = engine.nexus("other");

  @Test
  void theDataBufferKeepsWhatWasWrittenWhereItWasWritten() {
    engine.execute(buffer(WRITE, DATA, 0, 0, 4), hex("01020304"));
    ScsiResult second = engine.execute(buffer(WRITE, DATA, 0, 2, 3), hex("aabbcc"));

    assertThat(second.status()).isEqualTo(Status.GOOD);
    assertThat(second.dataOutLength()).isEqualTo(3);
    assertThat(engine.execute(buffer(READ, DATA, 0, 0, 8)).hex()).isEqualTo("0102aabbcc000000");
    assertThat(engine.execute(buffer(READ, DATA, 0, 3, 2)).hex()).isEqualTo("bbcc");
  }

  @Test
  void theDataBufferEndsWhereItsDescriptorSays() {
    assertThat(engine.execute(buffer(READ, DESCRIPTOR, 0, 0, 4)).hex()).isEqualTo("00001000");
    assertThat(engine.execute(buffer(READ, DATA, 0, 0, 0xffffff)).data()).hasSize(4096);
    assertThat(engine.execute(buffer(READ, DATA, 0, 4095, 9)).data()).hasSize(1);
    assertThat(engine.execute(buffer(READ, DATA, 0, 4096, 9)).data()).isEmpty();
    assertThat(engine.execute(buffer(READ, DATA, 0, 4097, 0)).sense())
        .isEqualTo(Sense.invalidFieldInCdb(3));
    assertThat(engine.execute(buffer(WRITE, DATA, 0, 4097, 0)).sense())
        .isEqualTo(Sense.invalidFieldInCdb(3));
    assertThat(engine.execute(buffer(WRITE, DATA, 0, 4095, 2), new byte[2]).sense())
        .isEqualTo(Sense.invalidFieldInCdb(6));
    assertThat(engine.execute(buffer(WRITE, DATA, 0, 4095, 1), new byte[1]).status())
        .isEqualTo(Status.GOOD);
  }

  @Test
  void thereIsOneDataBuffer() {
    assertThat(engine.execute(buffer(READ, DESCRIPTOR, 1, 0, 4)).hex()).isEqualTo("00000000");
    assertThat(engine.execute(buffer(READ, DATA, 1, 0, 4)).sense())
        .isEqualTo(Sense.invalidFieldInCdb(2));
    assertThat(engine.execute(buffer(WRITE, DATA, 255, 0, 0)).sense())
        .isEqualTo(Sense.invalidFieldInCdb(2));
  }

  @Test
  void theEchoIsWhatWasWrittenLast() {
    engine.execute(buffer(WRITE, ECHO, 0, 0, 4), hex("01020304"));
    engine.execute(buffer(WRITE, ECHO, 9, 77, 2), hex("aabb"));

    assertThat(engine.execute(buffer(READ, ECHO, 0, 0, 100)).hex()).isEqualTo("aabb");
    assertThat(engine.execute(buffer(READ, ECHO, 0, 0, 1)).hex()).isEqualTo("aa");
    assertThat(engine.execute(buffer(READ, ECHO_DESCRIPTOR, 0, 0, 4)).hex()).isEqualTo("01001000");
    assertThat(engine.execute(buffer(WRITE, ECHO, 0, 0, 4097), new byte[4097]).sense())
        .isEqualTo(Sense.invalidFieldInCdb(6));
  }

  @Test
  void noNexusSeesTheBytesOfAnother() {
    engine.execute(buffer(WRITE, DATA, 0, 0, 2), hex("aabb"));
    engine.execute(buffer(WRITE, ECHO, 0, 0, 2), hex("aabb"));

    assertThat(engine.execute(other, buffer(READ, DATA, 0, 0, 2)).hex()).isEqualTo("0000");
    assertThat(engine.execute(other, buffer(READ, ECHO, 0, 0, 2)).sense())
        .isEqualTo(Sense.of(SenseKey.ILLEGAL_REQUEST, 0x2c, 0x00));
  }

  @Test
  void aResetEmptiesBoth() {
    engine.execute(buffer(WRITE, DATA, 0, 0, 2), hex("aabb"));
    engine.execute(buffer(WRITE, ECHO, 0, 0, 2), hex("aabb"));
    engine.unit.reset(UnitAttention.BUS_DEVICE_RESET);
    engine.execute(Cdbs.TEST_UNIT_READY);

    assertThat(engine.execute(buffer(READ, DATA, 0, 0, 2)).hex()).isEqualTo("0000");
    assertThat(engine.execute(buffer(READ, ECHO, 0, 0, 2)).sense())
        .isEqualTo(Sense.COMMAND_SEQUENCE_ERROR);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4, 5, 6, 7, 0x0d, 0x0e, 0x0f, 0x1a, 0x1c, 0x1f})
  void anyOtherModeIsRefused(int mode) {
    assertThat(engine.execute(buffer(READ, mode, 0, 0, 4)).sense())
        .isEqualTo(Sense.invalidFieldInCdb(1, 4));
    assertThat(engine.execute(buffer(WRITE, mode, 0, 0, 4), new byte[4]).sense())
        .isEqualTo(Sense.invalidFieldInCdb(1, 4));
  }

  @ParameterizedTest
  @CsvSource({"2", "10"})
  void halfOfWhatWasAnnouncedIsNotWritten(int mode) {
    engine.execute(buffer(WRITE, mode, 0, 0, 2), hex("aabb"));

    assertThat(engine.execute(buffer(WRITE, mode, 0, 0, 2), hex("cc")).sense())
        .isEqualTo(Sense.PARAMETER_LIST_LENGTH_ERROR);
    assertThat(engine.execute(buffer(READ, mode, 0, 0, 2)).hex()).isEqualTo("aabb");
  }

  @Test
  void moreThanWasAnnouncedIsNotLookedAt() {
    byte[] given = new byte[100];
    Arrays.fill(given, (byte) 0x11);

    engine.execute(buffer(WRITE, DATA, 0, 0, 1), given);
    engine.execute(buffer(WRITE, ECHO, 0, 0, 0), given);

    assertThat(engine.execute(buffer(READ, DATA, 0, 0, 2)).hex()).isEqualTo("1100");
    assertThat(engine.execute(buffer(READ, ECHO, 0, 0, 2)).sense())
        .as("nothing was written")
        .isEqualTo(Sense.COMMAND_SEQUENCE_ERROR);
  }

  private static byte[] buffer(int opcode, int mode, int id, int offset, int length) {
    return ByteBuffer.allocate(10)
        .put((byte) opcode)
        .put((byte) mode)
        .putInt(id << 24 | offset)
        .putInt(length << 8)
        .array();
  }
}

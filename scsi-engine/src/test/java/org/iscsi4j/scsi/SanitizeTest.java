package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.Cdbs.TEST_UNIT_READY;
import static org.iscsi4j.scsi.Cdbs.hex;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.iscsi4j.api.Capabilities;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.LogicalUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SanitizeTest {

  private static final int OVERWRITE = 0x01;
  private static final int BLOCK_ERASE = 0x02;
  private static final int CRYPTOGRAPHIC_ERASE = 0x03;
  private static final int EXIT_FAILURE_MODE = 0x1f;
  private static final int IMMED = 0x80;
  private static final int AUSE = 0x20;

  private final TestDisk disk = TestDisk.thin(16);
  private final Engine engine = Engine.over(disk);

  @ParameterizedTest
  @ValueSource(ints = {BLOCK_ERASE, CRYPTOGRAPHIC_ERASE})
  void anEraseLeavesNothingToRead(int action) {
    disk.fill(0, 16, 0x55);

    assertThat(engine.execute(sanitize(action, 0)).status()).isEqualTo(Status.GOOD);

    assertThat(disk.calls).containsExactly("deallocate 0+8192", "flush");
    assertThat(engine.execute(Cdbs.read10(0, 16)).data()).containsOnly(0);
  }

  @Test
  void whereDeallocatedBlocksMayStillShowWhatTheyHeldZeroesAreWrittenFirst() {
    Capabilities leaky = TestDisk.MEMORY.withDeallocate(false);
    TestDisk forgetful = new TestDisk(Geometry.of(512, 16), leaky);

    Engine.over(forgetful).execute(sanitize(BLOCK_ERASE, 0));

    assertThat(forgetful.calls).containsExactly("zero 0+8192", "deallocate 0+8192", "flush");
  }

  @Test
  void aDeviceThatCanGiveNothingBackIsWritten() {
    TestDisk thick = TestDisk.ofBlocks(16);

    Engine.over(thick).execute(sanitize(BLOCK_ERASE, 0));

    assertThat(thick.calls).containsExactly("zero 0+8192", "flush");
  }

  @Test
  void anOverwriteRepeatsItsPatternInEachBlock() {
    ScsiResult result = engine.execute(sanitize(OVERWRITE, 7), list(1, "0a0b0c"));

    assertThat(result.status()).isEqualTo(Status.GOOD);
    assertThat(result.dataOutLength()).isEqualTo(7);
    assertThat(Arrays.copyOf(disk.block(15), 5)).containsExactly(10, 11, 12, 10, 11);
    assertThat(disk.block(15)[511]).isEqualTo((byte) 11);
  }

  @Test
  void anOverwriteWithZeroesGivesNothingBack() {
    engine.execute(sanitize(OVERWRITE, 5), list(1, "00"));

    assertThat(disk.calls).containsExactly("zero 0+8192", "flush");
  }

  @Test
  void eachPassReachesTheMedium() {
    engine.execute(sanitize(OVERWRITE, 5), list(3, "aa"));

    assertThat(disk.calls)
        .containsExactly("write 0+8192", "flush", "write 0+8192", "flush", "write 0+8192", "flush");
  }

  @ParameterizedTest
  @CsvSource({"1, 0f", "2, f0 0f", "3, 0f f0 0f"})
  void withInvertTheLastPassWritesThePattern(int count, String passes) {
    StringBuilder written = new StringBuilder();
    TestDisk watched =
        new TestDisk(Geometry.of(512, 16), TestDisk.THIN) {
          @Override
          public synchronized void write(long offset, ByteBuffer from) throws IOException {
            written.append(String.format(" %02x", from.get(from.position())));
            super.write(offset, from);
          }
        };

    Engine.over(watched).execute(sanitize(OVERWRITE, 5), list(0x80 | count, "0f"));

    assertThat(written.substring(1)).isEqualTo(passes);
    assertThat(watched.block(7)).containsOnly(0x0f);
  }

  // ---- refusals

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4, 517, 0xffff})
  void theListOfAnOverwriteHoldsAPatternAndNoMoreThanABlock(int length) {
    assertThat(engine.execute(sanitize(OVERWRITE, length), new byte[length]).sense())
        .isEqualTo(Sense.invalidFieldInCdb(7));
  }

  @ParameterizedTest
  @ValueSource(ints = {BLOCK_ERASE, CRYPTOGRAPHIC_ERASE, EXIT_FAILURE_MODE})
  void theOthersHaveNoList(int action) {
    assertThat(engine.execute(sanitize(action, 8), new byte[8]).sense())
        .isEqualTo(Sense.invalidFieldInCdb(8, 3));
  }

  @ParameterizedTest
  @CsvSource({
    "00 00 0001 aa, 0", // no pass
    "21 00 0001 aa, 0", // TEST
    "41 00 0001 aa, 0",
    "01 01 0001 aa, 1",
    "01 00 0000 aa, 2",
    "01 00 0201 aa, 2"
  })
  void refusesWhatTheListMayNotSay(String list, int atByte) {
    assertThat(engine.execute(sanitize(OVERWRITE, 5), hex(list)).sense())
        .isEqualTo(Sense.invalidFieldInParameterList(atByte));
    assertThat(disk.calls).isEmpty();
  }

  @Test
  void refusesAListThatEndsTooEarly() {
    assertThat(engine.execute(sanitize(OVERWRITE, 5), hex("01 00 0002 aa")).sense())
        .as("its pattern is cut")
        .isEqualTo(Sense.PARAMETER_LIST_LENGTH_ERROR);
    for (int given = 0; given < 5; given++) {
      assertThat(engine.execute(sanitize(OVERWRITE, 5), new byte[given]).sense())
          .as("%d bytes were given", given)
          .isEqualTo(Sense.PARAMETER_LIST_LENGTH_ERROR);
    }
    assertThat(disk.calls).isEmpty();
  }

  @Test
  void anyOtherServiceActionIsRefused() {
    for (int action = 0; action < 0x20; action++) {
      if (action == 0 || (action > CRYPTOGRAPHIC_ERASE && action < EXIT_FAILURE_MODE)) {
        assertThat(engine.execute(sanitize(action, 0)).sense())
            .isEqualTo(Sense.invalidFieldInCdb(1, 4));
      }
    }
  }

  @Test
  void isWriteProtectedAsWritesAre() {
    Engine locked = Engine.over(LogicalUnit.builder(disk).readOnly().build());

    assertThat(locked.execute(sanitize(OVERWRITE, 5), list(1, "aa")).sense())
        .isEqualTo(Sense.WRITE_PROTECTED);
    assertThat(locked.execute(sanitize(BLOCK_ERASE, 0)).sense()).isEqualTo(Sense.WRITE_PROTECTED);
    assertThat(locked.execute(sanitize(CRYPTOGRAPHIC_ERASE, 0)).sense())
        .isEqualTo(Sense.WRITE_PROTECTED);
  }

  // ---- failure

  @Test
  void afterAFailureNothingRunsUntilAnotherSucceeds() {
    disk.fault = new IOException("for the test");
    assertThat(engine.execute(sanitize(BLOCK_ERASE, 0)).sense()).isEqualTo(Sense.WRITE_ERROR);

    Sense failed = Sense.of(SenseKey.MEDIUM_ERROR, 0x31, 0x03);
    assertThat(engine.execute(TEST_UNIT_READY).sense()).isEqualTo(failed);
    assertThat(engine.execute(Cdbs.read10(0, 1)).sense()).isEqualTo(failed);
    assertThat(engine.execute(hex("04 00 00 0000 00")).sense()).as("format").isEqualTo(failed);
    assertThat(engine.execute(hex("03 00 0000 12 00")).hex())
        .startsWith("700003000000000a000000003103");
    assertThat(engine.execute(Cdbs.inquiry(36)).status()).isEqualTo(Status.GOOD);

    assertThat(engine.execute(sanitize(EXIT_FAILURE_MODE, 0)).sense())
        .as("restricted")
        .isEqualTo(Sense.invalidFieldInCdb(1, 4));
    assertThat(engine.execute(sanitize(BLOCK_ERASE | AUSE, 0)).sense())
        .isEqualTo(Sense.invalidFieldInCdb(1, 5));
    assertThat(engine.execute(sanitize(BLOCK_ERASE, 0)).status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
  }

  @Test
  void anUnrestrictedFailureMayBeLetRest() {
    disk.fault = new IOException("for the test");
    engine.execute(sanitize(BLOCK_ERASE | AUSE | IMMED, 0));
    assertThat(engine.execute(TEST_UNIT_READY).sense()).isEqualTo(Sense.SANITIZE_COMMAND_FAILED);

    assertThat(engine.execute(sanitize(EXIT_FAILURE_MODE, 0)).status()).isEqualTo(Status.GOOD);

    assertThat(engine.execute(TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
    assertThat(disk.calls).as("only the call that failed").hasSize(1);
  }

  @Test
  void withoutAFailureThereIsNothingToExit() {
    assertThat(engine.execute(sanitize(EXIT_FAILURE_MODE, 0)).status()).isEqualTo(Status.GOOD);
    assertThat(disk.calls).isEmpty();
  }

  static byte[] sanitize(int actionAndFlags, int listLength) {
    return ByteBuffer.allocate(10)
        .put((byte) 0x48)
        .put((byte) actionAndFlags)
        .putShort(7, (short) listLength)
        .array();
  }

  static byte[] list(int flagsAndCount, String pattern) {
    byte[] bytes = hex(pattern);
    return ByteBuffer.allocate(4 + bytes.length)
        .put((byte) flagsAndCount)
        .put((byte) 0)
        .putShort((short) bytes.length)
        .put(bytes)
        .array();
  }
}

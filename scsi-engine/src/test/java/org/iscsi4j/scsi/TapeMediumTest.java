package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.iscsi4j.api.BlockDeviceException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TapeMediumTest {

  private static final int SIZE = 4 << 20;

  private PowerCutDevice device = new PowerCutDevice(SIZE, 512);
  private TapeMedium tape = open();

  private TapeMedium open() {
    try {
      return TapeMedium.open(device);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** A block of a length, each byte of which has a value. */
  private static ByteBuffer block(int value, int length) {
    byte[] data = new byte[length];
    Arrays.fill(data, (byte) value);
    return ByteBuffer.wrap(data);
  }

  private static void write(TapeMedium on, int value, int length) throws IOException {
    assertThat(on.write(block(value, length), length)).isEqualTo(1);
  }

  /**
   * What is on a tape, as {@code 3*512} for a block of bytes of value 3, and {@code |} for marks.
   */
  static List<String> content(TapeMedium tape) throws IOException {
    List<String> found = new ArrayList<>();
    tape.rewind();
    for (TapeEntry next = tape.next(); next != null; next = tape.next()) {
      assertThat(tape.object()).isEqualTo(found.size());
      assertThat(tape.file()).isEqualTo(found.stream().filter("|"::equals).count());
      if (next.marks()) {
        found.add("|");
      } else {
        ByteBuffer data = tape.data(next);
        int first = (next.count() - tape.left()) * next.length();
        ByteBuffer one = data.slice(first, next.length());
        assertThat(one).isEqualTo(block(one.get(0), next.length()));
        found.add(one.get(0) + "*" + next.length());
      }
      tape.advance(1);
    }
    assertThat(tape.object()).isEqualTo(tape.objects());
    assertThat(tape.file()).isEqualTo(tape.files());
    return found;
  }

  // ---- what is a tape

  @Test
  void aDeviceOfZeroesIsAnEmptyTapeAndStaysAsItIsUntilItIsWritten() throws IOException {
    assertThat(tape.objects()).isZero();
    assertThat(content(tape)).isEmpty();
    tape.synchronize();
    assertThat(device.calls).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 511, 1024, 32_769, 65_600})
  void aDeviceThatHoldsSomethingElseIsNoTape(int traceAt) {
    device.content()[traceAt] = 1;

    assertThatThrownBy(() -> TapeMedium.open(device))
        .isInstanceOf(TapeFormatException.class)
        .hasMessageContaining("holds something that is no tape");
    assertThat(device.calls).isZero();
  }

  @Test
  void aDeviceTooSmallIsNoTape() {
    assertThatThrownBy(() -> TapeMedium.open(new PowerCutDevice(512 << 10, 512)))
        .isInstanceOf(TapeFormatException.class)
        .hasMessageContaining("has 524288 bytes; a tape needs 1048576");
  }

  @Test
  void aTapeOfALaterVersionIsRefused() throws IOException {
    write(tape, 1, 100);
    device.content()[19] = 2;

    assertThatThrownBy(() -> TapeMedium.open(device))
        .isInstanceOf(TapeFormatException.class)
        .hasMessageContaining("format version 2; known is 1");
  }

  @Test
  void formattingMakesATapeOfAnything() throws IOException {
    write(tape, 1, 100);
    tape.synchronize();
    device.content()[0] = 0;

    assertThat(content(TapeMedium.format(device))).isEmpty();
    assertThat(content(TapeMedium.open(device))).isEmpty();
  }

  @Test
  void aTapeIsReadOnSmallerBlocksAndRefusedOnLargerOnes() throws IOException {
    device = new PowerCutDevice(SIZE, 4096);
    tape = open();
    write(tape, 5, 10_000);
    tape.synchronize();

    assertThat(content(TapeMedium.open(device.withBlocks(512)))).containsExactly("5*10000");
    assertThatThrownBy(() -> TapeMedium.open(device.withBlocks(8192)))
        .isInstanceOf(TapeFormatException.class)
        .hasMessageContaining("blocks of 4096 bytes, and can't be read on those of 8192");
  }

  // ---- recording and reading

  @ParameterizedTest
  @ValueSource(ints = {512, 4096, 65_536})
  void blocksOfAnyLengthAndFilemarksAreReadBack(int blockSize) throws IOException {
    device = new PowerCutDevice(SIZE, blockSize);
    tape = open();
    write(tape, 1, 1);
    write(tape, 2, 512);
    tape.writeMarks(2);
    write(tape, 3, 70_001);
    assertThat(tape.write(block(4, 5 * 300), 300)).isEqualTo(5);
    tape.writeMarks(1);

    List<String> all =
        List.of(
            "1*1", "2*512", "|", "|", "3*70001", "4*300", "4*300", "4*300", "4*300", "4*300", "|");
    assertThat(content(tape)).isEqualTo(all);
    tape.synchronize();
    assertThat(content(TapeMedium.open(device))).isEqualTo(all);
  }

  @Test
  void whatIsWrittenAnywhereIsTheEndOfData() throws IOException {
    for (int value = 1; value <= 5; value++) {
      write(tape, value, 600);
    }
    tape.locate(2);
    write(tape, 9, 600);

    assertThat(content(tape)).containsExactly("1*600", "2*600", "9*600");
    assertThat(content(TapeMedium.open(device))).containsExactly("1*600", "2*600", "9*600");
  }

  @Test
  void aRunIsCutWhereItIsOverwritten() throws IOException {
    tape.write(block(1, 5 * 700), 700);
    tape.locate(3);
    tape.writeMarks(4);
    tape.locate(5);
    write(tape, 7, 10);

    List<String> all = List.of("1*700", "1*700", "1*700", "|", "|", "7*10");
    assertThat(content(tape)).isEqualTo(all);
    assertThat(content(TapeMedium.open(device))).isEqualTo(all);
  }

  @Test
  void aTapeOverwrittenByBlocksOfTheSameLengthDoesNotGoOnWithTheOldOnes() throws IOException {
    for (int value = 1; value <= 3; value++) {
      write(tape, value, 512);
    }
    tape.synchronize();
    tape.rewind();
    write(tape, 1, 512);
    tape.synchronize();

    assertThat(content(TapeMedium.open(device))).containsExactly("1*512");
  }

  @Test
  void erasingLeavesWhatIsBeforeThePosition() throws IOException {
    write(tape, 1, 512);
    write(tape, 2, 512);
    tape.synchronize();
    tape.locate(1);
    tape.erase();

    assertThat(content(tape)).containsExactly("1*512");
    assertThat(content(TapeMedium.open(device))).containsExactly("1*512");
  }

  @Test
  void whatIsClearedReadsAsZeroes() throws IOException {
    write(tape, 1, 512);
    write(tape, 2, 100_000);
    tape.locate(1);
    tape.erase();
    long done = 0;
    for (long before = -1; done > before; ) {
      before = done;
      done = tape.clear(done, 586 * 512);
    }

    int end = (int) TapeMedium.FIRST_ENTRY + 1024;
    byte[] rest = Arrays.copyOfRange(device.content(), end, SIZE);
    assertThat(rest).isEqualTo(new byte[rest.length]);
    assertThat(done).isEqualTo(rest.length);
  }

  @Test
  void aBlockThatIsDamagedIsToldAndThoseBehindItAreRead() throws IOException {
    write(tape, 1, 512);
    write(tape, 2, 512);
    tape.synchronize();
    tape = TapeMedium.open(device);
    device.content()[(int) TapeMedium.FIRST_ENTRY + 600]++;

    assertThatThrownBy(() -> tape.data(tape.next())).isInstanceOf(BlockDeviceException.class);
    tape.advance(1);
    assertThat(tape.data(tape.next())).isEqualTo(block(2, 512));
  }

  // ---- finding

  @Test
  void everyBlockAndFilemarkIsFoundInAFewReads() throws IOException {
    device = new PowerCutDevice(SIZE, 512);
    tape = open();
    for (int each = 0; each < 1500; each++) {
      write(tape, each, 1 + each % 7);
      if (each % 3 == 0) {
        tape.writeMarks(1);
      }
    }
    tape.synchronize();
    TapeMedium again = TapeMedium.open(device);

    for (int object = 0; object < 2000; object++) {
      again.locate(object);
      boolean mark = object % 4 == 1;
      assertThat(again.next().marks()).isEqualTo(mark);
      assertThat(again.file()).isEqualTo((object + 2) / 4);
      assertThat(again.object()).isEqualTo(object);
    }
    for (int file = 0; file < 500; file++) {
      assertThat(again.mark(file)).isEqualTo(4 * file + 1);
    }
  }

  // ---- the end

  @Test
  void theEndIsToldBeforeItComesAndLeavesRoomForFilemarks() throws IOException {
    int written = 0;
    while (!tape.warned()) {
      written += tape.write(block(1, 60_000), 60_000);
    }
    while (tape.write(block(2, 10_000), 10_000) > 0) {
      written++;
    }

    assertThat(tape.objects()).isEqualTo(written);
    assertThat(written).isGreaterThan(64 + 3);
    assertThat(tape.writeMarks(2)).isTrue();
    tape.synchronize();
    assertThat(content(TapeMedium.open(device))).hasSize(written + 2).endsWith("2*10000", "|", "|");
  }

  @Test
  void ofARunThatDoesNotFitTheFirstBlocksAreRecorded() throws IOException {
    int fit = tape.write(block(1, 3 << 20), 1 << 20);
    assertThat(fit).isEqualTo(3);

    assertThat(tape.write(block(2, 12 * 100_000), 100_000)).isEqualTo(8);
    assertThat(tape.objects()).isEqualTo(11);
  }

  // ---- storage that is given back

  @Test
  void whatIsBehindTheEndOfDataIsGivenBackAsTheTapeIsOverwritten() throws IOException {
    TestDisk thin = TestDisk.thin(16 << 10);
    TapeMedium given = TapeMedium.open(thin);
    for (int each = 0; each < 20; each++) {
      write(given, 1, 100_000);
    }
    given.rewind();
    thin.calls.clear();
    for (int each = 0; each < 5; each++) {
      write(given, 2, 100_000);
    }

    assertThat(thin.calls.stream().filter(call -> call.startsWith("deallocate"))).isNotEmpty();
    long used = 0;
    for (long lba = 0; lba < 16 << 10; lba++) {
      used += thin.block(lba)[0] == 2 ? 1 : 0;
      assertThat(thin.block(lba)[0]).isNotEqualTo((byte) 1);
    }
    assertThat(used).isEqualTo(5 * 196);
    assertThat(content(TapeMedium.open(thin))).hasSize(5);
  }

  // ---- crashes

  /** A history of a tape, each step of which says what the tape holds afterwards. */
  private static final class History {

    private final TapeMedium tape;

    /** What it held after each step since it was last synchronized, and before those. */
    final List<List<String>> since = new ArrayList<>();

    /** Blocks and filemarks that were synchronized, and not overwritten since. */
    int safe;

    History(TapeMedium tape) {
      this.tape = tape;
      since.add(List.of());
    }

    void run(int seed) throws IOException {
      Random chance = new Random(seed);
      for (int step = 1; step < 40; step++) {
        step(chance, step);
      }
    }

    private void step(Random chance, int value) throws IOException {
      int kind = chance.nextInt(10);
      if (kind == 0) {
        tape.synchronize();
        List<String> now = since.get(since.size() - 1);
        since.clear();
        since.add(now);
        safe = now.size();
        return;
      }
      List<String> next = new ArrayList<>(since.get(since.size() - 1));
      if (kind <= 2) {
        int to = chance.nextInt(next.size() + 1);
        tape.locate(to);
        next.subList(to, next.size()).clear();
      } else if (tape.object() < next.size()) {
        throw new AssertionError("not at the end");
      }
      safe = Math.min(safe, next.size());
      int count = 1 + chance.nextInt(3);
      int length = 1 + chance.nextInt(1500);
      boolean marks = chance.nextInt(4) == 0;
      for (int each = 0; each < count; each++) {
        next.add(marks ? "|" : value + "*" + length);
      }
      since.add(next);
      if (marks) {
        tape.writeMarks(count);
      } else {
        tape.write(block(value, count * length), length);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6})
  void wheneverThePowerFailsWhatWasSynchronizedIsThereAndTheRestIsCutOff(int seed)
      throws IOException {
    PowerCutDevice whole = new PowerCutDevice(1 << 20, 512);
    new History(TapeMedium.open(whole)).run(seed);
    assertThat(whole.calls).isGreaterThan(80);

    for (int cut = 0; cut < whole.calls; cut++) {
      PowerCutDevice failing = new PowerCutDevice(1 << 20, 512).failingAfter(cut);
      History history = new History(TapeMedium.open(failing));
      assertThatThrownBy(() -> history.run(seed)).hasMessage("no power");

      PowerCutDevice back = failing.afterwards(new Random(cut));
      List<String> found = content(TapeMedium.open(back));

      assertThat(found.size()).as("cut at %d", cut).isGreaterThanOrEqualTo(history.safe);
      assertThat(history.since)
          .as("cut at %d, found %s", cut, found)
          .anyMatch(state -> isPrefix(found, state));
    }
  }

  private static boolean isPrefix(List<String> found, List<String> of) {
    return found.size() <= of.size() && of.subList(0, found.size()).equals(found);
  }
}

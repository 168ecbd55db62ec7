package org.iscsi4j.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.iscsi4j.api.BlockDeviceException.Kind;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What holds for a disk that may not keep as much as it is large. */
abstract class SpaceLimitContract {

  private static final long SIZE = 64L << 20;
  private static final int UNITS = 8;

  @TempDir Path directory;
  private BlockDevice device;

  /** Bytes in which storage is taken and given back. */
  private int unit;

  /** A new disk that may keep so many bytes. */
  abstract BlockDevice create(long size, long limit) throws IOException;

  /** Makes a disk of {@link #create} smaller or larger. */
  abstract void resize(BlockDevice device, long blocks) throws IOException;

  /** Bytes in which a disk of {@link #create} takes storage. */
  abstract int unit();

  @BeforeEach
  void openDevice() throws IOException {
    unit = unit();
    device = create(SIZE, UNITS * (long) unit + 512);
  }

  @AfterEach
  void closeDevice() throws IOException {
    device.close();
  }

  @Test
  void startsWithAllOfItsSpace() {
    assertThat(device.space()).contains(Space.of(0, (long) UNITS * unit));
  }

  @Test
  void takesSpaceOnceForEveryUnitThatIsWrittenTo() throws IOException {
    Bytes.write(device, unit - 512, new byte[1024]);
    Bytes.write(device, unit - 512, new byte[1024]);
    Bytes.write(device, SIZE - 512, new byte[512]);

    assertThat(device.space()).contains(Space.of(3L * unit, (UNITS - 3L) * unit));
  }

  @Test
  void refusesAWriteThatNeedsMoreThanIsLeftAndLeavesAllAsItWas() throws IOException {
    byte[] data = Bytes.pattern(1, 6 * unit);
    Bytes.write(device, 0, data);

    // of the four units of this write, one is there and two are left
    assertOutOfSpace(() -> Bytes.write(device, 5L * unit, Bytes.pattern(2, 4 * unit)), 5L * unit);

    Bytes.assertEqual(Bytes.read(device, 0, data.length), data);
    Bytes.assertZero(Bytes.read(device, 6L * unit, 4 * unit));
    assertThat(device.space()).contains(Space.of(6L * unit, 2L * unit));
    assertThat(device.extent(0, SIZE)).isEqualTo(new Extent(6L * unit, Extent.State.ALLOCATED));
    Bytes.write(device, 5L * unit, Bytes.pattern(2, 3 * unit));
    assertThat(device.space()).contains(Space.of(8L * unit, 0));
  }

  @Test
  void writesAsBeforeWhereThereIsSpaceAlready() throws IOException {
    Bytes.write(device, unit, new byte[UNITS * unit]);
    byte[] data = Bytes.pattern(3, UNITS * unit);

    Bytes.write(device, unit, data);
    device.writeZeroes(unit, unit, false);

    Arrays.fill(data, 0, unit, (byte) 0);
    Bytes.assertEqual(Bytes.read(device, unit, data.length), data);
    assertOutOfSpace(() -> Bytes.write(device, 0, new byte[512]), 0);
    assertOutOfSpace(() -> device.writeZeroes(0, 512, false), 0);
    Bytes.read(device, 0, unit);
  }

  @Test
  void getsBackWhatIsDeallocatedInWholeUnits() throws IOException {
    Bytes.write(device, 0, Bytes.pattern(1, UNITS * unit));

    device.deallocate(unit - 512, unit + 1024);
    assertThat(device.space()).contains(Space.of((UNITS - 1L) * unit, unit));
    device.deallocate(unit, unit);
    assertThat(device.space()).as("once").contains(Space.of((UNITS - 1L) * unit, unit));
    device.writeZeroes(0, SIZE, true);
    assertThat(device.space()).contains(Space.of(0, (long) UNITS * unit));

    Bytes.write(device, SIZE - UNITS * (long) unit, Bytes.pattern(1, UNITS * unit));
    assertOutOfSpace(() -> Bytes.write(device, 0, new byte[512]), 0);
  }

  @Test
  void getsBackWhatIsCutOff() throws IOException {
    Bytes.write(device, SIZE - UNITS * (long) unit, new byte[UNITS * unit]);

    resize(device, (SIZE - 3L * unit) / 512);
    assertThat(device.space()).contains(Space.of((UNITS - 3L) * unit, 3L * unit));
    resize(device, SIZE / 512);
    assertThat(device.space()).contains(Space.of((UNITS - 3L) * unit, 3L * unit));
  }

  @Test
  void giveNoWriterMoreThanIsThere() throws Exception {
    AtomicInteger written = new AtomicInteger();
    Parallel.run(
        4,
        writer -> {
          for (int each = 0; each < 4 * UNITS; each++) {
            // two writers each want the same units
            long offset = (writer / 2 * 4L * UNITS + each) * unit;
            try {
              Bytes.write(device, offset + writer % 2 * 512, Bytes.pattern(1, 512));
              written.incrementAndGet();
            } catch (BlockDeviceException e) {
              assertThat(e.kind()).isEqualTo(Kind.OUT_OF_SPACE);
            }
          }
        });

    assertThat(device.space()).contains(Space.of((long) UNITS * unit, 0));
    assertThat(written.get()).isBetween(UNITS, 2 * UNITS);
    int allocated = 0;
    for (int each = 0; each < 8 * UNITS; each++) {
      boolean there = device.extent((long) each * unit, unit).state() == Extent.State.ALLOCATED;
      allocated += there ? 1 : 0;
    }
    assertThat(allocated).isEqualTo(UNITS);
  }

  @Test
  void losesNothingToManyWritersAndDeallocations() throws Exception {
    Parallel.run(
        4,
        thread -> {
          long mine = thread * 2L * unit;
          for (int round = 0; round < 500; round++) {
            Bytes.write(device, mine, Bytes.pattern(round, 2 * unit));
            device.deallocate(mine, 2L * unit);
          }
        });

    assertThat(device.space()).contains(Space.of(0, (long) UNITS * unit));
  }

  private static void assertOutOfSpace(ThrowingCallable call, long offset) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            BlockDeviceException.class,
            e -> {
              assertThat(e.kind()).isEqualTo(Kind.OUT_OF_SPACE);
              assertThat(e.offset()).isEqualTo(offset);
            });
  }
}

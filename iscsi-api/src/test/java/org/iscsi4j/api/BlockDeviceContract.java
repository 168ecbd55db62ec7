package org.iscsi4j.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every shipped device must do. The size is no multiple of a page or a granule on purpose. */
abstract class BlockDeviceContract {

  static final int BLOCK = 512;
  static final long BLOCKS = 4096 + 3;
  static final long SIZE = BLOCKS * BLOCK;

  @TempDir Path directory;
  BlockDevice device;

  /** A new device whose blocks were never written, of a block size and count. */
  abstract BlockDevice create(Geometry shape) throws IOException;

  /** Changes the size, or aborts the test. */
  void resize(BlockDevice device, long blocks) throws IOException {
    abort(device + " can't be resized");
  }

  @BeforeEach
  void openDevice() throws IOException {
    device = create(Geometry.ofSize(SIZE, BLOCK));
  }

  @AfterEach
  void closeDevice() throws IOException {
    device.close();
  }

  @Test
  void hasTheShapeItWasMadeWith() {
    assertThat(device.geometry().blockSize()).isEqualTo(BLOCK);
    assertThat(device.geometry().blockCount()).isEqualTo(BLOCKS);
    assertThat(device.geometry().size()).isEqualTo(SIZE);
  }

  @Test
  void readsZeroesBeforeTheFirstWrite() throws IOException {
    Bytes.assertZero(Bytes.read(device, 0, (int) SIZE));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 8, 9, 127, 128, 129, 512, 1031})
  void readsBackEveryLengthAtEveryAlignment(int blocks) throws IOException {
    for (long block : new long[] {0, 1, 7, 8, 9, 127, 128, 130, 511, BLOCKS - blocks}) {
      byte[] data = Bytes.pattern(block, blocks * BLOCK);

      Bytes.write(device, block * BLOCK, data);

      Bytes.assertEqual(Bytes.read(device, block * BLOCK, data.length), data);
    }
  }

  @Test
  void readsBackLargeBlocks() throws IOException {
    device.close();
    device = create(Geometry.of(Geometry.MAX_BLOCK_SIZE, 17));
    byte[] data = Bytes.pattern(1, 17 * Geometry.MAX_BLOCK_SIZE);

    Bytes.write(device, 0, data);

    Bytes.assertEqual(Bytes.read(device, 0, data.length), data);
  }

  @Test
  void keepsTheNeighboursOfTheFirstAndTheLastBlock() throws IOException {
    byte[] model = new byte[(int) SIZE];
    byte[] first = Bytes.pattern(1, BLOCK);
    byte[] last = Bytes.pattern(2, BLOCK);

    Bytes.write(device, 0, first);
    Bytes.write(device, SIZE - BLOCK, last);

    System.arraycopy(first, 0, model, 0, BLOCK);
    System.arraycopy(last, 0, model, (int) SIZE - BLOCK, BLOCK);
    Bytes.assertEqual(Bytes.read(device, 0, (int) SIZE), model);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void usesABufferBetweenPositionAndLimitOnly(boolean direct) throws IOException {
    int length = 200 * BLOCK;
    byte[] data = Bytes.pattern(1, length);
    ByteBuffer from = buffer(direct, 11, length).put(11, data);
    device.write(3 * BLOCK, from.asReadOnlyBuffer().position(11).limit(11 + length));
    device.write(3 * BLOCK, from);
    ByteBuffer into = buffer(direct, 23, length);
    device.read(3 * BLOCK, into);

    assertThat(from.position()).isEqualTo(from.limit()).isEqualTo(11 + length);
    assertThat(into.position()).isEqualTo(into.limit()).isEqualTo(23 + length);
    byte[] all = new byte[into.capacity()];
    into.clear().get(all);
    assertThat(Arrays.copyOfRange(all, 23, 23 + length)).isEqualTo(data);
    assertThat(Arrays.copyOf(all, 23)).containsOnly(0);
    assertThat(Arrays.copyOfRange(all, 23 + length, all.length)).containsOnly(0);
  }

  @Test
  void agreesWithAModelOverRandomCalls() throws IOException {
    Random random = new Random(42);
    byte[] model = new byte[(int) SIZE];
    for (int i = 0; i < 2000; i++) {
      int blocks = 1 + random.nextInt(random.nextBoolean() ? 12 : 400);
      int offset = random.nextInt((int) BLOCKS - blocks + 1) * BLOCK;
      int end = offset + blocks * BLOCK;
      switch (random.nextInt(5)) {
        case 0, 1 -> {
          byte[] data = Bytes.pattern(i, end - offset);
          Bytes.write(device, offset, data);
          System.arraycopy(data, 0, model, offset, data.length);
        }
        case 2 -> {
          zero(offset, end - offset, random.nextBoolean());
          Arrays.fill(model, offset, end, (byte) 0);
        }
        default ->
            Bytes.assertEqual(
                Bytes.read(device, offset, end - offset), Arrays.copyOfRange(model, offset, end));
      }
    }
    device.flush();
    Bytes.assertEqual(Bytes.read(device, 0, (int) SIZE), model);
    requireExtentsToAgree();
  }

  @Test
  void keepsWritersOfNeighbouringBlocksApart() throws Exception {
    int writers = 4;
    byte[] model = new byte[(int) SIZE];
    Parallel.run(
        writers,
        writer -> {
          // every fourth block, so that writers share every page and granule
          for (long block = writer; block < BLOCKS; block += writers) {
            byte[] data = Bytes.pattern(block, BLOCK);
            Bytes.write(device, block * BLOCK, data);
            System.arraycopy(data, 0, model, (int) block * BLOCK, BLOCK);
          }
        });
    Bytes.assertEqual(Bytes.read(device, 0, (int) SIZE), model);
  }

  @Test
  void keepsWritesBesideZeroingInTheSameGranule() throws Exception {
    int writers = 4;
    int stripe = 250 * BLOCK; // more than a granule, and never aligned to one
    byte[] model = new byte[(int) SIZE];
    Parallel.run(
        writers,
        writer -> {
          Random random = new Random(writer);
          for (int i = 0; i < 400; i++) {
            int start = stripe * (writer + writers * random.nextInt(4));
            int from = start + random.nextInt(100) * BLOCK;
            int length = (1 + random.nextInt(150)) * BLOCK;
            byte[] data = i % 2 == 0 ? Bytes.pattern(i, length) : new byte[length];
            if (i % 2 == 0) {
              Bytes.write(device, from, data);
            } else {
              zero(from, length, random.nextBoolean());
            }
            System.arraycopy(data, 0, model, from, length);
          }
        });
    Bytes.assertEqual(Bytes.read(device, 0, (int) SIZE), model);
    requireExtentsToAgree();
  }

  @Test
  void staysConsistentWhenWritesAndZeroingOverlap() throws Exception {
    AtomicInteger turn = new AtomicInteger();
    byte[] data = Bytes.pattern(1, 4 * BLOCK);
    for (int round = 0; round < 20; round++) {
      Parallel.run(
          4,
          caller -> {
            for (int i = 0; i < 20; i++) {
              if (caller < 2) {
                Bytes.write(device, (turn.incrementAndGet() % 500) * BLOCK, data);
              } else {
                zero(0, 128 * 4 * BLOCK, true);
              }
            }
          });
      requireExtentsToAgree();
    }
    zero(0, SIZE, true);
    Bytes.assertZero(Bytes.read(device, 0, (int) SIZE));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 8, 100, 128})
  void deallocatesExactlyTheRange(int first) throws IOException {
    assumeTrue(device.capabilities().deallocate(), device + " can't deallocate");
    for (int blocks : new int[] {1, 7, 8, 9, 128, 129, 300, (int) BLOCKS - first}) {
      byte[] model = Bytes.pattern(blocks, (int) SIZE);
      Bytes.write(device, 0, model);

      device.deallocate((long) first * BLOCK, (long) blocks * BLOCK);

      Arrays.fill(model, first * BLOCK, (first + blocks) * BLOCK, (byte) 0);
      Bytes.assertEqual(Bytes.read(device, 0, (int) SIZE), model);
      requireExtentsToAgree();
    }
  }

  @Test
  void reportsGranulesAsDeallocatedOnceTheyAre() throws IOException {
    assumeTrue(device.capabilities().extents(), device + " does not know its extents");
    int granule = device.geometry().deallocationGranularity();
    Bytes.write(device, 0, Bytes.pattern(1, (int) SIZE));
    assertThat(device.extent(0, SIZE)).isEqualTo(new Extent(SIZE, Extent.State.ALLOCATED));

    device.deallocate(granule, 2L * granule);

    assertThat(device.extent(0, SIZE)).isEqualTo(new Extent(granule, Extent.State.ALLOCATED));
    assertThat(device.extent(granule, SIZE - granule))
        .isEqualTo(new Extent(2L * granule, Extent.State.DEALLOCATED));
    assertThat(device.extent(granule + BLOCK, BLOCK))
        .isEqualTo(new Extent(BLOCK, Extent.State.DEALLOCATED));

    device.deallocate(0, SIZE);
    assertThat(device.extent(0, SIZE)).isEqualTo(new Extent(SIZE, Extent.State.DEALLOCATED));
  }

  @Test
  void writesZeroesThatStayAllocated() throws IOException {
    assumeTrue(device.capabilities().extents(), device + " does not know its extents");

    device.writeZeroes(0, SIZE, false);

    Bytes.assertZero(Bytes.read(device, 0, (int) SIZE));
    assertThat(device.extent(0, SIZE)).isEqualTo(new Extent(SIZE, Extent.State.ALLOCATED));
  }

  @Test
  void writesThrough() throws IOException {
    byte[] data = Bytes.pattern(1, 3 * BLOCK);

    device.writeThrough(5 * BLOCK, ByteBuffer.wrap(data));

    Bytes.assertEqual(Bytes.read(device, 5 * BLOCK, data.length), data);
  }

  @Test
  void growsByZeroesAndTellsEveryListener() throws IOException {
    AtomicInteger told = new AtomicInteger();
    AtomicInteger gone = new AtomicInteger();
    DeviceEvents former = gone::incrementAndGet;
    device.subscribe(told::incrementAndGet);
    device.subscribe(told::incrementAndGet);
    device.subscribe(former);
    device.unsubscribe(former);
    byte[] data = Bytes.pattern(1, (int) SIZE);
    Bytes.write(device, 0, data);

    resize(device, BLOCKS + 1000);

    assertThat(device.geometry().blockCount()).isEqualTo(BLOCKS + 1000);
    assertThat(told).hasValue(2);
    assertThat(gone).hasValue(0);
    Bytes.assertEqual(Bytes.read(device, 0, (int) SIZE), data);
    Bytes.assertZero(Bytes.read(device, SIZE, 1000 * BLOCK));
    Bytes.write(device, SIZE + 999 * BLOCK, Arrays.copyOf(data, BLOCK));
    Bytes.assertEqual(Bytes.read(device, SIZE + 999 * BLOCK, BLOCK), Arrays.copyOf(data, BLOCK));
    requireExtentsToAgree();
  }

  @Test
  void forgetsWhatIsCutOff() throws IOException {
    byte[] data = Bytes.pattern(1, (int) SIZE);
    Bytes.write(device, 0, data);

    resize(device, 13);
    assertThat(device.geometry().blockCount()).isEqualTo(13);
    resize(device, BLOCKS);

    Bytes.assertEqual(Bytes.read(device, 0, 13 * BLOCK), Arrays.copyOf(data, 13 * BLOCK));
    Bytes.assertZero(Bytes.read(device, 13 * BLOCK, (int) SIZE - 13 * BLOCK));
    requireExtentsToAgree();
  }

  @Test
  void tellsNobodyOfASizeThatStaysTheSame() throws IOException {
    AtomicInteger told = new AtomicInteger();
    device.subscribe(told::incrementAndGet);

    resize(device, BLOCKS);

    assertThat(told).hasValue(0);
  }

  @Test
  void holdsThreeTebibytes() throws IOException {
    device.close();
    long size = 3L << 40;
    device = create(Geometry.ofSize(size, BLOCK));
    byte[] data = Bytes.pattern(1, 64 * BLOCK);
    long[] offsets = {
      0, (1L << 30) - BLOCK, (1L << 32) - 8 * BLOCK, (1L << 41) - 512, size - data.length
    };
    for (long offset : offsets) {
      Bytes.write(device, offset, data);
      Bytes.assertEqual(Bytes.read(device, offset, data.length), data);
    }
    Bytes.assertZero(Bytes.read(device, 1L << 39, BLOCK));
    device.flush();
    if (device.capabilities().extents()) {
      long hole = 64 * 1024;
      assertThat(device.extent(hole, size - hole).state()).isEqualTo(Extent.State.DEALLOCATED);
      assertThat(device.extent(hole, size - hole).length())
          .isBetween((1L << 30) - 3 * hole, (1L << 30) - BLOCK - hole);
      device.deallocate(0, size);
      assertThat(device.extent(0, size)).isEqualTo(new Extent(size, Extent.State.DEALLOCATED));
      Bytes.assertZero(Bytes.read(device, (1L << 41) - BLOCK, data.length));
    }
  }

  @Test
  void isClosedAsOftenAsOneLikes() throws IOException {
    device.close();
    device.close();
  }

  /** Runs cover the device without a gap, and what is said to be deallocated reads as zeroes. */
  final void requireExtentsToAgree() throws IOException {
    long size = device.geometry().size();
    for (long offset = 0; offset < size; ) {
      Extent extent = device.extent(offset, size - offset);
      assertThat(extent.length()).isBetween(1L, size - offset);
      assertThat(extent.length() % BLOCK).isZero();
      if (extent.state() == Extent.State.DEALLOCATED) {
        Bytes.assertZero(Bytes.read(device, offset, (int) extent.length()));
      }
      offset += extent.length();
    }
  }

  private void zero(long offset, long length, boolean mayDeallocate) throws IOException {
    if (mayDeallocate && device.capabilities().deallocate()) {
      device.deallocate(offset, length);
    } else {
      device.writeZeroes(offset, length, mayDeallocate);
    }
  }

  private static ByteBuffer buffer(boolean direct, int position, int length) {
    int capacity = position + length + 17;
    ByteBuffer buffer =
        direct ? ByteBuffer.allocateDirect(capacity) : ByteBuffer.allocate(capacity);
    return buffer.position(position).limit(position + length);
  }
}

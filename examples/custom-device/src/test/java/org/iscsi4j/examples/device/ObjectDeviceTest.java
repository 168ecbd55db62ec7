package org.iscsi4j.examples.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.iscsi4j.api.BlockDevice;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The device alone: bytes go in and come out, and flush is what makes them stay. */
class ObjectDeviceTest {

  private static final long SIZE = 1 << 20;

  @TempDir Path folder;

  private ObjectStore store;
  private BlockDevice disk;

  @BeforeEach
  void open() throws IOException {
    store = new FolderStore(folder);
    disk = new ObjectDevice(store, SIZE);
  }

  @Test
  void knowsItsSize() {
    assertThat(disk.geometry().size()).isEqualTo(SIZE);
    assertThat(disk.geometry().blockSize()).isEqualTo(4096);
  }

  @Test
  void readsZeroesBeforeTheFirstWrite() throws IOException {
    assertThat(read(disk, 0, 128 * 1024)).containsOnly(0);
  }

  @Test
  void readsWhatWasWrittenAcrossObjects() throws IOException {
    byte[] data = random(200 * 1024);

    disk.write(36 * 1024, ByteBuffer.wrap(data));

    assertThat(read(disk, 36 * 1024, data.length)).isEqualTo(data);
    assertThat(read(disk, 32 * 1024, 4096)).containsOnly(0);
    assertThat(read(disk, 236 * 1024, 4096)).containsOnly(0);
  }

  @Test
  void takesAndFillsWholeBuffers() throws IOException {
    ByteBuffer from = ByteBuffer.allocateDirect(132 * 1024);
    ByteBuffer into = ByteBuffer.allocateDirect(132 * 1024);

    disk.write(0, from);
    disk.read(0, into);

    assertThat(from.hasRemaining()).isFalse();
    assertThat(into.hasRemaining()).isFalse();
  }

  @Test
  void keepsWhatWasFlushed() throws IOException {
    byte[] data = random(8192);
    disk.write(61_440, ByteBuffer.wrap(data));
    BlockDevice afterPowerFailure = new ObjectDevice(store, SIZE);
    assertThat(read(afterPowerFailure, 61_440, 8192)).containsOnly(0);

    disk.flush();

    assertThat(read(afterPowerFailure, 61_440, 8192)).isEqualTo(data);
  }

  @Test
  void flushesByItselfBeforeItKeepsTooMuch() throws IOException {
    BlockDevice large = new ObjectDevice(store, ObjectDevice.MAX_CHANGED * 65_536L);
    byte[] data = random(4096);
    for (int object = 0; object < ObjectDevice.MAX_CHANGED; object++) {
      assertThat(store.get(0)).isEmpty();
      large.write(object * 65_536L, ByteBuffer.wrap(data));
    }

    assertThat(store.get(0)).isPresent();
    assertThat(store.get(ObjectDevice.MAX_CHANGED - 1)).isPresent();
  }

  @Test
  void keepsWhatWasWrittenBeforeItWasClosed() throws IOException {
    byte[] data = random(4096);
    disk.write(SIZE - 4096, ByteBuffer.wrap(data));

    disk.close();

    assertThat(read(new ObjectDevice(store, SIZE), SIZE - 4096, 4096)).isEqualTo(data);
  }

  @Test
  void triesAgainToFlushWhatFailed() throws IOException {
    FailingStore failing = new FailingStore(store);
    BlockDevice failed = new ObjectDevice(failing, SIZE);
    byte[] data = random(4096);
    failed.write(0, ByteBuffer.wrap(data));
    failing.fail = true;
    assertThatThrownBy(failed::flush).isInstanceOf(IOException.class);

    failing.fail = false;
    failed.flush();

    assertThat(store.get(0).map(object -> Arrays.copyOf(object, 4096)).orElseThrow())
        .isEqualTo(data);
  }

  private static byte[] read(BlockDevice device, long offset, int length) throws IOException {
    byte[] bytes = new byte[length];
    device.read(offset, ByteBuffer.wrap(bytes));
    return bytes;
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  private static final class FailingStore implements ObjectStore {
    private final ObjectStore store;
    private boolean fail;

    FailingStore(ObjectStore store) {
      this.store = store;
    }

    @Override
    public Optional<byte[]> get(long number) throws IOException {
      return store.get(number);
    }

    @Override
    public void put(long number, byte[] object) throws IOException {
      if (fail) {
        throw new IOException("the store is out of reach");
      }
      store.put(number, object);
    }
  }
}

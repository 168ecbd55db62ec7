package org.iscsi4j.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class FileDeviceTest extends LocalFileContract {

  @Override
  LocalFileDevice open(FileDevice.Builder builder) throws IOException {
    return builder.open();
  }

  @Test
  void isOpenedByItsPath() throws IOException {
    Path path = Files.write(directory.resolve("old"), new byte[2048]);

    try (FileDevice disk = FileDevice.open(path)) {
      assertThat(disk.geometry().blockCount()).isEqualTo(4);
    }
  }

  @Test
  void leavesNoEmptyFileBehindThatItMadeAndCouldNotOpen() throws IOException {
    // in an archive the key of a file is its path, so that it can be claimed before it is there
    try (FileSystem archive =
        FileSystems.newFileSystem(directory.resolve("archive.zip"), Map.of("create", "true"))) {
      Path path = archive.getPath("/disk");
      FileClaims.claim(path, path);
      try {
        assertThatThrownBy(() -> FileDevice.builder(path).size(8192).open())
            .hasMessageContaining("is open as a device in this program already");
        assertThat(Files.exists(path)).isFalse();
      } finally {
        FileClaims.release(path);
      }
    }
  }

  @Test
  void reportsTheFirstByteMissingFromAFileThatWasCutOff() throws IOException {
    Path path = directory.resolve("disk0");
    Files.write(path, new byte[5 * BLOCK]);

    assertThatThrownBy(() -> Bytes.read(device, 3 * BLOCK, 4 * BLOCK))
        .isInstanceOfSatisfying(
            BlockDeviceException.class, e -> assertThat(e.offset()).isEqualTo(5 * BLOCK));
  }

  @Test
  void cutsTheFileBackAfterAWriteThatWasUnderWayWhileTheDiskShrank() throws IOException {
    resize(device, 8);

    Bytes.write(device, SIZE - BLOCK, new byte[BLOCK]);

    assertThat(directory.resolve("disk0")).hasSize(8 * BLOCK);
  }

  @Test
  void keepsItsGeometryWhenItCanNotShrink() throws IOException {
    AtomicInteger told = new AtomicInteger();
    device.subscribe(told::incrementAndGet);
    device.close();

    assertThatThrownBy(() -> resize(device, 8)).isInstanceOf(BlockDeviceException.class);

    assertThat(device.geometry().blockCount()).isEqualTo(BLOCKS);
    assertThat(told).hasValue(0);
  }

  @Test
  void worksOnAnInterruptedThreadAndLeavesItInterrupted() throws IOException {
    byte[] data = Bytes.pattern(1, BLOCK);

    Thread.currentThread().interrupt();
    Bytes.write(device, 0, data);
    byte[] read = Bytes.read(device, 0, BLOCK);
    device.flush();

    assertThat(Thread.interrupted()).isTrue();
    assertThat(read).isEqualTo(data);
  }

  @Test
  void worksForEveryoneWhileThreadsAreInterrupted() throws Exception {
    int size = 1 << 20;
    byte[][] data = {Bytes.pattern(0, size), Bytes.pattern(1, size)};
    Thread[] threads = new Thread[2];
    Parallel.run(
        2,
        thread -> {
          threads[thread] = Thread.currentThread();
          for (int i = 0; i < 200; i++) {
            long offset = (long) thread * size;
            Bytes.write(device, offset, data[thread]);
            Bytes.assertEqual(Bytes.read(device, offset, size), data[thread]);
            Thread other = threads[1 - thread];
            if (other != null) {
              other.interrupt();
            }
          }
        });
    device.flush();
    assertThat(LockProbe.ask(directory.resolve("disk0"), "shared")).isEqualTo("locked");
  }
}

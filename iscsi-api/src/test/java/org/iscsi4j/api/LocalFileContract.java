package org.iscsi4j.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What holds for a disk in a file, mapped or not. */
abstract class LocalFileContract extends BlockDeviceContract {

  private int made;

  /** Ends a builder in the one way or the other. */
  abstract LocalFileDevice open(FileDevice.Builder builder) throws IOException;

  @Override
  final BlockDevice create(Geometry shape) throws IOException {
    return open(
        FileDevice.builder(directory.resolve("disk" + made++))
            .size(shape.size())
            .blockSize(shape.blockSize()));
  }

  @Override
  final void resize(BlockDevice device, long blocks) throws IOException {
    ((LocalFileDevice) device).resize(blocks);
  }

  @Test
  void isThinBlocksBrieflyAndHasACache() {
    assertThat(device.capabilities())
        .isEqualTo(
            new Capabilities(
                Blocking.BRIEFLY, Concurrency.PARALLEL, false, true, true, true, true, 0));
  }

  @Test
  void opensAFileAsItIs() throws IOException {
    byte[] data = Bytes.pattern(1, 4096);
    Path path = Files.write(directory.resolve("old"), data);

    try (BlockDevice old = open(FileDevice.builder(path))) {
      assertThat(old.geometry())
          .isEqualTo(Geometry.of(512, 8).withDeallocationGranularity(64 * 1024));
      Bytes.assertEqual(Bytes.read(old, 0, 4096), data);
      assertThat(old.extent(0, 4096)).isEqualTo(new Extent(4096, Extent.State.UNKNOWN));
      Bytes.write(old, 512, new byte[512]);
    }
    assertThat(Files.readAllBytes(path)[511]).isEqualTo(data[511]);
    assertThat(Files.readAllBytes(path)[512]).isZero();
  }

  @Test
  void takesBlockSizes() throws IOException {
    FileDevice.Builder builder =
        FileDevice.builder(directory.resolve("new"))
            .size(1 << 20)
            .blockSize(4096)
            .physicalBlockSize(16_384);

    try (BlockDevice disk = open(builder)) {
      assertThat(disk.geometry()).isEqualTo(new Geometry(4096, 256, 16_384, 0, 64 * 1024));
    }
  }

  @Test
  void makesAnEmptyFileAsLongAsTheSizeGiven() throws IOException {
    Path path = Files.createFile(directory.resolve("empty"));

    try (BlockDevice disk = open(FileDevice.builder(path).size(8192))) {
      assertThat(disk.extent(0, 8192)).isEqualTo(new Extent(8192, Extent.State.DEALLOCATED));
    }
    assertThat(path).hasSize(8192);
  }

  @Test
  void refusesAMissingFileWithoutASize() {
    Path path = directory.resolve("missing");

    assertThatThrownBy(() -> open(FileDevice.builder(path)))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessage(path + ": no such file; give a size to make it");
    assertThatThrownBy(() -> open(FileDevice.builder(path).size(8192).readOnly()))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessage(path + ": no such file");
    assertThat(path).doesNotExist();
  }

  @Test
  void makesNoDirectories() {
    Path path = directory.resolve("missing/disk");

    assertThatThrownBy(() -> open(FileDevice.builder(path).size(8192)))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessage(path + ": no such directory to make it in");
  }

  @Test
  void refusesAFileThatDoesNotFitAndLeavesItAlone() throws IOException {
    Path path = Files.write(directory.resolve("old"), new byte[4096 + 512]);
    Path empty = Files.createFile(directory.resolve("empty"));

    assertRefused(
        FileDevice.builder(path).size(8192), path + ": is 4608 bytes long, not 8192 as given");
    assertRefused(
        FileDevice.builder(path).size(4096), path + ": is 4608 bytes long, not 4096 as given");
    assertRefused(
        FileDevice.builder(path).blockSize(4096),
        path + ": is 4608 bytes long, no multiple of the block size 4096");
    assertRefused(FileDevice.builder(empty), empty + ": is empty; give a size");
    assertRefused(FileDevice.builder(directory), directory + ": is no regular file");
    assertThat(path).hasSize(4608);
    open(FileDevice.builder(path).size(4608)).close();
  }

  @Test
  void makesNoFileForSettingsThatMakeNoSense() {
    Path path = directory.resolve("missing");

    assertThatThrownBy(() -> open(FileDevice.builder(path).size(1000)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> open(FileDevice.builder(path).size(8192).blockSize(1000)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> open(FileDevice.builder(path).size(8192).physicalBlockSize(256)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(path).doesNotExist();
  }

  @Test
  void leavesNoFileBehindThatIsTooLargeForTheFileSystem() throws IOException {
    Path path = directory.resolve("huge");
    try (BlockDevice disk = open(FileDevice.builder(path).size(Long.MAX_VALUE / 512 * 512))) {
      abort("the file system takes a file of " + disk.geometry().size() + " bytes");
    } catch (IOException e) {
      assertThat(path).doesNotExist();
    }
  }

  @Test
  void refusesASecondDeviceAndKeepsTheFirst() throws Exception {
    Path path = directory.resolve("disk0");
    Path link = Files.createSymbolicLink(directory.resolve("link"), path);

    assertRefused(
        FileDevice.builder(path),
        path + ": is open as a device in this program already; share that device");
    assertRefused(
        FileDevice.builder(link).readOnly(),
        link + ": is open as a device in this program already; share that device");

    assertThat(LockProbe.ask(path, "shared")).isEqualTo("locked");
    device.close();
    open(FileDevice.builder(path)).close();
    assertThat(LockProbe.ask(path, "exclusive")).isEqualTo("free");
  }

  @Test
  void refusesAFileThatIsLockedAlready() throws IOException {
    Path path = Files.write(directory.resolve("old"), new byte[512]);
    try (FileChannel other = FileChannel.open(path, StandardOpenOption.WRITE);
        FileLock lock = other.lock()) {
      assertThat(lock.isValid()).isTrue();
      assertRefused(FileDevice.builder(path), path + ": is locked by this program itself");
    }
    open(FileDevice.builder(path)).close();
  }

  @Test
  void sharesAFileThatIsReadOnly() throws Exception {
    byte[] data = Bytes.pattern(1, 1024);
    Path path = Files.write(directory.resolve("old"), data);

    try (LocalFileDevice disk = open(FileDevice.builder(path).readOnly())) {
      assertThat(disk.capabilities().readOnly()).isTrue();
      Bytes.assertEqual(Bytes.read(disk, 0, 1024), data);
      disk.flush();
      assertThat(LockProbe.ask(path, "shared")).isEqualTo("free");
      assertThatThrownBy(() -> disk.resize(1))
          .isInstanceOfSatisfying(
              BlockDeviceException.class,
              e -> assertThat(e.kind()).isEqualTo(BlockDeviceException.Kind.WRITE_PROTECTED));
    }
    assertThat(path).hasSize(1024);
  }

  @Test
  void keepsItsContentWhenClosedAndOpenedAgain() throws IOException {
    byte[] data = Bytes.pattern(1, (int) SIZE);
    Bytes.write(device, 0, data);
    device.flush();
    device.close();

    device = open(FileDevice.builder(directory.resolve("disk0")));

    Bytes.assertEqual(Bytes.read(device, 0, (int) SIZE), data);
  }

  @Test
  void resizesTheFile() throws IOException {
    Path path = directory.resolve("disk0");

    resize(device, BLOCKS + 5);
    assertThat(path).hasSize(SIZE + 5 * BLOCK);
    resize(device, 5);
    assertThat(path).hasSize(5 * BLOCK);
  }

  @Test
  void readsAMediumErrorWhereTheFileWasCutOff() throws IOException {
    Bytes.write(device, 0, Bytes.pattern(1, (int) SIZE));
    try (RandomAccessFile file = new RandomAccessFile(directory.resolve("disk0").toFile(), "rw")) {
      file.setLength(1 << 20);
    }

    Bytes.assertEqual(Bytes.read(device, 0, 1 << 20), Bytes.pattern(1, 1 << 20));
    assertThatThrownBy(() -> Bytes.read(device, 3 << 19, BLOCK))
        .isInstanceOfSatisfying(
            BlockDeviceException.class,
            e -> {
              assertThat(e.kind()).isEqualTo(BlockDeviceException.Kind.MEDIUM_ERROR);
              assertThat(e.offset()).isEqualTo(3 << 19);
              assertThat(e).hasMessageContaining("disk0").hasMessageContaining("byte 1572864");
            });
  }

  @Test
  void doesNotWriteToAHoleToDeallocateIt() throws IOException {
    Path path = directory.resolve("disk0");
    device.close();
    Files.setLastModifiedTime(path, FileTime.fromMillis(1_000_000));
    device = open(FileDevice.builder(path));

    device.deallocate(0, SIZE);
    device.flush();

    assertThat(Files.getLastModifiedTime(path)).isEqualTo(FileTime.fromMillis(1_000_000));
    assertThat(device.extent(0, SIZE)).isEqualTo(new Extent(SIZE, Extent.State.DEALLOCATED));
  }

  @Test
  void isNotReadyOnceClosed() throws IOException {
    device.close();

    assertNotReady(() -> Bytes.read(device, 0, BLOCK));
    assertNotReady(() -> Bytes.write(device, 0, new byte[BLOCK]));
    assertNotReady(device::flush);
  }

  private static void assertNotReady(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            BlockDeviceException.class,
            e -> assertThat(e.kind()).isEqualTo(BlockDeviceException.Kind.NOT_READY))
        .hasMessageContaining("is closed");
  }

  @Test
  void namesItsFile() {
    assertThat(device.toString()).endsWith("FileDevice[" + directory.resolve("disk0") + "]");
  }

  private void assertRefused(FileDevice.Builder builder, String message) {
    assertThatThrownBy(() -> open(builder))
        .isInstanceOf(FileSystemException.class)
        .hasMessage(message);
  }
}

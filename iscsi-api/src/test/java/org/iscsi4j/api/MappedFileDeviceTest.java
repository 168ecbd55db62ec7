package org.iscsi4j.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class MappedFileDeviceTest extends LocalFileContract {

  @Override
  LocalFileDevice open(FileDevice.Builder builder) throws IOException {
    return builder.openMapped();
  }

  @Test
  void isOpenedByItsPath() throws IOException {
    Path path = Files.write(directory.resolve("old"), new byte[2048]);

    try (MappedFileDevice disk = MappedFileDevice.open(path)) {
      assertThat(disk.geometry().blockCount()).isEqualTo(4);
    }
  }

  @Test
  void writesToTheFile() throws IOException {
    byte[] data = Bytes.pattern(1, (int) SIZE);

    Bytes.write(device, 0, data);
    device.flush();

    assertThat(directory.resolve("disk0")).hasBinaryContent(data);
  }

  @Test
  void movesBytesAcrossSegments() throws IOException {
    long boundary = 1L << 30;
    resize(device, 3 * boundary / BLOCK);
    byte[] data = Bytes.pattern(1, 8 * BLOCK);

    for (long start : new long[] {boundary - BLOCK, 2 * boundary - 4 * BLOCK}) {
      Bytes.write(device, start, data);
      Bytes.assertEqual(Bytes.read(device, start, data.length), data);
    }
    device.flush();
  }

  @Test
  void staysAsItIsWhenItCanNotBecomeSoLarge() throws IOException {
    long tooLarge = (1L << 45) / BLOCK + 1;

    assertThatThrownBy(() -> resize(device, tooLarge)).isInstanceOf(IOException.class);

    assertThat(device.geometry().blockCount()).isEqualTo(BLOCKS);
    assertThat(directory.resolve("disk0")).hasSize(SIZE);
  }

  @Test
  void noticesEveryFaultOfMemoryInTimeHoweverTheCodeIsCompiled() throws IOException {
    byte[] block = new byte[BLOCK];
    for (int i = 0; i < 50_000; i++) {
      device.read(0, ByteBuffer.wrap(block));
      device.write(0, ByteBuffer.wrap(block));
    }
    try (RandomAccessFile file = new RandomAccessFile(directory.resolve("disk0").toFile(), "rw")) {
      file.setLength(BLOCK);
    }

    for (int i = 0; i < 1000; i++) {
      assertThatThrownBy(() -> device.read(SIZE - BLOCK, ByteBuffer.wrap(block)))
          .isInstanceOf(BlockDeviceException.class);
      assertThatThrownBy(() -> device.write(SIZE - BLOCK, ByteBuffer.wrap(block)))
          .isInstanceOf(BlockDeviceException.class);
    }
  }

  @Test
  void failsOutsideTheFileInsteadOfWritingThere() throws IOException {
    resize(device, 8);

    assertThatThrownBy(() -> Bytes.write(device, 8 * BLOCK, new byte[BLOCK]))
        .isInstanceOf(BlockDeviceException.class);
    assertThatThrownBy(() -> Bytes.read(device, 1L << 40, BLOCK))
        .isInstanceOf(BlockDeviceException.class);
    assertThat(directory.resolve("disk0")).hasSize(8 * BLOCK);
  }
}

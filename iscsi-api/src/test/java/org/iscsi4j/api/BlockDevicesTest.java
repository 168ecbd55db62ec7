package org.iscsi4j.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BlockDevicesTest {

  @TempDir Path directory;

  @Test
  void opensMemory() throws IOException {
    try (BlockDevice disk = BlockDevices.open("mem:64m");
        BlockDevice large = BlockDevices.open("mem:3t?blocksize=4096&physical=16k")) {
      assertThat(disk).isInstanceOf(MemoryDevice.class);
      assertThat(disk.geometry())
          .isEqualTo(Geometry.of(512, 131_072).withDeallocationGranularity(4096));
      assertThat(large.geometry())
          .isEqualTo(Geometry.ofSize(3L << 40, 4096).withPhysicalBlockSize(16_384));
    }
  }

  @Test
  void makesAFile() throws IOException {
    Path path = directory.resolve("disk.img");

    try (BlockDevice disk =
        BlockDevices.open("file:" + path + "?size=1g&blocksize=4k&physical=8192")) {
      assertThat(disk).isInstanceOf(FileDevice.class);
      assertThat(disk.geometry()).isEqualTo(new Geometry(4096, 262_144, 8192, 0, 65_536));
    }
    assertThat(path).hasSize(1L << 30);
  }

  @Test
  void opensAFileReadOnlyOrMapped() throws IOException {
    Path path = Files.write(directory.resolve("disk.img"), new byte[4096]);

    try (BlockDevice disk = BlockDevices.open("file:" + path + "?readonly")) {
      assertThat(disk).isInstanceOf(FileDevice.class);
      assertThat(disk.capabilities().readOnly()).isTrue();
    }
    try (BlockDevice disk = BlockDevices.open("file:" + path + "?mapped")) {
      assertThat(disk).isInstanceOf(MappedFileDevice.class);
      assertThat(disk.capabilities().readOnly()).isFalse();
    }
  }

  @Test
  void opensAPathAsJavaWritesIt() throws IOException {
    Path path = Files.write(directory.resolve("a b%.img"), new byte[4096]);

    try (BlockDevice disk = BlockDevices.open(path.toUri().toString())) {
      assertThat(disk.geometry().blockCount()).isEqualTo(8);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "rbd:pool/image       | 'rbd:' is no known kind of device; known are file, mem",
        "mem:64m?readonly     | mem: has no option 'readonly'; it has blocksize, limit, physical",
        "file:/x?blksize=512  | file: has no option 'blksize'; it has blocksize, limit, mapped, physical, readonly, size",
        "mem:big              | 'big' is no number of bytes",
        "mem:1000             | size 1000 is not a multiple of the block size 512",
        "mem:0                | blockCount 0 is not within",
        "mem:64m?blocksize=1000 | blockSize 1000 is not a power of two",
        "file:                | 'file:' has no path: expected file:/path",
        "file://host/disk.img | has no path",
        "file:/x?readonly=2   | option readonly is a flag",
        "mem:64m?limit=4095   | limit 4095 is less than the 4096 bytes in which the device takes storage",
        "mem:64m?limit=lots   | option limit: 'lots' is no number of bytes",
        "file:/x?size=1m&limit=65535 | limit 65535 is less than the 65536 bytes",
        "file:/x?readonly&limit=1m | a read-only disk has no use for a limit",
      })
  void refusesWithAReason(String uri, String message) {
    assertThatThrownBy(() -> BlockDevices.open(uri))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"mem:64m?limit=100k", "file:%s?size=64m&limit=100k&mapped"})
  void limitsTheSpaceOfADisk(String uri) throws IOException {
    try (BlockDevice disk = BlockDevices.open(uri.formatted(directory.resolve("thin")))) {
      assertThat(disk.geometry().size()).isEqualTo(64 << 20);
      assertThat(disk.space().orElseThrow().available()).isBetween(65_536L, 102_400L);
    }
  }

  @Test
  void findsTheProvidersOfOthers() throws Exception {
    ClassLoader before = Thread.currentThread().getContextClassLoader();
    Thread.currentThread().setContextClassLoader(new VendorLoader(directory));
    try (BlockDevice disk = BlockDevices.open("vendor:7?shiny")) {
      assertThat(disk.geometry().blockCount()).isEqualTo(7);
      assertThatThrownBy(() -> BlockDevices.open("other:7"))
          .hasMessageEndingWith("known are file, mem, vendor");
      assertThatThrownBy(() -> BlockDevices.open("vendor:7?dull"))
          .hasMessage("vendor: has no option 'dull'; it has shiny");
    } finally {
      Thread.currentThread().setContextClassLoader(before);
    }
  }

  @Test
  void theOptionsOfASchemeAreKnown() {
    assertThat(BlockDevices.options("mem"))
        .containsExactlyInAnyOrder("blocksize", "physical", "limit");
    assertThatThrownBy(() -> BlockDevices.options("tape"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'tape:' is no known kind of device");
  }
}

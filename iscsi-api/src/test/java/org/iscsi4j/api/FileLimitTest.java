package org.iscsi4j.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class FileLimitTest extends SpaceLimitContract {

  private static final int GRANULE = 64 * 1024;
  private int made;

  LocalFileDevice open(FileDevice.Builder builder) throws IOException {
    return builder.open();
  }

  @Override
  BlockDevice create(long size, long limit) throws IOException {
    return open(FileDevice.builder(directory.resolve("thin" + made++)).size(size).limit(limit));
  }

  @Override
  void resize(BlockDevice device, long blocks) throws IOException {
    ((LocalFileDevice) device).resize(blocks);
  }

  @Override
  int unit() {
    return GRANULE;
  }

  @Test
  void findsTheDataOfAFileThatWasThereBefore() throws IOException {
    long size = 5L * GRANULE + 512;
    FileDevice.Builder builder = FileDevice.builder(directory.resolve("old")).size(size);
    try (LocalFileDevice disk = open(builder)) {
      Bytes.write(disk, GRANULE + 512, Bytes.pattern(1, 512));
      Bytes.write(disk, size - 512, Bytes.pattern(2, 512));
      Bytes.write(disk, 3L * GRANULE, new byte[GRANULE]);
      assertThat(disk.space()).as("without a limit").isEmpty();
    }

    try (LocalFileDevice disk = open(builder.limit(GRANULE))) {
      assertThat(disk.space()).as("more than it may").contains(Space.of(2L * GRANULE, 0));
      assertThat(disk.extent(0, size)).isEqualTo(new Extent(GRANULE, Extent.State.DEALLOCATED));
      assertThat(disk.extent(size - 512, 512).state()).isEqualTo(Extent.State.ALLOCATED);
      Bytes.write(disk, GRANULE, Bytes.pattern(1, GRANULE));
    }
  }
}

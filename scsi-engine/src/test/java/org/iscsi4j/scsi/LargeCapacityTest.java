package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.iscsi4j.api.BlockDevice;
import org.iscsi4j.api.FileDevice;
import org.iscsi4j.api.MemoryDevice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Disks with more blocks than 32 bits can number, of which little is written. */
class LargeCapacityTest {

  private static final long SIZE = 3L << 40;
  private static final long LAST = SIZE / 512 - 1;
  private static final long ABOVE = 1L << 32;

  @TempDir Path directory;

  @Test
  void aMemoryDiskIsWholeBeyondTwoTebibytes() {
    check(MemoryDevice.ofSize(SIZE), 8);
  }

  @Test
  void aFileDiskIsWholeBeyondTwoTebibytes() throws IOException {
    try (FileDevice disk = FileDevice.builder(directory.resolve("disk")).size(SIZE).open()) {
      check(disk, 128);
    }
  }

  private static void check(BlockDevice disk, int granule) {
    Engine engine = Engine.over(disk);
    assertThat(engine.execute(Cdbs.READ_CAPACITY_10).hex()).isEqualTo("ffffffff" + "00000200");
    assertThat(engine.execute(Cdbs.sixteen(0x9e, 0x10, 0, 32)).hex())
        .startsWith("000000017fffffff" + "00000200");

    for (long lba : new long[] {ABOVE - 1, ABOVE, LAST - 1}) {
      assertThat(engine.execute(Cdbs.write16(lba, 2), Cdbs.blocks(2)).status())
          .isEqualTo(Status.GOOD);
      assertThat(engine.execute(Cdbs.read16(lba, 2)).data()).isEqualTo(Cdbs.blocks(2));
    }
    assertThat(engine.execute(Cdbs.read10(ABOVE - 2, 2)).data())
        .as("the last blocks that 32 bits number")
        .endsWith(Cdbs.block(1));
    assertThat(engine.execute(Cdbs.read10(0, 1)).data())
        .as("not the block that 2^32 wraps to")
        .isEqualTo(Cdbs.block(0));
    assertThat(engine.execute(Cdbs.read16(LAST, 2)).sense())
        .isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation(LAST + 1));
    assertThat(engine.execute(Cdbs.write16(LAST + 1, 1), Cdbs.blocks(1)).sense())
        .isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation(LAST + 1));

    engine.execute(Cdbs.unmap(24), Cdbs.unmapList(ABOVE, granule));
    assertThat(engine.execute(Cdbs.read16(ABOVE, 1)).data()).isEqualTo(Cdbs.block(0));
    assertThat(engine.execute(Cdbs.read16(ABOVE - 1, 1)).data()).isEqualTo(Cdbs.block(1));
    assertThat(engine.execute(Cdbs.sixteen(0x9e, 0x12, ABOVE, 24)).hex())
        .as("deallocated up to the last granule")
        .isEqualTo(
            "00000014"
                + "00000000"
                + "0000000100000000"
                + String.format("%08x", 0x8000_0000L - granule)
                + "01000000");
  }
}

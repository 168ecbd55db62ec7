package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.Cdbs.FUA;
import static org.iscsi4j.scsi.Cdbs.block;
import static org.iscsi4j.scsi.Cdbs.blocks;
import static org.iscsi4j.scsi.Cdbs.sixteen;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.iscsi4j.api.BlockDeviceException;
import org.iscsi4j.api.Blocking;
import org.iscsi4j.api.Geometry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WriteAtomicTest {

  private static final int BLOCKS = 4096;

  private final TestDisk disk = TestDisk.ofBlocks(BLOCKS);
  private final Engine engine = Engine.over(disk);

  private static byte[] atomic(int flags, long lba, int blocks) {
    return sixteen(0x9c, flags, lba, blocks);
  }

  private static Engine with4096Physical(Blocking blocking) {
    Geometry geometry = Geometry.of(512, BLOCKS).withPhysicalBlockSize(4096);
    return Engine.over(new TestDisk(geometry, TestDisk.MEMORY.withBlocking(blocking)));
  }

  @Test
  void allOfItIsWrittenByOneCall() {
    assertThat(engine.execute(atomic(0, 5, 3), blocks(3)).status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(atomic(FUA, 9, 2), blocks(2)).status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(atomic(FUA, 9, 1), blocks(1)).status()).isEqualTo(Status.GOOD);

    assertThat(disk.calls)
        .containsExactly("write 2560+1536", "writeThrough 4608+1024", "writeThrough 4608+512");
    assertThat(disk.block(7)).isEqualTo(block(3));
  }

  @Test
  void aWriteThatFailsHalfWayIsUndone() {
    TestDisk full =
        new TestDisk(Geometry.of(512, BLOCKS), TestDisk.MEMORY) {
          @Override
          public synchronized void write(long offset, ByteBuffer from) throws IOException {
            int fits = Math.min(from.remaining(), 1024);
            super.write(offset, from.slice(from.position(), fits));
            if (fits < from.remaining()) {
              throw new BlockDeviceException(BlockDeviceException.Kind.OUT_OF_SPACE, "full");
            }
            from.position(from.limit());
          }
        };
    full.fill(5, 3, 0x77);

    assertThat(Engine.over(full).execute(atomic(0, 5, 3), blocks(3)).sense())
        .isEqualTo(Sense.SPACE_ALLOCATION_FAILED);
    for (int lba = 5; lba < 8; lba++) {
      assertThat(full.block(lba)).isEqualTo(block(0x77));
    }
  }

  @Test
  void theLimitsOfTheBlockLimitsPageHold() {
    int longest = 2048;

    assertThat(engine.execute(atomic(0, 0, longest), new byte[longest * 512]).status())
        .isEqualTo(Status.GOOD);
    assertThat(engine.execute(atomic(0, 0, longest + 1), new byte[512]).sense())
        .isEqualTo(Sense.invalidFieldInCdb(12));
  }

  @Test
  void aPhysicalBlockIsTheGranularity() {
    Engine large = with4096Physical(Blocking.NEVER);

    assertThat(large.execute(atomic(0, 8, 16), blocks(16)).status()).isEqualTo(Status.GOOD);
    assertThat(large.execute(atomic(0, 4, 8), blocks(8)).sense())
        .isEqualTo(Sense.invalidFieldInCdb(2));
    assertThat(large.execute(atomic(0, 8, 12), blocks(12)).sense())
        .isEqualTo(Sense.invalidFieldInCdb(12));
  }

  @ParameterizedTest
  @ValueSource(strings = {"BRIEFLY", "LONG"})
  void onlyAPhysicalBlockOfADiskIsWrittenAsAWhole(Blocking blocking) {
    Engine large = with4096Physical(blocking);

    assertThat(large.execute(Cdbs.vpd(0xb0, 64)).hex().substring(88))
        .isEqualTo("00000008" + "00000008" + "00000008" + "0000000000000000");
    assertThat(large.execute(atomic(0, 8, 8), blocks(8)).status()).isEqualTo(Status.GOOD);
    assertThat(large.execute(atomic(0, 8, 16), blocks(16)).sense())
        .isEqualTo(Sense.invalidFieldInCdb(12));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 512, 1535})
  void lessDataThanIsNeededChangesNothing(int offered) {
    assertThat(engine.execute(atomic(0, 5, 3), new byte[offered]).sense())
        .isEqualTo(Sense.of(SenseKey.ILLEGAL_REQUEST, 0x0e, 0x03));
    assertThat(disk.calls).isEmpty();
  }

  @Test
  void rangesAreThoseOfAWrite() {
    assertThat(engine.execute(atomic(0, 5, 0)).status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(atomic(0, BLOCKS, 0)).sense())
        .isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation(BLOCKS));
    assertThat(engine.execute(atomic(0, BLOCKS - 1, 2), blocks(2)).sense())
        .isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation(BLOCKS));
    assertThat(engine.execute(atomic(0, (1L << 55) + 16, 1), blocks(1)).sense())
        .isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation((1L << 55) + 16));
    assertThat(disk.calls).isEmpty();
  }

  @Test
  void theAtomicBoundaryMustBeZero() {
    assertThat(engine.execute(atomic(0, 5, 0x1_0000 + 1), blocks(1)).sense())
        .isEqualTo(Sense.invalidFieldInCdb(11, 0));
  }
}

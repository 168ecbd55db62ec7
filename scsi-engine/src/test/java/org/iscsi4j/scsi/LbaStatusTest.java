package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.Cdbs.hex;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.iscsi4j.api.BlockDevice;
import org.iscsi4j.api.Blocking;
import org.iscsi4j.api.Extent;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.MemoryDevice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class LbaStatusTest {

  /** Pages of a memory device are 4 KiB: eight blocks of 512 bytes. */
  private final MemoryDevice disk = MemoryDevice.ofSize(64 * 512);

  private final Engine engine = Engine.over(disk);

  @Test
  void runsFollowTheDevicesExtents() throws Exception {
    disk.write(8 * 512, ByteBuffer.wrap(Cdbs.block(1)));

    assertThat(status(0, 24 + 32).data())
        .isEqualTo(
            hex(
                "00000034 00000000"
                    + "0000000000000000 00000008 01 00 0000"
                    + "0000000000000008 00000008 00 00 0000"
                    + "0000000000000010 00000030 01 00 0000"));
  }

  @Test
  void anAnswerBeginsWhereItIsAskedFor() throws Exception {
    disk.write(8 * 512, ByteBuffer.wrap(Cdbs.block(1)));

    assertThat(status(10, 24).data())
        .isEqualTo(hex("00000014 00000000 000000000000000a 00000006 00 00 0000"));
  }

  @Test
  void thirtyTwoBytesMayLookAtAPartOnly() throws Exception {
    disk.write(8 * 512, ByteBuffer.wrap(Cdbs.block(1)));

    assertThat(engine.execute(cdb32(0, 0, 24 + 16)).data())
        .isEqualTo(
            hex(
                "00000024 00000000"
                    + "0000000000000000 00000008 01 00 0000"
                    + "0000000000000008 00000008 00 00 0000"));
    assertThat(engine.execute(cdb32(10, 2, 64)).data())
        .isEqualTo(hex("00000014 00000000 000000000000000a 00000002 00 00 0000"));
    assertThat(engine.execute(cdb32(63, -1, 64)).data())
        .isEqualTo(hex("00000014 00000000 000000000000003f 00000001 01 00 0000"));
    assertThat(engine.execute(cdb32(64, 1, 64)).sense())
        .isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation(64));
  }

  private static byte[] cdb32(long lba, int scanLength, int allocationLength) {
    return ByteBuffer.wrap(Cdbs.thirtyTwo(0x12, 0, lba, allocationLength))
        .putInt(20, scanLength)
        .array();
  }

  @Test
  void shortAllocationLengthsCutTheAnswer() {
    assertThat(status(0, 0).data()).isEmpty();
    assertThat(status(0, 4).data()).isEqualTo(hex("00000014"));
  }

  @Test
  void beyondTheEndIsRefused() {
    assertThat(status(63, 24).status()).isEqualTo(Status.GOOD);
    assertThat(status(64, 24).sense()).isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation(64));
    assertThat(status(1L << 55, 24).status()).isEqualTo(Status.CHECK_CONDITION);
  }

  @Test
  @Timeout(value = 10, unit = TimeUnit.SECONDS)
  void runsAreNoLongerThanTheirFieldAllows() {
    MemoryDevice huge = MemoryDevice.of(Geometry.of(512, 0x1_0000_0001L));

    ScsiResult result = Engine.over(huge).execute(cdb(0, 8 + 32));

    assertThat(result.data())
        .isEqualTo(
            hex(
                "00000024 00000000"
                    + "0000000000000000 ffffffff 01 00 0000"
                    + "00000000ffffffff 00000002 01 00 0000"));
  }

  @Test
  void aDeviceThatCannotTellIsAllMapped() {
    BlockDevice plain = TestDisk.ofBlocks(16);

    assertThat(Engine.over(plain).execute(cdb(0, 24)).data())
        .isEqualTo(hex("00000014 00000000 0000000000000000 00000010 00 00 0000"));
  }

  @Test
  void aDeviceThatKnowsNoExtentsIsNotAsked() {
    BlockDevice plain =
        new TestDisk(Geometry.of(512, 16), TestDisk.MEMORY.withBlocking(Blocking.LONG)) {
          @Override
          public Extent extent(long offset, long length) {
            throw new IllegalStateException("for the test");
          }
        };

    assertThat(Engine.over(LogicalUnit.of(plain), new SteppedExecutor()).execute(cdb(4, 24)).data())
        .isEqualTo(hex("00000014 00000000 0000000000000004 0000000c 00 00 0000"));
  }

  @Test
  void aDeviceIsAskedNoMoreThanSoOften() {
    AtomicInteger asked = new AtomicInteger();
    BlockDevice crumbs =
        new TestDisk(Geometry.of(512, 1 << 20), TestDisk.MEMORY.withExtents(true)) {
          @Override
          public Extent extent(long offset, long length) {
            asked.incrementAndGet();
            return new Extent(512, Extent.State.DEALLOCATED);
          }
        };

    byte[] data = Engine.over(crumbs).execute(cdb(0, 4096)).data();

    assertThat(asked).hasValue(LbaStatus.MAX_EXTENTS);
    assertThat(data).isEqualTo(hex("00000014 00000000 0000000000000000 00000400 01 00 0000"));
  }

  private ScsiResult status(long lba, int allocationLength) {
    return engine.execute(cdb(lba, allocationLength));
  }

  private static byte[] cdb(long lba, int allocationLength) {
    return ByteBuffer.allocate(16)
        .put((byte) 0x9e)
        .put((byte) 0x12)
        .putLong(lba)
        .putInt(allocationLength)
        .array();
  }
}

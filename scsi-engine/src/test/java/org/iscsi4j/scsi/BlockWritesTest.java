package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.iscsi4j.api.Blocking;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.LogicalUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BlockWritesTest {

  private static final long BLOCKS = 1000;
  private static final long LAST_LBA = BLOCKS - 1;

  private final TestDisk disk = TestDisk.ofBlocks(BLOCKS);
  private final Engine engine = Engine.over(disk);

  static byte[][] twoBlocksAtFive() {
    return new byte[][] {
      Cdbs.six(0x0a, 5, 2), Cdbs.write10(5, 2), Cdbs.twelve(0xaa, 0, 5, 2), Cdbs.write16(5, 2)
    };
  }

  @ParameterizedTest
  @MethodSource("twoBlocksAtFive")
  void everySizeWritesWhatItNames(byte[] cdb) {
    ScsiResult result = engine.execute(cdb, Cdbs.blocks(2));

    assertThat(result.status()).isEqualTo(Status.GOOD);
    assertThat(disk.calls).containsExactly("write 2560+1024");
    assertThat(disk.block(5)).isEqualTo(Cdbs.block(1));
    assertThat(disk.block(6)).isEqualTo(Cdbs.block(2));
  }

  @Test
  void fuaReachesTheDevice() {
    engine.execute(Cdbs.ten(0x2a, Cdbs.FUA, 5, 1), Cdbs.block(1));
    engine.execute(Cdbs.twelve(0xaa, Cdbs.FUA | Cdbs.DPO, 6, 1), Cdbs.block(1));
    engine.execute(Cdbs.sixteen(0x8a, Cdbs.FUA, 7, 1), Cdbs.block(1));
    engine.execute(Cdbs.sixteen(0x8a, Cdbs.DPO, 8, 1), Cdbs.block(1));

    assertThat(disk.calls)
        .containsExactly(
            "writeThrough 2560+512",
            "writeThrough 3072+512",
            "writeThrough 3584+512",
            "write 4096+512");
  }

  @Test
  void anAddressThatLooksLikeFuaIsNone() {
    Engine large = Engine.over(TestDisk.ofBlocks(1 << 21));

    large.execute(Cdbs.six(0x0a, 0x08_0000, 1), Cdbs.block(1));

    assertThat(((TestDisk) large.unit.unit().device()).calls)
        .containsExactly("write 268435456+512");
  }

  @Test
  void protectionIsRefused() {
    assertThat(engine.execute(Cdbs.ten(0x2a, 0x20, 0, 1), Cdbs.block(1)).sense())
        .isEqualTo(Sense.invalidFieldInCdb(1, 5));
    assertThat(disk.calls).isEmpty();
  }

  @Test
  void writeBeyondLastBlockIsRejected() {
    ScsiResult result = engine.execute(Cdbs.write10(LAST_LBA + 1, 1), Cdbs.block(1));

    assertThat(result.status()).isEqualTo(Status.CHECK_CONDITION);
    assertThat(result.sense()).isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation(BLOCKS));
    assertThat(disk.calls).isEmpty();
  }

  @Test
  void refusedBeforeAnyDataIsAskedFor() {
    for (byte[] cdb :
        List.of(
            Cdbs.write10(LAST_LBA, 2),
            Cdbs.write16((1L << 55) + 16, 1),
            Cdbs.write16(0, 0xffff_ffffL),
            Cdbs.ten(0x2a, 0x20, 0, 1))) {
      assertThat(engine.start(cdb, Cdbs.block(1)).requested).isEqualTo(-1);
    }
    assertThat(disk.calls).isEmpty();
  }

  @Test
  void lengthZeroAsksForNothing() {
    assertThat(engine.start(Cdbs.write10(0, 0), Cdbs.block(1)).requested).isEqualTo(-1);
    assertThat(engine.execute(Cdbs.write16(LAST_LBA, 0)).status()).isEqualTo(Status.GOOD);
    assertThat(disk.calls).isEmpty();
  }

  @Test
  void sixBytesWithLengthZeroWrite256Blocks() {
    assertThat(engine.start(Cdbs.six(0x0a, 0, 0), new byte[256 * 512]).requested)
        .isEqualTo(131_072);
    assertThat(disk.calls).containsExactly("write 0+131072");
  }

  @Test
  void theLongestWriteIsTheLimit() {
    Engine large = Engine.over(TestDisk.ofBlocks(1 << 20));

    assertThat(large.start(Cdbs.write16(0, 65_536), new byte[512]).requested).isEqualTo(32 << 20);
    assertThat(large.execute(Cdbs.write16(0, 65_537), new byte[512]).sense())
        .isEqualTo(Sense.invalidFieldInCdb(10));
  }

  @Test
  void onlyWholeBlocksThatCameAreWritten() {
    byte[] twoAndABit = Arrays.copyOf(Cdbs.blocks(3), 1124);

    ScsiResult result = engine.execute(Cdbs.write10(5, 4), twoAndABit);

    assertThat(result.status()).isEqualTo(Status.GOOD);
    assertThat(result.dataOutLength()).as("for the residual").isEqualTo(2048);
    assertThat(disk.calls).containsExactly("write 2560+1024");
  }

  @Test
  void lessThanABlockWritesNothing() {
    ScsiResult result = engine.execute(Cdbs.write10(5, 1), new byte[200]);

    assertThat(result.status()).isEqualTo(Status.GOOD);
    assertThat(disk.calls).isEmpty();
  }

  @Test
  void anInitiatorThatGivesNothingIsNotAskedAndNothingIsWritten() {
    TestTask task = engine.start(Cdbs.write10(5, 4), new byte[0]);

    assertThat(task.requested).isEqualTo(-1);
    assertThat(task.status()).isEqualTo(Status.GOOD);
    assertThat(task.dataOutLength()).isEqualTo(2048);
    assertThat(disk.calls).isEmpty();
  }

  @Test
  void moreThanTheCdbAsksForIsLeftAlone() {
    engine.execute(Cdbs.write10(5, 1), Cdbs.blocks(2));

    assertThat(disk.calls).containsExactly("write 2560+512");
  }

  @Test
  void aWriteProtectedUnitTakesNothing() {
    for (Engine each :
        List.of(
            Engine.over(LogicalUnit.builder(disk).readOnly().build()),
            Engine.over(new TestDisk(Geometry.of(512, 16), TestDisk.MEMORY.withReadOnly(true))))) {
      assertThat(each.execute(Cdbs.write10(0, 1), Cdbs.block(1)).sense())
          .isEqualTo(Sense.of(SenseKey.DATA_PROTECT, 0x27, 0x00));
    }
    assertThat(disk.calls).isEmpty();
  }

  @Test
  void aDeviceThatShrankMeanwhileIsNotOverrun() {
    TestNexus nexus = engine.nexus;
    TestTask task = TestTask.of(nexus, 0, Cdbs.write10(LAST_LBA, 1), 0, Cdbs.block(1));
    task.enter(nexus.unit(0, engine.unit), engine.unit.table().find(task.cdb()));
    disk.geometry(Geometry.of(512, 10));
    engine.unit.geometryChanged();

    task.deliverDataOut(ByteBuffer.wrap(Cdbs.block(1)));

    assertThat(task.sense()).isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation(LAST_LBA));
    assertThat(disk.offences).isEmpty();
  }

  @Test
  void aDeviceWithOtherBlocksMeanwhileIsWrittenWhatTheCdbNames() {
    TestDisk changing = new TestDisk(Geometry.of(4096, 16), TestDisk.MEMORY);
    Engine other = Engine.over(changing);
    TestTask task = TestTask.of(other.nexus, 0, Cdbs.write10(3, 1), 0, new byte[4096]);
    task.enter(other.nexus.unit(0, other.unit), other.unit.table().find(task.cdb()));
    changing.geometry(Geometry.of(512, 128));
    other.unit.geometryChanged();

    task.deliverDataOut(ByteBuffer.allocate(4096));

    assertThat(changing.calls).containsExactly("write 1536+512");
  }

  @Test
  void aQuickDeviceWritesStraightFromTheReceiveBuffer() {
    assertThat(engine.start(Cdbs.write10(5, 2), Cdbs.blocks(2)).kept).isZero();
  }

  @Test
  void aSlowDeviceGetsACopyThatLives() {
    TestDisk slow = new TestDisk(Geometry.of(512, 16), TestDisk.MEMORY.withBlocking(Blocking.LONG));
    SteppedExecutor executor = new SteppedExecutor();
    Engine slowEngine = Engine.over(LogicalUnit.of(slow), executor);

    TestTask task = slowEngine.start(Cdbs.write10(5, 2), Cdbs.blocks(2));
    assertThat(task.kept).isEqualTo(1);
    assertThat(slow.calls).isEmpty();
    executor.runAll();
    slowEngine.nexus.drain();

    assertThat(task.status()).isEqualTo(Status.GOOD);
    assertThat(slow.block(5)).isEqualTo(Cdbs.block(1));
    assertThat(slow.block(6)).isEqualTo(Cdbs.block(2));
  }

  @Test
  void aDurableWriteToAFileNeverRunsInPlace() {
    TestDisk file =
        new TestDisk(Geometry.of(512, 16), TestDisk.MEMORY.withBlocking(Blocking.BRIEFLY));
    SteppedExecutor executor = new SteppedExecutor();
    Engine fileEngine = Engine.over(LogicalUnit.of(file), executor);

    fileEngine.start(Cdbs.write10(5, 1), Cdbs.block(1));
    assertThat(file.calls).containsExactly("write 2560+512");
    fileEngine.start(Cdbs.ten(0x2a, Cdbs.FUA, 5, 1), Cdbs.block(1));
    assertThat(file.calls).hasSize(1);
    executor.runAll();

    assertThat(file.calls).containsExactly("write 2560+512", "writeThrough 2560+512");
  }
}

package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.Cdbs.unmap;
import static org.iscsi4j.scsi.Cdbs.unmapList;

import java.util.Arrays;
import org.iscsi4j.api.BlockDeviceException;
import org.iscsi4j.api.Blocking;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.LogicalUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UnmapTest {

  private static final long BLOCKS = 1 << 22;

  private final TestDisk disk = TestDisk.thin(BLOCKS);
  private final Engine engine = Engine.over(disk);

  @Test
  void everyDescriptorIsDeallocated() {
    disk.fill(0, 20, 0xff);

    ScsiResult result = execute(unmapList(1, 2, 10, 1, 0, 0));

    assertThat(result.status()).isEqualTo(Status.GOOD);
    assertThat(disk.calls).containsExactly("deallocate 512+1024", "deallocate 5120+512");
    assertThat(disk.block(0)).isEqualTo(Cdbs.block(0xff));
    assertThat(disk.block(1)).isEqualTo(Cdbs.block(0));
    assertThat(disk.block(10)).isEqualTo(Cdbs.block(0));
    assertThat(disk.block(11)).isEqualTo(Cdbs.block(0xff));
  }

  @Test
  void noListIsNoError() {
    assertThat(engine.start(unmap(0), Cdbs.block(1)).requested).isEqualTo(-1);
    assertThat(engine.execute(unmap(0)).status()).isEqualTo(Status.GOOD);
    assertThat(execute(unmapList()).status())
        .as("a list without descriptors")
        .isEqualTo(Status.GOOD);
    assertThat(disk.calls).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7})
  void aListShorterThanItsHeaderIsRefused(int length) {
    assertThat(engine.execute(unmap(length), new byte[length]).sense())
        .isEqualTo(Sense.of(SenseKey.ILLEGAL_REQUEST, 0x1a, 0x00));
  }

  @Test
  void aListThatTheInitiatorCutsShortDoesNothing() {
    byte[] list = unmapList(1, 1, 2, 1);

    assertThat(engine.execute(unmap(list.length), Arrays.copyOf(list, 24)).sense())
        .isEqualTo(Sense.PARAMETER_LIST_LENGTH_ERROR);
    assertThat(engine.execute(unmap(list.length), new byte[0]).sense())
        .isEqualTo(Sense.PARAMETER_LIST_LENGTH_ERROR);
    assertThat(disk.calls).isEmpty();
  }

  @Test
  void aDescriptorCutOffByTheListLengthIsIgnored() {
    byte[] list = unmapList(1, 1, 2, 1);

    assertThat(engine.execute(unmap(39), Arrays.copyOf(list, 39)).status()).isEqualTo(Status.GOOD);
    assertThat(disk.calls).containsExactly("deallocate 512+512");
  }

  @Test
  void aDescriptorCutOffByItsDataLengthIsIgnored() {
    byte[] list = unmapList(1, 1, 2, 1);
    list[3] = 31;

    assertThat(execute(list).status()).isEqualTo(Status.GOOD);
    assertThat(disk.calls).containsExactly("deallocate 512+512");
  }

  @Test
  void aDescriptorOfNoBlocksIsNoErrorWhereverItPoints() {
    assertThat(execute(unmapList(5, 0, BLOCKS, 0, -1, 0)).status()).isEqualTo(Status.GOOD);
    assertThat(disk.calls).isEmpty();
  }

  @Test
  void oneBadDescriptorStopsThemAll() {
    assertThat(execute(unmapList(1, 1, BLOCKS - 1, 2)).sense())
        .isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation(BLOCKS));
    assertThat(execute(unmapList(1, 1, (1L << 55) + 16, 1)).sense())
        .isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation((1L << 55) + 16));
    assertThat(execute(unmapList(1, 1, -1, 1)).sense())
        .isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation(-1));
    assertThat(disk.calls).isEmpty();
  }

  @Test
  void theLimitsOfTheBlockLimitsPageHold() {
    assertThat(execute(unmapList(0, 1 << 20)).status()).isEqualTo(Status.GOOD);
    assertThat(execute(unmapList(0, (1 << 20) + 1)).sense())
        .isEqualTo(Sense.invalidFieldInParameterList(16));
    assertThat(execute(unmapList(0, 1 << 19, 0, 1 << 19, 0, 1)).sense())
        .as("all descriptors together")
        .isEqualTo(Sense.invalidFieldInParameterList(48));
    assertThat(disk.calls).hasSize((512 << 20) / Fill.DEALLOCATE_STEP);
  }

  @Test
  void aFileGoesStepByStepAndAnAbortStopsIt() {
    TestDisk file =
        new TestDisk(
            Geometry.of(512, BLOCKS).withDeallocationGranularity(3 << 20),
            TestDisk.THIN.withBlocking(Blocking.BRIEFLY));
    SteppedExecutor executor = new SteppedExecutor();
    Engine fileEngine = Engine.over(LogicalUnit.of(file), executor);
    long mib = 1 << 20;

    TestTask task =
        fileEngine.start(unmap(72), unmapList(1, 1, 2048, 100 * 2048, 300_000, 0, 300_000, 8));
    executor.runNext();
    fileEngine.nexus.drain();
    assertThat(file.calls).containsExactly("deallocate 512+512");
    executor.runNext();
    fileEngine.nexus.drain();
    assertThat(file.calls)
        .as("ends between two granules")
        .hasSize(2)
        .contains("deallocate " + mib + "+" + 32 * mib);
    assertThat(task.abort()).isTrue();
    executor.runNext();
    fileEngine.nexus.drain();

    assertThat(executor.waiting()).isZero();
    assertThat(file.calls).hasSize(2);
    assertThat(task.released).isZero();
  }

  @Test
  void theStepsCoverTheRanges() {
    TestDisk file =
        new TestDisk(Geometry.of(512, BLOCKS), TestDisk.THIN.withBlocking(Blocking.BRIEFLY));
    long step = Fill.DEALLOCATE_STEP;
    file.fill(1, 3, 0xff);
    file.fill(1 + step / 512 * 2, 3, 0xff);

    ScsiResult result =
        Engine.over(file).execute(unmap(56), unmapList(1, step / 512 * 2 + 2, 5, 1, 7, 1));

    assertThat(result.status()).isEqualTo(Status.GOOD);
    assertThat(file.calls)
        .containsExactly(
            "deallocate 512+" + step,
            "deallocate " + (512 + step) + "+" + step,
            "deallocate " + (512 + 2 * step) + "+1024",
            "deallocate 2560+512",
            "deallocate 3584+512");
    assertThat(file.block(2 + step / 512 * 2)).isEqualTo(Cdbs.block(0));
    assertThat(file.block(3 + step / 512 * 2)).isEqualTo(Cdbs.block(0xff));
  }

  @Test
  void descriptorsUpTo256AreAllowed() {
    long[] ranges = new long[2 * 256];
    Arrays.setAll(ranges, at -> at % 2 == 0 ? at : 1);
    assertThat(execute(unmapList(ranges)).status()).isEqualTo(Status.GOOD);
    assertThat(disk.calls).hasSize(256);

    assertThat(execute(unmapList(new long[2 * 257])).sense())
        .isEqualTo(Sense.invalidFieldInParameterList(2));
  }

  @Test
  void anchorIsRefused() {
    assertThat(engine.execute(Cdbs.ten(0x42, 0x01, 0, 24), unmapList(1, 1)).sense())
        .isEqualTo(Sense.invalidFieldInCdb(1, 0));
  }

  @Test
  void aThickDiskDoesNotKnowIt() {
    assertThat(Engine.over(TestDisk.ofBlocks(16)).execute(unmap(24), unmapList(1, 1)).sense())
        .isEqualTo(Sense.INVALID_OPERATION_CODE);
  }

  @Test
  void aFaultStopsTheRestAndIsTold() {
    disk.fault = new BlockDeviceException(BlockDeviceException.Kind.HARDWARE_ERROR, "for the test");

    assertThat(execute(unmapList(1, 1, 2, 1)).sense()).isEqualTo(Sense.INTERNAL_TARGET_FAILURE);
    assertThat(disk.calls).containsExactly("deallocate 512+512");
  }

  @Test
  void aFileIsNeverAskedInPlace() {
    TestDisk file =
        new TestDisk(Geometry.of(512, 16), TestDisk.THIN.withBlocking(Blocking.BRIEFLY));
    SteppedExecutor executor = new SteppedExecutor();
    Engine fileEngine = Engine.over(LogicalUnit.of(file), executor);

    TestTask task = fileEngine.start(unmap(40), unmapList(1, 1, 3, 2));
    assertThat(file.calls).isEmpty();
    executor.runAll();
    fileEngine.nexus.drain();

    assertThat(file.calls).containsExactly("deallocate 512+512", "deallocate 1536+1024");
    assertThat(task.status()).isEqualTo(Status.GOOD);
  }

  private ScsiResult execute(byte[] list) {
    return engine.execute(unmap(list.length), list);
  }
}

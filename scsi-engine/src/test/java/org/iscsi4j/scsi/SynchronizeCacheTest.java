package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.iscsi4j.api.Blocking;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.LogicalUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SynchronizeCacheTest {

  private static final int IMMED = 0x02;

  private final TestDisk disk = TestDisk.ofBlocks(16);
  private final Engine engine = Engine.over(disk);

  @ParameterizedTest
  @ValueSource(ints = {0x00, IMMED, 0x04, 0x06})
  void everyFormFlushesTheDevice(int flags) {
    assertThat(engine.execute(Cdbs.ten(0x35, flags, 3, 4)).status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(Cdbs.sixteen(0x91, flags, 0, 0)).status()).isEqualTo(Status.GOOD);

    assertThat(disk.calls).containsExactly("flush", "flush");
  }

  @Test
  void theRangeMustLieOnTheMedium() {
    assertThat(engine.execute(Cdbs.ten(0x35, 0, 15, 1)).status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(Cdbs.ten(0x35, 0, 15, 0)).status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(Cdbs.ten(0x35, 0, 15, 2)).sense())
        .isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation(16));
    assertThat(engine.execute(Cdbs.sixteen(0x91, 0, -2, 1)).sense())
        .isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation(-2));
  }

  @Test
  void aFlushThatFailsIsToldEvenWithImmed() {
    disk.fault = new IOException("disk on fire");

    assertThat(engine.execute(Cdbs.ten(0x35, IMMED, 0, 0)).sense()).isEqualTo(Sense.WRITE_ERROR);
  }

  @Test
  void aFileIsNeverFlushedInPlace() {
    TestDisk file =
        new TestDisk(Geometry.of(512, 16), TestDisk.MEMORY.withBlocking(Blocking.BRIEFLY));
    SteppedExecutor executor = new SteppedExecutor();
    Engine fileEngine = Engine.over(LogicalUnit.of(file), executor);

    TestTask task = fileEngine.start(Cdbs.ten(0x35, IMMED, 0, 0), new byte[0]);
    assertThat(file.calls).isEmpty();
    assertThat(task.ended).as("GOOD is true or not yet said").isZero();
    executor.runAll();
    fileEngine.nexus.drain();

    assertThat(task.status()).isEqualTo(Status.GOOD);
    assertThat(file.calls).containsExactly("flush");
  }

  @Test
  void aReadOnlyDeviceHasNothingToFlush() {
    TestDisk readOnly = new TestDisk(Geometry.of(512, 16), TestDisk.MEMORY.withReadOnly(true));

    assertThat(Engine.over(readOnly).execute(Cdbs.ten(0x35, 0, 0, 0)).status())
        .isEqualTo(Status.GOOD);
    assertThat(readOnly.calls).isEmpty();
  }
}

package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.iscsi4j.api.Blocking;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.LogicalUnit;
import org.junit.jupiter.api.Test;

class PreFetchTest {

  private static final int IMMED = 0x02;
  private static final long BLOCKS = 100_000;

  /** Bytes that were read. */
  private long read;

  private TestDisk disk(Blocking blocking) {
    return new TestDisk(Geometry.of(512, BLOCKS), TestDisk.MEMORY.withBlocking(blocking)) {
      @Override
      public synchronized void read(long offset, ByteBuffer into) throws IOException {
        read += into.remaining();
        super.read(offset, into);
      }
    };
  }

  private static byte[][] bothSizes(int flags, long lba, int blocks) {
    return new byte[][] {
      Cdbs.ten(0x34, flags, lba, blocks), Cdbs.sixteen(0x90, flags, lba, blocks)
    };
  }

  @Test
  void allOfADeviceInMemoryIsInTheCache() {
    Engine engine = Engine.over(disk(Blocking.NEVER));

    for (byte[] cdb : bothSizes(IMMED, 5, 0)) {
      ScsiResult result = engine.execute(cdb);
      assertThat(result.status()).isEqualTo(Status.CONDITION_MET);
      assertThat(result.sense()).isEqualTo(Sense.NONE);
    }
    assertThat(read).isZero();
  }

  @Test
  void aFileIsReadIntoTheCacheOfTheHost() {
    Engine engine = Engine.over(disk(Blocking.BRIEFLY));

    for (byte[] cdb : bothSizes(0, 5, 3)) {
      assertThat(engine.execute(cdb).status()).isEqualTo(Status.CONDITION_MET);
    }
    assertThat(read).isEqualTo(2 * 3 * 512);
  }

  @Test
  void whatDoesNotFitIsLeftWhereItIs() {
    Engine engine = Engine.over(disk(Blocking.BRIEFLY));

    assertThat(engine.execute(Cdbs.sixteen(0x90, 0, 0, 65_536)).status())
        .isEqualTo(Status.CONDITION_MET);
    assertThat(read).isEqualTo(32 << 20);
    assertThat(engine.execute(Cdbs.sixteen(0x90, 0, 0, 65_537)).status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(Cdbs.ten(0x34, IMMED, 0, 0)).status())
        .as("to the end of the medium")
        .isEqualTo(Status.GOOD);
    assertThat(read).isEqualTo(3 * (32 << 20));
  }

  @Test
  void aLongFetchIsNotMadeInPlace() {
    SteppedExecutor executor = new SteppedExecutor();
    Engine engine = Engine.over(LogicalUnit.of(disk(Blocking.BRIEFLY)), executor);

    TestTask task = engine.start(Cdbs.sixteen(0x90, 0, 0, 50_000), new byte[0]);
    assertThat(read).isZero();
    executor.runNext();
    assertThat(read).isEqualTo(Scan.STEP);
    assertThat(task.abort()).isFalse();
    engine.nexus.drain();
    assertThat(executor.waiting()).isZero();
  }

  @Test
  void aDeviceWithoutACacheSaysSo() {
    Engine engine = Engine.over(disk(Blocking.LONG));

    for (byte[] cdb : bothSizes(0, 5, 3)) {
      assertThat(engine.execute(cdb).status()).isEqualTo(Status.GOOD);
    }
    assertThat(read).isZero();
  }

  @Test
  void aFaultIsTold() {
    TestDisk disk = disk(Blocking.BRIEFLY);
    disk.fault = new IOException("scratch");

    assertThat(Engine.over(disk).execute(Cdbs.ten(0x34, 0, 5, 3)).sense())
        .isEqualTo(Sense.UNRECOVERED_READ_ERROR);
  }

  @Test
  void theRangeMustLieOnTheMedium() {
    Engine engine = Engine.over(disk(Blocking.NEVER));

    for (byte[] cdb : bothSizes(0, BLOCKS - 1, 2)) {
      assertThat(engine.execute(cdb).sense())
          .isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation(BLOCKS));
    }
    for (byte[] cdb : bothSizes(0, BLOCKS, 0)) {
      assertThat(engine.execute(cdb).sense())
          .isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation(BLOCKS));
    }
    assertThat(engine.execute(Cdbs.sixteen(0x90, 0, -1, 1)).sense())
        .isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation(-1));
  }

  @Test
  void aGroupIsAccepted() {
    Engine engine = Engine.over(disk(Blocking.NEVER));

    assertThat(engine.execute(Cdbs.hex("34 00 00000000 1f 0001 00")).status())
        .isEqualTo(Status.CONDITION_MET);
    assertThat(engine.execute(Cdbs.hex("34 00 00000000 20 0001 00")).sense())
        .isEqualTo(Sense.invalidFieldInCdb(6, 5));
  }
}

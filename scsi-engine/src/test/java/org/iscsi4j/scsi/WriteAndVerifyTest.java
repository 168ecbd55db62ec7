package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.Cdbs.blocks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.iscsi4j.api.Blocking;
import org.iscsi4j.api.Capabilities;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.LogicalUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WriteAndVerifyTest {

  private static final long BLOCKS = 70_000;
  private static final int DATA = 0x02;

  /** A disk that can forget a bit of what it was given. */
  private static final class Forgetful extends TestDisk {

    private boolean forgets;
    private int reads;

    Forgetful(Capabilities capabilities) {
      super(Geometry.of(512, BLOCKS), capabilities);
    }

    @Override
    public synchronized void writeThrough(long offset, ByteBuffer from) throws IOException {
      super.writeThrough(offset, from);
      if (forgets) {
        block(offset / 512 + 1)[7] ^= 0x40;
      }
    }

    @Override
    public synchronized void read(long offset, ByteBuffer into) throws IOException {
      calls.add("read " + offset + "+" + into.remaining());
      reads++;
      super.read(offset, into);
    }
  }

  private final Forgetful disk = new Forgetful(TestDisk.MEMORY);
  private final Engine engine = Engine.over(disk);

  private static byte[] cdb10(int flags, long lba, int blocks) {
    return Cdbs.ten(0x2e, flags, lba, blocks);
  }

  private static byte[][] allSizes(int flags, long lba, int blocks) {
    return new byte[][] {
      cdb10(flags, lba, blocks),
      Cdbs.twelve(0xae, flags, lba, blocks),
      Cdbs.sixteen(0x8e, flags, lba, blocks),
      Cdbs.thirtyTwo(0x0c, flags, lba, blocks)
    };
  }

  @ParameterizedTest
  @ValueSource(ints = {0x00, DATA, Cdbs.DPO})
  void whatIsWrittenIsDurableAndThenReadBack(int flags) {
    for (byte[] cdb : allSizes(flags, 5, 2)) {
      disk.calls.clear();
      assertThat(engine.execute(cdb, blocks(2)).status()).isEqualTo(Status.GOOD);
      assertThat(disk.calls).containsExactly("writeThrough 2560+1024", "read 2560+1024");
    }
    assertThat(disk.block(6)).startsWith((byte) 2);
  }

  @Test
  void byteCheckFindsWhatTheDiskForgot() {
    disk.forgets = true;

    for (byte[] cdb : allSizes(DATA, 5, 2)) {
      assertThat(engine.execute(cdb, blocks(2)).sense())
          .isEqualTo(Sense.MISCOMPARE_DURING_VERIFY.withInformation(519));
    }
    assertThat(engine.execute(cdb10(0, 5, 2), blocks(2)).status())
        .as("without byte check it is enough that it can be read")
        .isEqualTo(Status.GOOD);
  }

  @Test
  void aFaultOfTheWriteIsToldAndNothingVerified() {
    disk.fault = new IOException("disk on fire");

    assertThat(engine.execute(cdb10(DATA, 5, 2), blocks(2)).sense()).isEqualTo(Sense.WRITE_ERROR);
    assertThat(disk.reads).isZero();
  }

  @Test
  void otherByteChecksAreReserved() {
    for (int flags : new int[] {0x04, 0x06}) {
      for (byte[] cdb : allSizes(flags, 5, 2)) {
        int at = cdb.length == 32 ? 10 : 1;
        assertThat(engine.execute(cdb, blocks(2)).sense())
            .isEqualTo(Sense.invalidFieldInCdb(at, 2));
      }
    }
    assertThat(disk.calls).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {0x00, DATA})
  void lessDataIsWrittenAndVerifiedAsFarAsItGoes(int flags) {
    for (int offered : new int[] {0, 200, 511}) {
      ScsiResult result = engine.execute(cdb10(flags, 5, 2), new byte[offered]);
      assertThat(result.status()).isEqualTo(Status.GOOD);
      assertThat(result.dataOutLength()).as("the residual tells").isEqualTo(1024);
    }
    assertThat(disk.calls).isEmpty();

    engine.execute(cdb10(flags, 5, 2), Arrays.copyOf(blocks(2), 700));
    assertThat(disk.calls).containsExactly("writeThrough 2560+512", "read 2560+512");
  }

  @Test
  void moreDataThanIsNeededIsNotWritten() {
    ScsiResult result = engine.execute(cdb10(0, 5, 1), blocks(2));

    assertThat(result.dataOutLength()).isEqualTo(512);
    assertThat(disk.block(6)).isEqualTo(new byte[512]);
  }

  @Test
  void limitsAndRangesAreThoseOfAWrite() {
    assertThat(engine.execute(cdb10(0, 5, 0)).status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(cdb10(0, BLOCKS, 0)).sense())
        .isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation(BLOCKS));
    assertThat(engine.execute(cdb10(0, BLOCKS - 1, 2), blocks(2)).sense())
        .isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation(BLOCKS));
    assertThat(engine.execute(Cdbs.sixteen(0x8e, 0, 0, 65_537), blocks(2)).sense())
        .isEqualTo(Sense.invalidFieldInCdb(10));
    assertThat(engine.execute(Cdbs.sixteen(0x8e, 0x20, 0, 1), blocks(1)).sense())
        .as("WRPROTECT")
        .isEqualTo(Sense.invalidFieldInCdb(1, 5));
    assertThat(disk.calls).isEmpty();
  }

  @Test
  void aSlowDeviceIsNeverCalledInPlace() {
    Forgetful slow = new Forgetful(TestDisk.MEMORY.withBlocking(Blocking.LONG));
    SteppedExecutor executor = new SteppedExecutor();
    Engine slowEngine = Engine.over(LogicalUnit.of(slow), executor);

    TestTask task = slowEngine.start(cdb10(DATA, 5, 2), blocks(2));
    assertThat(slow.calls).isEmpty();
    executor.runNext();
    slowEngine.nexus.drain();
    assertThat(slow.calls).containsExactly("writeThrough 2560+1024");
    assertThat(task.ended).isZero();
    executor.runNext();
    slowEngine.nexus.drain();

    assertThat(task.status()).isEqualTo(Status.GOOD);
  }

  @Test
  void itChangesNothingOnAWriteProtectedUnit() {
    Engine readOnly = Engine.over(LogicalUnit.builder(disk).readOnly().build());

    for (byte[] cdb : allSizes(0, 5, 2)) {
      assertThat(readOnly.execute(cdb, blocks(2)).sense()).isEqualTo(Sense.WRITE_PROTECTED);
    }
  }
}

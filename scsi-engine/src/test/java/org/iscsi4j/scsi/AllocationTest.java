package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.util.Map;
import org.iscsi4j.api.Identity;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.MemoryDevice;
import org.junit.jupiter.api.Test;

/**
 * READ and WRITE of a quick device leave no garbage behind, as far as the device is one of those
 * that are shipped; others are handed views of the buffers.
 */
class AllocationTest {

  private static final int COMMANDS = 10_000;

  /**
   * What the measurement itself and the JIT may leave; one object a command would be ten times it.
   */
  private static final long TOLERANCE = COMMANDS;

  private final TaskRouter router =
      new TaskRouter(
          Map.of(
              0,
              DeviceServer.of(
                  LogicalUnit.of(MemoryDevice.ofSize(16 * 512)),
                  Identity.derivedFrom("test"),
                  Runnable::run)));
  private final ReusedTask task = new ReusedTask(new TestNexus("host", router));

  @Test
  void readsAndWritesAllocateNothing() throws ReflectiveOperationException {
    byte[][] cdbs = {
      Cdbs.six(0x08, 1, 2),
      Cdbs.read10(1, 2),
      Cdbs.twelve(0xa8, 0, 1, 2),
      Cdbs.read16(1, 2),
      Cdbs.six(0x0a, 1, 2),
      Cdbs.write10(1, 2),
      Cdbs.sixteen(0x8a, Cdbs.FUA, 1, 2)
    };
    task.run(Cdbs.TEST_UNIT_READY);
    for (byte[] cdb : cdbs) {
      runMany(cdb);
      long before = allocated();
      runMany(cdb);
      long garbage = allocated() - before;

      assertThat(garbage).as("bytes of %d times %s", COMMANDS, task).isLessThan(TOLERANCE);
      assertThat(task.status()).isEqualTo(Status.GOOD);
    }
  }

  private void runMany(byte[] cdb) {
    for (int command = 0; command < COMMANDS; command++) {
      task.run(cdb);
    }
  }

  /** By reflection, because the module needs no java.management otherwise. */
  private static long allocated() throws ReflectiveOperationException {
    Object threads =
        Class.forName("java.lang.management.ManagementFactory")
            .getMethod("getThreadMXBean")
            .invoke(null);
    Method bytes =
        Class.forName("com.sun.management.ThreadMXBean")
            .getMethod("getThreadAllocatedBytes", long.class);
    return (long) bytes.invoke(threads, Thread.currentThread().getId());
  }

  private static final class ReusedTask extends ScsiTask {

    private final TestNexus nexus;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(1024);

    private ReusedTask(TestNexus nexus) {
      this.nexus = nexus;
    }

    void run(byte[] cdb) {
      boolean write = (cdb[0] & 0x0f) == 0x0a;
      cdb().set(0, 0);
      cdb().set(high(cdb), low(cdb));
      begin(nexus, 0, TaskAttribute.SIMPLE, write ? 0 : 1024, write ? 1024 : 0);
      nexus.router().execute(this);
    }

    private static long high(byte[] cdb) {
      return bits(cdb, 0);
    }

    private static long low(byte[] cdb) {
      return bits(cdb, 8);
    }

    private static long bits(byte[] cdb, int from) {
      long bits = 0;
      for (int at = from; at < from + 8; at++) {
        bits = bits << 8 | (at < cdb.length ? cdb[at] & 0xff : 0);
      }
      return bits;
    }

    @Override
    protected void onDataOutRequested(int length) {
      buffer.clear().limit(length);
      deliverDataOut(buffer);
    }

    @Override
    protected void onDeviceRead(DeviceIo io, long offset, int length) {
      buffer.clear().limit(length);
      deviceReadDone(io.read(offset, buffer));
    }

    @Override
    protected void onEnded() {}

    @Override
    protected void onReleased() {}

    @Override
    protected ByteBuffer keep(ByteBuffer dataOut) {
      throw new IllegalStateException("a quick device needs no copy");
    }
  }
}

package org.iscsi4j.examples.benchmarks;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.iscsi4j.api.Identity;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.MemoryDevice;
import org.iscsi4j.scsi.DeviceServer;
import org.iscsi4j.scsi.Status;
import org.iscsi4j.scsi.TaskRouter;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What a command costs from the task router to a memory device and back, without a transport. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class EngineBenchmark {

  private static final int BLOCKS = 8;
  private static final int BYTES = BLOCKS * 512;
  private static final long READ_16 = 0x88L << 56;
  private static final long WRITE_16 = 0x8aL << 56;
  private static final long TEST_UNIT_READY = 0;
  private static final int DISK = 64 << 20;

  private final ByteBuffer data = ByteBuffer.allocateDirect(BYTES).order(ByteOrder.BIG_ENDIAN);
  private final TaskRouter router = router();
  private final LoopbackTask task = new LoopbackTask(data);
  private final LoopbackNexus nexus = new LoopbackNexus(router);
  private int turn;

  /** A unit whose power on condition was told already. */
  public EngineBenchmark() {
    run(TEST_UNIT_READY, 0, 0, 0);
  }

  private static TaskRouter router() {
    LogicalUnit unit = LogicalUnit.of(MemoryDevice.ofSize(DISK));
    return new TaskRouter(
        Map.of(0, DeviceServer.of(unit, Identity.derivedFrom("benchmark"), Runnable::run)));
  }

  /** Looks a command up, checks it, and does nothing. */
  @Benchmark
  public Status testUnitReady() {
    return run(TEST_UNIT_READY, 0, 0, 0);
  }

  /** Reads 4 KiB. */
  @Benchmark
  public Status read4k() {
    return run(READ_16, nextLba(), BYTES, 0);
  }

  /** Writes 4 KiB. */
  @Benchmark
  public Status write4k() {
    return run(WRITE_16, nextLba(), 0, BYTES);
  }

  private long nextLba() {
    turn = (turn + BLOCKS * 127) & (DISK / 512 - 1) & -BLOCKS;
    return turn;
  }

  /** The CDBs of 16 bytes: LBA in bytes 2 to 9, length in bytes 10 to 13. */
  private Status run(long opcode, long lba, int dataIn, int dataOut) {
    int blocks = (dataIn + dataOut) / 512;
    task.cdb().set(opcode | lba >>> 16, lba << 48 | (long) blocks << 16);
    task.begin(nexus, 0, dataIn, dataOut);
    router.execute(task);
    return task.status();
  }
}

package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.iscsi4j.api.AsyncBlockDevice;
import org.iscsi4j.api.BlockDeviceException;
import org.iscsi4j.api.BlockDeviceException.Kind;
import org.iscsi4j.api.Blocking;
import org.iscsi4j.api.Capabilities;
import org.iscsi4j.api.Concurrency;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.LogicalUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(20)
class DeviceIoTest {

  private static final Geometry GEOMETRY = Geometry.of(512, 100_000);

  private final TestDisk disk = new TestDisk(GEOMETRY, TestDisk.THIN);
  private final Engine engine = Engine.over(disk);

  @ParameterizedTest
  @CsvSource({
    // kind, key, ASC, ASCQ of a read, ASC, ASCQ of a write
    "MEDIUM_ERROR, MEDIUM_ERROR, 0x11, 0x00, 0x0c, 0x00",
    "OUT_OF_SPACE, DATA_PROTECT, 0x27, 0x07, 0x27, 0x07",
    "WRITE_PROTECTED, DATA_PROTECT, 0x27, 0x00, 0x27, 0x00",
    "NOT_READY, NOT_READY, 0x04, 0x00, 0x04, 0x00",
    "NOT_SUPPORTED, HARDWARE_ERROR, 0x44, 0x00, 0x44, 0x00",
    "HARDWARE_ERROR, HARDWARE_ERROR, 0x44, 0x00, 0x44, 0x00"
  })
  void everyKindOfFaultHasItsSense(
      Kind kind, SenseKey key, String readAsc, String readAscq, String writeAsc, String writeAscq) {
    Sense ofRead = Sense.of(key, Integer.decode(readAsc), Integer.decode(readAscq));
    Sense ofWrite = Sense.of(key, Integer.decode(writeAsc), Integer.decode(writeAscq));

    assertThat(failing(new BlockDeviceException(kind, "for the test"), read()).sense())
        .isEqualTo(ofRead);
    assertThat(failing(new BlockDeviceException(kind, "for the test"), write()).sense())
        .isEqualTo(ofWrite);
    assertThat(failing(new BlockDeviceException(kind, "for the test"), flush()).sense())
        .isEqualTo(ofWrite);
  }

  @Test
  void theEnumOfKindsIsCovered() {
    assertThat(Kind.values()).hasSize(7);
  }

  @Test
  void busyIsAStatusWithoutSense() {
    ScsiResult result = failing(new BlockDeviceException(Kind.BUSY, "for the test"), write());

    assertThat(result.status()).isEqualTo(Status.BUSY);
    assertThat(result.sense()).isEqualTo(Sense.NONE);
  }

  @Test
  void theBlockThatFailedIsNamed() {
    Throwable lost =
        new BlockDeviceException(Kind.MEDIUM_ERROR, 512L * 77 + 3, "for the test", null);

    assertThat(failing(lost, read()).sense())
        .isEqualTo(Sense.UNRECOVERED_READ_ERROR.withInformation(77));
  }

  @Test
  void anUnspecificIoExceptionIsAMediumError() {
    assertThat(failing(new IOException("for the test"), read()).sense())
        .isEqualTo(Sense.UNRECOVERED_READ_ERROR);
    assertThat(failing(new IOException("for the test"), write()).sense())
        .isEqualTo(Sense.WRITE_ERROR);
  }

  @Test
  void aBugInTheDeviceIsAHardwareErrorAndTheUnitLivesOn() {
    for (Throwable bug :
        List.of(
            new IllegalStateException("for the test"),
            new AssertionError("for the test"),
            new OutOfMemoryError("for the test"))) {
      assertThat(failing(bug, read()).sense()).isEqualTo(Sense.INTERNAL_TARGET_FAILURE);
      assertThat(failing(bug, write()).sense()).isEqualTo(Sense.INTERNAL_TARGET_FAILURE);
      assertThat(failing(bug, flush()).sense()).isEqualTo(Sense.INTERNAL_TARGET_FAILURE);
      assertThat(engine.execute(read()).status()).isEqualTo(Status.GOOD);
    }
  }

  @Test
  void aCallThatReturnsTooEarlyIsABugOfTheDevice() {
    disk.lazy = true;

    assertThat(engine.execute(read()).sense()).isEqualTo(Sense.INTERNAL_TARGET_FAILURE);
    assertThat(engine.execute(write(), Cdbs.block(1)).sense())
        .isEqualTo(Sense.INTERNAL_TARGET_FAILURE);
  }

  @Test
  void aReadMayBeginAndEndWithinBlocks() {
    disk.fill(1, 1, 0x11);
    disk.fill(2, 1, 0x22);
    ByteBuffer into = ByteBuffer.allocate(600);

    assertThat(engine.unit.io().read(1000, into)).isEqualTo(Sense.NONE);

    assertThat(into.hasRemaining()).isFalse();
    assertThat(Arrays.copyOf(into.array(), 24)).containsOnly(0x11);
    assertThat(Arrays.copyOfRange(into.array(), 24, 24 + 512)).containsOnly(0x22);
    assertThat(Arrays.copyOfRange(into.array(), 536, 600)).containsOnly(0x00);
    assertThat(disk.offences).isEmpty();
    disk.fault = new IOException("for the test");
    assertThat(engine.unit.io().read(1, into.clear())).isEqualTo(Sense.UNRECOVERED_READ_ERROR);
  }

  @Test
  void whereCallsRunIsWhatTheDeviceDeclares() {
    DeviceIo memory = io(TestDisk.MEMORY);
    DeviceIo file = io(TestDisk.MEMORY.withBlocking(Blocking.BRIEFLY));
    DeviceIo network = io(TestDisk.MEMORY.withBlocking(Blocking.LONG));
    DeviceIo serial = io(TestDisk.MEMORY.withConcurrency(Concurrency.SERIAL));

    assertThat(memory.quick(16 << 20)).isTrue();
    assertThat(memory.quick((16 << 20) + 1)).isFalse();
    assertThat(memory.instant(0)).isTrue();
    assertThat(file.quick(1 << 20)).isTrue();
    assertThat(file.quick((1 << 20) + 1)).isFalse();
    assertThat(file.instant(0)).isFalse();
    assertThat(network.quick(1)).isFalse();
    assertThat(serial.quick(1)).as("takes turns in its lane").isFalse();
  }

  @Test
  void aHandlerThatThrowsElsewhereStillEndsItsTask() {
    List<Sense> outcomes = new ArrayList<>();

    engine
        .unit
        .io()
        .submit(
            () -> {
              throw new IllegalStateException("for the test");
            },
            outcomes::add);

    assertThat(outcomes).containsExactly(Sense.INTERNAL_ERROR);
  }

  // ---- asynchronous devices -------------------------------------------------------------------

  @Test
  void anAsynchronousDeviceCompletesByItsOwnMeans() {
    AsyncDisk async = new AsyncDisk();
    SteppedExecutor executor = new SteppedExecutor();
    Engine asyncEngine = Engine.over(LogicalUnit.of(async), executor);

    TestTask write = asyncEngine.start(write(), Cdbs.block(7));
    TestTask flush = asyncEngine.start(flush(), new byte[0]);
    TestTask read = asyncEngine.start(read(), new byte[0]);
    assertThat(executor.waiting()).as("no thread waits").isZero();
    assertThat(async.pending).hasSize(3);
    async.completeAll();
    assertThat(write.ended).as("not before the owner of the nexus runs it").isZero();
    asyncEngine.nexus.drain();

    assertThat(write.status()).isEqualTo(Status.GOOD);
    assertThat(flush.status()).isEqualTo(Status.GOOD);
    assertThat(read.status()).isEqualTo(Status.GOOD);
    assertThat(read.received()).isEqualTo(Cdbs.block(7));
  }

  @Test
  void anAsynchronousReadMayBeginAndEndWithinBlocksToo() {
    AsyncDisk async = new AsyncDisk();
    async.atOnce = true;
    async.disk.fill(5, 1, 0x42);
    Engine asyncEngine = Engine.over(async);

    ScsiResult result = asyncEngine.execute(asyncEngine.nexus, Cdbs.read10(5, 1), 100, new byte[0]);

    assertThat(result.data()).hasSize(100).containsOnly(0x42);
    assertThat(async.disk.offences).isEmpty();
  }

  @Test
  void aDurableWriteOfAnAsynchronousDeviceMayWait() {
    AsyncDisk async = new AsyncDisk();
    async.atOnce = true;
    Engine asyncEngine = Engine.over(async);

    assertThat(asyncEngine.execute(Cdbs.ten(0x2a, Cdbs.FUA, 0, 1), Cdbs.block(1)).status())
        .isEqualTo(Status.GOOD);
    assertThat(async.disk.calls).containsExactly("write 0+512", "flush");
  }

  @Test
  void asynchronousFaultsHaveTheSameSense() {
    AsyncDisk async = new AsyncDisk();
    async.atOnce = true;
    Engine asyncEngine = Engine.over(async);
    Throwable lost = new BlockDeviceException(Kind.MEDIUM_ERROR, 1024, "for the test", null);

    async.fault = lost;
    assertThat(asyncEngine.execute(read()).sense())
        .isEqualTo(Sense.UNRECOVERED_READ_ERROR.withInformation(2));
    async.fault = new CompletionException(lost);
    assertThat(asyncEngine.execute(read()).sense())
        .isEqualTo(Sense.UNRECOVERED_READ_ERROR.withInformation(2));
    async.fault = new IllegalStateException("for the test");
    assertThat(asyncEngine.execute(write(), Cdbs.block(1)).sense())
        .isEqualTo(Sense.INTERNAL_TARGET_FAILURE);
    async.fault = new IOException("for the test");
    assertThat(asyncEngine.execute(flush()).sense()).isEqualTo(Sense.WRITE_ERROR);
    async.throwing = new IllegalStateException("for the test");
    assertThat(asyncEngine.execute(read()).sense()).isEqualTo(Sense.INTERNAL_TARGET_FAILURE);
    async.disk.lazy = true;
    assertThat(asyncEngine.execute(read()).sense())
        .as("completed with the buffer half empty")
        .isEqualTo(Sense.INTERNAL_TARGET_FAILURE);
  }

  @Test
  void aSerialAsynchronousDeviceTakesTurnsToo() {
    AsyncDisk async = new AsyncDisk();
    async.capabilities = TestDisk.MEMORY.withConcurrency(Concurrency.SERIAL);
    async.atOnce = true;
    SteppedExecutor executor = new SteppedExecutor();
    Engine asyncEngine = Engine.over(LogicalUnit.of(async), executor);

    asyncEngine.start(write(), Cdbs.block(1));
    asyncEngine.start(write(), Cdbs.block(1));

    assertThat(async.disk.calls).isEmpty();
    assertThat(executor.waiting()).isEqualTo(1);
    executor.runAll();
    assertThat(async.disk.calls).hasSize(2);
  }

  private ScsiResult failing(Throwable fault, byte[] cdb) {
    disk.fault = fault;
    return engine.execute(cdb, cdb[0] == 0x2a ? Cdbs.block(1) : new byte[0]);
  }

  private static byte[] read() {
    return Cdbs.read10(0, 1);
  }

  private static byte[] write() {
    return Cdbs.write10(0, 1);
  }

  private static byte[] flush() {
    return Cdbs.ten(0x35, 0, 0, 0);
  }

  private static DeviceIo io(Capabilities capabilities) {
    return new DeviceIo(new TestDisk(GEOMETRY, capabilities), Runnable::run);
  }

  /** Completes its calls at once, or when the test says so. */
  private static final class AsyncDisk implements AsyncBlockDevice {

    final TestDisk disk = new TestDisk(GEOMETRY, TestDisk.MEMORY);
    final List<Runnable> pending = new ArrayList<>();
    Capabilities capabilities = TestDisk.MEMORY;
    boolean atOnce;
    Throwable fault;
    RuntimeException throwing;

    private CompletionStage<Void> start(Call call) {
      if (throwing != null) {
        RuntimeException thrown = throwing;
        throwing = null;
        throw thrown;
      }
      CompletableFuture<Void> stage = new CompletableFuture<>();
      Runnable step = () -> complete(stage, call);
      if (atOnce) {
        step.run();
      } else {
        pending.add(step);
      }
      return stage;
    }

    private void complete(CompletableFuture<Void> stage, Call call) {
      try {
        if (fault != null) {
          stage.completeExceptionally(fault);
          fault = null;
          return;
        }
        call.run();
        stage.complete(null);
      } catch (IOException e) {
        stage.completeExceptionally(e);
      }
    }

    void completeAll() {
      pending.forEach(Runnable::run);
    }

    private interface Call {
      void run() throws IOException;
    }

    @Override
    public Geometry geometry() {
      return GEOMETRY;
    }

    @Override
    public Capabilities capabilities() {
      return capabilities;
    }

    @Override
    public CompletionStage<Void> readAsync(long offset, ByteBuffer into) {
      return start(() -> disk.read(offset, into));
    }

    @Override
    public CompletionStage<Void> writeAsync(long offset, ByteBuffer from) {
      return start(() -> disk.write(offset, from));
    }

    @Override
    public CompletionStage<Void> flushAsync() {
      return start(disk::flush);
    }

    @Override
    public void close() {}
  }
}

package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
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

@Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
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
  void aDeviceGetsAViewOfItsBytesAndNothingElse() {
    Nosy nosy = new Nosy();
    Engine of = Engine.over(nosy);
    ByteBuffer buffer = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);

    assertThat(of.unit.io().read(512, buffer.limit(1536).position(512))).isEqualTo(Sense.NONE);
    assertThat(buffer.position()).as("as if it had been read into").isEqualTo(1536);
    assertThat(of.unit.io().write(512, buffer.position(512), false)).isEqualTo(Sense.NONE);

    assertThat(buffer.position()).isEqualTo(1536);
    assertThat(buffer.limit()).isEqualTo(1536);
    assertThat(nosy.views).hasSize(2);
    for (ByteBuffer view : nosy.views) {
      assertThat(view).isNotSameAs(buffer);
      assertThat(view.capacity()).isEqualTo(1024);
    }
    assertThat(nosy.orders).containsExactly(ByteOrder.BIG_ENDIAN, ByteOrder.BIG_ENDIAN);
    assertThat(nosy.views.get(1).isReadOnly()).isTrue();
  }

  @Test
  void whatADeviceDoesToPositionAndLimitHarmsNobody() {
    Nosy nosy = new Nosy();
    Engine of = Engine.over(nosy);
    ByteBuffer buffer = ByteBuffer.allocate(4096);
    List<Consumer<ByteBuffer>> mischief =
        List.of(
            ByteBuffer::rewind,
            ByteBuffer::flip,
            view -> view.limit(512),
            view -> view.position(1));

    for (Consumer<ByteBuffer> each : mischief) {
      nosy.after = each;
      assertThat(of.unit.io().read(512, buffer.limit(1536).position(512)))
          .isEqualTo(Sense.INTERNAL_TARGET_FAILURE);
      assertThat(buffer.limit()).isEqualTo(1536);
      assertThat(buffer.position()).isEqualTo(512);
      assertThat(of.unit.io().write(512, buffer, true)).isEqualTo(Sense.INTERNAL_TARGET_FAILURE);
    }
  }

  @Test
  void anAsynchronousDeviceGetsViewsToo() {
    AsyncDisk async = new AsyncDisk();
    Engine of = Engine.over(async);
    ByteBuffer buffer = ByteBuffer.allocate(1024).limit(512);
    List<Sense> outcomes = new ArrayList<>();

    of.unit.io().submitRead(0, buffer, outcomes::add);
    of.unit.io().submitWrite(0, buffer.duplicate(), false, outcomes::add);
    assertThat(async.views).extracting(ByteBuffer::capacity).containsExactly(512, 512);
    assertThat(buffer.position()).isZero();
    async.completeAll();

    assertThat(outcomes).containsExactly(Sense.NONE, Sense.NONE);
    assertThat(buffer.hasRemaining()).isFalse();
  }

  @Test
  void aDeviceThatSaysItIsBusyIsToldApartFromOneThatIsNotReady() {
    assertThat(DeviceIo.isBusy(DeviceIo.BUSY)).isTrue();
    assertThat(DeviceIo.isBusy(Sense.NOT_READY_CAUSE_NOT_REPORTABLE)).isFalse();
    assertThat(failing(new BlockDeviceException(Kind.NOT_READY, "for the test"), write()).status())
        .isEqualTo(Status.CHECK_CONDITION);
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

  // ---- asynchronous devices

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
    asyncEngine.start(Cdbs.write10(2, 1), Cdbs.block(1));

    assertThat(async.disk.calls).isEmpty();
    assertThat(executor.waiting()).isEqualTo(1);
    executor.runAll();
    assertThat(async.disk.calls).hasSize(2);
  }

  @Test
  void anErrorOfAnAsynchronousDeviceEndsTheCommand() {
    AsyncDisk async = new AsyncDisk();
    async.atOnce = true;
    Engine asyncEngine = Engine.over(async);

    async.throwing = new NoClassDefFoundError("for the test");
    assertThat(asyncEngine.execute(read()).sense()).isEqualTo(Sense.INTERNAL_TARGET_FAILURE);
    async.none = true;
    assertThat(asyncEngine.execute(read()).sense())
        .as("no stage at all")
        .isEqualTo(Sense.INTERNAL_TARGET_FAILURE);
  }

  @Test
  void aStageThatCompletesTwiceIsToldOnce() {
    List<Sense> outcomes = new ArrayList<>();
    AsyncDisk async =
        new AsyncDisk() {
          @Override
          public CompletionStage<Void> flushAsync() {
            return new CompletableFuture<>() {
              @Override
              public CompletableFuture<Void> whenComplete(
                  BiConsumer<? super Void, ? super Throwable> action) {
                action.accept(null, null);
                action.accept(null, new IOException("for the test"));
                throw new IllegalStateException("for the test");
              }
            };
          }
        };
    DeviceIo io = new DeviceIo(async, Runnable::run);

    io.submitFlush(outcomes::add);

    assertThat(outcomes).containsExactly(Sense.NONE);
    assertThat(io.idle()).isTrue();
  }

  @Test
  void anAsynchronousReadWithinBlocksAsksWhetherItIsStillWanted() {
    AsyncDisk async = new AsyncDisk();
    Engine asyncEngine = Engine.over(async);
    List<Sense> outcomes = new ArrayList<>();

    asyncEngine
        .unit
        .io()
        .submitRead(
            0,
            ByteBuffer.allocate(100),
            new DeviceIo.Waiter() {
              @Override
              public boolean starts() {
                return false;
              }

              @Override
              public void ended(Sense outcome) {
                outcomes.add(outcome);
              }
            });

    assertThat(async.pending).isEmpty();
    assertThat(outcomes).hasSize(1);
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

  /** Looks at its buffers, and plays with them. */
  private static final class Nosy extends TestDisk {

    final List<ByteBuffer> views = new ArrayList<>();
    final List<ByteOrder> orders = new ArrayList<>();
    Consumer<ByteBuffer> after = view -> {};

    Nosy() {
      super(GEOMETRY, MEMORY);
    }

    @Override
    public synchronized void read(long offset, ByteBuffer into) throws IOException {
      seen(into);
      super.read(offset, into);
      after.accept(into);
    }

    @Override
    public synchronized void write(long offset, ByteBuffer from) throws IOException {
      seen(from);
      super.write(offset, from);
      after.accept(from);
    }

    @Override
    public synchronized void writeThrough(long offset, ByteBuffer from) throws IOException {
      write(offset, from);
    }

    private void seen(ByteBuffer view) {
      views.add(view);
      orders.add(view.order());
      view.order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  @Test
  void whatIsSentToAnAsynchronousDeviceThatNeverAnswersAndAbortedTakesNoMoreMemory() {
    AsyncDisk dead = new AsyncDisk();
    Engine engine = Engine.over(dead);
    List<TestTask> stuck = new ArrayList<>();
    for (int i = 0; i < DeviceIo.MAX_ABANDONED; i++) {
      TestTask task = engine.start(Cdbs.write10(i, 1), Cdbs.block(1));
      assertThat(task.abort()).isFalse();
      stuck.add(task);
    }

    assertThat(engine.execute(Cdbs.write10(900, 1), Cdbs.block(1)).status()).isEqualTo(Status.BUSY);
    assertThat(engine.execute(Cdbs.read10(900, 1)).status()).isEqualTo(Status.BUSY);
    assertThat(dead.pending).hasSize(DeviceIo.MAX_ABANDONED);

    dead.completeAll();
    engine.nexus.drain();
    assertThat(stuck).allMatch(task -> task.released == 1);
    dead.atOnce = true;
    assertThat(engine.execute(Cdbs.read10(900, 1)).status()).isEqualTo(Status.GOOD);
  }

  /** Completes its calls at once, or when the test says so. */
  private static class AsyncDisk implements AsyncBlockDevice {

    final TestDisk disk = new TestDisk(GEOMETRY, TestDisk.MEMORY);
    final List<Runnable> pending = new ArrayList<>();
    Capabilities capabilities = TestDisk.MEMORY;
    boolean atOnce;
    Throwable fault;
    Throwable throwing;

    /** Calls return no stage. */
    boolean none;

    /** The buffers that it was given. */
    final List<ByteBuffer> views = new ArrayList<>();

    private CompletionStage<Void> start(Call call) {
      if (throwing != null) {
        Throwable thrown = throwing;
        throwing = null;
        if (thrown instanceof Error error) {
          throw error;
        }
        throw (RuntimeException) thrown;
      }
      if (none) {
        return null;
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
      views.add(into);
      return start(() -> disk.read(offset, into));
    }

    @Override
    public CompletionStage<Void> writeAsync(long offset, ByteBuffer from) {
      views.add(from);
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

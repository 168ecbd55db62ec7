package org.iscsi4j.scsi;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.iscsi4j.api.AsyncBlockDevice;
import org.iscsi4j.api.BlockDevice;
import org.iscsi4j.api.BlockDeviceException;
import org.iscsi4j.api.Blocking;
import org.iscsi4j.api.Concurrency;
import org.iscsi4j.api.FileDevice;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.MappedFileDevice;
import org.iscsi4j.api.MemoryDevice;
import org.iscsi4j.api.RawDevice;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one place where a device is called: here it is decided where a call runs, and here a fault
 * becomes sense. Callers have checked range and alignment, and the range is checked here once more
 * when the call is made: the device may have become smaller meanwhile. May be used from any thread.
 */
public final class DeviceIo {

  /**
   * What a call says that the device could not take for now: the command ends with the status BUSY
   * and without sense. Told apart by {@link #isBusy}, since its value never leaves the target.
   */
  static final Sense BUSY = Sense.of(SenseKey.NOT_READY, 0x04, 0x00);

  private static final Logger log = LoggerFactory.getLogger(DeviceIo.class);

  /** Calls to the state store that the units of a device make at once. */
  private static final int STORE_CALLS = 4;

  /** The longest call, in bytes, that is made in place on a device that never blocks. */
  private static final long COPY_LIMIT = 16L << 20;

  /** The longest call, in bytes, that takes less than a microsecond of a device in memory. */
  private static final long MOMENTARY_LIMIT = 8 << 10;

  /** The longest call, in bytes, that is made in place on a device that blocks briefly. */
  private static final long BRIEF_LIMIT = 1L << 20;

  /**
   * Calls that a device may keep for ever. Those that need a thread find their end in the width of
   * the lane; one that completes calls by its own means could take any number.
   */
  static final int MAX_ABANDONED = Lane.WIDTH;

  private final BlockDevice device;

  /** The device, when it completes calls by its own means; else null. */
  private final AsyncBlockDevice async;

  /**
   * Whether the device is known to move the bytes between position and limit and to do nothing else
   * to a buffer. Any other is handed a view, which costs an allocation.
   */
  private final boolean wellBehaved;

  private final Blocking blocking;
  private final Pace pace;
  private final Lane lane;

  /** Where the state store is called: one that hangs must not hold up reads and writes. */
  private final Lane storeLane;

  private final RangeLocks locks = new RangeLocks();

  /** Calls under way whose commands were aborted. */
  private final AtomicInteger abandoned = new AtomicInteger();

  private volatile Geometry geometry;

  /**
   * The way to a device.
   *
   * @param executor where calls run that may take long; used by several devices, none of which gets
   *     more of it than its share
   */
  DeviceIo(BlockDevice device, Executor executor) {
    this.device = device;
    boolean serial = device.capabilities().concurrency() == Concurrency.SERIAL;
    // calls of a serial device take turns in its lane, so none may run beside it
    async = device instanceof AsyncBlockDevice own && !serial ? own : null;
    wellBehaved = isWellBehaved(device);
    blocking = serial || async != null ? Blocking.LONG : device.capabilities().blocking();
    pace = new Pace();
    lane = new Lane(executor, serial ? 1 : Lane.WIDTH);
    storeLane = new Lane(executor, STORE_CALLS);
    geometry = device.geometry();
  }

  /** Classes that are final, so that nothing of a vendor's runs in them. */
  private static boolean isWellBehaved(BlockDevice device) {
    return device instanceof MemoryDevice
        || device instanceof FileDevice
        || device instanceof MappedFileDevice
        || device instanceof RawDevice;
  }

  // ---- life cycle

  /** Takes calls again after {@link #close}, of a device that may have changed meanwhile. */
  void open() {
    geometry = device.geometry();
    lane.open();
    storeLane.open();
  }

  /**
   * Makes no call any more. What is under way goes on.
   *
   * @return ends the calls that waited, which may run work of others
   */
  Runnable close() {
    Runnable calls = lane.close();
    Runnable storeCalls = storeLane.close();
    return () -> {
      calls.run();
      storeCalls.run();
    };
  }

  boolean idle() {
    return lane.idle() && storeLane.idle();
  }

  /** Completed when no call that was made elsewhere is under way, on the thread that ends it. */
  CompletableFuture<Void> whenIdle() {
    return CompletableFuture.allOf(lane.whenIdle(), storeLane.whenIdle());
  }

  /** The ranges that commands are changing. */
  RangeLocks locks() {
    return locks;
  }

  // ---- where calls are made

  /** The device has another geometry. */
  void geometry(Geometry now) {
    geometry = now;
  }

  /** Why a range that was on the device is not any more; {@link Sense#NONE} when it is. */
  private static Sense outside(Geometry now, long offset, long length) {
    if (offset <= now.size() - length) {
      return Sense.NONE;
    }
    long first = Math.max(offset / now.blockSize(), now.blockCount());
    return Sense.LBA_OUT_OF_RANGE.withInformation(first);
  }

  /** As {@link #outside}, and whether its ends are still those of blocks. */
  private static Sense misplaced(Geometry now, long offset, long length) {
    boolean aligned = ((offset | length) & (now.blockSize() - 1)) == 0;
    return aligned ? outside(now, offset, length) : Sense.INVALID_FIELD_IN_COMMAND_INFORMATION_UNIT;
  }

  /**
   * Whether a call of so many bytes may be made in place, on the thread that serves the connection.
   * When false it goes through {@link ScsiTask#callElsewhere}.
   */
  public boolean quick(long bytes) {
    if (lane.closed()) {
      return false;
    }
    return switch (blocking) {
      case NEVER -> bytes <= COPY_LIMIT;
      case BRIEFLY -> bytes <= BRIEF_LIMIT && pace.quick();
      case LONG -> false;
    };
  }

  /**
   * Whether a call that is no plain read or write may be made in place: a flush, a deallocation or
   * a fill of so many bytes takes a file far longer than a write does.
   */
  boolean instant(long bytes) {
    return blocking == Blocking.NEVER && bytes <= COPY_LIMIT && !lane.closed();
  }

  /** Whether a read or write of so many bytes takes next to no time. */
  boolean momentary(long bytes) {
    return blocking == Blocking.NEVER && bytes <= MOMENTARY_LIMIT;
  }

  // ---- calls in place

  /**
   * Fills a buffer from the device, in place. A transport may cut where its PDUs end: parts of
   * blocks are read whole.
   *
   * @param offset bytes from the start of the device
   * @return {@link Sense#NONE} when the buffer is full, else why not
   */
  public Sense read(long offset, ByteBuffer into) {
    Geometry now = geometry;
    Sense outside = outside(now, offset, into.remaining());
    if (!outside.isNone()) {
      return outside;
    }
    if (inBlocks(now, offset, into)) {
      return readBlocks(offset, into);
    }
    try {
      PartialRead part = PartialRead.of(now.blockSize(), offset, into);
      return part.copy(readBlocks(part.offset(), part.blocks()));
    } catch (Throwable fault) {
      return sense(fault, Sense.UNRECOVERED_READ_ERROR);
    }
  }

  private static boolean inBlocks(Geometry now, long offset, ByteBuffer into) {
    return ((offset | into.remaining()) & (now.blockSize() - 1)) == 0;
  }

  private Sense readBlocks(long offset, ByteBuffer into) {
    int length = into.remaining();
    boolean measured = measured(length);
    long start = measured ? pace.now() : 0;
    try {
      ByteBuffer view = wellBehaved ? into : into.slice();
      device.read(offset, view);
      if (measured) {
        pace.took(start, length);
      }
      return whole("read", offset, into, view);
    } catch (Throwable fault) {
      return sense(fault, Sense.UNRECOVERED_READ_ERROR);
    }
  }

  /**
   * Writes a buffer to the device, in place.
   *
   * @param offset bytes from the start of the device
   * @param durable whether the bytes must be durable on return (FUA)
   * @return {@link Sense#NONE} when all of it was written, else why not
   */
  Sense write(long offset, ByteBuffer from, boolean durable) {
    int length = from.remaining();
    Sense misplaced = misplaced(geometry, offset, length);
    if (!misplaced.isNone()) {
      return misplaced;
    }
    boolean measured = !durable && measured(length);
    long start = measured ? pace.now() : 0;
    try {
      ByteBuffer view = wellBehaved ? from : from.slice().asReadOnlyBuffer();
      if (durable) {
        device.writeThrough(offset, view);
      } else {
        device.write(offset, view);
      }
      if (measured) {
        pace.took(start, length);
      }
      return whole("write", offset, from, view);
    } catch (Throwable fault) {
      return sense(fault, Sense.WRITE_ERROR);
    }
  }

  /** Whether a device used the whole of a buffer; when it was lent a view, the buffer follows. */
  private Sense whole(String call, long offset, ByteBuffer data, ByteBuffer view) {
    if (!wellBehaved && view.position() == data.remaining()) {
      data.position(data.limit());
    }
    return data.hasRemaining() ? shortCall(call, offset, data) : Sense.NONE;
  }

  /** Long calls and durable ones are slow by nature; they say nothing of those made in place. */
  private boolean measured(int bytes) {
    return blocking == Blocking.BRIEFLY && bytes <= BRIEF_LIMIT;
  }

  /** Makes all writes that ended durable. */
  Sense flush() {
    return change(BlockDevice::flush);
  }

  /** Any other call that changes a range of the device. */
  Sense change(long offset, long length, Call call) {
    Sense misplaced = misplaced(geometry, offset, length);
    return misplaced.isNone() ? change(call) : misplaced;
  }

  /** Any other call that changes the device. */
  Sense change(Call call) {
    try {
      call.run(device);
      return Sense.NONE;
    } catch (Throwable fault) {
      return sense(fault, Sense.WRITE_ERROR);
    }
  }

  /** Any other call about a range of the device that leaves it as it is. */
  Sense ask(long offset, long length, Call call) {
    Sense misplaced = misplaced(geometry, offset, length);
    if (!misplaced.isNone()) {
      return misplaced;
    }
    try {
      call.run(device);
      return Sense.NONE;
    } catch (Throwable fault) {
      return sense(fault, Sense.UNRECOVERED_READ_ERROR);
    }
  }

  /** A call that is no plain read or write. */
  @FunctionalInterface
  interface Call {
    void run(BlockDevice device) throws IOException;
  }

  /** Who waits for a call that is made elsewhere. */
  @FunctionalInterface
  interface Waiter {

    /** Whether the call, whose turn has come, is still wanted. Asked once, on any thread. */
    default boolean starts() {
      return true;
    }

    /** Whether a call whose turn has not come is wanted no more: then nothing follows. */
    default boolean dropped() {
      return false;
    }

    /** The call has ended, or was not made at all. Told once, on any thread. */
    void ended(Sense outcome);
  }

  // ---- calls elsewhere

  /** A call has begun, and nobody waits for what becomes of it any more. */
  void abandoned() {
    abandoned.incrementAndGet();
  }

  /** An abandoned call is back. */
  void regained() {
    abandoned.decrementAndGet();
  }

  /** Runs calls elsewhere and tells the outcome there. */
  void submit(Supplier<Sense> call, Waiter waiter) {
    lane.submit(new Submitted(call, waiter));
  }

  /** As {@link #submit}, for a call to the state store and not to the device. */
  void submitToStore(Supplier<Sense> call, Waiter waiter) {
    storeLane.submit(new Submitted(call, waiter));
  }

  /** A call in the lane. */
  private record Submitted(Supplier<Sense> call, Waiter waiter) implements Lane.Call {

    @Override
    public void run() {
      waiter.ended(waiter.starts() ? outcome(call) : Sense.NONE);
    }

    @Override
    public boolean dropped() {
      return waiter.dropped();
    }

    @Override
    public void refuse(Sense why) {
      waiter.ended(why);
    }
  }

  private static Sense outcome(Supplier<Sense> call) {
    try {
      return call.get();
    } catch (Throwable bug) {
      // the task must hear of it: nobody else would ever end it
      logQuietly("device call failed", bug);
      return Sense.INTERNAL_ERROR;
    }
  }

  private static void logQuietly(String what, Throwable bug) {
    try {
      log.error(what, bug);
    } catch (Throwable unlogged) {
      bug.addSuppressed(unlogged);
    }
  }

  /** Reads elsewhere: on the executor, or by the device's own means when it is asynchronous. */
  void submitRead(long offset, ByteBuffer into, Waiter waiter) {
    if (async == null) {
      submit(() -> read(offset, into), waiter);
      return;
    }
    Geometry now = geometry;
    Sense outside = outside(now, offset, into.remaining());
    if (!outside.isNone()) {
      waiter.ended(outside);
    } else if (inBlocks(now, offset, into)) {
      startRead(offset, into, UnaryOperator.identity(), waiter);
    } else {
      PartialRead part = PartialRead.of(now.blockSize(), offset, into);
      startRead(part.offset(), part.blocks(), part::copy, waiter);
    }
  }

  private void startRead(long offset, ByteBuffer into, UnaryOperator<Sense> then, Waiter waiter) {
    ByteBuffer view = into.slice();
    new OwnCall(
            () -> async.readAsync(offset, view),
            fault ->
                then.apply(ended("read", offset, into, view, fault, Sense.UNRECOVERED_READ_ERROR)),
            waiter)
        .start();
  }

  /** Writes elsewhere, as {@link #submitRead}. */
  void submitWrite(long offset, ByteBuffer from, boolean durable, Waiter waiter) {
    if (async == null || durable) {
      submit(() -> write(offset, from, durable), waiter);
      return;
    }
    Sense misplaced = misplaced(geometry, offset, from.remaining());
    if (!misplaced.isNone()) {
      waiter.ended(misplaced);
      return;
    }
    ByteBuffer view = from.slice().asReadOnlyBuffer();
    new OwnCall(
            () -> async.writeAsync(offset, view),
            fault -> ended("write", offset, from, view, fault, Sense.WRITE_ERROR),
            waiter)
        .start();
  }

  /** Flushes elsewhere, as {@link #submitRead}. */
  void submitFlush(Waiter waiter) {
    if (async == null) {
      submit(this::flush, waiter);
      return;
    }
    new OwnCall(
            async::flushAsync,
            fault -> fault == null ? Sense.NONE : sense(fault, Sense.WRITE_ERROR),
            waiter)
        .start();
  }

  private Sense ended(
      String call,
      long offset,
      ByteBuffer data,
      ByteBuffer view,
      Throwable fault,
      Sense unspecific) {
    return fault == null ? whole(call, offset, data, view) : sense(fault, unspecific);
  }

  /** A call that an asynchronous device makes by its own means. Its waiter is told exactly once. */
  private final class OwnCall {

    private final Supplier<CompletionStage<Void>> call;
    private final Function<Throwable, Sense> outcome;
    private final Waiter waiter;
    private final AtomicBoolean told = new AtomicBoolean();

    OwnCall(
        Supplier<CompletionStage<Void>> call, Function<Throwable, Sense> outcome, Waiter waiter) {
      this.call = call;
      this.outcome = outcome;
      this.waiter = waiter;
    }

    void start() {
      if (abandoned.get() >= MAX_ABANDONED) {
        waiter.ended(BUSY); // or whoever sends and aborts for ever would fill the memory
      } else if (!lane.enter()) {
        waiter.ended(Sense.NOT_READY_CAUSE_NOT_REPORTABLE);
      } else if (!waiter.starts()) {
        tell(() -> Sense.NONE);
      } else {
        begin();
      }
    }

    private void begin() {
      try {
        call.get().whenComplete((none, fault) -> tell(() -> outcome.apply(fault)));
      } catch (Throwable fault) {
        tell(() -> outcome.apply(fault));
      }
    }

    private void tell(Supplier<Sense> last) {
      if (!told.getAndSet(true)) {
        Sense sense = outcome(last);
        lane.leave();
        waiter.ended(sense);
      }
    }
  }

  // ---- faults

  /** A fault of the device as the initiator is told, logged where an operator must know. */
  private Sense sense(Throwable thrown, Sense unspecific) {
    Throwable fault =
        thrown instanceof CompletionException && thrown.getCause() != null
            ? thrown.getCause()
            : thrown;
    if (fault instanceof BlockDeviceException told) {
      logged(told);
      return located(sense(told.kind(), unspecific), told.offset());
    }
    if (fault instanceof IOException) {
      log.warn("{}: {}", device, fault.toString(), fault);
      return unspecific;
    }
    log.error("{}: unexpected failure", device, fault);
    return Sense.INTERNAL_TARGET_FAILURE;
  }

  /** An operator must know of what is broken; the rest is between the device and its initiators. */
  private void logged(BlockDeviceException told) {
    switch (told.kind()) {
      case MEDIUM_ERROR, HARDWARE_ERROR ->
          log.warn("{}: {} ({})", device, told.getMessage(), told.kind(), told);
      default -> log.debug("{}: {} ({})", device, told.getMessage(), told.kind());
    }
  }

  /** Whether an outcome is {@link #BUSY} itself, not a sense that happens to equal it. */
  @SuppressWarnings("ReferenceEquality")
  static boolean isBusy(Sense outcome) {
    return outcome == BUSY;
  }

  private static Sense sense(BlockDeviceException.Kind kind, Sense unspecific) {
    return switch (kind) {
      case MEDIUM_ERROR -> unspecific;
      case OUT_OF_SPACE -> Sense.SPACE_ALLOCATION_FAILED;
      case WRITE_PROTECTED -> Sense.WRITE_PROTECTED;
      case NOT_READY -> Sense.NOT_READY_CAUSE_NOT_REPORTABLE;
      case BUSY -> BUSY;
      case NOT_SUPPORTED, HARDWARE_ERROR -> Sense.INTERNAL_TARGET_FAILURE;
    };
  }

  private Sense located(Sense sense, long offset) {
    boolean place = offset >= 0 && sense.key() == SenseKey.MEDIUM_ERROR;
    return place ? sense.withInformation(offset / geometry.blockSize()) : sense;
  }

  private Sense shortCall(String call, long offset, ByteBuffer left) {
    log.error("{}: {} at {} left {} bytes undone", device, call, offset, left.remaining());
    return Sense.INTERNAL_TARGET_FAILURE;
  }
}

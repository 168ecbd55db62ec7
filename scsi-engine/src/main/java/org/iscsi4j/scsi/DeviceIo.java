package org.iscsi4j.scsi;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.iscsi4j.api.AsyncBlockDevice;
import org.iscsi4j.api.BlockDevice;
import org.iscsi4j.api.BlockDeviceException;
import org.iscsi4j.api.Blocking;
import org.iscsi4j.api.Concurrency;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one place where a device is called: here it is decided where a call runs, and here a fault
 * becomes sense. Callers have checked range and alignment. May be used from any thread.
 */
public final class DeviceIo {

  /** What a call says that the device could not take for now: the command ends with BUSY. */
  public static final Sense BUSY = Sense.of(SenseKey.NOT_READY, 0x04, 0x09);

  private static final Logger log = LoggerFactory.getLogger(DeviceIo.class);

  /** The longest call, in bytes, that is made in place on a device that never blocks. */
  private static final long COPY_LIMIT = 16L << 20;

  /** The longest call, in bytes, that is made in place on a device that blocks briefly. */
  private static final long BRIEF_LIMIT = 1L << 20;

  private final BlockDevice device;

  /** The device, when it completes calls by its own means; else null. */
  private final AsyncBlockDevice async;

  private final Blocking blocking;
  private final Pace pace;
  private final Lane lane;
  private volatile int blockSize;

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
    blocking = serial || async != null ? Blocking.LONG : device.capabilities().blocking();
    pace = new Pace();
    lane = new Lane(executor, serial ? 1 : Lane.WIDTH);
    blockSize = device.geometry().blockSize();
  }

  void blockSize(int bytes) {
    blockSize = bytes;
  }

  /**
   * Whether a call of so many bytes may be made in place, on the thread that serves the connection.
   * When false it goes through {@link ScsiTask#callElsewhere}.
   */
  public boolean quick(long bytes) {
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
    return blocking == Blocking.NEVER && bytes <= COPY_LIMIT;
  }

  /**
   * Fills a buffer from the device, in place. A transport may cut where its PDUs end: parts of
   * blocks are read whole.
   *
   * @param offset bytes from the start of the device
   * @return {@link Sense#NONE} when the buffer is full, else why not
   */
  public Sense read(long offset, ByteBuffer into) {
    if (inBlocks(offset, into)) {
      return readBlocks(offset, into);
    }
    PartialRead part = PartialRead.of(blockSize, offset, into);
    return part.copy(readBlocks(part.offset(), part.blocks()));
  }

  private boolean inBlocks(long offset, ByteBuffer into) {
    return ((offset | into.remaining()) & (blockSize - 1)) == 0;
  }

  private Sense readBlocks(long offset, ByteBuffer into) {
    boolean measured = measured(into.remaining());
    long start = measured ? pace.now() : 0;
    try {
      device.read(offset, into);
      if (measured) {
        pace.took(start);
      }
      return into.hasRemaining() ? shortCall("read", offset, into) : Sense.NONE;
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
    boolean measured = !durable && measured(from.remaining());
    long start = measured ? pace.now() : 0;
    try {
      if (durable) {
        device.writeThrough(offset, from);
      } else {
        device.write(offset, from);
      }
      if (measured) {
        pace.took(start);
      }
      return from.hasRemaining() ? shortCall("write", offset, from) : Sense.NONE;
    } catch (Throwable fault) {
      return sense(fault, Sense.WRITE_ERROR);
    }
  }

  /** Long calls and durable ones are slow by nature; they say nothing of those made in place. */
  private boolean measured(int bytes) {
    return blocking == Blocking.BRIEFLY && bytes <= BRIEF_LIMIT;
  }

  /** Makes all writes that ended durable. */
  Sense flush() {
    return change(BlockDevice::flush);
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

  /** Any other call that leaves the device as it is. */
  Sense ask(Call call) {
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

  /** Runs calls elsewhere and tells the outcome there. */
  void submit(Supplier<Sense> call, Consumer<Sense> done) {
    lane.submit(() -> done.accept(outcome(call)));
  }

  private static Sense outcome(Supplier<Sense> call) {
    try {
      return call.get();
    } catch (Throwable bug) {
      // the task must hear of it: nobody else would ever end it
      log.error("device call failed", bug);
      return Sense.INTERNAL_ERROR;
    }
  }

  /** Reads elsewhere: on the executor, or by the device's own means when it is asynchronous. */
  void submitRead(long offset, ByteBuffer into, Consumer<Sense> done) {
    if (async == null) {
      submit(() -> read(offset, into), done);
    } else if (inBlocks(offset, into)) {
      startRead(offset, into, done);
    } else {
      PartialRead part = PartialRead.of(blockSize, offset, into);
      startRead(part.offset(), part.blocks(), outcome -> done.accept(part.copy(outcome)));
    }
  }

  private void startRead(long offset, ByteBuffer into, Consumer<Sense> done) {
    start(
        () -> async.readAsync(offset, into),
        fault -> ended("read", offset, into, fault, Sense.UNRECOVERED_READ_ERROR),
        done);
  }

  /** Writes elsewhere, as {@link #submitRead}. */
  void submitWrite(long offset, ByteBuffer from, boolean durable, Consumer<Sense> done) {
    if (async != null && !durable) {
      start(
          () -> async.writeAsync(offset, from),
          fault -> ended("write", offset, from, fault, Sense.WRITE_ERROR),
          done);
    } else {
      submit(() -> write(offset, from, durable), done);
    }
  }

  /** Flushes elsewhere, as {@link #submitRead}. */
  void submitFlush(Consumer<Sense> done) {
    if (async != null) {
      start(
          async::flushAsync,
          fault -> fault == null ? Sense.NONE : sense(fault, Sense.WRITE_ERROR),
          done);
    } else {
      submit(this::flush, done);
    }
  }

  private static void start(
      Supplier<CompletionStage<Void>> call,
      Function<Throwable, Sense> outcome,
      Consumer<Sense> done) {
    try {
      call.get().whenComplete((none, fault) -> done.accept(outcome.apply(fault)));
    } catch (RuntimeException fault) {
      done.accept(outcome.apply(fault));
    }
  }

  private Sense ended(
      String call, long offset, ByteBuffer data, Throwable fault, Sense unspecific) {
    if (fault != null) {
      return sense(fault, unspecific);
    }
    return data.hasRemaining() ? shortCall(call, offset, data) : Sense.NONE;
  }

  /** A fault of the device as the initiator is told, logged where an operator must know. */
  private Sense sense(Throwable thrown, Sense unspecific) {
    Throwable fault =
        thrown instanceof CompletionException && thrown.getCause() != null
            ? thrown.getCause()
            : thrown;
    if (fault instanceof BlockDeviceException told) {
      log.debug("{}: {} ({})", device, told.getMessage(), told.kind());
      return located(sense(told.kind(), unspecific), told.offset());
    }
    if (fault instanceof IOException) {
      log.warn("{}: {}", device, fault.toString());
      return unspecific;
    }
    log.error("{}: unexpected failure", device, fault);
    return Sense.INTERNAL_TARGET_FAILURE;
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
    return place ? sense.withInformation(offset / blockSize) : sense;
  }

  private Sense shortCall(String call, long offset, ByteBuffer left) {
    log.error("{}: {} at {} left {} bytes undone", device, call, offset, left.remaining());
    return Sense.INTERNAL_TARGET_FAILURE;
  }
}

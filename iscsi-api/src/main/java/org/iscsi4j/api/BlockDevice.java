package org.iscsi4j.api;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Storage addressed in bytes, moved in whole blocks. This is the interface that a vendor
 * implements: {@link #geometry}, {@link #read}, {@link #write}, {@link #flush} and {@link #close}
 * are enough, and every other method has a default that is right for such a device.
 *
 * <p><b>What the caller guarantees.</b> Offsets and lengths are multiples of the block size, never
 * negative, and inside the geometry that {@link #geometry} returned when the call was begun; no
 * operation is called that {@link #capabilities} does not list or that a read-only device must
 * refuse. An implementation need not check any of this again, with one exception: a call begun
 * before the device shrank may arrive when it has, and must then fail, or leave what is still there
 * alone.
 *
 * <p>A server begins no call once it has been closed, and its close waits for those under way, but
 * not for ever: a call that hangs for longer than the close was given may still be there when
 * {@link #close} is called, and should then fail soon.
 *
 * <p><b>Threads.</b> Calls come from any thread, and at the same time, unless {@link
 * Capabilities#concurrency} says {@link Concurrency#SERIAL}. Threads may be interrupted, as when
 * the host shuts its executor down; a call that can't go on then fails. Reads and writes are
 * positional; there is no current position. Calls that overlap may run at the same time, since
 * initiators may ask for it: which bytes such a read finds, and which of two such writes stays, is
 * left to the device, but a byte outside the range of a call is never touched by it.
 *
 * <p><b>Buffers</b> belong to the caller, and are the device's to use until the call returns, not a
 * moment longer. A server hands over a view of the bytes of the call and nothing else: position 0
 * is the call's first byte, the limit and the capacity are behind its last, the byte order is
 * big-endian, and a buffer to write from may be read-only. So nothing that is done to position,
 * limit or order harms anyone, as long as the position is the limit again when the call returns.
 * Buffers may be direct or on the heap; other callers, such as filters, may hand over a part of a
 * larger buffer, so an implementation that counts does so from the position.
 *
 * <p><b>Errors.</b> A call that fails throws {@link BlockDeviceException} with the kind that
 * describes it; any other {@link IOException} counts as a medium error, and any unchecked exception
 * as a fault of the device itself. The initiator is told so, and the connection lives on.
 */
public interface BlockDevice extends Closeable {

  /**
   * The size and shape of the device. Cheap, callable at any time. It may change while the device
   * is open; whoever changes it then calls {@link DeviceEvents#geometryChanged}.
   */
  Geometry geometry();

  /** What the device can do and how its calls behave. Constant for the life of the device. */
  default Capabilities capabilities() {
    return Capabilities.DEFAULT;
  }

  /**
   * Fills {@code into} from its position to its limit with the bytes at {@code offset}.
   *
   * @param offset bytes from the start of the device
   * @param into full on return: its position is its limit
   * @throws IOException when not every byte could be read; the content of {@code into} is then
   *     undefined
   */
  void read(long offset, ByteBuffer into) throws IOException;

  /**
   * Writes all bytes of {@code from}, from its position to its limit, at {@code offset}. With a
   * {@linkplain Capabilities#volatileCache() volatile cache} the bytes need not be durable on
   * return.
   *
   * @param offset bytes from the start of the device
   * @param from empty on return: its position is its limit
   * @throws IOException when not every byte was written; what is on the device is then undefined in
   *     the range of the call and untouched elsewhere
   */
  void write(long offset, ByteBuffer from) throws IOException;

  /**
   * Makes every change durable whose call returned before this one: of {@link #write}, {@link
   * #writeZeroes} and {@link #deallocate}. It has no default on purpose: a device that forgets it
   * loses data.
   */
  void flush() throws IOException;

  /**
   * Writes as {@link #write} does and returns when the bytes are durable (Force Unit Access). The
   * default writes and flushes; a device that can do better overrides it.
   */
  default void writeThrough(long offset, ByteBuffer from) throws IOException {
    write(offset, from);
    if (capabilities().volatileCache()) {
      flush();
    }
  }

  /**
   * Gives back the storage behind a range. What is read there afterwards is zeroes when {@link
   * Capabilities#deallocatedReadsZero} says so, else undefined. Called only when {@link
   * Capabilities#deallocate} is true.
   *
   * @param offset bytes, a multiple of the block size
   * @param length bytes, a multiple of the block size, at least one block
   */
  default void deallocate(long offset, long length) throws IOException {
    throw new BlockDeviceException(
        BlockDeviceException.Kind.NOT_SUPPORTED, "deallocate is not supported by " + this);
  }

  /**
   * Makes a range read as zeroes.
   *
   * @param offset bytes, a multiple of the block size
   * @param length bytes, a multiple of the block size, at least one block
   * @param mayDeallocate whether storage behind the range may be given back; when false, later
   *     writes to the range must not run out of space
   */
  default void writeZeroes(long offset, long length, boolean mayDeallocate) throws IOException {
    ZeroWriter.write(this, offset, length);
  }

  /**
   * The allocation state of a range, as a run that starts at {@code offset} and is no longer than
   * {@code length}. A run may be shorter than the device could say; callers ask again from its end.
   *
   * @param offset bytes, a multiple of the block size
   * @param length bytes, a multiple of the block size, at least one block
   */
  default Extent extent(long offset, long length) throws IOException {
    return new Extent(length, Extent.State.UNKNOWN);
  }

  /**
   * How much storage is behind the device and how much is left, for a device that {@linkplain
   * Capabilities#deallocate can deallocate} and knows; empty for any other, always or never. With
   * it, initiators can read how full the disk is and ask to be warned. An estimate is enough.
   *
   * <p>Called at any time, from any thread, and after every call that may change the answer, on the
   * threads that serve connections: it must not block. A device that has to ask elsewhere answers
   * with what it learned last, and calls {@link DeviceEvents#spaceChanged} when it learns more.
   */
  default Optional<Space> space() {
    return Optional.empty();
  }

  /**
   * Whether there is a medium in it, for a drive whose medium comes and goes (see {@link Drive}).
   * Asked when a unit begins to be served and when its medium is loaded, never on the way of a
   * command. Without one, the geometry says at least the block size.
   */
  default boolean mediumPresent() {
    return true;
  }

  /**
   * Hands the device the listener to tell of changes. Called once, before the first command, by
   * whoever serves the device; a device that never changes ignores it, and a device served several
   * times keeps every listener.
   */
  default void subscribe(DeviceEvents events) {}

  /** Takes back a listener given to {@link #subscribe}. */
  default void unsubscribe(DeviceEvents events) {}

  /**
   * Releases the storage. Called once by whoever opened the device, never by the end of a session.
   * Idempotent.
   */
  @Override
  void close() throws IOException;
}

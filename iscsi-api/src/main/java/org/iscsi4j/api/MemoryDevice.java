package org.iscsi4j.api;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * A sparse disk on the heap, for tests, scratch space and RAM disks:
 *
 * <pre>{@code
 * MemoryDevice disk = MemoryDevice.ofSize(64L << 20);
 * }</pre>
 *
 * <p>Memory is taken a page at a time when a page is first written (4 KiB, or a block when blocks
 * are larger) and given back by {@link #deallocate}, so a disk may be far larger than the heap.
 * What was never written reads as zeroes. A write that finds the heap full, or takes more memory
 * than a disk with a limit may hold, fails with {@link BlockDeviceException.Kind#OUT_OF_SPACE}. In
 * the latter case it changes nothing, and what has memory can be written as before.
 *
 * <p>Every method may be called from any thread, and reading and writing take no lock. Calls on
 * different ranges never touch each other's bytes, even within a page. Where calls that overlap run
 * at the same time, each byte is the one that some of them wrote, but a block may hold bytes of
 * several; a call that begins when another has returned sees all of it.
 */
public final class MemoryDevice implements BlockDevice {

  private static final int MIN_PAGE_SIZE = 4096;
  private static final byte[] ZEROES = new byte[Geometry.MAX_BLOCK_SIZE];
  private static final Capabilities CAPABILITIES =
      Capabilities.DEFAULT
          .withBlocking(Blocking.NEVER)
          .withVolatileCache(false)
          .withDeallocate(true)
          .withExtents(true)
          .withRotationRate(1);

  private final DeviceListeners listeners = new DeviceListeners();
  private final int pageSize;
  private final int pageShift;
  private final SparsePages pages;
  private final HeapReserve reserve;
  private final boolean limited;
  private volatile Geometry geometry;

  private MemoryDevice(Geometry geometry, OptionalLong limit, Supplier<byte[]> newPage) {
    this.pageSize = pageSize(geometry);
    this.pageShift = Integer.numberOfTrailingZeros(pageSize);
    Quota quota = Quota.of(limit, pageSize);
    this.reserve = HeapReserve.beside(geometry.size(), Runtime.getRuntime().maxMemory());
    this.pages = new SparsePages(() -> page(newPage), quota);
    this.limited = quota.limited();
    this.geometry = geometry.withDeallocationGranularity(pageSize);
  }

  /**
   * An empty disk with blocks of 512 bytes.
   *
   * @param bytes a multiple of 512, at least 512
   */
  public static MemoryDevice ofSize(long bytes) {
    return of(Geometry.ofSize(bytes, Geometry.MIN_BLOCK_SIZE));
  }

  /**
   * An empty disk of a shape. The deallocation granularity becomes the size of the pages in which
   * memory is really given back.
   */
  public static MemoryDevice of(Geometry geometry) {
    return of(geometry, OptionalLong.empty());
  }

  /**
   * As {@link #of}, of a disk that is larger than what may ever be kept on it, as a thin disk is
   * when its pool runs out.
   *
   * @param limit the most bytes of memory to take, at least a page; cut to whole pages
   */
  public static MemoryDevice limited(Geometry geometry, long limit) {
    return of(geometry, OptionalLong.of(limit));
  }

  private static MemoryDevice of(Geometry geometry, OptionalLong limit) {
    int pageSize = pageSize(geometry);
    return new MemoryDevice(geometry, limit, () -> new byte[pageSize]);
  }

  /** The heap is full for the disk before it is for everybody else. */
  private byte[] page(Supplier<byte[]> newPage) {
    reserve.check();
    return newPage.get();
  }

  /** As {@link #of}, with another source of pages. */
  static MemoryDevice of(Geometry geometry, Supplier<byte[]> newPage) {
    return new MemoryDevice(geometry, OptionalLong.empty(), newPage);
  }

  @Override
  public Geometry geometry() {
    return geometry;
  }

  @Override
  public Capabilities capabilities() {
    return CAPABILITIES;
  }

  @Override
  public void read(long offset, ByteBuffer into) {
    long at = offset;
    while (into.hasRemaining()) {
      byte[] page = pages.get(at >>> pageShift);
      int start = page == null ? 0 : inPage(at);
      int length = Math.min(pageSize - inPage(at), into.remaining());
      into.put(page == null ? ZEROES : page, start, length);
      at += length;
    }
  }

  @Override
  public void write(long offset, ByteBuffer from) throws IOException {
    long at = offset;
    try {
      takeMemory(offset, from.remaining());
      while (from.hasRemaining()) {
        int length = Math.min(pageSize - inPage(at), from.remaining());
        from.get(pageFor(at), inPage(at), length);
        at += length;
      }
    } catch (OutOfMemoryError e) {
      throw new BlockDeviceException(
          BlockDeviceException.Kind.OUT_OF_SPACE,
          at,
          "no heap is left for " + this + ", which holds " + allocatedBytes() + " bytes",
          e);
    }
  }

  private void takeMemory(long offset, int length) throws IOException {
    if (limited && !pages.createAll(offset >>> pageShift, pagesUpTo(offset + length))) {
      throw limitReached(offset);
    }
  }

  /** Does nothing: there is no place more durable than the heap. */
  @Override
  public void flush() {}

  @Override
  public void deallocate(long offset, long length) {
    long end = offset + length;
    // the last page may reach beyond the end of the disk, where nobody else needs it
    long wholeEnd = end == geometry.size() ? pagesUpTo(end) : end >>> pageShift;
    long wholeStart = pagesUpTo(offset);
    if (wholeStart > wholeEnd) {
      zero(offset, (int) length);
      return;
    }
    zero(offset, (int) ((wholeStart << pageShift) - offset));
    pages.remove(wholeStart, wholeEnd);
    reserve.given();
    zero(wholeEnd << pageShift, (int) Math.max(0, end - (wholeEnd << pageShift)));
  }

  @Override
  public void writeZeroes(long offset, long length, boolean mayDeallocate) throws IOException {
    if (mayDeallocate) {
      deallocate(offset, length);
    } else {
      ZeroWriter.write(this, offset, length);
    }
  }

  @Override
  public Extent extent(long offset, long length) {
    long first = offset >>> pageShift;
    long limit = pagesUpTo(offset + length);
    boolean allocated = pages.get(first) != null;
    long run = allocated ? pages.nextAbsent(first, limit) : pages.nextPresent(first, limit);
    return new Extent(
        run == limit ? length : (run << pageShift) - offset,
        allocated ? Extent.State.ALLOCATED : Extent.State.DEALLOCATED);
  }

  /**
   * Makes the disk larger or smaller and tells every listener. What is cut off is forgotten; what
   * is added reads as zeroes.
   *
   * @param newBlockCount blocks, 1 or more
   */
  public void resize(long newBlockCount) {
    if (changeBlockCount(newBlockCount)) {
      listeners.geometryChanged();
    }
  }

  /**
   * A copy of bytes of the disk, for looking at them without an initiator.
   *
   * @param offset bytes from the start of the disk, not necessarily whole blocks
   * @param length bytes, 0 or more, inside the disk
   * @throws IndexOutOfBoundsException when the range is not inside the disk
   */
  public byte[] readBytes(long offset, int length) {
    Objects.checkFromIndexSize(offset, (long) length, geometry.size());
    byte[] bytes = new byte[length];
    read(offset, ByteBuffer.wrap(bytes));
    return bytes;
  }

  /**
   * Puts bytes on the disk, for preparing it without an initiator.
   *
   * @param offset bytes from the start of the disk, not necessarily whole blocks
   * @param bytes any number that ends inside the disk
   * @throws IndexOutOfBoundsException when the range is not inside the disk
   */
  public void writeBytes(long offset, byte[] bytes) throws IOException {
    Objects.checkFromIndexSize(offset, (long) bytes.length, geometry.size());
    write(offset, ByteBuffer.wrap(bytes));
  }

  /**
   * Sets every byte of the disk, which takes as much memory as the disk is large.
   *
   * @throws IllegalStateException when the disk may not hold that much
   */
  public void fill(byte value) {
    long end = pagesUpTo(geometry.size());
    if (limited && !pages.createAll(0, end)) {
      throw new IllegalStateException(this + " may not hold all its bytes");
    }
    for (long page = 0; page < end; page++) {
      Arrays.fill(pages.getOrCreate(page), value);
    }
  }

  /** Forgets every byte of the disk; all of it reads as zeroes again and takes no memory. */
  public void clear() {
    pages.clear();
    reserve.given();
  }

  /** Bytes of memory that hold data now, in whole pages. */
  public long allocatedBytes() {
    return pages.count() * pageSize;
  }

  /** What a disk with a limit holds and may still take; of other disks the heap is the limit. */
  @Override
  public Optional<Space> space() {
    return limited ? Optional.of(pages.space(pageSize)) : Optional.empty();
  }

  @Override
  public void subscribe(DeviceEvents events) {
    listeners.add(events);
  }

  @Override
  public void unsubscribe(DeviceEvents events) {
    listeners.remove(events);
  }

  /** Gives all memory back. */
  @Override
  public void close() {
    clear();
  }

  @Override
  public String toString() {
    return "MemoryDevice[" + geometry.size() + " bytes]";
  }

  private synchronized boolean changeBlockCount(long newBlockCount) {
    Geometry old = geometry;
    Geometry changed = old.withBlockCount(newBlockCount);
    if (changed.size() > old.size()) {
      // a write that was under way while the disk shrank may have come after its bytes were cut off
      forget(old.size(), changed.size());
    }
    geometry = changed;
    if (changed.size() < old.size()) {
      forget(changed.size(), old.size());
    }
    return !changed.equals(old);
  }

  /** Makes what is, or was, at the end of the disk read as zeroes. */
  private void forget(long from, long to) {
    if (inPage(from) != 0) {
      zero(from, pageSize - inPage(from));
    }
    pages.remove(pagesUpTo(from), pagesUpTo(to));
  }

  private byte[] pageFor(long offset) throws IOException {
    byte[] page = pages.getOrCreate(offset >>> pageShift);
    if (page == null) {
      // it was there a moment ago
      throw limitReached(offset);
    }
    return page;
  }

  private BlockDeviceException limitReached(long offset) {
    return new BlockDeviceException(
        BlockDeviceException.Kind.OUT_OF_SPACE,
        offset,
        this + " holds " + allocatedBytes() + " bytes, and may not hold enough more",
        null);
  }

  /** Zeroes bytes within one page. */
  private void zero(long offset, int length) {
    byte[] page = pages.get(offset >>> pageShift);
    if (page != null) {
      Arrays.fill(page, inPage(offset), inPage(offset) + length, (byte) 0);
    }
  }

  private int inPage(long offset) {
    return (int) offset & (pageSize - 1);
  }

  /** How many pages it takes to cover the bytes before an offset. */
  private long pagesUpTo(long offset) {
    // unsigned: the rounding may step over the largest long
    return (offset + pageSize - 1) >>> pageShift;
  }

  private static int pageSize(Geometry geometry) {
    return Math.max(MIN_PAGE_SIZE, geometry.blockSize());
  }
}

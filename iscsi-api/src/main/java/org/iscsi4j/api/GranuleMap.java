package org.iscsi4j.api;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.Optional;

/**
 * Which parts of a file are known to be zeroes, in granules of 64 KiB. In memory only.
 *
 * <p>A granule is a hole, of unknown content, data, or in the hands of one deallocation that zeroes
 * it. A write says so <em>after</em> its bytes are in the file; a deallocation takes the granule
 * first, zeroes it, and makes it a hole only when no write said anything meanwhile. So once a write
 * has returned, its granule is no hole unless a later deallocation zeroed it. Only a deallocation
 * that covers a granule takes it; one that covers a part zeroes that part and leaves the state
 * alone. No locks: every step is a compare-and-set on the granule's byte.
 *
 * <p>What is no hole counts against a quota. A write {@linkplain #reserve reserves} what it needs
 * before it begins. Only where a deallocation overlaps it may the count exceed the limit, since the
 * bytes are in the file by then.
 */
final class GranuleMap {

  /** Bytes in a granule; a multiple of every block size. */
  static final int GRANULE = 64 * 1024;

  /** Makes a range within one granule read as zeroes. */
  interface Zeroer {
    void zero(long offset, long length) throws IOException;
  }

  private static final VarHandle STATE = MethodHandles.arrayElementVarHandle(byte[].class);
  private static final int PER_PAGE = 4096;

  private static final byte HOLE = 0;
  private static final byte UNKNOWN = 1;
  private static final byte DATA = 2;

  /** Taken by the one deallocation that will leave this state. */
  private static final byte ZEROING = 3;

  /** Taken as {@link #ZEROING}, and written to since. */
  private static final byte ZEROING_WRITTEN = 4;

  private final byte initial;
  private final SparsePages pages;
  private final Quota quota;

  /** Starts with every granule in the same state, and counts nothing. */
  GranuleMap(boolean sparse) {
    this(sparse, Quota.unlimited());
  }

  /**
   * Starts with every granule in the same state.
   *
   * @param sparse whether the file is one hole, else nothing is known of it
   * @param quota of granules; one with a limit needs to know, so its file starts as one hole
   */
  GranuleMap(boolean sparse, Quota quota) {
    initial = sparse ? HOLE : UNKNOWN;
    this.quota = quota;
    pages = new SparsePages(this::newPage);
  }

  /**
   * Takes what a write to a range will need.
   *
   * @return granules taken, for {@link #written}; -1 when the quota has not as many left
   */
  long reserve(long offset, long length) {
    if (!quota.limited()) {
      return 0;
    }
    long holes = 0;
    for (long granule = offset / GRANULE; granule < granulesUpTo(offset + length); granule++) {
      holes += state(granule) == HOLE ? 1 : 0;
    }
    return quota.take(holes) ? holes : -1;
  }

  /** Notes that bytes were written; called after they were. */
  void written(long offset, long length) {
    written(offset, length, 0);
  }

  /** As {@link #written(long, long)}, with what was reserved for it. */
  void written(long offset, long length, long reserved) {
    long left = reserved;
    for (long granule = offset / GRANULE; granule < granulesUpTo(offset + length); granule++) {
      if (writtenTo(granule)) {
        left--;
      }
    }
    if (left != 0) {
      // another write may have filled the same hole, or a deallocation have made one
      quota.give(left);
    }
  }

  /** Whether the granule was a hole. */
  private boolean writtenTo(long granule) {
    byte state = state(granule);
    while (state != DATA && state != ZEROING_WRITTEN) {
      if (move(granule, state, state == ZEROING ? ZEROING_WRITTEN : DATA)) {
        return state == HOLE;
      }
      state = state(granule);
    }
    return false;
  }

  /**
   * Makes a range read as zeroes, and its whole granules holes.
   *
   * @param fileSize bytes; the last granule of the file is whole at the file's end
   */
  void deallocate(long offset, long length, long fileSize, Zeroer zeroer) throws IOException {
    long end = offset + length;
    long limit = granulesUpTo(end);
    for (long g = nextNoHole(offset / GRANULE, limit); g < limit; g = nextNoHole(g + 1, limit)) {
      long from = Math.max(offset, g * GRANULE);
      long to = Math.min(end, (g + 1) * GRANULE);
      boolean whole = from == g * GRANULE && to == Math.min(fileSize, (g + 1) * GRANULE);
      if (whole && take(g)) {
        zeroTaken(g, from, to, zeroer);
      } else {
        zeroer.zero(from, to - from);
      }
    }
  }

  /** The run of granules of one state at {@code offset}, cut to {@code length}. */
  Extent extent(long offset, long length) {
    long first = offset / GRANULE;
    long limit = granulesUpTo(offset + length);
    Extent.State state = known(first);
    long run = state == Extent.State.DEALLOCATED ? nextNoHole(first, limit) : first + 1;
    while (run < limit && known(run) == state) {
      run++;
    }
    return new Extent(run == limit ? length : run * GRANULE - offset, state);
  }

  /** Notes that the file grew by a hole. */
  void grown(long oldSize, long newSize) {
    forget(oldSize, newSize);
  }

  /** Notes that the file was cut off. */
  void shrunk(long oldSize, long newSize) {
    if (quota.limited()) {
      forget(newSize, oldSize);
    }
  }

  /** Granules in use and left, in bytes; empty without a limit. */
  Optional<Space> space() {
    return quota.limited() ? Optional.of(quota.space(GRANULE)) : Optional.empty();
  }

  private void forget(long from, long to) {
    long limit = granulesUpTo(to);
    for (long g = nextNoHole(granulesUpTo(from), limit); g < limit; g = nextNoHole(g + 1, limit)) {
      STATE.setVolatile(pages.getOrCreate(g / PER_PAGE), (int) (g % PER_PAGE), HOLE);
      quota.give(1);
    }
  }

  private boolean take(long granule) {
    byte state = state(granule);
    return (state == DATA || state == UNKNOWN) && move(granule, state, ZEROING);
  }

  private void zeroTaken(long granule, long from, long to, Zeroer zeroer) throws IOException {
    boolean zeroed = false;
    try {
      zeroer.zero(from, to - from);
      zeroed = true;
    } finally {
      if (zeroed && move(granule, ZEROING, HOLE)) {
        quota.give(1);
      } else {
        STATE.setVolatile(pages.get(granule / PER_PAGE), (int) (granule % PER_PAGE), DATA);
      }
    }
  }

  private long nextNoHole(long from, long limit) {
    long granule = from;
    while (granule < limit && state(granule) == HOLE) {
      granule =
          initial == HOLE && pages.get(granule / PER_PAGE) == null
              ? pages.nextPresent(granule / PER_PAGE, limit / PER_PAGE + 1) * PER_PAGE
              : granule + 1;
    }
    return Math.min(granule, limit);
  }

  private Extent.State known(long granule) {
    return switch (state(granule)) {
      case HOLE -> Extent.State.DEALLOCATED;
      case DATA -> Extent.State.ALLOCATED;
      default -> Extent.State.UNKNOWN;
    };
  }

  private byte state(long granule) {
    byte[] page = pages.get(granule / PER_PAGE);
    return page == null ? initial : (byte) STATE.getVolatile(page, (int) (granule % PER_PAGE));
  }

  private boolean move(long granule, byte from, byte to) {
    byte[] page = pages.getOrCreate(granule / PER_PAGE);
    return STATE.compareAndSet(page, (int) (granule % PER_PAGE), from, to);
  }

  private byte[] newPage() {
    byte[] page = new byte[PER_PAGE];
    Arrays.fill(page, initial);
    return page;
  }

  private static long granulesUpTo(long offset) {
    // unsigned: the rounding may step over the largest long
    return (offset + GRANULE - 1) >>> 16;
  }
}

package org.iscsi4j.target.session;

import java.util.Arrays;

/**
 * Ranges of bytes, in rising order and apart from each other. Their number is bounded, so that a
 * peer that sends every other byte costs no more than one that does not.
 */
final class Extents {

  /** The most ranges; enough for 8 MiB in PDUs of 1 KiB, every other one missing. */
  static final int LIMIT = 4096;

  /** Begin and end of each range in turn; whatever is odd in index is an end. */
  private int[] bounds = new int[16];

  private int count;

  void clear() {
    count = 0;
  }

  /**
   * Adds a range, which may overlap others.
   *
   * @return whether there was room for it
   */
  boolean add(int from, int to) {
    if (from == to) {
      return true;
    }
    int begin = firstReaching(from); // the first bound that the range swallows
    int end = firstBeyond(to); // the first bound that it leaves
    boolean newBegin = begin % 2 == 0;
    boolean newEnd = end % 2 == 0;
    int added = (newBegin ? 1 : 0) + (newEnd ? 1 : 0);
    int size = count - (end - begin) + added;
    if (size > 2 * LIMIT) {
      return false;
    }
    if (size > bounds.length) {
      bounds = Arrays.copyOf(bounds, Math.min(2 * LIMIT, 2 * bounds.length));
    }
    System.arraycopy(bounds, end, bounds, begin + added, count - end);
    if (newBegin) {
      bounds[begin] = from;
    }
    if (newEnd) {
      bounds[begin + added - 1] = to;
    }
    count = size;
    return true;
  }

  /** Where the first hole at or behind a place begins. */
  int holeFrom(int at) {
    int beyond = firstBeyond(at);
    return beyond % 2 == 1 ? bounds[beyond] : at;
  }

  /** Where the hole that a place lies in ends; {@code Integer.MAX_VALUE} behind the last range. */
  int holeTo(int at) {
    int beyond = firstBeyond(at);
    return beyond < count ? bounds[beyond] : Integer.MAX_VALUE;
  }

  /** Whether a range has a byte in common with these. */
  boolean touches(int from, int to) {
    return from < to && (holeFrom(from) != from || holeTo(from) < to);
  }

  /** Where the last range ends; 0 when there is none. */
  int end() {
    return count == 0 ? 0 : bounds[count - 1];
  }

  /** The index of the first bound that is not less than a place. */
  private int firstReaching(int at) {
    int index = Arrays.binarySearch(bounds, 0, count, at);
    return index >= 0 ? index : -index - 1;
  }

  /** The index of the first bound that is greater than a place. */
  private int firstBeyond(int at) {
    int index = Arrays.binarySearch(bounds, 0, count, at);
    return index >= 0 ? index + 1 : -index - 1;
  }
}

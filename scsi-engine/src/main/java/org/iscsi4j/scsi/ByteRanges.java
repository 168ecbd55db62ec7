package org.iscsi4j.scsi;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** Sets of bytes: the first of each range and the one behind its last, in turn. */
final class ByteRanges {

  private ByteRanges() {}

  /** The same bytes in ascending ranges that neither meet nor are empty. */
  static long[] ascending(long[] bounds) {
    int[] order =
        IntStream.range(0, bounds.length / 2)
            .map(each -> 2 * each)
            .filter(at -> bounds[at] < bounds[at + 1])
            .boxed()
            .sorted(Comparator.comparingLong(at -> bounds[at]))
            .mapToInt(Integer::intValue)
            .toArray();
    long[] sorted = new long[2 * order.length];
    int size = 0;
    for (int at : order) {
      if (size > 0 && bounds[at] <= sorted[size - 1]) {
        sorted[size - 1] = Math.max(sorted[size - 1], bounds[at + 1]);
      } else {
        sorted[size++] = bounds[at];
        sorted[size++] = bounds[at + 1];
      }
    }
    return Arrays.copyOf(sorted, size);
  }

  /** Whether two sets have a byte in common, both of one range or ascending. */
  static boolean overlap(long[] one, long[] other) {
    int a = 0;
    int b = 0;
    while (a < one.length && b < other.length) {
      if (intersect(one[a], one[a + 1], other[b], other[b + 1])) {
        return true;
      }
      if (one[a + 1] < other[b + 1]) {
        a += 2;
      } else {
        b += 2;
      }
    }
    return false;
  }

  /** An empty range meets nobody. */
  static boolean intersect(long start, long end, long otherStart, long otherEnd) {
    return Math.max(start, otherStart) < Math.min(end, otherEnd);
  }
}

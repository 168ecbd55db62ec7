package org.iscsi4j.api.monitor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How long commands took: how many fell into each of {@value #BUCKETS} buckets. The first takes
 * what is shorter than 1,024 ns; from there to 2<sup>36</sup> ns (69 s) every power of two is cut
 * in four, so that a bucket is a quarter wider than its beginning at most; the last takes what is
 * longer. Times are in nanoseconds. Immutable.
 */
public final class LatencyHistogram {

  /** How many buckets there are. */
  public static final int BUCKETS = 106;

  private static final int FIRST_POWER = 10;
  private static final int LAST_POWER = 36;
  private static final int PARTS_BITS = 2;
  private static final int PARTS = 1 << PARTS_BITS;

  /** Of no command. */
  public static final LatencyHistogram EMPTY = new LatencyHistogram(new long[BUCKETS], 0, 0);

  private final long[] counts;
  private final long count;
  private final long sum;
  private final long max;

  /**
   * A bucket that is not empty.
   *
   * @param upTo the longest time that falls into it, in nanoseconds; {@link Long#MAX_VALUE} of the
   *     last
   * @param count how many did, 1 at least
   */
  public record Bucket(long upTo, long count) {}

  private LatencyHistogram(long[] counts, long sum, long max) {
    this.counts = counts;
    count = Arrays.stream(counts).sum();
    this.sum = sum;
    this.max = max;
  }

  /**
   * A histogram that somebody counted.
   *
   * @param counts how many fell into each bucket, see {@link #bucket}
   * @param sum of all times, in nanoseconds
   * @param max the longest time, in nanoseconds
   * @throws IllegalArgumentException if there are not {@link #BUCKETS} counts, or one of them or a
   *     time is negative
   */
  public static LatencyHistogram of(long[] counts, long sum, long max) {
    if (counts.length != BUCKETS) {
      throw new IllegalArgumentException(counts.length + " buckets are not " + BUCKETS);
    }
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
      notNegative("count of bucket " + bucket, counts[bucket]);
    }
    notNegative("sum", sum);
    notNegative("max", max);
    return new LatencyHistogram(counts.clone(), sum, max);
  }

  private static void notNegative(String what, long value) {
    if (value < 0) {
      throw new IllegalArgumentException(what + " " + value + " is negative");
    }
  }

  // ---- buckets

  /** The bucket, from 0, of a time in nanoseconds; what is negative counts as 0. */
  public static int bucket(long nanos) {
    if (nanos < 1L << FIRST_POWER) {
      return 0;
    }
    int power = Long.SIZE - 1 - Long.numberOfLeadingZeros(nanos);
    if (power >= LAST_POWER) {
      return BUCKETS - 1;
    }
    int part = (int) (nanos >>> (power - PARTS_BITS)) & (PARTS - 1);
    return 1 + (power - FIRST_POWER) * PARTS + part;
  }

  /** The longest time, in nanoseconds, that falls into a bucket. */
  private static long upTo(int bucket) {
    return bucket == BUCKETS - 1 ? Long.MAX_VALUE : from(bucket + 1) - 1;
  }

  /** The shortest time of a bucket behind the first. */
  private static long from(int bucket) {
    int power = FIRST_POWER + (bucket - 1) / PARTS;
    int part = (bucket - 1) % PARTS;
    return (long) (PARTS + part) << (power - PARTS_BITS);
  }

  /** The buckets that are not empty, the shortest times first. */
  public List<Bucket> buckets() {
    List<Bucket> filled = new ArrayList<>();
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
      if (counts[bucket] > 0) {
        filled.add(new Bucket(upTo(bucket), counts[bucket]));
      }
    }
    return List.copyOf(filled);
  }

  // ---- facts

  /** How many commands were measured. */
  public long count() {
    return count;
  }

  /** All times together, in nanoseconds. */
  public long sum() {
    return sum;
  }

  /** The longest time, in nanoseconds; 0 of none. */
  public long max() {
    return max;
  }

  /** The mean time, in nanoseconds; 0 of none. */
  public double mean() {
    return count == 0 ? 0 : (double) sum / count;
  }

  /**
   * The time, in nanoseconds, in which a share of the commands ended: never less than it truly was,
   * and a quarter more at most. 0 of none.
   *
   * @param percent above 0, 100 at most
   * @throws IllegalArgumentException if it is outside of that
   */
  public long percentile(double percent) {
    if (!(percent > 0 && percent <= 100)) {
      throw new IllegalArgumentException("percentile " + percent + " is not in (0, 100]");
    }
    long rank = Math.max(1, (long) Math.ceil(percent / 100 * count));
    long passed = 0;
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
      passed += counts[bucket];
      if (passed >= rank) {
        return Math.min(upTo(bucket), max);
      }
    }
    return max;
  }

  // ---- arithmetic

  /** The commands of both. */
  public LatencyHistogram plus(LatencyHistogram more) {
    long[] both = counts.clone();
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
      both[bucket] += more.counts[bucket];
    }
    return new LatencyHistogram(both, sum + more.sum, Math.max(max, more.max));
  }

  /**
   * What was measured since an earlier histogram of the same commands. The longest time of that is
   * not known: {@link #max} is as near as the buckets tell.
   *
   * @throws IllegalArgumentException if the other one is not an earlier one
   */
  public LatencyHistogram minus(LatencyHistogram earlier) {
    long[] since = counts.clone();
    long longest = 0;
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
      since[bucket] -= earlier.counts[bucket];
      longest = since[bucket] > 0 ? Math.min(upTo(bucket), max) : longest;
    }
    return of(since, sum - earlier.sum, longest);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LatencyHistogram h
        && h.sum == sum
        && h.max == max
        && Arrays.equals(h.counts, counts);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(counts) + Long.hashCode(sum);
  }

  /** Count, mean, median, 99th percentile and maximum. */
  @Override
  public String toString() {
    return count == 0
        ? "none"
        : String.format(
            "%d, mean %.0f ns, 50%% %d ns, 99%% %d ns, max %d ns",
            count, mean(), percentile(50), percentile(99), max);
  }
}

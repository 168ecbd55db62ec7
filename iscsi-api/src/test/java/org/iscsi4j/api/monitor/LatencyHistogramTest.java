package org.iscsi4j.api.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import org.iscsi4j.api.monitor.LatencyHistogram.Bucket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LatencyHistogramTest {

  @ParameterizedTest
  @CsvSource({
    "-1, 0",
    "0, 0",
    "1023, 0",
    "1024, 1",
    "1279, 1",
    "1280, 2",
    "1535, 2",
    "1536, 3",
    "1791, 3",
    "1792, 4",
    "2047, 4",
    "2048, 5",
    "60129542143, 103",
    "60129542144, 104",
    "68719476735, 104",
    "68719476736, 105",
    "9223372036854775807, 105",
  })
  void everyTimeHasItsBucket(long nanos, int bucket) {
    assertThat(LatencyHistogram.bucket(nanos)).isEqualTo(bucket);
  }

  @Test
  void bucketsFollowOneAnotherWithoutAGap() {
    long from = 0;
    for (int bucket = 0; bucket < LatencyHistogram.BUCKETS; bucket++) {
      long[] counts = new long[LatencyHistogram.BUCKETS];
      counts[bucket] = 1;
      long upTo = LatencyHistogram.of(counts, 0, 0).buckets().get(0).upTo();
      assertThat(LatencyHistogram.bucket(from)).isEqualTo(bucket);
      assertThat(LatencyHistogram.bucket(upTo)).isEqualTo(bucket);
      from = upTo + 1;
    }
    assertThat(from).as("behind the last").isEqualTo(Long.MIN_VALUE);
  }

  @Test
  void onlyFilledBucketsAreListed() {
    assertThat(of(5, 1024, 1100, 1L << 40).buckets())
        .containsExactly(new Bucket(1023, 1), new Bucket(1279, 2), new Bucket(Long.MAX_VALUE, 1));
    assertThat(LatencyHistogram.EMPTY.buckets()).isEmpty();
  }

  @Test
  void countsSumsAndFindsTheLongest() {
    LatencyHistogram histogram = of(1000, 3000, 5000);

    assertThat(histogram.count()).isEqualTo(3);
    assertThat(histogram.sum()).isEqualTo(9000);
    assertThat(histogram.max()).isEqualTo(5000);
    assertThat(histogram.mean()).isEqualTo(3000.0);
  }

  @Test
  void percentilesAreNeverTooShortAndAQuarterTooLongAtMost() {
    Random random = new Random(7);
    for (int round = 0; round < 200; round++) {
      long[] times = new long[1 + random.nextInt(300)];
      for (int at = 0; at < times.length; at++) {
        times[at] = 1024 + (random.nextLong() >>> (28 + random.nextInt(26)));
      }
      LatencyHistogram histogram = of(times);
      Arrays.sort(times);
      for (double percent : new double[] {0.01, 1, 25, 50, 75, 90, 99, 99.9, 100}) {
        long exact = times[Math.max(1, (int) Math.ceil(percent / 100 * times.length)) - 1];
        assertThat(histogram.percentile(percent))
            .as("%s%% of %s", percent, times.length)
            .isGreaterThanOrEqualTo(exact)
            .isLessThanOrEqualTo(exact + exact / 4);
      }
    }
  }

  @Test
  void noPercentileIsLongerThanTheLongest() {
    assertThat(of(1025).percentile(50)).isEqualTo(1025);
    assertThat(of(1L << 40).percentile(100)).isEqualTo(1L << 40);
    assertThat(LatencyHistogram.EMPTY.percentile(99)).isZero();
    assertThat(LatencyHistogram.EMPTY.mean()).isZero();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, 100.1, Double.NaN})
  void otherPercentilesAreRefused(double percent) {
    assertThatThrownBy(() -> of(1).percentile(percent))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("percentile " + percent + " is not in (0, 100]");
  }

  @Test
  void plusHasTheCommandsOfBoth() {
    assertThat(of(1, 2000).plus(of(3000, 2000))).isEqualTo(of(1, 2000, 2000, 3000));
  }

  @Test
  void minusHasTheCommandsSinceTheEarlierOne() {
    LatencyHistogram earlier = of(1_000_000, 2000);
    LatencyHistogram since = earlier.plus(of(1500, 4000)).minus(earlier);

    assertThat(since.count()).isEqualTo(2);
    assertThat(since.sum()).isEqualTo(5500);
    assertThat(since.buckets()).containsExactly(new Bucket(1535, 1), new Bucket(4095, 1));
    assertThat(since.max()).as("as near as its bucket tells").isEqualTo(4095);
    assertThat(earlier.minus(earlier)).isEqualTo(LatencyHistogram.EMPTY);
  }

  @Test
  void theLongestOfADifferenceIsNeverLongerThanTheLongestOfAll() {
    assertThat(of(2000, 1L << 40).minus(of(2000)).max()).isEqualTo(1L << 40);
  }

  @Test
  void aLaterHistogramIsNoEarlierOne() {
    assertThatThrownBy(() -> of(1).minus(of(1, 2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("count of bucket 0 -1 is negative");
  }

  @Test
  void refusesWhatIsNoHistogram() {
    assertThatThrownBy(() -> LatencyHistogram.of(new long[3], 0, 0))
        .hasMessage("3 buckets are not 106");
    assertThatThrownBy(() -> LatencyHistogram.of(new long[LatencyHistogram.BUCKETS], -1, 0))
        .hasMessage("sum -1 is negative");
    assertThatThrownBy(() -> LatencyHistogram.of(new long[LatencyHistogram.BUCKETS], 0, -2))
        .hasMessage("max -2 is negative");
  }

  @Test
  void keepsNoHoldOfWhatItWasMadeFrom() {
    long[] counts = new long[LatencyHistogram.BUCKETS];
    LatencyHistogram histogram = LatencyHistogram.of(counts, 0, 0);

    counts[0] = 1;

    assertThat(histogram).isEqualTo(LatencyHistogram.EMPTY);
    assertThat(histogram.buckets()).isEmpty();
  }

  @Test
  void isReadable() {
    assertThat(of(1000, 3000))
        .hasToString("2, mean 2000 ns, 50% 1023 ns, 99% 3000 ns, max 3000 ns");
    assertThat(LatencyHistogram.EMPTY).hasToString("none");
  }

  static LatencyHistogram of(long... times) {
    long[] counts = new long[LatencyHistogram.BUCKETS];
    for (long each : times) {
      counts[LatencyHistogram.bucket(each)]++;
    }
    return LatencyHistogram.of(
        counts, Arrays.stream(times).sum(), Arrays.stream(times).max().orElse(0));
  }
}

package org.iscsi4j.examples.daemon.http;

import org.iscsi4j.api.monitor.CommandKind;
import org.iscsi4j.api.monitor.LatencyHistogram;
import org.iscsi4j.api.monitor.UnitStatistics;

/**
 * What was done in about a second.
 *
 * @param readBytesPerSecond sent to initiators by READ
 * @param writtenBytesPerSecond taken from initiators by WRITE
 * @param readsPerSecond commands of {@link CommandKind#READ} that ended, however they did
 * @param writesPerSecond those of {@link CommandKind#WRITE}
 * @param othersPerSecond those of all other kinds
 * @param p50Nanos time in which half of the commands ended; 0 when none ended well
 * @param p99Nanos time in which 99 of 100 did; 0 when none ended well
 * @param outstanding commands that had come and not ended, at the end of the interval
 */
record Sample(
    long readBytesPerSecond,
    long writtenBytesPerSecond,
    double readsPerSecond,
    double writesPerSecond,
    double othersPerSecond,
    long p50Nanos,
    long p99Nanos,
    int outstanding) {

  /** Of nothing: shared, so that idle units cost next to no memory. */
  static final Sample IDLE = new Sample(0, 0, 0, 0, 0, 0, 0, 0);

  private static final double NANOS = 1e9;

  /**
   * What was done in an interval.
   *
   * @param done in the interval
   * @param nanos its length, more than 0
   */
  static Sample of(UnitStatistics done, int outstanding, long nanos) {
    double seconds = nanos / NANOS;
    LatencyHistogram latency = done.total().latency();
    Sample sample =
        new Sample(
            Math.round(done.of(CommandKind.READ).bytes() / seconds),
            Math.round(done.of(CommandKind.WRITE).bytes() / seconds),
            rate(done.of(CommandKind.READ).operations(), seconds),
            rate(done.of(CommandKind.WRITE).operations(), seconds),
            rate(others(done), seconds),
            latency.percentile(50),
            latency.percentile(99),
            outstanding);
    return sample.equals(IDLE) ? IDLE : sample;
  }

  /** All bytes of a second. */
  long bytesPerSecond() {
    return readBytesPerSecond + writtenBytesPerSecond;
  }

  /** All commands of a second. */
  double operationsPerSecond() {
    return readsPerSecond + writesPerSecond + othersPerSecond;
  }

  private static long others(UnitStatistics done) {
    return done.total().operations()
        - done.of(CommandKind.READ).operations()
        - done.of(CommandKind.WRITE).operations();
  }

  /** With one decimal: more of them tell nothing and fill the wire. */
  private static double rate(long operations, double seconds) {
    return Math.round(operations / seconds * 10) / 10.0;
  }
}

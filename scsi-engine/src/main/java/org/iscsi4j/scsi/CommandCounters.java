package org.iscsi4j.scsi;

import static org.iscsi4j.scsi.AccessCounters.add;
import static org.iscsi4j.scsi.AccessCounters.get;
import static org.iscsi4j.scsi.AccessCounters.set;

import java.util.HashMap;
import java.util.Map;
import org.iscsi4j.api.monitor.CommandStatistics;
import org.iscsi4j.api.monitor.LatencyHistogram;

/**
 * Counts the commands of one kind of one I_T_L nexus; written and read as {@link AccessCounters}.
 */
final class CommandCounters {

  private static final int BYTES = 0;
  private static final int NANOS = 1;
  private static final int LONGEST = 2;
  private static final int LATENCIES = 3;

  /** Behind the sense keys. */
  private static final int CONFLICTS = SenseKey.values().length;

  private static final int BUSY = CONFLICTS + 1;
  private static final int TASK_SET_FULL = CONFLICTS + 2;
  private static final int ABORTED = CONFLICTS + 3;

  private final long[] counts = new long[LATENCIES + LatencyHistogram.BUCKETS];
  private final long[] failures = new long[ABORTED + 1];

  void good(long bytes, long nanos) {
    add(counts, BYTES, bytes);
    add(counts, NANOS, nanos);
    if (nanos > counts[LONGEST]) {
      set(counts, LONGEST, nanos);
    }
    add(counts, LATENCIES + LatencyHistogram.bucket(nanos), 1);
  }

  void failed(Status status, Sense sense) {
    add(failures, failure(status, sense), 1);
  }

  private static int failure(Status status, Sense sense) {
    return switch (status) {
      case CHECK_CONDITION -> sense.key().code();
      case RESERVATION_CONFLICT -> CONFLICTS;
      case TASK_SET_FULL -> TASK_SET_FULL;
      case TASK_ABORTED -> ABORTED;
      case BUSY, ACA_ACTIVE -> BUSY;
      case GOOD, CONDITION_MET -> throw new IllegalArgumentException(status + " is no failure");
    };
  }

  CommandStatistics statistics() {
    return new CommandStatistics(
        get(counts, BYTES),
        checkConditions(),
        get(failures, CONFLICTS),
        get(failures, BUSY),
        get(failures, TASK_SET_FULL),
        get(failures, ABORTED),
        latency());
  }

  private Map<Integer, Long> checkConditions() {
    Map<Integer, Long> byKey = new HashMap<>();
    for (int key = 0; key < CONFLICTS; key++) {
      long count = get(failures, key);
      if (count > 0) {
        byKey.put(key, count);
      }
    }
    return byKey;
  }

  private LatencyHistogram latency() {
    long[] buckets = new long[LatencyHistogram.BUCKETS];
    for (int bucket = 0; bucket < buckets.length; bucket++) {
      buckets[bucket] = get(counts, LATENCIES + bucket);
    }
    return LatencyHistogram.of(buckets, get(counts, NANOS), get(counts, LONGEST));
  }
}

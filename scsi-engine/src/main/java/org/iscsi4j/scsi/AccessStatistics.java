package org.iscsi4j.scsi;

import java.util.HashSet;
import java.util.Set;
import org.iscsi4j.api.monitor.UnitStatistics;

/** Sums up what the nexuses of a unit counted, those that are gone included. Any thread. */
final class AccessStatistics {

  /** All guarded by this. */
  private final Set<AccessCounters> present = new HashSet<>();

  private AccessTotals gone = AccessTotals.NONE;
  private AccessTotals atReset = AccessTotals.NONE;
  private UnitStatistics statisticsOfGone = UnitStatistics.NONE;

  synchronized void join(AccessCounters counters) {
    present.add(counters);
  }

  synchronized void leave(AccessCounters counters) {
    if (present.remove(counters)) {
      gone = gone.plus(counters.totals());
      statisticsOfGone = statisticsOfGone.plus(counters.statistics());
    }
  }

  /** For the host: what was counted since the unit was first served. */
  synchronized UnitStatistics statistics() {
    return present.stream()
        .map(AccessCounters::statistics)
        .reduce(statisticsOfGone, UnitStatistics::plus);
  }

  /** For the log page: what was counted since the last reset. */
  synchronized AccessTotals totals() {
    return sum().minus(atReset);
  }

  /** Starts from zero, without touching what others count in. */
  synchronized void reset() {
    atReset = sum();
  }

  private AccessTotals sum() {
    return present.stream().map(AccessCounters::totals).reduce(gone, AccessTotals::plus);
  }
}

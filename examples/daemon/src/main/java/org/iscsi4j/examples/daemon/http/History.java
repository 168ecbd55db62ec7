package org.iscsi4j.examples.daemon.http;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.iscsi4j.api.monitor.ServerSnapshot;
import org.iscsi4j.api.monitor.UnitSnapshot;
import org.iscsi4j.api.monitor.UnitStatistics;

/**
 * The last five minutes: what was done each second, with each of the first {@value #MAX_UNITS}
 * units and with all. Guarded by this.
 */
final class History {

  /** Samples that are kept, one a second. */
  static final int LENGTH = 300;

  /** Units with a history of their own: what bounds the memory, to some 6 MiB. */
  static final int MAX_UNITS = 256;

  private final Series all = new Series();
  private final Map<Place, Series> units = new HashMap<>();
  private final long[] times = new long[LENGTH];

  /** How many samples were ever taken. */
  private int taken;

  private Optional<Look> last = Optional.empty();

  /** A snapshot and when it was taken, by the clock that only runs forward. */
  private record Look(ServerSnapshot server, Map<Place, UnitSnapshot> units, long nanos) {}

  /** A ring, filled in step with all others. */
  private static final class Series {
    private final Sample[] ring = new Sample[LENGTH];
  }

  /** A sample and how many seconds before the newest it was taken. */
  record Aged(double age, Sample sample) {}

  /**
   * Takes the next sample; does nothing when the snapshot is the one before.
   *
   * @param nanos when it was taken, by a clock that only runs forward
   */
  synchronized void add(ServerSnapshot server, long nanos) {
    Look now = new Look(server, Place.unitsOf(server), nanos);
    if (last.isEmpty()) {
      last = Optional.of(now);
    } else if (!isSame(last.get().server(), server) && nanos > last.get().nanos()) {
      add(last.get(), now);
      last = Optional.of(now);
    }
  }

  /** Whether the cache handed one out twice; to compare all that is in two would take long. */
  @SuppressWarnings("ReferenceEquality")
  private static boolean isSame(ServerSnapshot one, ServerSnapshot other) {
    return one == other;
  }

  private void add(Look before, Look now) {
    int slot = taken++ % LENGTH;
    times[slot] = now.nanos();
    units.keySet().retainAll(now.units().keySet());
    UnitStatistics total = UnitStatistics.NONE;
    int outstanding = 0;
    Set<String> counted = new HashSet<>();
    for (Map.Entry<Place, UnitSnapshot> each : now.units().entrySet()) {
      UnitSnapshot unit = each.getValue();
      UnitStatistics done = done(before.units().get(each.getKey()), unit);
      series(each.getKey())
          .ifPresent(own -> own.ring[slot] = sample(done, unit.outstandingCommands(), before, now));
      if (counted.add(unit.identity().serial())) { // one unit may stand in several places
        total = total.plus(done);
        outstanding += unit.outstandingCommands();
      }
    }
    all.ring[slot] = sample(total, outstanding, before, now);
  }

  private static Sample sample(UnitStatistics done, int outstanding, Look before, Look now) {
    return Sample.of(done, outstanding, now.nanos() - before.nanos());
  }

  private Optional<Series> series(Place place) {
    if (!units.containsKey(place) && units.size() < MAX_UNITS) {
      units.put(place, new Series());
    }
    return Optional.ofNullable(units.get(place));
  }

  private static UnitStatistics done(UnitSnapshot before, UnitSnapshot now) {
    if (before == null) {
      return UnitStatistics.NONE;
    }
    try {
      return now.statistics().minus(before.statistics());
    } catch (IllegalArgumentException another) {
      return now.statistics(); // another unit took its place, and its counts began anew
    }
  }

  /** What was done with all units, the oldest sample first. */
  synchronized List<Aged> ofAll() {
    return aged(all);
  }

  /** What was done with one unit; empty when nothing is kept of it. */
  synchronized Optional<List<Aged>> of(Place place) {
    return Optional.ofNullable(units.get(place)).map(this::aged);
  }

  /** The last second of all units. */
  synchronized Sample latest() {
    return latest(all);
  }

  /** The last second of one unit. */
  synchronized Sample latest(Place place) {
    Series series = units.get(place);
    return series == null ? Sample.IDLE : latest(series);
  }

  /** All bytes of each of the last seconds of a unit, the oldest first. */
  synchronized List<Long> bytes(Place place, int seconds) {
    Series series = units.get(place);
    if (series == null) {
      return List.of();
    }
    List<Long> bytes = new ArrayList<>();
    for (int tick = Math.max(0, taken - Math.min(seconds, LENGTH)); tick < taken; tick++) {
      bytes.add(at(series, tick).bytesPerSecond());
    }
    return bytes;
  }

  private Sample latest(Series series) {
    return taken == 0 ? Sample.IDLE : at(series, taken - 1);
  }

  private List<Aged> aged(Series series) {
    List<Aged> samples = new ArrayList<>();
    for (int tick = Math.max(0, taken - LENGTH); tick < taken; tick++) {
      long before = times[(taken - 1) % LENGTH] - times[tick % LENGTH];
      samples.add(new Aged(Math.round(before / 1e8) / 10.0, at(series, tick)));
    }
    return Collections.unmodifiableList(samples);
  }

  private static Sample at(Series series, int tick) {
    Sample sample = series.ring[tick % LENGTH];
    return sample == null ? Sample.IDLE : sample;
  }
}

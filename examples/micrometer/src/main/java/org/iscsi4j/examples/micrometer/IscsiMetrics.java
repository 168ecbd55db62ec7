package org.iscsi4j.examples.micrometer;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.iscsi4j.api.monitor.CommandKind;
import org.iscsi4j.api.monitor.CommandStatistics;
import org.iscsi4j.api.monitor.LatencyHistogram;
import org.iscsi4j.api.monitor.UnitSnapshot;
import org.iscsi4j.examples.micrometer.ServerView.Place;
import org.iscsi4j.target.IscsiServer;

/**
 * Binds a server to meters: sessions and connections of the server; operations, bytes, errors and
 * latency of each logical unit, by target, LUN and kind of command. All of them show what {@link
 * #refresh} saw last: have it called every so often, such as by a scheduled executor. Units that
 * came or went meanwhile come and go as meters. May be used from any thread.
 */
final class IscsiMetrics implements MeterBinder {

  private static final double[] PERCENTILES = {50, 99};

  private final Supplier<ServerView> server;

  /** The meters of each unit; guarded by this. */
  private final Map<Place, List<Meter>> meters = new HashMap<>();

  private MeterRegistry registry;

  /** What was seen last, and before that. */
  private volatile ServerView now;

  private volatile ServerView before;

  /** Meters of a server that is looked at by a supplier. */
  IscsiMetrics(Supplier<ServerView> server) {
    this.server = server;
    now = server.get();
    before = now;
  }

  /** Meters of a server, which is asked at each {@link #refresh}. */
  static IscsiMetrics of(IscsiServer server) {
    return new IscsiMetrics(() -> ServerView.of(server.snapshot().join()));
  }

  @Override
  public synchronized void bindTo(MeterRegistry to) {
    registry = to;
    Gauge.builder("iscsi.sessions", () -> now.sessions()).register(to);
    Gauge.builder("iscsi.connections", () -> now.connections()).register(to);
    followUnits();
  }

  /** Looks at the server anew. */
  synchronized void refresh() {
    before = now;
    now = server.get();
    if (registry != null) {
      followUnits();
    }
  }

  private void followUnits() {
    for (Place place : List.copyOf(meters.keySet())) {
      if (!now.units().containsKey(place)) {
        meters.remove(place).forEach(registry::remove);
      }
    }
    now.units().keySet().forEach(place -> meters.computeIfAbsent(place, this::bind));
  }

  // ---- the meters of a unit

  private List<Meter> bind(Place place) {
    Tags tags = Tags.of("target", place.target(), "lun", Integer.toString(place.lun()));
    List<Meter> bound = new ArrayList<>();
    bound.add(gauge("iscsi.unit.outstanding", tags, place, UnitSnapshot::outstandingCommands));
    bound.add(gauge("iscsi.unit.nexuses", tags, place, UnitSnapshot::nexuses));
    for (CommandKind kind : CommandKind.values()) {
      bind(place, kind, tags.and("kind", kind.name().toLowerCase(Locale.ROOT)), bound);
    }
    return bound;
  }

  private void bind(Place place, CommandKind kind, Tags tags, List<Meter> bound) {
    bound.add(counter("iscsi.unit.operations", tags, place, kind, CommandStatistics::operations));
    bound.add(counter("iscsi.unit.bytes", tags, place, kind, CommandStatistics::bytes));
    bound.add(counter("iscsi.unit.errors", tags, place, kind, CommandStatistics::errors));
    bound.add(counter("iscsi.unit.aborted", tags, place, kind, CommandStatistics::aborted));
    bound.add(
        FunctionTimer.builder(
                "iscsi.unit.latency",
                this,
                self -> latency(self.now, place, kind).count(),
                self -> latency(self.now, place, kind).sum(),
                TimeUnit.NANOSECONDS)
            .tags(tags)
            .register(registry));
    for (double percent : PERCENTILES) {
      bound.add(
          TimeGauge.builder(
                  "iscsi.unit.latency.percentile",
                  () -> recent(place, kind).percentile(percent),
                  TimeUnit.NANOSECONDS)
              .tags(tags.and("percent", Double.toString(percent)))
              .register(registry));
    }
  }

  private Meter gauge(String name, Tags tags, Place place, ToDoubleFunction<UnitSnapshot> value) {
    return Gauge.builder(
            name,
            () -> {
              UnitSnapshot unit = now.units().get(place);
              return unit == null ? Double.NaN : value.applyAsDouble(unit);
            })
        .tags(tags)
        .register(registry);
  }

  private Meter counter(
      String name,
      Tags tags,
      Place place,
      CommandKind kind,
      ToDoubleFunction<CommandStatistics> value) {
    return FunctionCounter.builder(
            name, this, self -> value.applyAsDouble(statistics(self.now, place, kind)))
        .tags(tags)
        .register(registry);
  }

  // ---- what they show

  private static CommandStatistics statistics(ServerView view, Place place, CommandKind kind) {
    UnitSnapshot unit = view.units().get(place);
    return unit == null ? CommandStatistics.NONE : unit.statistics().of(kind);
  }

  private static LatencyHistogram latency(ServerView view, Place place, CommandKind kind) {
    return statistics(view, place, kind).latency();
  }

  /** Latencies since the look before the last, or of all time when the unit is another by now. */
  private LatencyHistogram recent(Place place, CommandKind kind) {
    LatencyHistogram latest = latency(now, place, kind);
    try {
      return latest.minus(latency(before, place, kind));
    } catch (IllegalArgumentException counted) {
      return latest; // its counts began anew
    }
  }
}

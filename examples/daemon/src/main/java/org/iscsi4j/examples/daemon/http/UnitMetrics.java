package org.iscsi4j.examples.daemon.http;

import static org.iscsi4j.examples.daemon.http.MetricsWriter.Type.COUNTER;
import static org.iscsi4j.examples.daemon.http.MetricsWriter.Type.GAUGE;
import static org.iscsi4j.examples.daemon.http.MetricsWriter.Type.HISTOGRAM;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.iscsi4j.api.monitor.CommandKind;
import org.iscsi4j.api.monitor.CommandStatistics;
import org.iscsi4j.api.monitor.LatencyHistogram;
import org.iscsi4j.api.monitor.UnitAvailability;
import org.iscsi4j.api.monitor.UnitSnapshot;
import org.iscsi4j.examples.daemon.http.MetricsWriter.Labels;

/**
 * The metrics of logical units, by target and LUN. A unit that stands in several places counts in
 * each of them; its serial in {@code iscsi_unit_info} tells.
 */
record UnitMetrics(Map<Place, UnitSnapshot> units) {

  /** Upper bounds of latency: 2^14 ns (16 µs) to 2^35 ns (34 s), where the histogram has cuts. */
  private static final int FIRST_POWER = 14;

  private static final int LAST_POWER = 35;
  private static final double NANOS = 1e9;

  void write(MetricsWriter out) throws IOException {
    info(out);
    gauges(out);
    counters(out);
    errors(out);
    latencies(out);
  }

  private void info(MetricsWriter out) throws IOException {
    out.family("iscsi_unit_info", GAUGE, "What a logical unit is; always 1.");
    for (Map.Entry<Place, UnitSnapshot> each : units.entrySet()) {
      UnitSnapshot unit = each.getValue();
      out.sample(
          labels(each.getKey())
              .and("type", StatusMaker.type(unit))
              .and("product", unit.identity().product().strip())
              .and("serial", unit.identity().serial()),
          1);
    }
  }

  // ---- how it stands

  private void gauges(MetricsWriter out) throws IOException {
    gauge(
        out,
        "iscsi_unit_ready",
        "1 when the medium can be used; 0 when it is out, offline, or unusable for now.",
        unit -> unit.availability() == UnitAvailability.READY ? 1 : 0);
    gauge(
        out,
        "iscsi_unit_read_only",
        "1 when every initiator is kept from writing.",
        unit -> unit.readOnly() ? 1 : 0);
    gauge(
        out,
        "iscsi_unit_size_bytes",
        "Size of the medium; 0 when it is out.",
        unit -> unit.availability() == UnitAvailability.EJECTED ? 0 : unit.geometry().size());
    gauge(
        out,
        "iscsi_unit_outstanding_tasks",
        "Commands that have come and not ended.",
        UnitSnapshot::outstandingCommands);
    gauge(
        out,
        "iscsi_unit_nexuses",
        "Initiator ports that have addressed the unit and whose sessions are there.",
        UnitSnapshot::nexuses);
  }

  private void gauge(
      MetricsWriter out, String name, String help, ToDoubleFunction<UnitSnapshot> value)
      throws IOException {
    out.family(name, GAUGE, help);
    for (Map.Entry<Place, UnitSnapshot> each : units.entrySet()) {
      out.sample(labels(each.getKey()), value.applyAsDouble(each.getValue()));
    }
  }

  // ---- what was done

  private void counters(MetricsWriter out) throws IOException {
    counter(
        out,
        "iscsi_unit_operations_total",
        "Commands that ended, however they did.",
        CommandStatistics::operations);
    counter(
        out,
        "iscsi_unit_bytes_total",
        "Data that commands that ended well moved.",
        CommandStatistics::bytes);
    counter(
        out,
        "iscsi_unit_aborted_total",
        "Commands that were ended before their time.",
        CommandStatistics::aborted);
  }

  private void counter(
      MetricsWriter out, String name, String help, ToDoubleFunction<CommandStatistics> value)
      throws IOException {
    out.family(name, COUNTER, help);
    for (Map.Entry<Place, UnitSnapshot> each : units.entrySet()) {
      for (CommandKind kind : CommandKind.values()) {
        CommandStatistics done = each.getValue().statistics().of(kind);
        out.sample(labels(each.getKey(), kind), value.applyAsDouble(done));
      }
    }
  }

  private void errors(MetricsWriter out) throws IOException {
    out.family(
        "iscsi_unit_errors_total",
        COUNTER,
        "Commands that ended with another status than GOOD; sense keys are those of SPC-5 4.5.8.");
    for (Map.Entry<Place, UnitSnapshot> each : units.entrySet()) {
      for (CommandKind kind : CommandKind.values()) {
        errors(out, labels(each.getKey(), kind), each.getValue().statistics().of(kind));
      }
    }
  }

  private static void errors(MetricsWriter out, Labels labels, CommandStatistics done)
      throws IOException {
    for (int key : done.checkConditions().keySet().stream().sorted().toList()) {
      out.sample(
          labels.and("status", "check_condition").and("sense_key", Integer.toHexString(key)),
          done.checkConditions().get(key));
    }
    out.sample(error(labels, "reservation_conflict"), done.reservationConflicts());
    out.sample(error(labels, "busy"), done.busy());
    out.sample(error(labels, "task_set_full"), done.taskSetFull());
  }

  private static Labels error(Labels labels, String status) {
    return labels.and("status", status).and("sense_key", "");
  }

  // ---- how long it took

  private void latencies(MetricsWriter out) throws IOException {
    out.family(
        "iscsi_unit_latency_seconds",
        HISTOGRAM,
        "From the arrival of a command to its status, of commands that ended well.");
    for (Map.Entry<Place, UnitSnapshot> each : units.entrySet()) {
      for (CommandKind kind : CommandKind.values()) {
        latency(out, labels(each.getKey(), kind), each.getValue().statistics().of(kind).latency());
      }
    }
  }

  private static void latency(MetricsWriter out, Labels labels, LatencyHistogram latency)
      throws IOException {
    List<LatencyHistogram.Bucket> buckets = latency.buckets();
    int next = 0;
    long count = 0;
    for (int power = FIRST_POWER; power <= LAST_POWER; power++) {
      long upTo = (1L << power) - 1;
      while (next < buckets.size() && buckets.get(next).upTo() <= upTo) {
        count += buckets.get(next++).count();
      }
      out.sample("_bucket", labels.and("le", MetricsWriter.number(upTo / NANOS)), count);
    }
    out.sample("_bucket", labels.and("le", "+Inf"), latency.count());
    out.sample("_sum", labels, latency.sum() / NANOS);
    out.sample("_count", labels, latency.count());
  }

  // ---- labels

  private static Labels labels(Place place) {
    return Labels.of("target", place.target(), "lun", Integer.toString(place.lun()));
  }

  private static Labels labels(Place place, CommandKind kind) {
    return labels(place).and("kind", kind.name().toLowerCase(Locale.ROOT));
  }
}

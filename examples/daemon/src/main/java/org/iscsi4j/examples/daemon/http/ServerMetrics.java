package org.iscsi4j.examples.daemon.http;

import static org.iscsi4j.examples.daemon.http.MetricsWriter.Type.COUNTER;
import static org.iscsi4j.examples.daemon.http.MetricsWriter.Type.GAUGE;

import java.io.IOException;
import java.util.Map;
import org.iscsi4j.api.monitor.ServerSnapshot;
import org.iscsi4j.api.monitor.SessionSnapshot;
import org.iscsi4j.examples.daemon.http.MetricsWriter.Labels;

/**
 * The metrics of a server as a whole. No name that a peer chose is a label: strangers must not make
 * series.
 */
record ServerMetrics(ServerSnapshot server, LoginCounts logins, String version) {

  /** The server's metrics, then those of its units. */
  void write(Appendable text) throws IOException {
    MetricsWriter out = new MetricsWriter(text);
    program(out);
    sessions(out);
    logins(out);
    loops(out);
    new UnitMetrics(Place.unitsOf(server)).write(out);
  }

  private void program(MetricsWriter out) throws IOException {
    out.family("iscsi_build_info", GAUGE, "This program and what it runs on; always 1.");
    out.sample(
        Labels.of("version", version, "java_version", System.getProperty("java.version", "")), 1);
    Runtime runtime = Runtime.getRuntime();
    gauge(
        out,
        "iscsi_heap_used_bytes",
        "Java heap in use.",
        runtime.totalMemory() - runtime.freeMemory());
    gauge(
        out, "iscsi_heap_max_bytes", "As large as the Java heap may become.", runtime.maxMemory());
    gauge(
        out,
        "iscsi_snapshot_complete",
        "1, or 0 when an event loop does not answer and what lives on it is missing here.",
        server.complete() ? 1 : 0);
  }

  private void sessions(MetricsWriter out) throws IOException {
    long discovery = server.sessions().stream().filter(each -> each.info().discovery()).count();
    out.family("iscsi_sessions", GAUGE, "Sessions that are open.");
    out.sample(Labels.of("type", "normal"), server.sessions().size() - discovery);
    out.sample(Labels.of("type", "discovery"), discovery);
    gauge(
        out,
        "iscsi_connections",
        "Connections of sessions.",
        server.sessions().stream().mapToInt(each -> each.connections().size()).sum());
    gauge(
        out,
        "iscsi_logins_pending",
        "Connections whose login has not ended.",
        server.logins().size());
    gauge(
        out,
        "iscsi_session_tasks",
        "Commands that have come and are not over.",
        server.sessions().stream().mapToInt(each -> each.tasks().size()).sum());
    gauge(
        out,
        "iscsi_session_held_bytes",
        "Commands' data that sessions hold in buffers.",
        server.sessions().stream().mapToLong(SessionSnapshot::bytesHeld).sum());
    gauge(
        out,
        "iscsi_connection_queued_bytes",
        "Bytes that wait until initiators read what was sent before.",
        server.sessions().stream()
            .flatMap(each -> each.connections().stream())
            .mapToLong(each -> each.bytesQueued())
            .sum());
    gauge(out, "iscsi_portals", "Portals that listen.", server.portals().size());
    gauge(out, "iscsi_targets", "Targets that are served.", server.targets().size());
  }

  private void logins(MetricsWriter out) throws IOException {
    out.family(
        "iscsi_logins_total",
        COUNTER,
        "Logins that ended, by status class and detail of RFC 7143 section 11.13.5.");
    for (Map.Entry<LoginCounts.Outcome, Long> each : logins.counts().entrySet()) {
      out.sample(
          Labels.of("outcome", each.getKey().word(), "status", each.getKey().code()),
          each.getValue());
    }
  }

  private void loops(MetricsWriter out) throws IOException {
    out.family("iscsi_loop_connections", GAUGE, "Connections that live on an event loop.");
    for (var loop : server.loops()) {
      out.sample(Labels.of("loop", loop.name()), loop.connections());
    }
    out.family("iscsi_loop_buffers", GAUGE, "Buffers of an event loop that are in use.");
    for (var loop : server.loops()) {
      out.sample(Labels.of("loop", loop.name()), loop.buffers());
    }
  }

  private static void gauge(MetricsWriter out, String name, String help, double value)
      throws IOException {
    out.family(name, GAUGE, help);
    out.sample(Labels.NONE, value);
  }
}

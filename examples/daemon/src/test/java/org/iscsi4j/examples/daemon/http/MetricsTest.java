package org.iscsi4j.examples.daemon.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.iscsi4j.api.PeripheralDeviceType;
import org.iscsi4j.api.monitor.CommandKind;
import org.iscsi4j.api.monitor.CommandStatistics;
import org.iscsi4j.api.monitor.ServerSnapshot;
import org.iscsi4j.api.monitor.UnitAvailability;
import org.iscsi4j.api.monitor.UnitStatistics;
import org.iscsi4j.examples.daemon.http.MetricsWriter.Labels;
import org.iscsi4j.examples.daemon.http.MetricsWriter.Type;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What Prometheus reads. */
class MetricsTest {

  private static final String TARGET = "target=\"" + Seen.TARGET + '"';
  private static final String LUN = "lun=\"3\"";
  private static final String READ = "kind=\"read\"";

  private final LoginCounts logins = new LoginCounts();

  // ---- the format

  @Test
  void aFamilyHasHelpTypeAndSamples() throws IOException {
    StringBuilder text = new StringBuilder();
    MetricsWriter out = new MetricsWriter(text);

    out.family("a_total", Type.COUNTER, "What \\ it\nis \"called\".");
    out.sample(Labels.NONE, 3);
    out.sample(Labels.of("b", "back\\slash \"quoted\"\nline", "c", ""), 0.25);

    assertThat(text)
        .hasToString(
            """
            # HELP a_total What \\\\ it\\nis "called".
            # TYPE a_total counter
            a_total 3
            a_total{b="back\\\\slash \\"quoted\\"\\nline",c=""} 0.25
            """);
    assertThat(MetricsText.of(text.toString()).families()).containsExactly("a_total");
  }

  @Test
  void aFamilyIsBegunOnce() throws IOException {
    MetricsWriter out = new MetricsWriter(new StringBuilder());
    out.family("a", Type.GAUGE, "A.");

    assertThatThrownBy(() -> out.family("a", Type.GAUGE, "A."))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void numbersAreShortAndExact() {
    assertThat(MetricsWriter.number(1_000_000_000_000.0)).isEqualTo("1000000000000");
    assertThat(MetricsWriter.number(0.000065535)).isEqualTo("6.5535E-5");
    assertThat(MetricsWriter.number(Double.POSITIVE_INFINITY)).isEqualTo("+Inf");
  }

  /** So that what the other tests read is known to be minded. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "a 1\n",
        "# HELP a A.\n# TYPE a counter\na 1\n",
        "# HELP a A.\n# TYPE a gauge\na 1\na 1\n",
        "# HELP a A.\n# TYPE a gauge\na{b=\"c\"d\"} 1\n",
        "# HELP a A.\n# TYPE a gauge\nb 1\n",
        "# HELP a A.\n# TYPE a gauge\na 1",
        "# HELP a A.\n# TYPE a histogram\na_bucket{le=\"1\"} 1\na_sum 1\na_count 1\n",
        "# HELP a A.\n# TYPE a histogram\na_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\n"
            + "a_sum 1\na_count 1\n"
      })
  void whatBreaksTheFormatIsFound(String text) {
    assertThatThrownBy(() -> MetricsText.of(text)).isInstanceOf(IllegalArgumentException.class);
  }

  // ---- the server

  @Test
  void theServerIsCounted() throws IOException {
    logins.loginDecided(Logins.decided(0, 0));
    logins.loginDecided(Logins.decided(2, 3));
    logins.loginDecided(Logins.decided(2, 3));

    MetricsText metrics =
        metrics(
            Seen.server(
                false,
                List.of(Seen.session("iqn.2026-11.org.example:me", Optional.empty(), 0, 1))));

    assertThat(metrics.value("iscsi_sessions", "type=\"normal\"")).isEqualTo(1);
    assertThat(metrics.value("iscsi_sessions", "type=\"discovery\"")).isZero();
    assertThat(metrics.value("iscsi_connections")).isEqualTo(2);
    assertThat(metrics.value("iscsi_session_tasks")).isEqualTo(1);
    assertThat(metrics.value("iscsi_session_held_bytes")).isEqualTo(100);
    assertThat(metrics.value("iscsi_connection_queued_bytes")).isEqualTo(22);
    assertThat(metrics.value("iscsi_snapshot_complete")).isZero();
    assertThat(metrics.value("iscsi_loop_buffers", "loop=\"loop-0\"")).isEqualTo(4);
    assertThat(login(metrics, "accepted", "0000")).isEqualTo(1);
    assertThat(login(metrics, "refused", "0201")).isZero();
    assertThat(login(metrics, "refused", "0203")).isEqualTo(2);
    assertThat(
            metrics.value(
                "iscsi_build_info",
                "version=\"1.2\"",
                "java_version=\"" + System.getProperty("java.version") + '"'))
        .isEqualTo(1);
  }

  private static double login(MetricsText metrics, String outcome, String status) {
    return metrics.value(
        "iscsi_logins_total", "outcome=\"" + outcome + '"', "status=\"" + status + '"');
  }

  @Test
  void noNameOfAStrangerIsALabel() throws IOException {
    String text =
        text(
            Seen.server(
                true,
                List.of(Seen.session("iqn.2026-11.org.example:me", Optional.of("somebody"), 0))));

    assertThat(text).doesNotContain("org.example:me", "somebody", "192.0.2.7");
  }

  // ---- units

  @Test
  void aUnitTellsWhatItIs() throws IOException {
    MetricsText metrics =
        metrics(
            Seen.server(
                Seen.unit(
                    "a \"tape\"",
                    PeripheralDeviceType.SEQUENTIAL_ACCESS,
                    UnitAvailability.EJECTED,
                    UnitStatistics.NONE)));

    assertThat(
            metrics.value(
                "iscsi_unit_info",
                TARGET,
                LUN,
                "type=\"tape\"",
                "product=\"VIRTUAL-DISK\"",
                "serial=\"a \\\"tape\\\"\""))
        .isEqualTo(1);
    assertThat(metrics.value("iscsi_unit_ready", TARGET, LUN)).isZero();
    assertThat(metrics.value("iscsi_unit_size_bytes", TARGET, LUN)).isZero();
    assertThat(metrics.value("iscsi_unit_read_only", TARGET, LUN)).isZero();
    assertThat(metrics.value("iscsi_unit_outstanding_tasks", TARGET, LUN)).isEqualTo(7);
    assertThat(metrics.value("iscsi_unit_nexuses", TARGET, LUN)).isEqualTo(1);
  }

  @Test
  void aUnitsCommandsAreCountedByKind() throws IOException {
    CommandStatistics reads =
        new CommandStatistics(
            4096, Map.of(3, 1L, 11, 2L), 4, 5, 6, 9, Seen.latency(20_000, 20_000, 2_000_000));
    MetricsText metrics =
        metrics(Seen.server(Seen.unit(new UnitStatistics(Map.of(CommandKind.READ, reads)))));

    assertThat(metrics.value("iscsi_unit_ready", TARGET, LUN)).isEqualTo(1);
    assertThat(metrics.value("iscsi_unit_size_bytes", TARGET, LUN)).isEqualTo(65_536);
    assertThat(metrics.value("iscsi_unit_operations_total", TARGET, LUN, READ)).isEqualTo(30);
    assertThat(metrics.value("iscsi_unit_operations_total", TARGET, LUN, "kind=\"unmap\""))
        .isZero();
    assertThat(metrics.value("iscsi_unit_bytes_total", TARGET, LUN, READ)).isEqualTo(4096);
    assertThat(metrics.value("iscsi_unit_aborted_total", TARGET, LUN, READ)).isEqualTo(9);
    assertThat(error(metrics, "check_condition", "3")).isEqualTo(1);
    assertThat(error(metrics, "check_condition", "b")).isEqualTo(2);
    assertThat(error(metrics, "reservation_conflict", "")).isEqualTo(4);
    assertThat(error(metrics, "busy", "")).isEqualTo(5);
    assertThat(error(metrics, "task_set_full", "")).isEqualTo(6);
  }

  private static double error(MetricsText metrics, String status, String key) {
    return metrics.value(
        "iscsi_unit_errors_total",
        TARGET,
        LUN,
        READ,
        "status=\"" + status + '"',
        "sense_key=\"" + key + '"');
  }

  @Test
  void latencyIsAHistogramInSeconds() throws IOException {
    MetricsText metrics =
        metrics(
            Seen.server(
                Seen.unit(Seen.reads(512, 2_000, 16_383, 16_384, 2_000_000, 90_000_000_000L))));

    assertThat(bucket(metrics, "1.6383E-5")).isEqualTo(2);
    assertThat(bucket(metrics, "3.2767E-5")).isEqualTo(3);
    assertThat(bucket(metrics, "0.001048575")).isEqualTo(3);
    assertThat(bucket(metrics, "0.002097151")).isEqualTo(4);
    assertThat(bucket(metrics, "34.359738367")).isEqualTo(4);
    assertThat(bucket(metrics, "+Inf")).isEqualTo(5);
    assertThat(metrics.value("iscsi_unit_latency_seconds_count", TARGET, LUN, READ)).isEqualTo(5);
    assertThat(metrics.value("iscsi_unit_latency_seconds_sum", TARGET, LUN, READ))
        .isEqualTo(90.002034767);
  }

  private static double bucket(MetricsText metrics, String le) {
    return metrics.value(
        "iscsi_unit_latency_seconds_bucket", TARGET, LUN, READ, "le=\"" + le + '"');
  }

  private MetricsText metrics(ServerSnapshot server) throws IOException {
    return MetricsText.of(text(server));
  }

  private String text(ServerSnapshot server) throws IOException {
    StringBuilder text = new StringBuilder();
    new ServerMetrics(server, logins, "1.2").write(text);
    return text.toString();
  }
}

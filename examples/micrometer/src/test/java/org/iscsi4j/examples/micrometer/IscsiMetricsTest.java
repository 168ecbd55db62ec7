package org.iscsi4j.examples.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.Identity;
import org.iscsi4j.api.MemoryDevice;
import org.iscsi4j.api.PeripheralDeviceType;
import org.iscsi4j.api.Target;
import org.iscsi4j.api.monitor.CommandKind;
import org.iscsi4j.api.monitor.CommandStatistics;
import org.iscsi4j.api.monitor.LatencyHistogram;
import org.iscsi4j.api.monitor.ReservationSnapshot;
import org.iscsi4j.api.monitor.UnitAvailability;
import org.iscsi4j.api.monitor.UnitSnapshot;
import org.iscsi4j.api.monitor.UnitStatistics;
import org.iscsi4j.examples.micrometer.ServerView.Place;
import org.iscsi4j.target.IscsiServer;
import org.junit.jupiter.api.Test;

class IscsiMetricsTest {

  private static final Place DISK = new Place("iqn.2026-11.org.example:disk", 3);

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private ServerView view = new ServerView(2, 3, Map.of(DISK, unit(4096, 2_000_000)));
  private final IscsiMetrics metrics = new IscsiMetrics(() -> view);

  @Test
  void aServerShowsItsUnits() throws Exception {
    MemoryDevice disk = MemoryDevice.ofSize(1 << 20);
    try (IscsiServer server =
        IscsiServer.builder().target(Target.builder(DISK.target()).lun(disk).build()).start()) {
      IscsiMetrics.of(server).bindTo(registry);
    }

    assertThat(registry.get("iscsi.sessions").gauge().value()).isZero();
    assertThat(registry.get("iscsi.unit.outstanding").tags("lun", "0").gauge().value()).isZero();
  }

  @Test
  void sessionsAndConnectionsAreGauges() {
    metrics.bindTo(registry);

    assertThat(registry.get("iscsi.sessions").gauge().value()).isEqualTo(2);
    assertThat(registry.get("iscsi.connections").gauge().value()).isEqualTo(3);
  }

  @Test
  void commandsAreMeasuredByTargetLunAndKind() {
    metrics.bindTo(registry);

    assertThat(value("iscsi.unit.operations", "read")).isEqualTo(8);
    assertThat(value("iscsi.unit.bytes", "read")).isEqualTo(4096);
    assertThat(value("iscsi.unit.errors", "read")).isEqualTo(5);
    assertThat(value("iscsi.unit.aborted", "read")).isEqualTo(2);
    assertThat(value("iscsi.unit.operations", "write")).isZero();
    assertThat(
            registry
                .get("iscsi.unit.latency")
                .tags("kind", "read")
                .functionTimer()
                .totalTime(TimeUnit.MICROSECONDS))
        .isEqualTo(2000);
    assertThat(registry.get("iscsi.unit.outstanding").tags("lun", "3").gauge().value())
        .isEqualTo(7);
  }

  @Test
  void metersShowWhatWasSeenLast() {
    metrics.bindTo(registry);
    view = new ServerView(0, 0, Map.of(DISK, unit(8192, 2_000_000, 500_000)));
    assertThat(value("iscsi.unit.bytes", "read")).isEqualTo(4096);

    metrics.refresh();

    assertThat(value("iscsi.unit.bytes", "read")).isEqualTo(8192);
    assertThat(percentile("99.0")).as("of what came since").isEqualTo(524_287);
  }

  @Test
  void aUnitWhoseCountsBeginAnewIsShownFromThere() {
    metrics.bindTo(registry);
    view = new ServerView(0, 0, Map.of(DISK, unit(512, 500_000)));

    metrics.refresh();

    assertThat(percentile("50.0")).isEqualTo(500_000);
  }

  @Test
  void unitsComeAndGo() {
    metrics.bindTo(registry);
    int withOne = registry.getMeters().size();
    Place other = new Place("iqn.2026-11.org.example:other", 0);

    view = new ServerView(0, 0, Map.of(other, unit(512, 1000)));
    metrics.refresh();

    assertThat(registry.getMeters()).hasSize(withOne);
    assertThat(registry.find("iscsi.unit.bytes").tags("target", DISK.target()).meters()).isEmpty();
    assertThat(registry.find("iscsi.unit.bytes").tags("target", other.target()).meters())
        .hasSize(CommandKind.values().length);
    view = new ServerView(0, 0, Map.of());
    metrics.refresh();
    assertThat(registry.getMeters())
        .extracting(Meter::getId)
        .extracting(Meter.Id::getName)
        .containsExactlyInAnyOrder("iscsi.sessions", "iscsi.connections");
  }

  private double value(String name, String kind) {
    return registry
        .get(name)
        .tags("target", DISK.target(), "lun", "3", "kind", kind)
        .functionCounter()
        .count();
  }

  private double percentile(String percent) {
    return registry
        .get("iscsi.unit.latency.percentile")
        .tags("kind", "read", "percent", percent)
        .timeGauge()
        .value(TimeUnit.NANOSECONDS);
  }

  private static UnitSnapshot unit(long bytes, long... latencies) {
    long[] counts = new long[LatencyHistogram.BUCKETS];
    long sum = 0;
    long max = 0;
    for (long each : latencies) {
      counts[LatencyHistogram.bucket(each)]++;
      sum += each;
      max = Math.max(max, each);
    }
    CommandStatistics reads =
        new CommandStatistics(
            bytes, Map.of(3, 1L), 1, 2, 1, 2, LatencyHistogram.of(counts, sum, max));
    return new UnitSnapshot(
        Identity.derivedFrom("disk"),
        PeripheralDeviceType.DIRECT_ACCESS,
        Geometry.of(512, 64),
        UnitAvailability.READY,
        false,
        false,
        1,
        7,
        new UnitStatistics(Map.of(CommandKind.READ, reads)),
        new ReservationSnapshot(Optional.empty(), Optional.empty(), 0, false, List.of()));
  }
}

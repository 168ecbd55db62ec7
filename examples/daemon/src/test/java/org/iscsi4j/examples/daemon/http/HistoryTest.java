package org.iscsi4j.examples.daemon.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.TreeMap;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.PeripheralDeviceType;
import org.iscsi4j.api.monitor.ServerSnapshot;
import org.iscsi4j.api.monitor.TargetSnapshot;
import org.iscsi4j.api.monitor.UnitAvailability;
import org.iscsi4j.api.monitor.UnitSnapshot;
import org.iscsi4j.api.monitor.UnitStatistics;
import org.junit.jupiter.api.Test;

/** What is kept of the last five minutes. */
class HistoryTest {

  private static final long SECOND = 1_000_000_000L;

  private final History history = new History();

  @Test
  void theFirstLookIsNoSample() {
    history.add(Seen.server(Seen.unit(Seen.reads(512, 1000))), 0);

    assertThat(history.ofAll()).isEmpty();
    assertThat(history.latest()).isEqualTo(Sample.IDLE);
    assertThat(history.bytes(Seen.PLACE, 60)).isEmpty();
  }

  @Test
  void aSampleIsWhatWasDonePerSecond() {
    history.add(Seen.server(Seen.unit(Seen.reads(512, 900_000))), 0);
    history.add(Seen.server(Seen.unit(Seen.reads(4608, 900_000, 2000, 2000, 50_000))), 2 * SECOND);

    Sample sample = history.latest(Seen.PLACE);

    assertThat(sample.readBytesPerSecond()).isEqualTo(2048);
    assertThat(sample.writtenBytesPerSecond()).isZero();
    assertThat(sample.readsPerSecond()).isEqualTo(1.5);
    assertThat(sample.othersPerSecond()).isZero();
    assertThat(sample.p50Nanos()).isEqualTo(2047);
    assertThat(sample.p99Nanos()).isEqualTo(57_343);
    assertThat(sample.outstanding()).isEqualTo(7);
    assertThat(history.latest()).isEqualTo(sample);
    assertThat(history.bytes(Seen.PLACE, 60)).containsExactly(2048L);
  }

  @Test
  void theSameSnapshotIsTakenOnce() {
    ServerSnapshot server = Seen.server(Seen.unit(UnitStatistics.NONE));
    history.add(server, 0);
    history.add(server, SECOND);

    assertThat(history.ofAll()).isEmpty();
  }

  @Test
  void samplesHaveAnAgeAndTheOldestGo() {
    for (int second = 0; second <= History.LENGTH + 5; second++) {
      history.add(Seen.server(Seen.unit(Seen.reads(second * (second + 1) / 2))), second * SECOND);
    }

    List<History.Aged> samples = history.of(Seen.PLACE).orElseThrow();

    assertThat(samples).hasSize(History.LENGTH);
    assertThat(samples.get(0).age()).isEqualTo(299);
    assertThat(samples.get(0).sample().readBytesPerSecond()).isEqualTo(6);
    assertThat(samples.get(299).age()).isZero();
    assertThat(samples.get(299).sample().readBytesPerSecond()).isEqualTo(305);
    assertThat(history.bytes(Seen.PLACE, 2)).containsExactly(304L, 305L);
  }

  @Test
  void aUnitInSeveralPlacesCountsOnceInAll() {
    UnitSnapshot before = Seen.unit(UnitStatistics.NONE);
    UnitSnapshot after = Seen.unit(Seen.reads(512, 1000));
    history.add(Seen.server(before, before), 0);
    history.add(Seen.server(after, after), SECOND);

    assertThat(history.latest().readBytesPerSecond()).isEqualTo(512);
    assertThat(history.latest().outstanding()).isEqualTo(7);
  }

  @Test
  void aUnitWhoseCountsBeginAnewIsShownFromThere() {
    history.add(Seen.server(Seen.unit(Seen.reads(4096, 1000, 1000))), 0);
    history.add(Seen.server(Seen.unit(Seen.reads(512, 1000))), SECOND);

    assertThat(history.latest(Seen.PLACE).readBytesPerSecond()).isEqualTo(512);
  }

  @Test
  void unitsComeAndGo() {
    history.add(Seen.server(), 0);
    history.add(Seen.server(), SECOND);
    history.add(Seen.server(Seen.unit(Seen.reads(512, 1000))), 2 * SECOND);
    history.add(Seen.server(Seen.unit(Seen.reads(1024, 1000, 1000))), 3 * SECOND);

    assertThat(history.bytes(Seen.PLACE, 60)).containsExactly(0L, 0L, 512L);

    history.add(Seen.server(), 4 * SECOND);
    assertThat(history.of(Seen.PLACE)).isEmpty();
    assertThat(history.latest(Seen.PLACE)).isEqualTo(Sample.IDLE);
  }

  @Test
  void soManyUnitsHaveAHistoryAndAllCount() {
    history.add(many(0), 0);
    history.add(many(1), SECOND);

    assertThat(history.latest().readBytesPerSecond()).isEqualTo(History.MAX_UNITS + 10);
    long kept =
        Place.unitsOf(many(1)).keySet().stream().filter(p -> history.of(p).isPresent()).count();
    assertThat(kept).isEqualTo(History.MAX_UNITS);
  }

  private static ServerSnapshot many(long bytes) {
    TreeMap<Integer, UnitSnapshot> units = new TreeMap<>();
    for (int lun = 0; lun < History.MAX_UNITS + 10; lun++) {
      units.put(
          lun,
          Seen.unit(
              "serial " + lun,
              PeripheralDeviceType.DIRECT_ACCESS,
              UnitAvailability.READY,
              Seen.reads(bytes)));
    }
    return Seen.server(
        true, List.of(), List.of(new TargetSnapshot(IscsiName.of(Seen.TARGET), units)));
  }
}

package org.iscsi4j.examples.daemon.http;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.Identity;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.PeripheralDeviceType;
import org.iscsi4j.api.Portal;
import org.iscsi4j.api.SessionInfo;
import org.iscsi4j.api.access.Initiator;
import org.iscsi4j.api.monitor.CommandKind;
import org.iscsi4j.api.monitor.CommandStatistics;
import org.iscsi4j.api.monitor.ConnectionInfo;
import org.iscsi4j.api.monitor.ConnectionSnapshot;
import org.iscsi4j.api.monitor.LatencyHistogram;
import org.iscsi4j.api.monitor.LoopSnapshot;
import org.iscsi4j.api.monitor.ReservationSnapshot;
import org.iscsi4j.api.monitor.ServerSnapshot;
import org.iscsi4j.api.monitor.SessionSnapshot;
import org.iscsi4j.api.monitor.TargetSnapshot;
import org.iscsi4j.api.monitor.TaskSnapshot;
import org.iscsi4j.api.monitor.UnitAvailability;
import org.iscsi4j.api.monitor.UnitSnapshot;
import org.iscsi4j.api.monitor.UnitStatistics;

/** A server as a test wants it to be seen. */
final class Seen {

  static final String TARGET = "iqn.2026-11.org.example:disk";
  static final Place PLACE = new Place(TARGET, 3);

  private static final InetSocketAddress REMOTE = new InetSocketAddress("192.0.2.7", 40_000);
  private static final InetSocketAddress LOCAL = new InetSocketAddress("192.0.2.1", 3260);

  private Seen() {}

  // ---- servers

  static ServerSnapshot server(UnitSnapshot... units) {
    return server(true, List.of(), units);
  }

  /** Units are numbered from 3. */
  static ServerSnapshot server(
      boolean complete, List<SessionSnapshot> sessions, UnitSnapshot... units) {
    TreeMap<Integer, UnitSnapshot> numbered = new TreeMap<>();
    for (UnitSnapshot unit : units) {
      numbered.put(PLACE.lun() + numbered.size(), unit);
    }
    return server(complete, sessions, List.of(new TargetSnapshot(IscsiName.of(TARGET), numbered)));
  }

  static ServerSnapshot server(
      boolean complete, List<SessionSnapshot> sessions, List<TargetSnapshot> targets) {
    return new ServerSnapshot(
        "a server",
        Instant.parse("2026-11-23T10:00:00Z"),
        complete,
        List.of(Portal.of("192.0.2.1", 3260).withGroupTag(2)),
        targets,
        sessions,
        List.of(),
        List.of(new LoopSnapshot("loop-0", 1, 4)));
  }

  // ---- units

  static UnitSnapshot unit(UnitStatistics statistics) {
    return unit("a serial", PeripheralDeviceType.DIRECT_ACCESS, UnitAvailability.READY, statistics);
  }

  static UnitSnapshot unit(
      String serial,
      PeripheralDeviceType type,
      UnitAvailability availability,
      UnitStatistics statistics) {
    return new UnitSnapshot(
        Identity.ofSerial(serial),
        type,
        Geometry.of(512, 128),
        availability,
        type == PeripheralDeviceType.CD_DVD,
        type == PeripheralDeviceType.SEQUENTIAL_ACCESS,
        1,
        7,
        statistics,
        new ReservationSnapshot(Optional.empty(), Optional.empty(), 0, false, List.of()));
  }

  /** Reads that ended well. */
  static UnitStatistics reads(long bytes, long... latencies) {
    return new UnitStatistics(
        Map.of(
            CommandKind.READ,
            new CommandStatistics(bytes, Map.of(), 0, 0, 0, 0, latency(latencies))));
  }

  static LatencyHistogram latency(long... latencies) {
    long[] counts = new long[LatencyHistogram.BUCKETS];
    long sum = 0;
    long max = 0;
    for (long each : latencies) {
      counts[LatencyHistogram.bucket(each)]++;
      sum += each;
      max = Math.max(max, each);
    }
    return LatencyHistogram.of(counts, sum, max);
  }

  /** So many times the same latency. */
  static long[] times(int count, long nanos) {
    return Collections.nCopies(count, nanos).stream().mapToLong(Long::longValue).toArray();
  }

  // ---- sessions

  static SessionSnapshot session(String initiator, Optional<String> user, int... cids) {
    List<ConnectionSnapshot> connections = new ArrayList<>();
    for (int cid : cids) {
      connections.add(
          new ConnectionSnapshot(
              new ConnectionInfo(cid, REMOTE, LOCAL, 1),
              false,
              Map.of("HeaderDigest", "CRC32C", "DataDigest", "None"),
              2048,
              3 << 20,
              11,
              Duration.ofSeconds(4)));
    }
    TaskSnapshot task =
        new TaskSnapshot(
            1, 0, 3, "READ(10)", "28", 512, 0, false, TaskSnapshot.State.IN_DEVICE, Duration.ZERO);
    return new SessionSnapshot(
        new SessionInfo(
            new Initiator(IscsiName.ofInitiator(initiator), user, REMOTE, LOCAL, 1),
            0x80_0000_0000_01L,
            5,
            Optional.of(IscsiName.of(TARGET))),
        Instant.EPOCH,
        Duration.ofSeconds(90),
        Map.of(),
        0,
        1,
        2,
        100,
        1234,
        connections,
        List.of(task));
  }
}

package org.iscsi4j.examples.daemon.http;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.Portal;
import org.iscsi4j.api.Target;
import org.iscsi4j.api.monitor.CommandKind;
import org.iscsi4j.api.monitor.CommandStatistics;
import org.iscsi4j.api.monitor.ConnectionSnapshot;
import org.iscsi4j.api.monitor.ReservationSnapshot;
import org.iscsi4j.api.monitor.ServerSnapshot;
import org.iscsi4j.api.monitor.SessionSnapshot;
import org.iscsi4j.api.monitor.TargetSnapshot;
import org.iscsi4j.api.monitor.UnitAvailability;
import org.iscsi4j.api.monitor.UnitSnapshot;

/**
 * Says what there is to say of a server, from its snapshot and its history. Any thread.
 *
 * @param version of this program
 * @param started since when the page is served
 */
record StatusMaker(String version, Instant started, History history) {

  private static final int SPARK_SECONDS = 60;

  /** What is told of a server, with the history of a unit, or of all when there is no such unit. */
  Status status(ServerSnapshot server, List<Target> described, Optional<Place> of) {
    Map<IscsiName, String> aliases = new HashMap<>();
    described.forEach(each -> each.alias().ifPresent(alias -> aliases.put(each.name(), alias)));
    return new Status(
        server(server),
        counts(server),
        history.latest(),
        server.portals().stream().map(StatusMaker::portal).toList(),
        targets(server, aliases),
        server.sessions().stream().limit(Status.MAX_ROWS).map(StatusMaker::session).toList(),
        history(of));
  }

  private Status.Server server(ServerSnapshot server) {
    return new Status.Server(
        server.name(),
        version,
        server.taken().toString(),
        Math.max(0, Duration.between(started, server.taken()).toSeconds()),
        server.complete());
  }

  private static Status.Counts counts(ServerSnapshot server) {
    return new Status.Counts(
        server.targets().size(),
        server.targets().stream().mapToInt(target -> target.units().size()).sum(),
        server.sessions().size(),
        server.sessions().stream().mapToInt(session -> session.connections().size()).sum(),
        server.logins().size(),
        server.sessions().stream().mapToInt(session -> session.tasks().size()).sum());
  }

  private static Status.PortalStatus portal(Portal portal) {
    return new Status.PortalStatus(portal.toString(), portal.groupTag(), portal.tls().isPresent());
  }

  // ---- units

  private List<Status.TargetStatus> targets(ServerSnapshot server, Map<IscsiName, String> aliases) {
    List<Status.TargetStatus> targets = new ArrayList<>();
    int room = Status.MAX_ROWS;
    for (TargetSnapshot target : server.targets()) {
      if (room == 0) {
        break;
      }
      String name = target.name().toString();
      List<Status.UnitStatus> units =
          target.units().entrySet().stream()
              .limit(room)
              .map(each -> unit(new Place(name, each.getKey()), each.getValue()))
              .toList();
      targets.add(new Status.TargetStatus(name, aliases.getOrDefault(target.name(), ""), units));
      room -= units.size();
    }
    return targets;
  }

  private Status.UnitStatus unit(Place place, UnitSnapshot unit) {
    boolean out = unit.availability() == UnitAvailability.EJECTED;
    return new Status.UnitStatus(
        place.lun(),
        type(unit),
        (unit.identity().vendor() + " " + unit.identity().product()).strip(),
        unit.identity().serial(),
        state(unit.availability()),
        unit.readOnly(),
        unit.removalPrevented(),
        reserved(unit.reservations()),
        out ? 0 : unit.geometry().size(),
        unit.geometry().blockSize(),
        unit.nexuses(),
        history.latest(place),
        total(unit),
        history.bytes(place, SPARK_SECONDS));
  }

  static String type(UnitSnapshot unit) {
    return switch (unit.type()) {
      case DIRECT_ACCESS -> "disk";
      case SEQUENTIAL_ACCESS -> "tape";
      case CD_DVD -> "dvd";
    };
  }

  private static String state(UnitAvailability availability) {
    return availability == UnitAvailability.EJECTED
        ? "no medium"
        : availability.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private static boolean reserved(ReservationSnapshot reservations) {
    return reservations.reservedBy().isPresent() || reservations.type().isPresent();
  }

  private static Status.Total total(UnitSnapshot unit) {
    CommandStatistics all = unit.statistics().total();
    return new Status.Total(
        unit.statistics().of(CommandKind.READ).bytes(),
        unit.statistics().of(CommandKind.WRITE).bytes(),
        all.operations(),
        all.errors(),
        all.aborted());
  }

  // ---- sessions

  private static Status.SessionStatus session(SessionSnapshot session) {
    return new Status.SessionStatus(
        session.info().initiator().name().toString(),
        session.info().initiator().user().orElse(""),
        session.info().target().map(IscsiName::toString).orElse(""),
        String.format("%012x", session.info().isid()),
        session.info().tsih(),
        session.age().toSeconds(),
        session.commands(),
        session.tasks().size(),
        session.connections().stream().map(StatusMaker::connection).toList());
  }

  private static Status.ConnectionStatus connection(ConnectionSnapshot connection) {
    return new Status.ConnectionStatus(
        connection.info().cid(),
        address(connection.info().remote()),
        address(connection.info().local()),
        connection.negotiated().getOrDefault("HeaderDigest", ""),
        connection.negotiated().getOrDefault("DataDigest", ""),
        connection.bytesIn(),
        connection.bytesOut(),
        connection.idle().toSeconds(),
        connection.lost());
  }

  private static String address(InetSocketAddress address) {
    String host =
        address.isUnresolved() ? address.getHostString() : address.getAddress().getHostAddress();
    return Portal.format(host, address.getPort());
  }

  // ---- history

  private Status.HistoryStatus history(Optional<Place> of) {
    Optional<List<History.Aged>> own = of.flatMap(history::of);
    List<History.Aged> samples = own.orElseGet(history::ofAll);
    Optional<Place> place = of.filter(any -> own.isPresent());
    return new Status.HistoryStatus(
        place.map(Place::target).orElse(""),
        place.map(Place::lun).orElse(null),
        samples.stream().map(History.Aged::age).toList(),
        column(samples, Sample::readBytesPerSecond),
        column(samples, Sample::writtenBytesPerSecond),
        column(samples, Sample::readsPerSecond),
        column(samples, Sample::writesPerSecond),
        column(samples, Sample::othersPerSecond),
        column(samples, Sample::p50Nanos),
        column(samples, Sample::p99Nanos),
        column(samples, Sample::outstanding));
  }

  private static <T> List<T> column(List<History.Aged> samples, Function<Sample, T> value) {
    return samples.stream().map(History.Aged::sample).map(value).toList();
  }
}

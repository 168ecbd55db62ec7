package org.iscsi4j.examples.daemon.control;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.monitor.CommandStatistics;
import org.iscsi4j.api.monitor.LatencyHistogram;
import org.iscsi4j.api.monitor.NexusPorts;
import org.iscsi4j.api.monitor.ReservationSnapshot;
import org.iscsi4j.api.monitor.TargetSnapshot;
import org.iscsi4j.api.monitor.UnitSnapshot;
import org.iscsi4j.examples.daemon.control.Verb.Request;
import org.iscsi4j.examples.daemon.service.DaemonService;

/** STATS and RESERVATIONS: what initiators did with units, and who has them for itself. */
final class StatisticsVerbs {

  private static final double MEDIAN = 50;
  private static final double LAST_HUNDREDTH = 99;

  private final DaemonService service;
  private final Lookup lookup;

  private record Place(IscsiName target, int lun, UnitSnapshot unit) {
    ObjectNode row() {
      return Answer.JSON.objectNode().put("target", target.toString()).put("lun", lun);
    }
  }

  StatisticsVerbs(DaemonService service) {
    this.service = service;
    lookup = new Lookup(service);
  }

  List<Verb> verbs() {
    return List.of(
        new Verb("STATS", "[target [lun]]", 0, 2, this::statistics),
        new Verb("RESERVATIONS", "[target [lun]]", 0, 2, this::reservations));
  }

  private List<Place> places(Request request) throws Refusal {
    Optional<IscsiName> target = lookup.optionalTarget(request);
    Optional<Integer> lun =
        request.count() > 1 ? Optional.of(lookup.lun(request).number()) : Optional.empty();
    List<Place> places = new ArrayList<>();
    for (TargetSnapshot each : service.server().snapshot().join().targets()) {
      if (target.isEmpty() || target.get().equals(each.name())) {
        each.units()
            .forEach(
                (number, unit) -> {
                  if (lun.isEmpty() || lun.get().equals(number)) {
                    places.add(new Place(each.name(), number, unit));
                  }
                });
      }
    }
    return places;
  }

  // ---- STATS

  private Answer statistics(Request request) throws Refusal {
    return Answer.rows(places(request).stream().map(StatisticsVerbs::statistics).toList());
  }

  private static ObjectNode statistics(Place place) {
    UnitSnapshot unit = place.unit();
    ObjectNode row =
        place
            .row()
            .put("availability", unit.availability().name().toLowerCase(Locale.ROOT))
            .put("readOnly", unit.readOnly())
            .put("nexuses", unit.nexuses())
            .put("outstanding", unit.outstandingCommands());
    unit.statistics()
        .commands()
        .forEach((kind, of) -> put(row.putObject(kind.name().toLowerCase(Locale.ROOT)), of));
    return row;
  }

  private static void put(ObjectNode row, CommandStatistics of) {
    LatencyHistogram latency = of.latency();
    row.put("operations", of.operations())
        .put("bytes", of.bytes())
        .put("errors", of.errors())
        .put("aborted", of.aborted())
        .put("meanNanos", Math.round(latency.mean()))
        .put("medianNanos", latency.percentile(MEDIAN))
        .put("p99Nanos", latency.percentile(LAST_HUNDREDTH))
        .put("maxNanos", latency.max());
  }

  // ---- RESERVATIONS

  private Answer reservations(Request request) throws Refusal {
    List<ObjectNode> rows = new ArrayList<>();
    for (Place place : places(request)) {
      addReservations(place, rows::add);
    }
    return Answer.rows(rows);
  }

  private static void addReservations(Place place, Consumer<ObjectNode> rows) {
    ReservationSnapshot state = place.unit().reservations();
    state
        .reservedBy()
        .ifPresent(
            holder ->
                rows.accept(ports(place.row().put("type", "RESERVE"), holder).put("holder", true)));
    for (ReservationSnapshot.Registration each : state.registrations()) {
      ObjectNode row = place.row().put("type", state.type().map(Enum::name).orElse("NONE"));
      rows.accept(
          ports(row, each.ports())
              .put("holder", each.holder())
              .put("key", "0x%016x".formatted(each.key()))
              .put("generation", state.generation())
              .put("survivesPowerLoss", state.survivesPowerLoss()));
    }
  }

  private static ObjectNode ports(ObjectNode row, NexusPorts ports) {
    return row.put("initiator", ports.initiatorPort()).put("port", ports.targetPort());
  }
}

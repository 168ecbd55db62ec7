package org.iscsi4j.examples.daemon.control;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.SessionInfo;
import org.iscsi4j.api.monitor.ConnectionSnapshot;
import org.iscsi4j.api.monitor.SessionSnapshot;
import org.iscsi4j.examples.daemon.control.Verb.Request;
import org.iscsi4j.examples.daemon.service.DaemonService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** INFO, SESSIONS and CLOSE: who is logged in. */
final class SessionVerbs {

  private static final Logger log = LoggerFactory.getLogger(SessionVerbs.class);

  private final DaemonService service;
  private final Lookup lookup;

  SessionVerbs(DaemonService service) {
    this.service = service;
    lookup = new Lookup(service);
  }

  List<Verb> verbs() {
    return List.of(
        new Verb("INFO", "[target]", 0, 1, this::info),
        new Verb("SESSIONS", "[target]", 0, 1, this::sessions),
        new Verb("CLOSE", "session", 1, 1, this::close));
  }

  private List<SessionSnapshot> snapshots(Request request) throws Refusal {
    Optional<IscsiName> target = lookup.optionalTarget(request);
    return service.server().snapshot().join().sessions().stream()
        .filter(session -> target.isEmpty() || session.info().target().equals(target))
        .toList();
  }

  /** Discovery sessions are none to istgt. */
  private Answer info(Request request) throws Refusal {
    List<IscsiName> targets = lookup.targets();
    List<Login> logins = new ArrayList<>();
    for (SessionSnapshot session : snapshots(request)) {
      session
          .info()
          .target()
          .ifPresent(
              target -> {
                int unit = targets.indexOf(target) + 1;
                session
                    .connections()
                    .forEach(each -> logins.add(new Login(session, each, target, unit)));
              });
    }
    return new Answer(
        logins.isEmpty() ? List.of("no login") : logins.stream().map(Login::line).toList(),
        Answer.array(logins.stream().map(Login::row).toList()));
  }

  private Answer sessions(Request request) throws Refusal {
    return Answer.rows(snapshots(request).stream().map(SessionVerbs::row).toList());
  }

  private static ObjectNode row(SessionSnapshot session) {
    SessionInfo info = session.info();
    ObjectNode row =
        Answer.JSON
            .objectNode()
            .put("session", info.tsih())
            .put("initiator", info.initiator().name().toString());
    info.target().ifPresent(target -> row.put("target", target.toString()));
    info.initiator().user().ifPresent(user -> row.put("user", user));
    row.put("isid", Login.isid(session))
        .put("tsih", info.tsih())
        .put("opened", session.opened().toString())
        .put("seconds", session.age().toSeconds())
        .put("commands", session.commands())
        .put("outstanding", session.tasks().size());
    ObjectNode negotiated = row.putObject("negotiated");
    session.negotiated().forEach(negotiated::put);
    ArrayNode connections = row.putArray("connections");
    session.connections().forEach(connection -> connections.add(row(connection)));
    return row;
  }

  private static ObjectNode row(ConnectionSnapshot connection) {
    ObjectNode row =
        Answer.JSON
            .objectNode()
            .put("cid", connection.info().cid())
            .put("address", Login.format(connection.info().remote()))
            .put("portal", Login.format(connection.info().local()))
            .put("tag", connection.info().portalGroup())
            .put("lost", connection.lost())
            .put("bytesIn", connection.bytesIn())
            .put("bytesOut", connection.bytesOut());
    ObjectNode negotiated = row.putObject("negotiated");
    connection.negotiated().forEach(negotiated::put);
    return row;
  }

  /** Returns when it has ended, which the server's abort timeout bounds. */
  private Answer close(Request request) throws Refusal {
    SessionInfo session =
        service.server().sessions().stream()
            .filter(each -> Integer.toString(each.tsih()).equals(request.argument(0)))
            .findFirst()
            .orElseThrow(() -> new Refusal("no session"));
    service.server().endSession(session).join();
    log.info("control: session {} closed by {}", session.tsih(), request.client());
    return Answer.DONE;
  }
}

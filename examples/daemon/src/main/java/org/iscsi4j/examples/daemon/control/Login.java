package org.iscsi4j.examples.daemon.control;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.Portal;
import org.iscsi4j.api.monitor.ConnectionSnapshot;
import org.iscsi4j.api.monitor.SessionSnapshot;

/**
 * A connection as INFO tells of it.
 *
 * @param unit the place of its target among the targets, from 1, which istgt writes as LUn
 */
record Login(SessionSnapshot session, ConnectionSnapshot connection, IscsiName target, int unit) {

  private static final List<String> SESSION_KEYS =
      List.of("MaxConnections", "FirstBurstLength", "MaxBurstLength");

  private static final List<String> LAST_KEYS = List.of("InitialR2T", "ImmediateData");

  /** As istgt writes it. */
  String line() {
    StringBuilder line =
        new StringBuilder(
            "Login from %s (%s) on %s LU%d (%s,%d), ISID=%s, TSIH=%d, CID=%d"
                .formatted(
                    initiator(),
                    address(),
                    target,
                    unit,
                    portal(),
                    connection.info().portalGroup(),
                    isid(session),
                    session.info().tsih(),
                    connection.info().cid()));
    add(line, "HeaderDigest", digest("HeaderDigest"));
    add(line, "DataDigest", digest("DataDigest"));
    SESSION_KEYS.forEach(key -> add(line, key, session.negotiated().get(key)));
    add(line, "MaxRecvDataSegmentLength", segment());
    LAST_KEYS.forEach(key -> add(line, key, session.negotiated().get(key)));
    return line.toString();
  }

  private static void add(StringBuilder line, String key, String value) {
    line.append(", ").append(key).append('=').append(value);
  }

  ObjectNode row() {
    ObjectNode row =
        Answer.JSON
            .objectNode()
            .put("target", target.toString())
            .put("initiator", initiator())
            .put("address", address())
            .put("portal", portal())
            .put("tag", connection.info().portalGroup())
            .put("isid", isid(session))
            .put("tsih", session.info().tsih())
            .put("cid", connection.info().cid())
            .put("HeaderDigest", connection.negotiated().get("HeaderDigest"))
            .put("DataDigest", connection.negotiated().get("DataDigest"));
    SESSION_KEYS.forEach(key -> row.put(key, session.negotiated().get(key)));
    row.put("MaxRecvDataSegmentLength", segment());
    LAST_KEYS.forEach(key -> row.put(key, session.negotiated().get(key)));
    return row;
  }

  static String isid(SessionSnapshot session) {
    return "%012x".formatted(session.info().isid());
  }

  static String format(InetSocketAddress address) {
    return Portal.format(address.getAddress().getHostAddress(), address.getPort());
  }

  private String initiator() {
    return session.info().initiator().name().toString();
  }

  private String address() {
    return connection.info().remote().getAddress().getHostAddress();
  }

  private String portal() {
    return format(connection.info().local());
  }

  private String digest(String key) {
    return connection.negotiated().get(key).equals("None") ? "off" : "on";
  }

  /** What either side may send at once, as istgt has one length for both. */
  private String segment() {
    Map<String, String> lengths = connection.negotiated();
    int initiator = Integer.parseInt(lengths.get("MaxRecvDataSegmentLength initiator"));
    int own = Integer.parseInt(lengths.get("MaxRecvDataSegmentLength target"));
    return Integer.toString(Math.min(initiator, own));
  }
}

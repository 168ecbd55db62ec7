package org.iscsi4j.examples.daemon.http;

/** The table of sessions: a row for each connection. */
final class SessionRows {

  private static final int COLUMNS = 12;

  private SessionRows() {}

  static String html(Status status) {
    StringBuilder out = new StringBuilder();
    status.sessions().forEach(session -> append(session, out));
    return out.isEmpty() ? Page.nothing(COLUMNS, "nobody is logged in") : out.toString();
  }

  private static void append(Status.SessionStatus session, StringBuilder out) {
    out.append("          <tbody>\n");
    int rows = session.connections().size();
    if (rows == 0) {
      out.append(session(session, new Row(key(session, "none"))).html());
    }
    for (int i = 0; i < rows; i++) {
      Status.ConnectionStatus connection = session.connections().get(i);
      Row row = new Row(key(session, Integer.toString(connection.cid())));
      if (i == 0) {
        session(session, row.spanning(rows)).spanning(1);
      }
      out.append(connection(connection, row).html());
    }
    out.append("          </tbody>\n");
  }

  private static String key(Status.SessionStatus session, String cid) {
    return session.tsih() + " " + session.isid() + " " + cid;
  }

  private static Row session(Status.SessionStatus session, Row row) {
    String user =
        session.user().isEmpty() ? "" : " <small>as " + Html.escaped(session.user()) + "</small>";
    return row.head("<span class=\"name\">" + Html.escaped(session.initiator()) + "</span>" + user)
        .name(session.target().isEmpty() ? "(discovery)" : session.target())
        .liveNumber("age", Quantities.age(session.ageSeconds()))
        .liveNumber("commands", Quantities.count(session.commands()))
        .liveNumber("queue", Page.orNone(session.outstanding()));
  }

  private static Row connection(Status.ConnectionStatus connection, Row row) {
    return row.number(Integer.toString(connection.cid()))
        .text(connection.remote())
        .text(connection.local())
        .text(digests(connection))
        .liveNumber("in", Quantities.bytes(connection.inBytes()))
        .liveNumber("out", Quantities.bytes(connection.outBytes()))
        .liveNumber("idle", connection.lost() ? "lost" : Quantities.age(connection.idleSeconds()));
  }

  private static String digests(Status.ConnectionStatus connection) {
    boolean header = connection.headerDigest().equals("CRC32C");
    boolean data = connection.dataDigest().equals("CRC32C");
    if (header) {
      return data ? "header, data" : "header";
    }
    return data ? "data" : Quantities.NONE;
  }
}

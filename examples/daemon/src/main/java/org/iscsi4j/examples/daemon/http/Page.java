package org.iscsi4j.examples.daemon.http;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** The page for people, whole without its script. */
final class Page {

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private final String template = new String(Pages.resource("page.html"), StandardCharsets.UTF_8);

  String html(Status status) {
    Map<String, String> slots = new HashMap<>();
    slots.put("name", Html.escaped(status.server().name()));
    slots.put("version", Html.escaped(status.server().version()));
    slots.put("taken", TIME.format(Instant.parse(status.server().taken())));
    slots.put("whenComplete", status.server().complete() ? " hidden" : "");
    slots.put("tiles", tiles(status));
    scope(status.history(), slots);
    tables(status, slots);
    return Html.filled(template, slots);
  }

  private static void scope(Status.HistoryStatus history, Map<String, String> slots) {
    boolean all = history.lun() == null;
    String unit = "LUN " + history.lun() + " of " + Html.escaped(history.target());
    slots.put("scope", all ? "all units" : unit);
    slots.put(
        "scopeLink", all ? "" : "      <p class=\"note\"><a href=\"./\">Show all units</a></p>");
  }

  private static void tables(Status status, Map<String, String> slots) {
    Status.Counts counts = status.counts();
    slots.put("units", some(counts.units(), " of " + named(counts.targets(), "target")));
    slots.put("unitRows", UnitRows.html(status));
    slots.put("moreUnits", more(counts.units()));
    String over = " over " + named(counts.connections(), "connection");
    slots.put("sessions", some(counts.sessions(), over));
    slots.put("sessionRows", SessionRows.html(status));
    slots.put("moreSessions", more(counts.sessions()));
    slots.put("portals", Integer.toString(status.portals().size()));
    slots.put("portalRows", portals(status));
  }

  // ---- numbers at a glance

  private static String tiles(Status status) {
    Sample now = status.now();
    Status.Counts counts = status.counts();
    return tile("Read", "read", Quantities.rate(now.readBytesPerSecond()))
        + tile("Write", "write", Quantities.rate(now.writtenBytesPerSecond()))
        + tile("Operations", "operations", Quantities.operations(now.operationsPerSecond()))
        + tile("Latency p99", "p99", Quantities.latency(now.p99Nanos()))
        + tile("Queue", "queue", Integer.toString(now.outstanding()))
        + tile("Sessions", "sessions", Quantities.count(counts.sessions()))
        + tile("Logins pending", "pending", Quantities.count(counts.pendingLogins()))
        + tile("Up for", "uptime", Quantities.age(status.server().uptimeSeconds()));
  }

  private static String tile(String name, String value, String text) {
    return "      <div><dt>" + name + "</dt><dd data-v=\"" + value + "\">" + text + "</dd></div>\n";
  }

  // ---- tables

  private static String portals(Status status) {
    StringBuilder out = new StringBuilder("        <tbody>\n");
    for (Status.PortalStatus portal : status.portals()) {
      out.append(
          new Row(portal.address())
              .head(Html.escaped(portal.address()))
              .number(Integer.toString(portal.group()))
              .text(portal.tls() ? "TLS" : "none")
              .html());
    }
    return status.portals().isEmpty()
        ? nothing(3, "no portal listens")
        : out.append("        </tbody>\n").toString();
  }

  /** The only row of a table that is empty. */
  static String nothing(int columns, String why) {
    return "          <tbody><tr class=\"nothing\"><td colspan=\""
        + columns
        + "\">"
        + why
        + "</td></tr></tbody>\n";
  }

  private static String more(int all) {
    return all <= Status.MAX_ROWS
        ? ""
        : "      <p class=\"note\">And " + (all - Status.MAX_ROWS) + " more.</p>";
  }

  /** A number that is calm when there is nothing. */
  static String orNone(long number) {
    return number == 0 ? Quantities.NONE : Quantities.count(number);
  }

  private static String some(int number, String rest) {
    return number == 0 ? "none" : number + rest;
  }

  private static String named(int number, String what) {
    return number + " " + what + (number == 1 ? "" : "s");
  }
}

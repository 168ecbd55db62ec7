package org.iscsi4j.examples.daemon.http;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.StringJoiner;

/** The table of units: a group of rows for each target. */
final class UnitRows {

  private static final int COLUMNS = 14;

  private UnitRows() {}

  static String html(Status status) {
    StringBuilder out = new StringBuilder();
    for (Status.TargetStatus target : status.targets()) {
      out.append("          <tbody>\n").append(group(target));
      target.units().forEach(unit -> out.append(row(target, unit)));
      out.append("          </tbody>\n");
    }
    return out.isEmpty() ? Page.nothing(COLUMNS, "no target is served") : out.toString();
  }

  private static String group(Status.TargetStatus target) {
    String alias =
        target.alias().isEmpty() ? "" : " <small>" + Html.escaped(target.alias()) + "</small>";
    String none = target.units().isEmpty() ? " <small>no units</small>" : "";
    return "            <tr class=\"group\"><th scope=\"rowgroup\" colspan=\""
        + COLUMNS
        + "\"><span>"
        + Html.escaped(target.name())
        + alias
        + none
        + "</span></th></tr>\n";
  }

  private static String row(Status.TargetStatus target, Status.UnitStatus unit) {
    Sample now = unit.now();
    return new Row(target.name() + " " + unit.lun())
        .head("<a href=\"" + link(target.name(), unit.lun()) + "\">" + unit.lun() + "</a>")
        .text(unit.type())
        .live("state", state(unit))
        .liveNumber(
            "size", unit.sizeBytes() == 0 ? Quantities.NONE : Quantities.bytes(unit.sizeBytes()))
        .spark()
        .liveNumber("read", Quantities.rate(now.readBytesPerSecond()))
        .liveNumber("write", Quantities.rate(now.writtenBytesPerSecond()))
        .liveNumber("operations", Quantities.operations(now.operationsPerSecond()))
        .liveNumber("p50", Quantities.latency(now.p50Nanos()))
        .liveNumber("p99", Quantities.latency(now.p99Nanos()))
        .liveNumber("queue", Page.orNone(now.outstanding()))
        .liveNumber("errors", Page.orNone(unit.total().errors()))
        .liveNumber("initiators", Page.orNone(unit.initiators()))
        .text(unit.serial())
        .html();
  }

  /** The address of the page with a unit's plots, for an attribute. */
  static String link(String target, int lun) {
    String name = URLEncoder.encode(target, StandardCharsets.UTF_8);
    return Html.escaped("?target=" + name + "&lun=" + lun + "#activity");
  }

  private static String state(Status.UnitStatus unit) {
    StringJoiner state = new StringJoiner(", ").add(unit.state());
    if (unit.readOnly()) {
      state.add("read-only");
    }
    if (unit.locked()) {
      state.add("locked");
    }
    if (unit.reserved()) {
      state.add("reserved");
    }
    return state.toString();
  }
}

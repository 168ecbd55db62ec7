package org.iscsi4j.examples.daemon.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.EnumMap;
import java.util.Map;

/** Shows a daemon's document: to people, with istgtcontrol's words, or to programs as it is. */
record Printer(PrintWriter out, PrintWriter err, boolean json, boolean quiet) {

  private static final Map<Action, Table> TABLES = new EnumMap<>(Action.class);

  static {
    TABLES.put(
        Action.LIST,
        Table.of(
            "TARGET",
            "/target",
            "LUN",
            "/lun",
            "TYPE",
            "/type",
            "PRESENT",
            "/present",
            "LOCKED",
            "/locked",
            "FLAGS",
            "/flags",
            "SIZE",
            "/size",
            "FILE",
            "/file"));
    TABLES.put(
        Action.INFO,
        Table.of(
            "TARGET",
            "/target",
            "INITIATOR",
            "/initiator",
            "ADDRESS",
            "/address",
            "PORTAL",
            "/portal",
            "TAG",
            "/tag",
            "ISID",
            "/isid",
            "TSIH",
            "/tsih",
            "CID",
            "/cid",
            "HEADER",
            "/HeaderDigest",
            "DATA",
            "/DataDigest"));
    TABLES.put(
        Action.SESSIONS,
        Table.of(
            "SESSION",
            "/session",
            "INITIATOR",
            "/initiator",
            "USER",
            "/user",
            "TARGET",
            "/target",
            "ADDRESS",
            "/connections/0/address",
            "CONNECTIONS",
            "/connections",
            "COMMANDS",
            "/commands",
            "OUTSTANDING",
            "/outstanding",
            "SECONDS",
            "/seconds"));
    TABLES.put(
        Action.STATS,
        Table.of(
            "TARGET",
            "/target",
            "LUN",
            "/lun",
            "STATE",
            "/availability",
            "READS",
            "/read/operations",
            "READ-BYTES",
            "/read/bytes",
            "WRITES",
            "/write/operations",
            "WRITTEN-BYTES",
            "/write/bytes",
            "READ-P99-NS",
            "/read/p99Nanos",
            "WRITE-P99-NS",
            "/write/p99Nanos",
            "OUTSTANDING",
            "/outstanding"));
    TABLES.put(
        Action.RESERVATIONS,
        Table.of(
            "TARGET",
            "/target",
            "LUN",
            "/lun",
            "TYPE",
            "/type",
            "HOLDER",
            "/holder",
            "KEY",
            "/key",
            "INITIATOR",
            "/initiator"));
    TABLES.put(Action.TRACE, Table.of("AREA", "/area", "ENABLED", "/enabled"));
  }

  /** Whether the daemon did what it was asked for. */
  boolean print(Action action, JsonNode document) {
    boolean ok = document.path("ok").asBoolean();
    if (json) {
      out.println(document);
    } else if (ok) {
      printResult(action, document.path("result"));
      note("DONE " + action.name() + " command");
    } else {
      err.println("ERROR " + document.path("error").asText());
      document.path("problems").forEach(problem -> err.println(problem.asText()));
      note("ABORT " + action.name() + " command");
    }
    out.flush();
    return ok;
  }

  private void note(String line) {
    if (!quiet) {
      out.println(line);
    }
  }

  private void printResult(Action action, JsonNode result) {
    if (action == Action.VERSION) {
      out.println("target version " + result.asText());
    } else if (!TABLES.containsKey(action)) {
      result.forEach(line -> out.println(line.asText()));
    } else if (result.isEmpty()) {
      out.println(nothing(action));
    } else {
      TABLES.get(action).lines(result).forEach(out::println);
    }
  }

  private static String nothing(Action action) {
    return switch (action) {
      case INFO, SESSIONS -> "no login";
      case RESERVATIONS -> "no reservation";
      default -> "no unit";
    };
  }
}

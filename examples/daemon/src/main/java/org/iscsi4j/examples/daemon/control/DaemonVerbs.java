package org.iscsi4j.examples.daemon.control;

import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.iscsi4j.examples.daemon.config.ConfigException;
import org.iscsi4j.examples.daemon.config.Problem;
import org.iscsi4j.examples.daemon.control.Verb.Request;
import org.iscsi4j.examples.daemon.service.DaemonService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What concerns the daemon as a whole: VERSION, NOOP, REFRESH, TRACE. */
final class DaemonVerbs {

  private static final Logger log = LoggerFactory.getLogger(DaemonVerbs.class);

  private final DaemonService service;
  private final TraceSwitch traces;

  DaemonVerbs(DaemonService service, TraceSwitch traces) {
    this.service = service;
    this.traces = traces;
  }

  /** istgt takes any arguments with these, and hears none. */
  List<Verb> verbs() {
    return List.of(
        new Verb("VERSION", "", 0, Verb.ANY, request -> version()),
        new Verb("NOOP", "", 0, Verb.ANY, request -> Answer.DONE),
        new Verb("REFRESH", "", 0, Verb.ANY, this::refresh),
        new Verb("TRACE", "[all | none | area,...]", 0, 1, this::trace));
  }

  private static Answer version() {
    return new Answer(List.of(Banner.VERSION), TextNode.valueOf(Banner.VERSION));
  }

  /** No line tells the changes: istgtcontrol takes one for an error. */
  private Answer refresh(Request request) throws Refusal {
    try {
      List<String> changes = service.reload();
      log.info("control: configuration read anew for {}", request.client());
      return new Answer(List.of(), Answer.array(changes.stream().map(TextNode::valueOf).toList()));
    } catch (ConfigException e) {
      throw problems(e.problems());
    } catch (IOException e) {
      throw new Refusal("refresh: " + Reasons.of(e));
    }
  }

  private static Refusal problems(List<Problem> problems) {
    List<Problem> errors = problems.stream().filter(problem -> !problem.warning()).toList();
    String first = errors.stream().findFirst().map(Problem::toString).orElse("");
    String more = errors.size() > 1 ? " (and " + (errors.size() - 1) + " more)" : "";
    return new Refusal(
        Words.oneLine("refresh: " + first + more),
        problems.stream().map(Problem::toString).toList());
  }

  private Answer trace(Request request) throws Refusal {
    if (request.count() == 1) {
      Set<String> wanted = areas(request.argument(0).toLowerCase(Locale.ROOT));
      traces.only(wanted);
      log.info("control: traces {} by {}", wanted, request.client());
    }
    return Answer.rows(
        traces.areas().entrySet().stream()
            .map(
                area ->
                    Answer.JSON
                        .objectNode()
                        .put("area", area.getKey())
                        .put("enabled", area.getValue()))
            .toList());
  }

  private Set<String> areas(String text) throws Refusal {
    Set<String> known = traces.areas().keySet();
    switch (text) {
      case "all":
        return known;
      case "none":
        return Set.of();
      default:
        Set<String> wanted = new TreeSet<>(List.of(text.split(",")));
        if (!known.containsAll(wanted)) {
          throw Refusal.parameters(
              "area '" + text + "' is none of all, none, " + String.join(", ", known));
        }
        return wanted;
    }
  }
}

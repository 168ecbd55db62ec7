package org.iscsi4j.examples.daemon.control;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.iscsi4j.examples.daemon.service.DaemonService;

/** Every command but those that concern the connection itself: AUTH, QUIT, JSON. Immutable. */
final class Verbs {

  private final Map<String, Verb> verbs = new LinkedHashMap<>();

  Verbs(DaemonService service, TraceSwitch traces) {
    List<Verb> all = new ArrayList<>(new DaemonVerbs(service, traces).verbs());
    all.add(new ListVerb(service).verb());
    all.addAll(new SessionVerbs(service).verbs());
    all.addAll(new UnitVerbs(service).verbs());
    all.addAll(new StatisticsVerbs(service).verbs());
    all.add(new Verb("HELP", "", 0, 0, request -> help()));
    all.forEach(verb -> verbs.put(verb.name(), verb));
  }

  private Answer help() {
    return Answer.rows(
        verbs.values().stream()
            .map(
                verb ->
                    Answer.JSON
                        .objectNode()
                        .put("verb", verb.name())
                        .put("arguments", verb.usage()))
            .toList());
  }

  Optional<Verb> find(String name) {
    return Optional.ofNullable(verbs.get(name.toUpperCase(Locale.ROOT)));
  }
}

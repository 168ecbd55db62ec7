package org.iscsi4j.examples.daemon.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import org.iscsi4j.examples.daemon.ctl.ControlLink.Reply;

/** The original istgt's daemon, which answers in lines. */
final class IstgtDaemon implements ControlDaemon {

  /** One more than the highest LUN that it knows. */
  private static final int LUNS = 64;

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final ControlLink link;

  IstgtDaemon(ControlLink link) {
    this.link = link;
  }

  @Override
  public JsonNode ask(Action action, List<String> words) throws IOException {
    if (!action.knownToIstgt()) {
      return refused(action, "istgt's daemon does not know " + action);
    }
    boolean severalUnits = action == Action.LIST && words.size() < 2;
    Reply reply = link.ask(action.name(), ControlDaemon.quoted(words));
    if (reply.error().isPresent()) {
      return refused(action, reply.error().get());
    }
    return document(action, true)
        .set(
            "result",
            severalUnits
                ? units(words.isEmpty() ? reply.data() : words)
                : result(action, reply, words));
  }

  private static JsonNode result(Action action, Reply reply, List<String> words) {
    ArrayNode rows = JSON.arrayNode();
    for (String line : reply.data()) {
      switch (action) {
        case VERSION -> {
          return JSON.textNode(line);
        }
        case LIST -> rows.add(IstgtLines.unit(words.get(0), line));
        case INFO -> IstgtLines.login(line).ifPresent(rows::add);
        default -> rows.add(line);
      }
    }
    return rows;
  }

  /** It tells of one unit at a time, and of no numbers. */
  private ArrayNode units(List<String> targets) throws IOException {
    ArrayNode rows = JSON.arrayNode();
    for (String target : targets) {
      for (int lun = 0; lun < LUNS; lun++) {
        Reply reply =
            link.ask(Action.LIST.name(), ControlDaemon.quoted(List.of(target)) + " " + lun);
        reply.data().forEach(line -> rows.add(IstgtLines.unit(target, line)));
      }
    }
    return rows;
  }

  private static ObjectNode document(Action action, boolean ok) {
    return JSON.objectNode().put("command", action.name()).put("ok", ok);
  }

  private static ObjectNode refused(Action action, String error) {
    return document(action, false).put("error", error);
  }
}

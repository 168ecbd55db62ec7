package org.iscsi4j.examples.daemon.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import org.iscsi4j.examples.daemon.control.Banner;
import org.iscsi4j.examples.daemon.control.Words;

/** A daemon that answers in documents, as the JSON form of the control channel has them. */
interface ControlDaemon {

  /**
   * Asks for something.
   *
   * @param words what stands behind the command
   * @return {@code {"command": …, "ok": true, "result": …}}, or with ok false and an error
   */
  JsonNode ask(Action action, List<String> words) throws IOException;

  /** By what the daemon says it is. */
  static ControlDaemon of(ControlLink link) {
    return Banner.isOwn(link.greeting())
        ? (action, words) -> document(link.askLine("JSON " + action.name() + " " + quoted(words)))
        : new IstgtDaemon(link);
  }

  private static JsonNode document(String line) throws IOException {
    JsonNode document = new JsonMapper().readTree(line);
    if (!document.path("ok").isBoolean()) {
      throw new IOException("the daemon's reply is none: " + line);
    }
    return document;
  }

  static String quoted(List<String> words) {
    return words.stream().map(Words::quote).collect(Collectors.joining(" "));
  }
}

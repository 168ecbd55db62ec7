package org.iscsi4j.examples.daemon.control;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What a command has to say, in both forms.
 *
 * @param lines data lines, without the command in front
 * @param json the result in the JSON form; an empty array when there is nothing to say
 */
record Answer(List<String> lines, JsonNode json) {

  static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  /** It is done, and that is all. */
  static final Answer DONE = new Answer(List.of(), JSON.arrayNode());

  /** Each row is an object, and a line of {@code name=value} words. */
  static Answer rows(List<ObjectNode> rows) {
    return new Answer(rows.stream().map(Answer::line).toList(), array(rows));
  }

  static ArrayNode array(List<? extends JsonNode> elements) {
    return JSON.arrayNode().addAll(elements);
  }

  private static String line(ObjectNode row) {
    List<String> words = new ArrayList<>();
    collect("", row, words);
    return String.join(" ", words);
  }

  /** What is nested stands under {@code outer.inner}, elements of arrays under their number. */
  private static void collect(String prefix, JsonNode node, List<String> words) {
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      collectValue(prefix + field.getKey(), field.getValue(), words);
    }
    for (int i = 0; node.isArray() && i < node.size(); i++) {
      collectValue(prefix + i, node.get(i), words);
    }
  }

  private static void collectValue(String name, JsonNode value, List<String> words) {
    if (value.isContainerNode()) {
      collect(name + ".", value, words);
    } else {
      words.add(name.replace(' ', '_') + "=" + word(value));
    }
  }

  private static String word(JsonNode value) {
    String text = value.asText();
    boolean plain =
        !text.isEmpty() && text.chars().allMatch(c -> c > ' ' && "\"'\\".indexOf(c) < 0);
    return plain ? text : Words.quote(text);
  }
}

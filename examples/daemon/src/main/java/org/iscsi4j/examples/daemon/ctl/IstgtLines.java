package org.iscsi4j.examples.daemon.ctl;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.iscsi4j.examples.daemon.control.Words;

/** istgt's lines as the rows of our documents. What is no such line keeps its text. */
final class IstgtLines {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private static final Pattern LOGIN =
      Pattern.compile(
          "Login from (?<initiator>\\S+) \\((?<address>[^)]*)\\) on (?<target>\\S+) LU\\d+"
              + " \\((?<portal>.*),(?<tag>\\d+)\\), (?<keys>.*)");

  private static final String MISSING = "absent";

  private IstgtLines() {}

  /** A line of LIST: of a disk, a removable unit, or a device that is passed through. */
  static ObjectNode unit(String target, String line) {
    ObjectNode row = JSON.objectNode().put("target", target);
    List<String> words = words(line);
    if (words.size() < 3 || !words.get(0).matches("lun\\d{1,5}")) {
      return row.put("text", line);
    }
    row.put("lun", Integer.parseInt(words.get(0).substring("lun".length())));
    row.put("type", words.get(1));
    boolean removable = words.size() == 8 && words.get(1).equals("removable");
    row.put("removable", removable);
    if (removable) {
      row.put("present", !words.get(2).equals(MISSING));
      row.put("locked", words.get(3).equals("lock"));
      row.put("flags", words.get(5));
    }
    row.put("file", words.get(removable ? 6 : 2));
    return words.size() > 3 ? number(row, "size", words.get(words.size() - 1)) : row;
  }

  /** What is no number, such as auto, stays as it is. */
  private static ObjectNode number(ObjectNode row, String key, String text) {
    return text.matches("\\d{1,18}") ? row.put(key, Long.parseLong(text)) : row.put(key, text);
  }

  private static List<String> words(String line) {
    try {
      return Words.of(line);
    } catch (IllegalArgumentException e) {
      return List.of();
    }
  }

  /** A line of INFO; empty for the one that says that nobody is there. */
  static Optional<ObjectNode> login(String line) {
    Matcher login = LOGIN.matcher(line);
    if (!login.matches()) {
      return line.equals("no login")
          ? Optional.empty()
          : Optional.of(JSON.objectNode().put("text", line));
    }
    ObjectNode row = JSON.objectNode();
    for (String name : List.of("target", "initiator", "address", "portal")) {
      row.put(name, login.group(name));
    }
    number(row, "tag", login.group("tag"));
    for (String pair : login.group("keys").split(", ")) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        put(row, pair.substring(0, equals), pair.substring(equals + 1));
      }
    }
    return Optional.of(row);
  }

  /** By our names and values. */
  private static void put(ObjectNode row, String key, String value) {
    switch (key) {
      case "ISID" -> row.put("isid", value);
      case "TSIH" -> number(row, "tsih", value);
      case "CID" -> number(row, "cid", value);
      case "HeaderDigest", "DataDigest" -> row.put(key, value.equals("on") ? "CRC32C" : "None");
      default -> row.put(key, value);
    }
  }
}

package org.iscsi4j.examples.daemon.http;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Whose history a request asks for: {@code target=NAME&lun=NUMBER}, or nothing for all units. */
final class Query {

  private static final int MAX_LENGTH = 4096;

  private Query() {}

  /**
   * The unit of a query.
   *
   * @param raw with its percent signs; null when there is none, as of a URI
   * @throws IllegalArgumentException with what is wrong
   */
  static Optional<Place> unit(String raw) {
    if (raw == null || raw.isEmpty()) {
      return Optional.empty();
    }
    if (raw.length() > MAX_LENGTH) {
      throw new IllegalArgumentException("the query is longer than " + MAX_LENGTH);
    }
    Map<String, String> values = new HashMap<>();
    for (String pair : raw.split("&")) {
      int equals = pair.indexOf('=');
      String name = equals < 0 ? pair : pair.substring(0, equals);
      values.put(name, URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
    }
    if (!values.keySet().equals(Set.of("target", "lun"))) {
      throw new IllegalArgumentException("expected target=NAME&lun=NUMBER");
    }
    return Optional.of(new Place(values.get("target"), number(values.get("lun"))));
  }

  private static int number(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("lun is no number", e);
    }
  }
}

package org.iscsi4j.examples.daemon.http;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Text into HTML: names of initiators are chosen by strangers. */
final class Html {

  private static final Pattern SLOT = Pattern.compile("\\{\\{(\\w+)\\}\\}");

  private Html() {}

  /** Text that is nothing but text, between tags and in quoted attributes. */
  static String escaped(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&quot;");
        case '\'' -> out.append("&#39;");
        default -> out.append(c);
      }
    }
    return out.toString();
  }

  /**
   * A template with its slots, {@code {{name}}}, filled; what is filled in is not looked at again.
   *
   * @throws IllegalArgumentException when the template has a slot that there is nothing for
   */
  static String filled(String template, Map<String, String> slots) {
    return SLOT.matcher(template)
        .replaceAll(slot -> Matcher.quoteReplacement(of(slots, slot.group(1))));
  }

  private static String of(Map<String, String> slots, String name) {
    String value = slots.get(name);
    if (value == null) {
      throw new IllegalArgumentException("nothing is there for " + name);
    }
    return value;
  }
}

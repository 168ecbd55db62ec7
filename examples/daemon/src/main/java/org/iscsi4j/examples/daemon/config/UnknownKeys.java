package org.iscsi4j.examples.daemon.config;

import java.util.Locale;

/** What keys and sections are that nobody knows. */
public enum UnknownKeys {
  /** Mistakes: a file with one of them is refused. */
  REFUSE,
  /** Left out, with a warning; istgt leaves them out without a word. */
  WARN;

  /**
   * Reads {@code refuse} or {@code warn}.
   *
   * @throws IllegalArgumentException for anything else
   */
  public static UnknownKeys parse(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "refuse" -> REFUSE;
      case "warn" -> WARN;
      default -> throw new IllegalArgumentException("'" + text + "' is neither refuse nor warn");
    };
  }
}

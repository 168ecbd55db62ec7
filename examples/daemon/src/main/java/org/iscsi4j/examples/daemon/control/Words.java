package org.iscsi4j.examples.daemon.control;

import java.util.ArrayList;
import java.util.List;

/**
 * The words of a line: separated by blanks, in single or double quotes where they hold blanks; a
 * backslash takes the next character as it is, but not in single quotes.
 */
public final class Words {

  private final String line;
  private final List<String> words = new ArrayList<>();
  private final StringBuilder word = new StringBuilder();
  private boolean inWord;
  private int at;

  private Words(String line) {
    this.line = line;
  }

  /**
   * Takes a line apart.
   *
   * @throws IllegalArgumentException when a quote is not closed, or nothing is behind a backslash
   */
  public static List<String> of(String line) {
    Words parser = new Words(line);
    while (parser.at < line.length()) {
      parser.next();
    }
    parser.end();
    return List.copyOf(parser.words);
  }

  private void next() {
    char c = line.charAt(at++);
    switch (c) {
      case ' ', '\t' -> end();
      case '"', '\'' -> quoted(c);
      case '\\' -> add(escaped());
      default -> add(c);
    }
  }

  private void quoted(char quote) {
    inWord = true; // even when nothing is in the quotes
    while (at < line.length()) {
      char c = line.charAt(at++);
      if (c == quote) {
        return;
      }
      add(c == '\\' && quote == '"' ? escaped() : c);
    }
    throw new IllegalArgumentException("a quote " + quote + " is not closed");
  }

  private char escaped() {
    if (at == line.length()) {
      throw new IllegalArgumentException("nothing is behind the last backslash");
    }
    return line.charAt(at++);
  }

  private void add(char c) {
    inWord = true;
    word.append(c);
  }

  private void end() {
    if (inWord) {
      words.add(word.toString());
      word.setLength(0);
      inWord = false;
    }
  }

  /** A word in double quotes, which {@link #of} reads as it is; ends of line become blanks. */
  public static String quote(String word) {
    String escaped = oneLine(word).replace("\\", "\\\\").replace("\"", "\\\"");
    return '"' + escaped + '"';
  }

  /** The same in one line: control characters are blanks in it. */
  static String oneLine(String text) {
    StringBuilder line = new StringBuilder(text.length());
    text.chars().map(c -> Character.isISOControl(c) ? ' ' : c).forEach(c -> line.append((char) c));
    return line.toString();
  }
}

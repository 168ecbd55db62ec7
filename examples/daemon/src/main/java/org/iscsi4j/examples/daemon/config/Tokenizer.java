package org.iscsi4j.examples.daemon.config;

import java.util.ArrayList;
import java.util.List;

/**
 * Splits a line at blanks. Single and double quotes keep blanks together, anywhere in a word; a
 * backslash takes the character behind it as it is, but not in single quotes.
 */
final class Tokenizer {

  private static final char NONE = 0;

  private final LogicalLine line;
  private final String text;
  private final Problems problems;
  private int at;

  private Tokenizer(LogicalLine line, Problems problems) {
    this.line = line;
    this.text = line.text();
    this.problems = problems;
  }

  static List<Token> split(LogicalLine line, Problems problems) {
    return new Tokenizer(line, problems).split();
  }

  private List<Token> split() {
    List<Token> tokens = new ArrayList<>();
    skipBlanks();
    while (at < text.length()) {
      int begin = line.lineAt(at);
      tokens.add(new Token(next(begin), begin));
      skipBlanks();
    }
    return tokens;
  }

  private void skipBlanks() {
    while (at < text.length() && isBlank(text.charAt(at))) {
      at++;
    }
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t';
  }

  private String next(int begin) {
    StringBuilder word = new StringBuilder();
    char quote = NONE;
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c == '\\' && quote != '\'') {
        takeNext(word);
      } else if (quote == NONE && isBlank(c)) {
        return word.toString();
      } else if (c == quote) {
        quote = NONE;
      } else if (quote == NONE && (c == '"' || c == '\'')) {
        quote = c;
      } else {
        word.append(c);
      }
    }
    if (quote != NONE) {
      problems.warning(begin, "a quote (" + quote + ") is opened and not closed in this line");
    }
    return word.toString();
  }

  private void takeNext(StringBuilder word) {
    if (at < text.length()) {
      word.append(text.charAt(at++));
    }
  }
}

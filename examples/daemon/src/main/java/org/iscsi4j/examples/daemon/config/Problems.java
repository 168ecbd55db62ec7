package org.iscsi4j.examples.daemon.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects what is wrong in one file. Not thread-safe. */
final class Problems {

  /** Nobody reads more, and a file that is none of ours may have one in each line. */
  private static final int MOST = 200;

  private static final int LONGEST = 500;

  private final Path file;
  private final boolean secrets;
  private final List<Problem> found = new ArrayList<>();
  private boolean refused;

  private Problems(Path file, boolean secrets) {
    this.file = file;
    this.secrets = secrets;
  }

  static Problems of(Path file) {
    return new Problems(file, false);
  }

  /** Of a file with secrets in it: none of its words is repeated, as each may be a secret. */
  static Problems ofSecrets(Path file) {
    return new Problems(file, true);
  }

  Path file() {
    return file;
  }

  /** What keeps the file from being used. */
  void error(int line, String message) {
    refused = true;
    add(line, message, false);
  }

  void error(Token where, String message) {
    error(where.line(), message);
  }

  /** What its writer should know. */
  void warning(int line, String message) {
    add(line, message, true);
  }

  void warning(Token where, String message) {
    warning(where.line(), message);
  }

  /** A word as it may be repeated in a message. */
  String quote(Token word) {
    return secrets ? "what stands there" : "'" + word.text() + "'";
  }

  private void add(int line, String message, boolean warning) {
    if (found.size() < MOST) {
      found.add(new Problem(file, line, Problem.printable(cut(message)), warning));
    } else if (found.size() == MOST) {
      found.add(new Problem(file, line, "more is wrong than is told here", warning));
    }
  }

  private static String cut(String message) {
    return message.length() > LONGEST ? message.substring(0, LONGEST) + "…" : message;
  }

  /** Whether the file can't be used. */
  boolean refused() {
    return refused;
  }

  /** What is wrong, by line. */
  List<Problem> inOrder() {
    return found.stream().sorted(Comparator.comparingInt(Problem::line)).toList();
  }
}

package org.iscsi4j.examples.daemon.config;

/**
 * A word of a file, or several in quotes.
 *
 * @param line where it begins, counted from 1
 */
record Token(String text, int line) {

  boolean is(String word) {
    return text.equalsIgnoreCase(word);
  }

  /** Without the text, which may be a secret. */
  @Override
  public String toString() {
    return "line " + line;
  }
}

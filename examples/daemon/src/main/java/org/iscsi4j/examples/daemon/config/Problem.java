package org.iscsi4j.examples.daemon.config;

import java.nio.file.Path;

/**
 * What is wrong in a file.
 *
 * @param line counted from 1; 0 when it is no line's fault
 * @param message with the key, what stands there and what is accepted
 * @param warning whether it can be served all the same
 */
public record Problem(Path file, int line, String message, boolean warning) {

  /** {@code FILE:LINE: message}. */
  @Override
  public String toString() {
    return printable(file.toString())
        + (line > 0 ? ":" + line : "")
        + ": "
        + (warning ? "warning: " : "")
        + message;
  }

  /** Files hold anything; a line on a terminal or in a log must not. */
  static String printable(String text) {
    return text.replaceAll("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]", "?");
  }
}

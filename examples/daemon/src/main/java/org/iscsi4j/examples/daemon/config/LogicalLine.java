package org.iscsi4j.examples.daemon.config;

import java.util.ArrayList;
import java.util.List;

/** Lines of a file that backslashes join to one. */
final class LogicalLine {

  private final StringBuilder text = new StringBuilder();
  private final List<Integer> joints = new ArrayList<>();
  private final int number;

  /**
   * Begins with a line.
   *
   * @param number of the line, counted from 1
   */
  LogicalLine(String first, int number) {
    this.number = number;
    text.append(first);
  }

  /** Whether the next line belongs to it. */
  boolean continues() {
    int last = lastCharacter();
    return last >= 0 && text.charAt(last) == '\\';
  }

  /** Takes the next line in place of the backslash. */
  void join(String next) {
    text.setLength(lastCharacter());
    joints.add(text.length());
    text.append(next);
  }

  private int lastCharacter() {
    int last = text.length() - 1;
    while (last >= 0 && Character.isWhitespace(text.charAt(last))) {
      last--;
    }
    return last;
  }

  String text() {
    return text.toString().stripTrailing();
  }

  int number() {
    return number;
  }

  /** The line of the file on which a character stands. */
  int lineAt(int place) {
    int low = 0;
    int high = joints.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (joints.get(middle) <= place) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return number + low;
  }
}

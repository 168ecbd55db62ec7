package org.iscsi4j.examples.daemon.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;

/** Finds what somebody meant who made a typing error. */
final class Nearest {

  /** Nothing that is known is nearly as long, and the distance takes time for long words. */
  private static final int LONGEST = 64;

  private Nearest() {}

  /** A hint to append to a message: the word that is nearest, or all when none is near. */
  static String hint(String word, Collection<String> known) {
    return known.stream()
        .filter(each -> isNear(word, each))
        .min(Comparator.comparingInt(each -> distance(word, each)))
        .map(nearest -> "; did you mean " + nearest + "?")
        .orElseGet(() -> "; accepted: " + String.join(", ", known));
  }

  private static boolean isNear(String word, String known) {
    return word.length() <= LONGEST && distance(word, known) <= Math.max(2, known.length() / 3);
  }

  /** Letters to insert, remove or replace, whatever their case (Levenshtein). */
  static int distance(String one, String other) {
    String from = one.toLowerCase(Locale.ROOT);
    String to = other.toLowerCase(Locale.ROOT);
    int[] row = new int[to.length() + 1];
    for (int j = 0; j <= to.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[to.length()];
  }
}

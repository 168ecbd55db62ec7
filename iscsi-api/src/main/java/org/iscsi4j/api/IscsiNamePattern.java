package org.iscsi4j.api;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Stands for the names of initiators: a name, or one with wildcards, of which {@code *} stands for
 * any text, empty text among it, and {@code ?} for one character. Compared with normalised names,
 * and normalised by the same rules ({@link IscsiName}), so that the case of letters does not count.
 * Immutable; two are equal when their normalised texts are.
 *
 * <p>A match takes at most as many steps as the product of both lengths, whatever the pattern.
 */
public final class IscsiNamePattern {

  /** The longest pattern, in characters: as long as a name. */
  public static final int MAX_CHARACTERS = IscsiName.MAX_BYTES;

  private static final IscsiNamePattern ANY = new IscsiNamePattern("*");

  private static final List<String> BEGINNINGS = List.of("iqn.", "eui.", "naa.");

  private final String text;
  private final int[] pattern;

  private IscsiNamePattern(String text) {
    this.text = text;
    pattern = text.codePoints().toArray();
  }

  /** Every name. */
  public static IscsiNamePattern any() {
    return ANY;
  }

  /**
   * Reads a pattern: {@code iqn.2001-04.com.example:host-?}, {@code iqn.*:backup}, and {@code *} or
   * {@code ALL} for every name. Without wildcards it is a name as {@link IscsiName#ofInitiator}
   * takes it.
   *
   * @throws IllegalArgumentException when no name could ever match, with the reason, or the pattern
   *     is longer than {@link #MAX_CHARACTERS}
   */
  public static IscsiNamePattern of(String text) {
    if (text.toUpperCase(Locale.ROOT).equals("ALL")) {
      return ANY;
    }
    if (wildcardAt(text) == text.length()) {
      return new IscsiNamePattern(IscsiName.ofInitiator(text).toString());
    }
    checkLength(text);
    String normalised = NameProfile.normalised(text);
    checkLength(normalised);
    IscsiName.firstForbidden(normalised, IscsiName::allowsOfInitiator)
        .ifPresent(
            why -> {
              throw noPattern(normalised, why);
            });
    checkBeginning(normalised);
    return new IscsiNamePattern(normalised);
  }

  private static void checkLength(String text) {
    int length = text.codePointCount(0, text.length());
    if (length > MAX_CHARACTERS) {
      throw new IllegalArgumentException(
          "pattern of " + length + " characters exceeds the limit of " + MAX_CHARACTERS);
    }
  }

  private static void checkBeginning(String text) {
    String fixed = text.substring(0, wildcardAt(text));
    if (BEGINNINGS.stream().noneMatch(each -> each.startsWith(fixed) || fixed.startsWith(each))) {
      throw noPattern(text, "names begin with iqn., eui. or naa.");
    }
  }

  /** Where the first wildcard stands; the length when there is none. */
  private static int wildcardAt(String text) {
    return (int) text.chars().takeWhile(c -> c != '*' && c != '?').count();
  }

  private static IllegalArgumentException noPattern(String text, String why) {
    return new IllegalArgumentException(
        "'" + IscsiName.printable(text) + "' is no pattern of iSCSI names: " + why);
  }

  /**
   * Whether a name is one of those that the pattern stands for. The text between two {@code *} may
   * as well be taken where it first fits, so that only the last {@code *} is ever tried anew.
   */
  public boolean matches(IscsiName name) {
    int[] characters = name.toString().codePoints().toArray();
    int at = 0;
    int star = -1; // the last one so far
    int resume = 0; // what it stands for ends before this character
    int i = 0;
    while (i < characters.length) {
      if (at < pattern.length && pattern[at] == '*') {
        star = at++;
        resume = i;
      } else if (at < pattern.length && (pattern[at] == '?' || pattern[at] == characters[i])) {
        at++;
        i++;
      } else if (star >= 0) {
        at = star + 1;
        i = ++resume;
      } else {
        return false;
      }
    }
    return Arrays.stream(pattern, at, pattern.length).allMatch(c -> c == '*');
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof IscsiNamePattern same && same.text.equals(text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  /** The normalised pattern. */
  @Override
  public String toString() {
    return text;
  }
}

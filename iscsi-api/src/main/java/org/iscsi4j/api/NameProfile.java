package org.iscsi4j.api;

import java.net.IDN;
import java.text.Normalizer;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The stringprep profile for iSCSI names (RFC 3722): what a name is turned into before it is kept
 * or compared, and which characters it may have then.
 *
 * <p>Stringprep goes by Unicode 3.2: characters that came later are refused, so that the name means
 * the same on every machine. The tables of forbidden and unassigned characters are those of {@link
 * IDN}, whose profile for host names (RFC 3491) shares them; case folding and composition are those
 * of the running JDK, which for the characters of Unicode 3.2 gives the same, five ideographs apart
 * whose composition Unicode corrected afterwards.
 */
final class NameProfile {

  private static final int IDEOGRAPHIC_FULL_STOP = 0x3002;
  private static final int DOTLESS_I = 0x131;
  private static final int LAST_ASCII = 0x7f;

  private NameProfile() {}

  /** Case folding and compatibility composition (RFC 3722 sections 3 and 4). */
  static String normalised(String text) {
    String folded = compose(fold(text));
    String again = compose(fold(folded));
    while (!again.equals(folded)) { // composition may yield a capital letter
      folded = again;
      again = compose(fold(folded));
    }
    return folded;
  }

  /**
   * Whether a character may stand in a normalised name (RFC 3722 sections 5 to 7).
   *
   * <p>Every name begins with a letter that is written from left to right, so the check of
   * bidirectional text comes down to having no letter that is written from right to left.
   */
  static boolean allows(int character) {
    return character <= LAST_ASCII
        ? allowsAscii(character)
        : character != IDEOGRAPHIC_FULL_STOP
            && !rightToLeft(character)
            && isInHostNameProfile(character);
  }

  private static boolean allowsAscii(int character) {
    return character >= 'a' && character <= 'z'
        || character >= '0' && character <= '9'
        || character == '-'
        || character == '.'
        || character == ':';
  }

  private static String fold(String text) {
    return text.codePoints()
        .filter(character -> !mapsToNothing(character))
        .mapToObj(NameProfile::fold)
        .collect(Collectors.joining());
  }

  /** Table B.2 of RFC 3454, but for what composition adds to it. */
  private static String fold(int character) {
    String same = Character.toString(character);
    if (character == DOTLESS_I) {
      return same;
    }
    String folded = same.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
    // some letters of Unicode 3.2 got their small forms later
    return folded.equals(same) || folded.codePoints().allMatch(NameProfile::isOfUnicode32)
        ? folded
        : same;
  }

  /** Table B.1 of RFC 3454: what is there for line breaks and ligatures alone. */
  private static boolean mapsToNothing(int character) {
    return character == 0xad
        || character == 0x34f
        || character == 0x1806
        || character >= 0x180b && character <= 0x180d
        || character >= 0x200b && character <= 0x200d
        || character == 0x2060
        || character >= 0xfe00 && character <= 0xfe0f
        || character == 0xfeff;
  }

  private static String compose(String text) {
    return Normalizer.normalize(text, Normalizer.Form.NFKC);
  }

  private static boolean rightToLeft(int character) {
    byte direction = Character.getDirectionality(character);
    return direction == Character.DIRECTIONALITY_RIGHT_TO_LEFT
        || direction == Character.DIRECTIONALITY_RIGHT_TO_LEFT_ARABIC;
  }

  private static boolean isOfUnicode32(int letter) {
    return letter <= LAST_ASCII || isInHostNameProfile(letter);
  }

  /** Whether a character is in Unicode 3.2 and not in the tables C.1.2 and C.2.2 to C.9. */
  private static boolean isInHostNameProfile(int character) {
    try {
      IDN.toASCII(Character.toString(character), 0);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}

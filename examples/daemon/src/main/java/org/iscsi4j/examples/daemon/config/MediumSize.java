package org.iscsi4j.examples.daemon.config;

import java.math.BigInteger;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How long a medium is.
 *
 * @param bytes empty for Auto: as long as the file or device is
 */
public record MediumSize(OptionalLong bytes) {

  /** As long as the file or device is. */
  public static final MediumSize AUTO = new MediumSize(OptionalLong.empty());

  private static final String UNITS = "KMGTPEZ";
  private static final String TERM = "([0-9]{1,20})([KMGTPEZ]?)B?";
  private static final Pattern SUM = Pattern.compile(TERM + "(?:([+-])" + TERM + ")?");

  /**
   * Reads {@code Auto} or {@code Size}, or a number of bytes with a unit, and maybe another one to
   * add or take away: {@code 10GB}, {@code 2T}, {@code 20GB-1MB}. Units are powers of 1024; the
   * case of letters does not count, nor do blanks.
   *
   * @throws IllegalArgumentException for anything else, and for a sum that is not within 1 to
   *     2<sup>63</sup> - 1 bytes
   */
  public static MediumSize parse(String text) {
    String size = text.replaceAll("[ \t]", "").toUpperCase(Locale.ROOT);
    if (size.equals("AUTO") || size.equals("SIZE")) {
      return AUTO;
    }
    Matcher sum = SUM.matcher(size);
    if (!sum.matches()) {
      throw new IllegalArgumentException(
          "expected Auto or a number of bytes such as 10GB or 20GB-1MB, with K, M, G, T, P, E or Z");
    }
    return new MediumSize(OptionalLong.of(bytes(sum)));
  }

  private static long bytes(Matcher sum) {
    BigInteger bytes = term(sum.group(1), sum.group(2));
    if (sum.group(3) != null) {
      BigInteger more = term(sum.group(4), sum.group(5));
      bytes = sum.group(3).equals("+") ? bytes.add(more) : bytes.subtract(more);
    }
    if (bytes.signum() <= 0 || bytes.bitLength() > Long.SIZE - 1) {
      throw new IllegalArgumentException(
          "of " + bytes + " bytes, which is not within 1.." + Long.MAX_VALUE);
    }
    return bytes.longValue();
  }

  private static BigInteger term(String number, String unit) {
    int power = unit.isEmpty() ? 0 : UNITS.indexOf(unit) + 1;
    return new BigInteger(number).shiftLeft(10 * power);
  }
}

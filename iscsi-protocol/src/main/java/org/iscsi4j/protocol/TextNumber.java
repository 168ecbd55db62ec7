package org.iscsi4j.protocol;

/**
 * Unsigned numbers and ranges of numbers in text (RFC 7143 section 6.1): decimal, where leading
 * zeros do not mean octal, or hexadecimal after {@code 0x} or {@code 0X}. Legal for every numeric
 * key.
 */
public final class TextNumber {
  private TextNumber() {}

  /**
   * Two numbers joined by a tilde.
   *
   * @param low the first, unsigned
   * @param high the second, unsigned, not lower
   */
  public record Range(long low, long high) {
    public Range {
      if (Long.compareUnsigned(low, high) > 0) {
        throw new IllegalArgumentException("range " + text(low, high) + " is upside down");
      }
    }

    @Override
    public String toString() {
      return text(low, high);
    }

    private static String text(long low, long high) {
      return Long.toUnsignedString(low) + "~" + Long.toUnsignedString(high);
    }
  }

  /**
   * Reads a number below 2<sup>64</sup>.
   *
   * @return the number, unsigned
   * @throws ProtocolException for a sign, a blank, an empty or too large number, or anything else
   *     that is no digit
   */
  public static long parse(String text) throws ProtocolException {
    boolean hex = text.startsWith("0x") || text.startsWith("0X");
    int radix = hex ? 16 : 10;
    String digits = hex ? text.substring(2) : text;
    if (digits.chars().allMatch(c -> c < 0x80 && Character.digit(c, radix) >= 0)) {
      try {
        return Long.parseUnsignedLong(digits, radix);
      } catch (NumberFormatException e) {
        // no digit at all, or 2^64 and above
      }
    }
    throw illegal(text, "is not a decimal or 0x-hexadecimal number below 2^64");
  }

  /**
   * Reads a range {@code a~b}.
   *
   * @throws ProtocolException unless there are two numbers, the second not lower than the first
   */
  public static Range parseRange(String text) throws ProtocolException {
    int tilde = text.indexOf('~');
    if (tilde < 0) {
      throw illegal(text, "is not a range a~b");
    }
    long low = parse(text.substring(0, tilde));
    long high = parse(text.substring(tilde + 1));
    if (Long.compareUnsigned(low, high) > 0) {
      throw illegal(text, "is a range upside down");
    }
    return new Range(low, high);
  }

  private static ProtocolException illegal(String text, String problem) {
    return new ProtocolException(
        RejectReason.PROTOCOL_ERROR, TextCodec.quoted(text) + " " + problem);
  }
}

package org.iscsi4j.protocol;

/**
 * Comparison of the 32-bit sequence numbers, which wrap (RFC 7143 section 4.2.2.1, RFC 1982).
 *
 * <p>Numbers exactly 2<sup>31</sup> apart are not ordered: neither is less than the other.
 */
public final class SerialNumber {
  private SerialNumber() {}

  public static boolean lessThan(int a, int b) {
    return b - a > 0;
  }

  public static boolean lessOrEqual(int a, int b) {
    return b - a >= 0;
  }

  /**
   * Whether {@code low <= x <= high}. Nothing is between when {@code high} is {@code low - 1}, the
   * closed command window.
   */
  public static boolean between(int low, int x, int high) {
    return lessOrEqual(low, x) && lessOrEqual(x, high);
  }
}

package org.iscsi4j.scsi;

/** Logical unit numbers of 8 bytes with one level (SAM-5 clause 4.6.4). */
public final class Lun {

  /** The highest number. */
  static final int LAST = 0x3fff;

  /** What {@link #decode} says of a LUN that is not of one level. */
  public static final int UNKNOWN = -1;

  private static final int PERIPHERAL = 0;
  private static final int FLAT = 1;
  private static final int PERIPHERAL_LIMIT = 256;

  private Lun() {}

  /**
   * The number in an 8-byte LUN of peripheral device (bus 0) or flat space addressing, 0 to 16,383;
   * {@link #UNKNOWN} for any other.
   */
  public static int decode(long lun) {
    int first = (int) (lun >>> 48);
    if ((lun & 0x0000_ffff_ffff_ffffL) != 0) {
      return UNKNOWN;
    }
    return switch (first >>> 14) {
      case PERIPHERAL -> first < PERIPHERAL_LIMIT ? first : UNKNOWN;
      case FLAT -> first & LAST;
      default -> UNKNOWN;
    };
  }

  /** The 8-byte LUN of a number from 0 to 16,383: peripheral up to 255, flat beyond. */
  public static long encode(int number) {
    return number < PERIPHERAL_LIMIT ? (long) number << 48 : (0x4000L | number) << 48;
  }

  static String format(long lun) {
    int number = decode(lun);
    return number == UNKNOWN ? Long.toHexString(lun) : Integer.toString(number);
  }
}

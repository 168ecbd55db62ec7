package org.iscsi4j.examples.daemon.http;

import java.util.List;
import java.util.Locale;

/** Numbers for people, with their units. The page's script writes them alike. */
final class Quantities {

  /** Stands for no value. */
  static final String NONE = "–";

  private static final List<String> BINARY = List.of("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB");
  private static final long MINUTE = 60;
  private static final long HOUR = 60 * MINUTE;
  private static final long DAY = 24 * HOUR;

  private Quantities() {}

  /** Bytes, such as {@code 1.5 MiB}. */
  static String bytes(double bytes) {
    double value = bytes;
    int unit = 0;
    while (value >= 1023.5 && unit < BINARY.size() - 1) {
      value /= 1024;
      unit++;
    }
    return (unit == 0 ? count(value) : digits(value)) + " " + BINARY.get(unit);
  }

  /** Bytes of a second, such as {@code 12 MiB/s}. */
  static String rate(double bytesPerSecond) {
    return bytesPerSecond == 0 ? NONE : bytes(bytesPerSecond) + "/s";
  }

  /** Commands of a second, such as {@code 12,345/s}. */
  static String operations(double perSecond) {
    return perSecond == 0 ? NONE : digits(perSecond) + "/s";
  }

  /** A latency, such as {@code 120 µs}; 0 is none. */
  static String latency(long nanos) {
    if (nanos == 0) {
      return NONE;
    }
    if (nanos < 999_500) {
      return digits(nanos / 1e3) + " µs";
    }
    return nanos < 999_500_000 ? digits(nanos / 1e6) + " ms" : digits(nanos / 1e9) + " s";
  }

  /** A whole number with its thousands apart. */
  static String count(double number) {
    return String.format(Locale.ROOT, "%,d", Math.round(number));
  }

  /** A time that went by, in its two largest units. */
  static String age(long seconds) {
    if (seconds < MINUTE) {
      return seconds + " s";
    }
    if (seconds < HOUR) {
      return seconds / MINUTE + " min " + seconds % MINUTE + " s";
    }
    return seconds < DAY
        ? seconds / HOUR + " h " + seconds % HOUR / MINUTE + " min"
        : seconds / DAY + " d " + seconds % DAY / HOUR + " h";
  }

  /** Two digits at least, of a number that is not whole. */
  private static String digits(double value) {
    double tenths = Math.round(value * 10) / 10.0;
    return tenths < 10 && tenths != Math.rint(tenths)
        ? String.format(Locale.ROOT, "%.1f", tenths)
        : count(value);
  }
}

package org.iscsi4j.examples.daemon.control;

import java.util.Locale;
import java.util.OptionalLong;
import org.iscsi4j.examples.daemon.config.MediumSize;
import org.iscsi4j.examples.daemon.config.MediumSpec.MediumFlags;

/** Flags and sizes of media, as istgt writes them. */
final class MediumWords {

  private static final String UNITS = "KMGTPE";

  private MediumWords() {}

  static String flags(MediumFlags flags) {
    return (flags.readOnly() ? "ro" : "rw")
        + (flags.extend() ? ",extend" : "")
        + (flags.dynamic() ? ",dynamic" : "");
  }

  /** Reads {@code ro}, {@code rw}, {@code extend} and {@code dynamic}, separated by commas. */
  static MediumFlags flags(String text) throws Refusal {
    boolean readOnly = false;
    boolean extend = false;
    boolean dynamic = false;
    for (String flag : text.toLowerCase(Locale.ROOT).split(",", -1)) {
      switch (flag) {
        case "ro" -> readOnly = true;
        case "rw" -> readOnly = false;
        case "extend" -> extend = true;
        case "dynamic" -> dynamic = true;
        default ->
            throw Refusal.parameters("flag '" + flag + "' is none of ro, rw, extend, dynamic");
      }
    }
    return new MediumFlags(readOnly, extend, dynamic);
  }

  static String size(MediumSize size) {
    return size.bytes().isPresent() ? Long.toString(size.bytes().getAsLong()) : "auto";
  }

  /** Reads {@code auto}, or a number of bytes. */
  static MediumSize size(String text) throws Refusal {
    return text.equalsIgnoreCase("auto") || text.equalsIgnoreCase("size")
        ? MediumSize.AUTO
        : new MediumSize(OptionalLong.of(bytes(text)));
  }

  /** Reads {@code 1048576}, {@code 20G} and {@code 20GB}: units are powers of 1024. */
  static long bytes(String text) throws Refusal {
    String number = text.toUpperCase(Locale.ROOT);
    number = number.endsWith("B") ? number.substring(0, number.length() - 1) : number;
    int unit = number.isEmpty() ? -1 : UNITS.indexOf(number.charAt(number.length() - 1));
    number = unit < 0 ? number : number.substring(0, number.length() - 1);
    try {
      long bytes = Math.multiplyExact(Long.parseLong(number), 1L << 10 * (unit + 1));
      if (bytes > 0) {
        return bytes;
      }
    } catch (NumberFormatException | ArithmeticException e) {
      // told below
    }
    throw Refusal.parameters("size '" + text + "' is no number of bytes above 0, such as 20G");
  }
}

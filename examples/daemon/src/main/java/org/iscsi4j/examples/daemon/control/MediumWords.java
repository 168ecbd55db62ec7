package org.iscsi4j.examples.daemon.control;

import java.util.function.Function;
import org.iscsi4j.examples.daemon.config.MediumSize;
import org.iscsi4j.examples.daemon.config.MediumSpec.MediumFlags;

/** Flags and sizes of media, as istgt writes them. */
final class MediumWords {

  private MediumWords() {}

  static String flags(MediumFlags flags) {
    return (flags.readOnly() ? "ro" : "rw")
        + (flags.extend() ? ",extend" : "")
        + (flags.dynamic() ? ",dynamic" : "");
  }

  /** Reads flags, as istgt's files have them. */
  static MediumFlags flags(String text) throws Refusal {
    return parsed("flags", text, MediumFlags::parse);
  }

  static String size(MediumSize size) {
    return size.bytes().isPresent() ? Long.toString(size.bytes().getAsLong()) : "auto";
  }

  /** Reads a size, as istgt's files have them. */
  static MediumSize size(String text) throws Refusal {
    return parsed("size", text, MediumSize::parse);
  }

  /** Reads a size that is told. */
  static long bytes(String text) throws Refusal {
    return size(text)
        .bytes()
        .orElseThrow(() -> Refusal.parameters("size '" + text + "' is no number of bytes"));
  }

  private static <T> T parsed(String what, String text, Function<String, T> parser) throws Refusal {
    try {
      return parser.apply(text);
    } catch (IllegalArgumentException e) {
      throw Refusal.parameters(what + " '" + text + "': " + e.getMessage());
    }
  }
}

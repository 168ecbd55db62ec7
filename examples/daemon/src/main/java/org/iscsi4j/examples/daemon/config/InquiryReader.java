package org.iscsi4j.examples.daemon.config;

import java.util.Optional;
import org.iscsi4j.examples.daemon.config.UnitSection.UnitInquiry;

/** Reads UnitInquiry, and serial numbers. */
final class InquiryReader {

  private static final String KEY = "UnitInquiry";
  private static final int VENDOR = 8;
  private static final int PRODUCT = 16;
  private static final int REVISION = 4;
  private static final int SERIAL = 16;

  private final SectionReader section;

  InquiryReader(SectionReader section) {
    this.section = section;
  }

  /** What the line says; what it leaves out is the type's default. */
  UnitInquiry read(UnitType type, int unit) {
    Optional<Entry> entry = section.entry(KEY);
    entry.ifPresent(line -> section.noMoreThan(4, KEY, line));
    UnitInquiry usual = usual(type, 10_000_000 + unit);
    return new UnitInquiry(
        part(entry, 0, VENDOR, usual.vendor()),
        part(entry, 1, PRODUCT, usual.product()),
        part(entry, 2, REVISION, usual.revision()),
        part(entry, 3, SERIAL, usual.serial()));
  }

  private static UnitInquiry usual(UnitType type, int serial) {
    return switch (type) {
      case DISK -> new UnitInquiry("FreeBSD", "iSCSI DISK", "0001", "" + serial);
      case DVD -> new UnitInquiry("FreeBSD", "iSCSI DVD", "0001", "" + serial);
      case TAPE -> new UnitInquiry("QUANTUM", "DLT8000", "C001", "CX" + serial);
    };
  }

  private String part(Optional<Entry> entry, int place, int longest, String usual) {
    return entry
        .flatMap(line -> line.value(place))
        .filter(token -> !token.text().isEmpty())
        .flatMap(token -> ascii(KEY, token, longest))
        .orElse(usual);
  }

  /** Text that an initiator can be told: cut to its length, as istgt does. */
  Optional<String> ascii(String key, Token token, int longest) {
    String text = token.text();
    if (!text.matches("[ -~]+")) {
      section.refuse(key, token, "is not 1 to " + longest + " printable characters of ASCII");
      return Optional.empty();
    }
    if (text.length() > longest) {
      section
          .problems()
          .warning(
              token,
              key
                  + ": "
                  + section.problems().quote(token)
                  + " is cut to its first "
                  + longest
                  + " characters");
    }
    return Optional.of(text.substring(0, Math.min(longest, text.length())));
  }
}

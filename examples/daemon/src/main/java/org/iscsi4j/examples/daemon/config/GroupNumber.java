package org.iscsi4j.examples.daemon.config;

import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The number in names such as PortalGroup1: the first digits there are. */
final class GroupNumber {

  private static final Pattern DIGITS = Pattern.compile("[0-9]+");

  private GroupNumber() {}

  /** Empty without digits, and for a number out of 1 to {@link SectionKind#most}. */
  static OptionalInt of(SectionKind kind, String name) {
    Matcher digits = DIGITS.matcher(name);
    if (!digits.find() || digits.group().length() > 10) {
      return OptionalInt.empty();
    }
    long number = Long.parseLong(digits.group());
    return number < 1 || number > kind.most() ? OptionalInt.empty() : OptionalInt.of((int) number);
  }

  /** Of a name that must begin as those of a kind do. */
  static OptionalInt ofReference(SectionKind kind, String name) {
    return SectionKind.of(name).filter(kind::equals).isPresent()
        ? of(kind, name)
        : OptionalInt.empty();
  }
}

package org.iscsi4j.api;

import java.util.regex.Pattern;

/** The names of a {@link StateStore}, which are file names on every system. */
final class StateNames {

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

  private StateNames() {}

  static String check(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "state name '" + name + "' is not 1 to 100 letters, digits, '-', '_' or '.'");
    }
    return name;
  }
}

package org.iscsi4j.examples.daemon.config;

import java.util.Arrays;
import java.util.Optional;

/** The sections that there are. */
enum SectionKind {
  GLOBAL("Global", 0),
  UNIT_CONTROL("UnitControl", 0),
  PORTAL_GROUP("PortalGroup", 0xffff), // a tag has 16 bits
  INITIATOR_GROUP("InitiatorGroup", Integer.MAX_VALUE),
  LOGICAL_UNIT("LogicalUnit", 0xffff),
  AUTH_GROUP("AuthGroup", Integer.MAX_VALUE);

  private final String title;
  private final int most;

  SectionKind(String title, int most) {
    this.title = title;
    this.most = most;
  }

  /** What its name begins with. */
  String title() {
    return title;
  }

  /** The largest number in a name; 0 for a section without one. */
  int most() {
    return most;
  }

  boolean numbered() {
    return most > 0;
  }

  /** By the beginning of a name, in letters of any case. */
  static Optional<SectionKind> of(String name) {
    return Arrays.stream(values()).filter(kind -> kind.names(name)).findFirst();
  }

  private boolean names(String name) {
    return numbered()
        ? name.regionMatches(true, 0, title, 0, title.length())
        : name.equalsIgnoreCase(title);
  }

  /** As it is told to people. */
  @Override
  public String toString() {
    return "[" + title + (numbered() ? "N]" : "]");
  }
}

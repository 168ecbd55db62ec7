package org.iscsi4j.examples.daemon.config;

import java.util.ArrayList;
import java.util.List;

/**
 * A section, put together of all places where its name stands.
 *
 * @param name where it stands first
 * @param number in its name; 0 when its kind has none
 */
record Section(SectionKind kind, int number, Token name, List<Entry> entries) {

  Section(SectionKind kind, int number, Token name) {
    this(kind, number, name, new ArrayList<>());
  }

  int line() {
    return name.line();
  }

  String title() {
    return kind.title() + (kind.numbered() ? number : "");
  }
}

package org.iscsi4j.examples.daemon.config;

import java.util.List;
import org.iscsi4j.api.access.InitiatorGroup;

/** Reads [InitiatorGroupN]. */
final class InitiatorGroupReader {

  private static final String KEY = "InitiatorName";

  private InitiatorGroupReader() {}

  static InitiatorGroupSection read(int number, SectionReader section) {
    InitiatorGroup.Builder group = InitiatorGroup.builder();
    List<Entry> names = section.entries(KEY);
    if (names.isEmpty()) {
      // without names the group would be everybody here, and nobody for istgt
      section.error(KEY + " is missing; for everybody write " + KEY + " ALL");
    }
    names.stream()
        .flatMap(entry -> section.first(KEY, entry).stream())
        .forEach(token -> section.parsed(KEY, token, group::name));
    Netmasks.read(section).forEach(group::network);
    return new InitiatorGroupSection(number, group.build());
  }
}

package org.iscsi4j.examples.daemon.config;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.iscsi4j.examples.daemon.config.UnitSection.Mapping;

/**
 * Reads Mapping lines, which name groups.
 *
 * @param portals numbers of the PortalGroups there are
 * @param initiators numbers of the InitiatorGroups there are
 */
record Groups(Set<Integer> portals, Set<Integer> initiators) {

  private static final String KEY = "Mapping";

  /** The mappings of a unit, in their order. */
  List<Mapping> mappings(SectionReader section) {
    List<Entry> entries = section.entries(KEY);
    if (entries.isEmpty()) {
      section.error(KEY + " is missing; expected: " + KEY + " PortalGroupN InitiatorGroupN");
    }
    return entries.stream().flatMap(entry -> mapping(section, entry).stream()).toList();
  }

  private Optional<Mapping> mapping(SectionReader section, Entry entry) {
    section.noMoreThan(2, KEY, entry);
    if (entry.values().size() < 2) {
      section
          .problems()
          .error(entry.key(), KEY + " needs two groups; expected: PortalGroupN InitiatorGroupN");
      return Optional.empty();
    }
    OptionalInt portal = group(section, SectionKind.PORTAL_GROUP, portals, entry.values().get(0));
    OptionalInt initiator =
        group(section, SectionKind.INITIATOR_GROUP, initiators, entry.values().get(1));
    return portal.isPresent() && initiator.isPresent()
        ? Optional.of(new Mapping(portal.getAsInt(), initiator.getAsInt()))
        : Optional.empty();
  }

  private static OptionalInt group(
      SectionReader section, SectionKind kind, Set<Integer> known, Token token) {
    OptionalInt number = GroupNumber.ofReference(kind, token.text());
    if (number.isEmpty()) {
      section.refuse(KEY, token, "is not accepted; accepted: " + kind.title() + "N with N from 1");
    } else if (!known.contains(number.getAsInt())) {
      section.refuse(
          KEY, token, "is refused: there is no section [" + kind.title() + number.getAsInt() + "]");
    }
    return number;
  }
}

package org.iscsi4j.examples.daemon.config;

import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.iscsi4j.api.IscsiName;

/** Reads istgt.conf, section by section: those that others refer to come first. */
final class DaemonReader {

  private static final Set<SectionKind> KINDS =
      EnumSet.complementOf(EnumSet.of(SectionKind.AUTH_GROUP));

  private final Problems problems;
  private final UnknownKeys unknownKeys;
  private final Collection<Section> sections;
  private final AuthRules authRules = new AuthRules();
  private final PortalReader portals = new PortalReader();

  DaemonReader(Problems problems, UnknownKeys unknownKeys) {
    this.problems = problems;
    this.unknownKeys = unknownKeys;
    sections = Syntax.read(problems, unknownKeys, KINDS);
  }

  /** Rules whose groups have to be in auth.conf. */
  List<AuthRules.Reference> references() {
    return authRules.references();
  }

  DaemonConfig read() {
    GlobalSection global = global();
    Optional<ControlSection> control =
        all(
                SectionKind.UNIT_CONTROL,
                (section, reader) -> ControlReader.read(reader, authRules, portals))
            .values()
            .stream()
            .findFirst();
    SortedMap<Integer, PortalGroupSection> portalGroups =
        all(SectionKind.PORTAL_GROUP, this::portalGroup);
    SortedMap<Integer, InitiatorGroupSection> initiatorGroups =
        all(
            SectionKind.INITIATOR_GROUP,
            (section, reader) -> InitiatorGroupReader.read(section.number(), reader));
    Groups groups = new Groups(portalGroups.keySet(), initiatorGroups.keySet());
    SortedMap<Integer, UnitSection> units = units(global, groups);
    return new DaemonConfig(global, control, portalGroups, initiatorGroups, units);
  }

  private GlobalSection global() {
    SortedMap<Integer, GlobalSection> found =
        all(SectionKind.GLOBAL, (section, reader) -> GlobalReader.read(reader, authRules));
    if (found.isEmpty()) {
      if (!problems.refused()) {
        problems.warning(0, "there is no section [Global]; its keys have their defaults");
      }
      Section none = new Section(SectionKind.GLOBAL, 0, new Token("", 0));
      return GlobalReader.read(new SectionReader(none, problems), authRules);
    }
    return found.get(0);
  }

  private PortalGroupSection portalGroup(Section section, SectionReader reader) {
    List<PortalSpec> specs = portals.read(reader);
    if (reader.entries("Portal").isEmpty()) {
      reader.warning("Portal is missing: nobody can come here");
    }
    return new PortalGroupSection(section.number(), specs);
  }

  private SortedMap<Integer, UnitSection> units(GlobalSection global, Groups groups) {
    Map<IscsiName, Section> names = new HashMap<>();
    SortedMap<Integer, UnitSection> units = new TreeMap<>();
    all(
            SectionKind.LOGICAL_UNIT,
            (section, reader) -> {
              Optional<UnitSection> unit =
                  new UnitReader(reader, global, unknownKeys)
                      .read(section.number(), authRules, groups);
              unit.ifPresent(read -> checkName(read.name(), section, reader, names));
              return unit;
            })
        .forEach((number, unit) -> unit.ifPresent(read -> units.put(number, read)));
    if (units.isEmpty() && !problems.refused()) {
      problems.warning(0, "there is no section [LogicalUnitN]: nothing is served");
    }
    return units;
  }

  private static void checkName(
      IscsiName name, Section section, SectionReader reader, Map<IscsiName, Section> names) {
    Section first = names.putIfAbsent(name, section);
    if (first != null) {
      reader.error("TargetName " + name + " is that of [" + first.title() + "] already");
    }
  }

  /** Reads all sections of a kind, by their numbers. */
  private <T> SortedMap<Integer, T> all(
      SectionKind kind, BiFunction<Section, SectionReader, T> read) {
    SortedMap<Integer, T> found = new TreeMap<>();
    for (Section section : sections) {
      if (section.kind() == kind) {
        SectionReader reader = new SectionReader(section, problems);
        found.put(section.number(), read.apply(section, reader));
        reader.finish(unknownKeys);
      }
    }
    return found;
  }
}

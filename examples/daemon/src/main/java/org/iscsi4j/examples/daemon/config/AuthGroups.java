package org.iscsi4j.examples.daemon.config;

import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What auth.conf says: the users of each group.
 *
 * @param groups by the number in the section's name
 */
record AuthGroups(Map<Integer, List<Account>> groups) {

  /** Reads the file; what is wrong with it is told to the problems, which must be of secrets. */
  static AuthGroups read(Problems problems, UnknownKeys unknownKeys) {
    Map<Integer, List<Account>> groups = new HashMap<>();
    for (Section section : Syntax.read(problems, unknownKeys, EnumSet.of(SectionKind.AUTH_GROUP))) {
      SectionReader reader = new SectionReader(section, problems);
      groups.put(section.number(), accounts(reader));
      reader.finish(unknownKeys);
    }
    return new AuthGroups(groups);
  }

  private static List<Account> accounts(SectionReader section) {
    return section.entries(AccountReader.KEY).stream()
        .flatMap(entry -> AccountReader.read(section, entry).stream())
        .toList();
  }

  boolean has(int group) {
    return groups.containsKey(group);
  }

  /** Whether somebody in the group knows who the target is (mutual CHAP). */
  boolean provesItself(int group) {
    return accounts(group).stream().anyMatch(account -> account.credential().own().isPresent());
  }

  /** The first user of that name, in letters of any case. */
  Optional<Account> find(int group, String user) {
    return accounts(group).stream()
        .filter(account -> account.user().equalsIgnoreCase(user))
        .findFirst();
  }

  private List<Account> accounts(int group) {
    return groups.getOrDefault(group, List.of());
  }

  /** Wipes all secrets. */
  void destroy() {
    groups.values().stream()
        .flatMap(List::stream)
        .forEach(account -> account.credential().destroy());
  }
}

package org.iscsi4j.api;

import java.util.Collection;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import org.iscsi4j.api.access.AccessPolicy;
import org.iscsi4j.api.access.Chap;
import org.iscsi4j.api.access.Initiator;
import org.iscsi4j.api.access.InitiatorGroup;
import org.iscsi4j.api.access.LunMap;

/**
 * What {@link Target.Builder} builds.
 *
 * @param everybodys what an initiator sees whom no map is for
 * @param rules in the order in which they are asked
 */
record SimpleTarget(
    IscsiName name,
    Optional<String> alias,
    NavigableMap<Integer, LogicalUnit> logicalUnits,
    LunMap everybodys,
    List<Rule> rules,
    AccessPolicy access,
    Optional<Chap> chap)
    implements Target {

  /** A map and whom it is for. */
  record Rule(InitiatorGroup initiators, LunMap map) {}

  @Override
  public Collection<LunMap> lunMaps() {
    return rules.stream().map(Rule::map).toList();
  }

  @Override
  public LunMap lunMap(Initiator initiator) {
    for (Rule rule : rules) {
      switch (rule.initiators().membership(initiator)) {
        case MEMBER -> {
          return rule.map();
        }
        case DENIED -> {
          return LunMap.empty();
        }
        case NONE -> {}
      }
    }
    return everybodys;
  }
}

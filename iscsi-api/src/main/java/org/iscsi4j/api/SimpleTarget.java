package org.iscsi4j.api;

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
 * @param lunMaps in the order in which they are asked
 */
record SimpleTarget(
    IscsiName name,
    Optional<String> alias,
    NavigableMap<Integer, LogicalUnit> logicalUnits,
    LunMap everybodys,
    List<LunMapRule> lunMaps,
    AccessPolicy access,
    Optional<Chap> chap)
    implements Target {

  /** A map and whom it is for. */
  record LunMapRule(InitiatorGroup initiators, LunMap map) {}

  @Override
  public LunMap lunMap(Initiator initiator) {
    for (LunMapRule rule : lunMaps) {
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

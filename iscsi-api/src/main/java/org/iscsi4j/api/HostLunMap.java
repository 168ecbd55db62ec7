package org.iscsi4j.api;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.iscsi4j.api.access.Initiator;
import org.iscsi4j.api.access.LunMap;

/**
 * The maps of a host's own {@link Target}, without what has been taken away from it since.
 *
 * @param target empty when there is none
 */
record HostLunMap(Optional<Target> target, Set<Gone> gone) {

  static final HostLunMap NONE = new HostLunMap(Optional.empty(), Set.of());

  /** A unit that is gone from a number, or from every number, or whatever was under a number. */
  private record Gone(OptionalInt number, Optional<LogicalUnit> unit) {

    LunMap from(LunMap map) {
      if (number.isEmpty()) {
        return unit.map(map::without).orElse(map);
      }
      LunMap.Mapping there = map.mappings().get(number.getAsInt());
      boolean same = there != null && (unit.isEmpty() || isOf(there, unit.get()));
      return same ? map.without(number.getAsInt()) : map;
    }

    private static boolean isOf(LunMap.Mapping mapping, LogicalUnit unit) {
      return mapping.source().known().filter(known -> known == unit).isPresent();
    }
  }

  static HostLunMap of(Target target) {
    return new HostLunMap(Optional.of(target), Set.of());
  }

  boolean isNone() {
    return target.isEmpty();
  }

  /** Without a unit under a number; without whatever stands there when the unit is not known. */
  HostLunMap without(int number, Optional<LogicalUnit> unit) {
    return without(new Gone(OptionalInt.of(number), unit));
  }

  /** Without a unit, whatever its numbers. */
  HostLunMap without(LogicalUnit unit) {
    return without(new Gone(OptionalInt.empty(), Optional.of(unit)));
  }

  private HostLunMap without(Gone more) {
    if (isNone()) {
      return this;
    }
    Set<Gone> all = new HashSet<>(gone);
    all.add(more);
    return new HostLunMap(target, Set.copyOf(all));
  }

  private LunMap left(LunMap map) {
    LunMap left = map;
    for (Gone each : gone) {
      left = each.from(left);
    }
    return left;
  }

  /** The maps that the target says it may give. */
  List<LunMap> maps() {
    return target.stream().flatMap(own -> own.lunMaps().stream()).map(this::left).toList();
  }

  /** What an initiator sees of the target's own, and of what was added where that leaves room. */
  LunMap with(LunMap added, Initiator initiator) {
    if (isNone()) {
      return added;
    }
    LunMap own = left(target.get().lunMap(initiator));
    LunMap.Builder both = own.toBuilder();
    int[] taken = own.mappings().keySet().stream().mapToInt(Integer::intValue).toArray();
    added.without(taken).mappings().forEach(both::lun);
    return both.build();
  }
}

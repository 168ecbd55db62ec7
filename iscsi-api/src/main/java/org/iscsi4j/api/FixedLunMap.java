package org.iscsi4j.api;

import java.util.Objects;
import java.util.function.UnaryOperator;
import org.iscsi4j.api.access.LunMap;

/** A map that does not depend on what others see. */
record FixedLunMap(LunMap map) implements UnaryOperator<LunMap> {

  FixedLunMap {
    Objects.requireNonNull(map, "map");
  }

  @Override
  public LunMap apply(LunMap everybodys) {
    return map;
  }
}

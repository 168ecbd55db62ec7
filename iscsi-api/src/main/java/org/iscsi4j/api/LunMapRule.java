package org.iscsi4j.api;

import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.iscsi4j.api.access.InitiatorGroup;
import org.iscsi4j.api.access.LunMap;

/**
 * What some initiators see instead.
 *
 * @param view makes it of what everybody sees
 */
record LunMapRule(InitiatorGroup initiators, UnaryOperator<LunMap> view) {

  LunMapRule {
    Objects.requireNonNull(initiators, "initiators");
    Objects.requireNonNull(view, "view");
  }

  LunMap of(LunMap everybodys) {
    return Objects.requireNonNull(view.apply(everybodys), "a view made no map");
  }

  /** The map, when it does not depend on what others see. */
  Optional<LunMap> fixed() {
    return view instanceof FixedLunMap fixed ? Optional.of(fixed.map()) : Optional.empty();
  }

  /** The same for another set of units: a view of what everybody sees follows by itself. */
  LunMapRule changed(UnaryOperator<LunMap> change) {
    return fixed()
        .map(map -> new LunMapRule(initiators, new FixedLunMap(change.apply(map))))
        .orElse(this);
  }
}

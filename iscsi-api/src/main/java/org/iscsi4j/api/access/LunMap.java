package org.iscsi4j.api.access;

import java.util.Collections;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.Target;

/**
 * The logical units that an initiator sees, by the numbers under which it sees them. Immutable. An
 * empty map is a target without units, which answers as such.
 */
public final class LunMap {

  private static final LunMap EMPTY = builder().build();

  private final NavigableMap<Integer, Mapping> mappings;

  private LunMap(NavigableMap<Integer, Mapping> mappings) {
    this.mappings = mappings;
  }

  /**
   * What stands under a number.
   *
   * @param source finds the unit
   * @param readOnly whether this initiator may only read, whatever the unit lets others do
   */
  public record Mapping(LogicalUnitResolver source, boolean readOnly) {

    /** Checks that there is a source. */
    public Mapping {
      Objects.requireNonNull(source, "source");
    }
  }

  /** No units. */
  public static LunMap empty() {
    return EMPTY;
  }

  /** Units under numbers from 0 to {@link Target#MAX_LUN}. */
  public static LunMap of(Map<Integer, LogicalUnit> units) {
    Builder builder = builder();
    units.forEach(builder::lun);
    return builder.build();
  }

  /** Starts without units. */
  public static Builder builder() {
    return new Builder();
  }

  /** What stands under each number. Unmodifiable. */
  public NavigableMap<Integer, Mapping> mappings() {
    return mappings;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LunMap map && map.mappings.equals(mappings);
  }

  @Override
  public int hashCode() {
    return mappings.hashCode();
  }

  @Override
  public String toString() {
    return "LunMap" + mappings;
  }

  /** Collects units. Not thread-safe. */
  public static final class Builder {
    private final NavigableMap<Integer, Mapping> mappings = new TreeMap<>();

    private Builder() {}

    /** Adds a unit under a number from 0 to {@link Target#MAX_LUN} that is still free. */
    public Builder lun(int number, LogicalUnit unit) {
      return add(number, LogicalUnitResolver.of(unit), false);
    }

    /** Adds a unit that this initiator may only read. */
    public Builder readOnly(int number, LogicalUnit unit) {
      return add(number, LogicalUnitResolver.of(unit), true);
    }

    /** Adds a unit that is found when an initiator first addresses its number. */
    public Builder lun(int number, LogicalUnitResolver source) {
      return add(number, source, false);
    }

    /** Adds what stands under a number in another map. */
    public Builder lun(int number, Mapping mapping) {
      return add(number, mapping.source(), mapping.readOnly());
    }

    private Builder add(int number, LogicalUnitResolver source, boolean readOnly) {
      if (number < 0 || number > Target.MAX_LUN) {
        throw new IllegalArgumentException("LUN " + number + " is not within 0.." + Target.MAX_LUN);
      }
      if (mappings.putIfAbsent(number, new Mapping(source, readOnly)) != null) {
        throw new IllegalArgumentException("LUN " + number + " stands twice in a map");
      }
      return this;
    }

    /** The map. */
    public LunMap build() {
      return new LunMap(Collections.unmodifiableNavigableMap(new TreeMap<>(mappings)));
    }
  }
}

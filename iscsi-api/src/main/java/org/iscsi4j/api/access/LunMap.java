package org.iscsi4j.api.access;

import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.Target;

/**
 * The logical units that an initiator sees, by the numbers under which it sees them. An empty map
 * is a target without units, which answers as such. Immutable; two are equal when the same units
 * stand in them in the same way.
 *
 * <pre>{@code
 * Target.builder("iqn.2001-04.com.example:disks")
 *     .lun(system)
 *     .lun(data)
 *     .lunMap(InitiatorGroup.named("*:backup"), LunMap::readOnly)
 *     .lunMap(InitiatorGroup.named("*:guest-*"), all -> all.only(1).renumbered(1, 0))
 *     .build();
 * }</pre>
 */
public final class LunMap {

  private static final LunMap EMPTY = builder().build();

  private final NavigableMap<Integer, Mapping> mappings;

  private LunMap(NavigableMap<Integer, Mapping> mappings) {
    this.mappings = Collections.unmodifiableNavigableMap(mappings);
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

    /** The same, only to be read. */
    public Mapping onlyToRead() {
      return new Mapping(source, true);
    }

    private boolean isOf(LogicalUnit unit) {
      Optional<LogicalUnit> known = source.known();
      return known.isPresent() && known.get() == unit;
    }

    @Override
    public String toString() {
      return source + (readOnly ? " (read-only)" : "");
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

  /** Starts with the units of this map. */
  public Builder toBuilder() {
    Builder builder = builder();
    builder.mappings.putAll(mappings);
    return builder;
  }

  /** What stands under each number. Unmodifiable. */
  public NavigableMap<Integer, Mapping> mappings() {
    return mappings;
  }

  /** The same units, all of them only to be read. */
  public LunMap readOnly() {
    return changed(Mapping::onlyToRead);
  }

  /**
   * The same units, those under some numbers only to be read; numbers that are not there do not
   * matter.
   */
  public LunMap readOnly(int... numbers) {
    NavigableMap<Integer, Mapping> changed = new TreeMap<>(mappings);
    for (int number : numbers) {
      changed.computeIfPresent(number, (any, mapping) -> mapping.onlyToRead());
    }
    return new LunMap(changed);
  }

  /** The units under some numbers and no others; numbers that are not there do not matter. */
  public LunMap only(int... numbers) {
    return filtered((number, mapping) -> contains(numbers, number));
  }

  /** All units but those under some numbers; numbers that are not there do not matter. */
  public LunMap without(int... numbers) {
    return filtered((number, mapping) -> !contains(numbers, number));
  }

  /** Everything but a unit, under whatever numbers it stands. */
  public LunMap without(LogicalUnit unit) {
    return filtered((number, mapping) -> !mapping.isOf(unit));
  }

  /** The same with another unit wherever a unit stands, in the same way. */
  public LunMap replaced(LogicalUnit old, LogicalUnit unit) {
    LogicalUnitResolver source = LogicalUnitResolver.of(unit);
    return changed(
        mapping -> mapping.isOf(old) ? new Mapping(source, mapping.readOnly()) : mapping);
  }

  /**
   * The same with a unit under another number. Nothing happens when there is none under the old
   * one.
   *
   * @throws IllegalArgumentException when the new number is taken, or is not within 0 to {@link
   *     Target#MAX_LUN}
   */
  public LunMap renumbered(int from, int to) {
    Mapping moved = mappings.get(from);
    return moved == null ? this : without(from).toBuilder().lun(to, moved).build();
  }

  private static boolean contains(int[] numbers, int number) {
    return Arrays.stream(numbers).anyMatch(each -> each == number);
  }

  private LunMap filtered(BiPredicate<Integer, Mapping> wanted) {
    NavigableMap<Integer, Mapping> filtered = new TreeMap<>(mappings);
    filtered.entrySet().removeIf(entry -> !wanted.test(entry.getKey(), entry.getValue()));
    return new LunMap(filtered);
  }

  private LunMap changed(UnaryOperator<Mapping> change) {
    NavigableMap<Integer, Mapping> changed = new TreeMap<>(mappings);
    changed.replaceAll((number, mapping) -> change.apply(mapping));
    return new LunMap(changed);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LunMap map && map.mappings.equals(mappings);
  }

  @Override
  public int hashCode() {
    return mappings.hashCode();
  }

  /** What stands under each number, for a log. */
  @Override
  public String toString() {
    return mappings.entrySet().stream()
        .map(entry -> "LUN " + entry.getKey() + " " + entry.getValue())
        .collect(Collectors.joining(", ", "[", "]"));
  }

  /** Collects units. Not thread-safe. */
  public static final class Builder {
    private final NavigableMap<Integer, Mapping> mappings = new TreeMap<>();

    private Builder() {}

    /**
     * Adds a unit.
     *
     * @param number 0 to {@link Target#MAX_LUN}, still free
     */
    public Builder lun(int number, LogicalUnit unit) {
      return lun(number, LogicalUnitResolver.of(unit));
    }

    /**
     * Adds a unit that this initiator may only read.
     *
     * @param number 0 to {@link Target#MAX_LUN}, still free
     */
    public Builder readOnly(int number, LogicalUnit unit) {
      return lun(number, new Mapping(LogicalUnitResolver.of(unit), true));
    }

    /**
     * Adds a unit that is found when an initiator first addresses its number.
     *
     * @param number 0 to {@link Target#MAX_LUN}, still free
     */
    public Builder lun(int number, LogicalUnitResolver source) {
      return lun(number, new Mapping(source, false));
    }

    /**
     * Adds what stands under a number in another map.
     *
     * @param number 0 to {@link Target#MAX_LUN}, still free
     */
    public Builder lun(int number, Mapping mapping) {
      Objects.requireNonNull(mapping, "mapping");
      if (number < 0 || number > Target.MAX_LUN) {
        throw new IllegalArgumentException("LUN " + number + " is not within 0.." + Target.MAX_LUN);
      }
      if (mappings.putIfAbsent(number, mapping) != null) {
        throw new IllegalArgumentException("LUN " + number + " stands twice in a map");
      }
      return this;
    }

    /** The map. */
    public LunMap build() {
      return new LunMap(new TreeMap<>(mappings));
    }
  }
}

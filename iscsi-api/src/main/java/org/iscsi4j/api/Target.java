package org.iscsi4j.api;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.iscsi4j.api.access.AccessPolicy;
import org.iscsi4j.api.access.Chap;
import org.iscsi4j.api.access.Initiator;
import org.iscsi4j.api.access.InitiatorGroup;
import org.iscsi4j.api.access.LogicalUnitResolver;
import org.iscsi4j.api.access.LunMap;
import org.iscsi4j.api.access.Membership;

/**
 * A name that initiators log in to, and the logical units behind it (RFC 7143 section 4.4.1: an
 * iSCSI target node). Built with {@link #builder}, or implemented by a host.
 *
 * <p>A target is a description that stays as it is. To change one that is served, {@linkplain
 * #toBuilder make another} of the same name and replace the first by it: the server works out the
 * difference. Units that are the same object stay as they are, with their reservations and tasks.
 *
 * <p>Every method may be called from any thread, by several at once, and must not block: the
 * threads that serve connections ask. They ask for {@link #chap} and {@link #sessionSettings} when
 * a login begins, for {@link #access} when it is about to end and whenever discovery might list the
 * target, for {@link #lunMap} when a session begins, and for the latter two again, for the open
 * sessions, when the target is replaced.
 */
public interface Target {

  /** The largest logical unit number that an 8-byte LUN with one level addresses flat. */
  int MAX_LUN = 16_383;

  /** The name that initiators log in to. */
  IscsiName name();

  /** A description for people, at most 255 bytes in UTF-8. */
  default Optional<String> alias() {
    return Optional.empty();
  }

  /**
   * The units by their numbers, 0 to {@link #MAX_LUN}, but for those that are only looked for when
   * an initiator addresses them. Unmodifiable.
   */
  NavigableMap<Integer, LogicalUnit> logicalUnits();

  /**
   * What an initiator sees, and under which numbers: all {@link #logicalUnits}, unless overridden.
   */
  default LunMap lunMap(Initiator initiator) {
    return LunMap.of(logicalUnits());
  }

  /**
   * The maps that {@link #lunMap} may give beside the one of all {@link #logicalUnits}, as far as
   * they are known: their units are served, with what initiators reserved and set there, as long as
   * the target is. Units of other maps are served while a session sees them.
   */
  default Collection<LunMap> lunMaps() {
    return List.of();
  }

  /** Who may log in: everybody, unless overridden. */
  default AccessPolicy access() {
    return AccessPolicy.OPEN;
  }

  /** How initiators prove who they are; empty when that of the server holds. */
  default Optional<Chap> chap() {
    return Optional.empty();
  }

  /**
   * What its sessions are offered and held to; what is not set is as the server has it. Asked when
   * a login begins; open sessions keep what they negotiated.
   */
  default SessionSettings sessionSettings() {
    return SessionSettings.empty();
  }

  /**
   * Starts a target of a name in iqn, eui or naa form.
   *
   * @throws IllegalArgumentException as of {@link IscsiName#of}
   */
  static Builder builder(String name) {
    return builder(IscsiName.of(name));
  }

  /** Starts a target of a name. */
  static Builder builder(IscsiName name) {
    return new Builder(name);
  }

  /**
   * Starts with what this target is. Of a host's own implementation the policies are taken as they
   * are now, and {@link #lunMap} is asked further on; what the builder adds to it or takes away
   * holds for every initiator.
   */
  default Builder toBuilder() {
    return new Builder(this);
  }

  /** Collects the parts of a {@link Target}. Not thread-safe. */
  final class Builder {
    private static final int MAX_ALIAS_BYTES = 255;

    private final IscsiName name;
    private final NavigableMap<Integer, LogicalUnit> units = new TreeMap<>();
    private final NavigableMap<Integer, LunMap.Mapping> everybodys = new TreeMap<>();
    private final List<LunMapRule> lunMaps = new ArrayList<>();
    private HostLunMap host = HostLunMap.NONE;
    private Optional<String> alias = Optional.empty();
    private AccessPolicy access = AccessPolicy.OPEN;
    private Optional<Chap> chap = Optional.empty();
    private SessionSettings sessionSettings = SessionSettings.empty();

    private Builder(IscsiName name) {
      this.name = Objects.requireNonNull(name, "name");
    }

    private Builder(Target other) {
      this(other.name());
      alias = other.alias();
      access = other.access();
      chap = other.chap();
      sessionSettings = other.sessionSettings();
      units.putAll(other.logicalUnits());
      if (other instanceof SimpleTarget built) {
        host = built.host();
        everybodys.putAll(built.everybodys().mappings());
        lunMaps.addAll(built.rules());
      } else {
        host = HostLunMap.of(other);
      }
    }

    /** A description for people: 1 to 255 bytes in UTF-8, no control characters. */
    public Builder alias(String value) {
      int bytes = value.getBytes(StandardCharsets.UTF_8).length;
      if (bytes > MAX_ALIAS_BYTES) {
        throw new IllegalArgumentException(
            "alias of " + bytes + " bytes exceeds the limit of " + MAX_ALIAS_BYTES + " bytes");
      }
      if (value.isEmpty() || value.chars().anyMatch(Character::isISOControl)) {
        throw new IllegalArgumentException("alias is empty or has control characters");
      }
      alias = Optional.of(value);
      return this;
    }

    // ---- units

    /** Adds a disk over a device under the next free number, 0 first. */
    public Builder lun(BlockDevice device) {
      return lun(LogicalUnit.of(device));
    }

    /** Adds a unit under the number after the highest, 0 first. */
    public Builder lun(LogicalUnit unit) {
      return lun(1 + Math.max(highest(units), highest(everybodys)), unit);
    }

    private static int highest(NavigableMap<Integer, ?> numbers) {
      return numbers.isEmpty() ? -1 : numbers.lastKey();
    }

    /** Adds a unit under a number from 0 to {@link Target#MAX_LUN} that is still free. */
    public Builder lun(int number, LogicalUnit unit) {
      return lun(number, LogicalUnitResolver.of(unit));
    }

    /**
     * Adds a unit that is found when an initiator first addresses its number, 0 to {@link
     * Target#MAX_LUN} and still free.
     */
    public Builder lun(int number, LogicalUnitResolver source) {
      Objects.requireNonNull(source, "source");
      if (number < 0 || number > MAX_LUN) {
        throw new IllegalArgumentException("LUN " + number + " is not within 0.." + MAX_LUN);
      }
      if (units.containsKey(number) || everybodys.containsKey(number)) {
        throw new IllegalArgumentException("LUN " + number + " stands twice in target " + name);
      }
      source.known().ifPresent(unit -> units.put(number, unit));
      everybodys.put(number, new LunMap.Mapping(source, false));
      return this;
    }

    /**
     * Takes a unit away from everybody. It vanishes from the maps of {@link #lunMap} too, unless it
     * stands in the target under another number.
     *
     * @throws IllegalArgumentException when nothing stands under the number
     */
    public Builder withoutLun(int number) {
      takeAway(number)
          .ifPresent(
              unit -> {
                host = host.without(unit);
                lunMaps.replaceAll(rule -> rule.changed(map -> map.without(unit)));
              });
      return this;
    }

    /**
     * Puts another unit under a number. It takes the place of the old one in the maps of {@link
     * #lunMap} too, unless that stands in the target under another number.
     *
     * @throws IllegalArgumentException when nothing stands under the number
     */
    public Builder replaceLun(int number, LogicalUnit unit) {
      Objects.requireNonNull(unit, "unit");
      takeAway(number)
          .ifPresent(
              old -> {
                host = host.without(old);
                lunMaps.replaceAll(rule -> rule.changed(map -> map.replaced(old, unit)));
              });
      return lun(number, unit);
    }

    /** Returns the unit that was there, if it is known and stands nowhere else. */
    private Optional<LogicalUnit> takeAway(int number) {
      Optional<LogicalUnit> unit = Optional.ofNullable(units.remove(number));
      boolean there = everybodys.remove(number) != null || unit.isPresent();
      if (!there && host.isNone()) {
        throw new IllegalArgumentException("target " + name + " has no LUN " + number);
      }
      host = host.without(number, unit);
      return unit.filter(gone -> units.values().stream().noneMatch(left -> left == gone));
    }

    /**
     * Shows some initiators other units than those of {@link #lun}, or the same under other numbers
     * or read-only. The first map whose group has the initiator counts; one that stands in none of
     * the groups sees what {@link #lun} added, or nothing when it is {@linkplain Membership#DENIED
     * denied} by a group before.
     */
    public Builder lunMap(InitiatorGroup initiators, LunMap map) {
      return lunMap(initiators, new FixedLunMap(map));
    }

    /**
     * As {@link #lunMap(InitiatorGroup, LunMap)}, with a view of what {@link #lun} adds, now or
     * later: {@code LunMap::readOnly}, or {@code all -> all.only(0, 2)}.
     *
     * @param view makes the map that these initiators see of the one that everybody sees; called
     *     when the target is built and whenever its map is asked for, and must not block
     */
    public Builder lunMap(InitiatorGroup initiators, UnaryOperator<LunMap> view) {
      lunMaps.add(new LunMapRule(initiators, view));
      return this;
    }

    // ---- who may come in

    /** Says who may log in; everybody unless set. */
    public Builder access(AccessPolicy policy) {
      access = Objects.requireNonNull(policy, "policy");
      return this;
    }

    /** How initiators prove who they are; as the server demands it unless set. */
    public Builder chap(Chap value) {
      chap = Optional.of(value);
      return this;
    }

    /** What its sessions are offered and held to; as the server has it where it is not set. */
    public Builder sessionSettings(SessionSettings value) {
      sessionSettings = Objects.requireNonNull(value, "sessionSettings");
      return this;
    }

    /**
     * The target.
     *
     * @throws IllegalArgumentException when a view of {@link #lunMap} makes no map of what is there
     */
    public Target build() {
      LunMap.Builder map = LunMap.builder();
      everybodys.forEach(map::lun);
      return new SimpleTarget(
          name,
          alias,
          Collections.unmodifiableNavigableMap(new TreeMap<>(units)),
          host,
          map.build(),
          List.copyOf(lunMaps),
          access,
          chap,
          sessionSettings);
    }
  }
}

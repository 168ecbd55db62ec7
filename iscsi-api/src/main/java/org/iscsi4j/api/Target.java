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
import org.iscsi4j.api.access.AccessPolicy;
import org.iscsi4j.api.access.Chap;
import org.iscsi4j.api.access.Initiator;
import org.iscsi4j.api.access.InitiatorGroup;
import org.iscsi4j.api.access.LogicalUnitResolver;
import org.iscsi4j.api.access.LunMap;
import org.iscsi4j.api.access.Membership;

/**
 * A name that initiators log in to, and the logical units behind it (RFC 7143 section 4.4.1: an
 * iSCSI target node). Built with {@link #builder}, or implemented by a host. Every method may be
 * called from any thread.
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

  /** The units by their numbers, 0 to {@link #MAX_LUN}. Unmodifiable. */
  NavigableMap<Integer, LogicalUnit> logicalUnits();

  /**
   * What an initiator sees of them, and under which numbers: all, unless overridden. Asked when a
   * session begins, and again for the open sessions when the target is replaced. Must not block.
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

  /** Starts a target of a name in iqn, eui or naa form. */
  static Builder builder(String name) {
    return new Builder(IscsiName.of(name));
  }

  /** Collects the parts of a {@link Target}. Not thread-safe. */
  final class Builder {
    private static final int MAX_ALIAS_BYTES = 255;

    private final IscsiName name;
    private final NavigableMap<Integer, LogicalUnit> units = new TreeMap<>();
    private Optional<String> alias = Optional.empty();
    private final LunMap.Builder everybodys = LunMap.builder();
    private final List<SimpleTarget.Rule> lunMaps = new ArrayList<>();
    private AccessPolicy access = AccessPolicy.OPEN;
    private Optional<Chap> chap = Optional.empty();

    private Builder(IscsiName name) {
      this.name = name;
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

    /** Adds a disk over a device under the next free number, 0 first. */
    public Builder lun(BlockDevice device) {
      return lun(LogicalUnit.of(device));
    }

    /** Adds a unit under the next free number, 0 first. */
    public Builder lun(LogicalUnit unit) {
      return lun(units.isEmpty() ? 0 : units.lastKey() + 1, unit);
    }

    /** Adds a unit under a number from 0 to {@link Target#MAX_LUN} that is still free. */
    public Builder lun(int number, LogicalUnit unit) {
      Objects.requireNonNull(unit, "unit");
      if (number < 0 || number > MAX_LUN) {
        throw new IllegalArgumentException("LUN " + number + " is not within 0.." + MAX_LUN);
      }
      if (units.putIfAbsent(number, unit) != null) {
        throw new IllegalArgumentException("LUN " + number + " stands twice in target " + name);
      }
      everybodys.lun(number, unit);
      return this;
    }

    /** Adds a unit that is found when an initiator first addresses its number. */
    public Builder lun(int number, LogicalUnitResolver source) {
      everybodys.lun(number, source);
      return this;
    }

    /**
     * Shows some initiators other units than those of {@link #lun}, or the same under other numbers
     * or read-only. The first map whose group has the initiator counts; one that stands in none of
     * the groups sees what {@link #lun} added, or nothing when it is {@linkplain Membership#DENIED
     * denied} by a group before.
     */
    public Builder lunMap(InitiatorGroup initiators, LunMap map) {
      lunMaps.add(new SimpleTarget.Rule(initiators, map));
      return this;
    }

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

    /** The target. */
    public Target build() {
      return new SimpleTarget(
          name,
          alias,
          Collections.unmodifiableNavigableMap(new TreeMap<>(units)),
          everybodys.build(),
          List.copyOf(lunMaps),
          access,
          chap);
    }
  }
}

package org.iscsi4j.scsi;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a nexus finds behind a number: a unit, or the way to find it when the number is first
 * addressed. One unit may stand behind several numbers, and behind other numbers for other nexuses.
 * Immutable.
 */
public final class MappedUnit {

  private static final Logger log = LoggerFactory.getLogger(MappedUnit.class);

  /** Null while the unit is still to be found. */
  private final DeviceServer server;

  /** Null for a unit that never had to be found. */
  private final UnitFinder finder;

  /** How long the finder may take; null without one. */
  private final Duration limit;

  private final boolean readOnly;

  private MappedUnit(DeviceServer server, UnitFinder finder, Duration limit, boolean readOnly) {
    this.server = server;
    this.finder = finder;
    this.limit = limit;
    this.readOnly = readOnly;
  }

  /** A unit that may be read and written. */
  public static MappedUnit of(DeviceServer server) {
    return of(server, false);
  }

  /**
   * A unit.
   *
   * @param readOnly whether this nexus may only read it, whatever others may
   */
  public static MappedUnit of(DeviceServer server, boolean readOnly) {
    return new MappedUnit(Objects.requireNonNull(server, "server"), null, null, readOnly);
  }

  /**
   * A unit that is looked for when the number is first addressed.
   *
   * @param finder two that are equal find the same unit: a unit that was found stays when a router
   *     follows that has an equal finder behind its number
   * @param limit how long commands wait for the answer, more than 0; after that they end with NOT
   *     READY
   * @param readOnly whether this nexus may only read it, whatever others may
   */
  public static MappedUnit soughtBy(UnitFinder finder, Duration limit, boolean readOnly) {
    if (limit.isNegative() || limit.isZero()) {
      throw new IllegalArgumentException("limit " + limit + " is not more than 0");
    }
    return new MappedUnit(null, Objects.requireNonNull(finder, "finder"), limit, readOnly);
  }

  /** The unit; empty while it is still to be found. */
  public Optional<DeviceServer> server() {
    return Optional.ofNullable(server);
  }

  /** Whether the nexus may only read it. */
  public boolean readOnly() {
    return readOnly;
  }

  /** The unit, or null while it is still to be found. */
  DeviceServer serverOrNull() {
    return server;
  }

  /** Null for a unit that never had to be found. */
  UnitFinder finder() {
    return finder;
  }

  Duration limit() {
    return limit;
  }

  /** The same with the unit that was found. */
  MappedUnit found(DeviceServer unit) {
    return new MappedUnit(unit, finder, limit, readOnly);
  }

  /** This, with the unit that was found already when an older mapping looked in the same way. */
  MappedUnit keeping(MappedUnit older) {
    boolean kept = server == null && older != null && finder.equals(older.finder);
    return kept ? new MappedUnit(older.server, finder, limit, readOnly) : this;
  }

  /** Whether it had to be found, and was. */
  boolean wasFound() {
    return finder != null && server != null;
  }

  /** Whether another mapping goes on with what was found for this one. */
  boolean sameFinding(MappedUnit other) {
    return sameUnit(other) && finder.equals(other.finder);
  }

  /** Tells the finder that what it found is used no more. */
  void release(DeviceServer found) {
    try {
      finder.released(found);
    } catch (Throwable e) {
      log.error("{} can't be released", found, e);
    }
  }

  /** Whether it is the same unit as far as that is known. */
  boolean sameUnit(MappedUnit other) {
    return other != null
        && server == other.server
        && (server != null || finder.equals(other.finder));
  }

  @Override
  public String toString() {
    return (server == null ? "unit still to be found" : server.toString())
        + (readOnly ? " read-only" : "");
  }
}

package org.iscsi4j.scsi;

import java.util.Objects;
import java.util.function.Consumer;

/**
 * Finds the unit behind a number when a nexus first addresses it. The commands of the nexus to that
 * number wait for the answer, those to other numbers do not. See {@link MappedUnit#soughtBy}.
 */
@FunctionalInterface
public interface UnitFinder {

  /**
   * Starts looking for a unit. Called by the owner of the nexus, so it must not block; what it
   * throws counts as {@link Found#UNAVAILABLE}.
   *
   * @param nexus who asks
   * @param number the number that it addressed, 0 to 16,383
   * @param then is told once, on any thread, also before this returns
   */
  void find(Nexus nexus, int number, Consumer<Found> then);

  /**
   * The nexus that a unit was found for uses it no more: the nexus ended, another unit took the
   * number, or the answer came too late. Called once for each {@link Found#unit} that was told, on
   * any thread; must not block.
   */
  default void released(DeviceServer unit) {}

  /**
   * How a search ended. A failure is not remembered: the next command makes the nexus ask again.
   */
  final class Found {

    /** There is no such unit: commands end as with any number that has none. */
    public static final Found NOT_FOUND = new Found(null, Sense.LOGICAL_UNIT_NOT_SUPPORTED);

    /** There is one, and not for this nexus: ILLEGAL REQUEST, ACCESS DENIED - NO ACCESS RIGHTS. */
    public static final Found FORBIDDEN = new Found(null, Sense.NO_ACCESS_RIGHTS);

    /** It can't be said now: NOT READY, CAUSE NOT REPORTABLE. */
    public static final Found UNAVAILABLE = new Found(null, Sense.NOT_READY_CAUSE_NOT_REPORTABLE);

    private final DeviceServer server;
    private final Sense failure;

    private Found(DeviceServer server, Sense failure) {
      this.server = server;
      this.failure = failure;
    }

    /** It was found. */
    public static Found unit(DeviceServer server) {
      return new Found(Objects.requireNonNull(server, "server"), Sense.NONE);
    }

    /** The unit; null when it was not found. */
    DeviceServer server() {
      return server;
    }

    /** What commands are told; {@link Sense#NONE} when it was found. */
    Sense failure() {
      return failure;
    }

    @Override
    public String toString() {
      return server == null ? failure.toString() : server.toString();
    }
  }
}

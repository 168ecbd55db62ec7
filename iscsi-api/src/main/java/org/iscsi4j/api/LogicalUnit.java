package org.iscsi4j.api;

import java.util.Objects;
import java.util.Optional;

/**
 * A device as initiators see it: storage with an identity and a manner. Built with {@link
 * #builder}, or implemented by a host whose answers come from elsewhere.
 *
 * <p>One logical unit may stand in several targets and under several numbers; it is one unit then,
 * with one set of reservations, mode pages and tasks. Every method returns the same value for the
 * life of the unit and may be called from any thread.
 */
public interface LogicalUnit {

  /** The storage. Whoever opened it closes it, after the server or the target is closed. */
  BlockDevice device();

  /** What kind of device the unit is. */
  default PeripheralDeviceType type() {
    return PeripheralDeviceType.DIRECT_ACCESS;
  }

  /** Who the unit says it is; when empty it is derived from the first target's name and the LUN. */
  default Optional<Identity> identity() {
    return Optional.empty();
  }

  /** Whether writes are refused although the device would take them. */
  default boolean readOnly() {
    return false;
  }

  /** Whether the medium may be taken out and put back (START STOP UNIT with LOEJ). */
  default boolean removable() {
    return type().alwaysRemovable();
  }

  /** What all initiators together are held to when the unit begins to be served. */
  default RateLimit rateLimit() {
    return RateLimit.NONE;
  }

  /** A writable, fixed disk over a device, with a derived identity. */
  static LogicalUnit of(BlockDevice device) {
    return builder(device).build();
  }

  /** Starts from a writable, fixed disk over a device, with a derived identity. */
  static Builder builder(BlockDevice device) {
    return new Builder(device);
  }

  /** Collects the settings of a {@link LogicalUnit}. Not thread-safe. */
  final class Builder {
    private final BlockDevice device;
    private PeripheralDeviceType type = PeripheralDeviceType.DIRECT_ACCESS;
    private Optional<Identity> identity = Optional.empty();
    private boolean readOnly;
    private boolean removable;
    private RateLimit rateLimit = RateLimit.NONE;

    private Builder(BlockDevice device) {
      this.device = Objects.requireNonNull(device, "device");
    }

    /** What kind of device the unit is; a disk unless set. */
    public Builder type(PeripheralDeviceType value) {
      type = Objects.requireNonNull(value, "value");
      return this;
    }

    /** Who the unit says it is. */
    public Builder identity(Identity value) {
      identity = Optional.of(value);
      return this;
    }

    /** Refuses writes. */
    public Builder readOnly() {
      readOnly = true;
      return this;
    }

    /** Lets the medium be taken out. */
    public Builder removable() {
      removable = true;
      return this;
    }

    /** Limits what all initiators together do to the unit, until the server says otherwise. */
    public Builder rateLimit(RateLimit limit) {
      rateLimit = Objects.requireNonNull(limit, "limit");
      return this;
    }

    /** The unit. */
    public LogicalUnit build() {
      boolean ejects = removable || type.alwaysRemovable();
      return new SimpleLogicalUnit(device, type, identity, readOnly, ejects, rateLimit);
    }
  }
}

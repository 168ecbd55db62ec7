package org.iscsi4j.api;

import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

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
    return type().alwaysReadOnly();
  }

  /** Whether the medium may be taken out and put back (START STOP UNIT with LOEJ). */
  default boolean removable() {
    return type().alwaysRemovable();
  }

  /** What all initiators together are held to when the unit begins to be served. */
  default RateLimit rateLimit() {
    return RateLimit.NONE;
  }

  /**
   * How fast the medium of a disk turns, whatever the device says: 0 for not reported, 1 for a
   * medium that does not rotate, else 1,025 to 65,534 revolutions a minute (MEDIUM ROTATION RATE,
   * SBC-3 clause 6.6.3). Empty when it is as the {@linkplain Capabilities#rotationRate device}
   * says.
   */
  default OptionalInt rotationRate() {
    return OptionalInt.empty();
  }

  /**
   * How large a disk says it is: 0 for not reported, 1 for 5.25, 2 for 3.5, 3 for 2.5 and 4 for 1.8
   * inch, 5 for less; up to 15 (NOMINAL FORM FACTOR, SBC-3 clause 6.6.3).
   */
  default int formFactor() {
    return 0;
  }

  /**
   * Whether initiators are told that a read may be answered from a cache (RCD is 0 in the caching
   * mode page, SBC-3 clause 6.5.5). What the device caches is its own affair.
   */
  default boolean readCache() {
    return true;
  }

  /**
   * Whether writes may end while they are in the {@linkplain Capabilities#volatileCache volatile
   * cache} of the device. When not, every write is durable before its status, and no initiator can
   * change that by MODE SELECT, as it otherwise may (WCE of the caching mode page, SBC-3 clause
   * 6.5.5).
   */
  default boolean writeCache() {
    return true;
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
    private static final int MAX_FORM_FACTOR = 15;

    private final BlockDevice device;
    private PeripheralDeviceType type = PeripheralDeviceType.DIRECT_ACCESS;
    private Optional<Identity> identity = Optional.empty();
    private boolean readOnly;
    private boolean removable;
    private RateLimit rateLimit = RateLimit.NONE;
    private OptionalInt rotationRate = OptionalInt.empty();
    private int formFactor;
    private boolean readCache = true;
    private boolean writeCache = true;

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

    /**
     * Sets {@link LogicalUnit#rotationRate}.
     *
     * @throws IllegalArgumentException unless it is 0, 1 or within 1,025 to 65,534
     */
    public Builder rotationRate(int value) {
      rotationRate = OptionalInt.of(Capabilities.checkedRotationRate(value));
      return this;
    }

    /**
     * Sets {@link LogicalUnit#formFactor}.
     *
     * @throws IllegalArgumentException unless it is within 0 to 15
     */
    public Builder formFactor(int value) {
      if (value < 0 || value > MAX_FORM_FACTOR) {
        throw new IllegalArgumentException(
            "formFactor " + value + " is not within 0.." + MAX_FORM_FACTOR);
      }
      formFactor = value;
      return this;
    }

    /** Sets {@link LogicalUnit#readCache}; on unless set. */
    public Builder readCache(boolean on) {
      readCache = on;
      return this;
    }

    /** Sets {@link LogicalUnit#writeCache}; on unless set. */
    public Builder writeCache(boolean on) {
      writeCache = on;
      return this;
    }

    /** The unit. */
    public LogicalUnit build() {
      boolean ejects = removable || type.alwaysRemovable();
      boolean protects = readOnly || type.alwaysReadOnly();
      return new SimpleLogicalUnit(
          device,
          type,
          identity,
          protects,
          ejects,
          rateLimit,
          rotationRate,
          formFactor,
          readCache,
          writeCache);
    }
  }
}

package org.iscsi4j.api;

import java.util.Optional;
import java.util.OptionalInt;

/** What {@link LogicalUnit.Builder} builds. A class and not a record: units compare by identity. */
final class SimpleLogicalUnit implements LogicalUnit {

  private final BlockDevice device;
  private final PeripheralDeviceType type;
  private final Optional<Identity> identity;
  private final boolean readOnly;
  private final boolean removable;
  private final RateLimit rateLimit;
  private final OptionalInt rotationRate;
  private final int formFactor;
  private final boolean readCache;
  private final boolean writeCache;

  SimpleLogicalUnit(
      BlockDevice device,
      PeripheralDeviceType type,
      Optional<Identity> identity,
      boolean readOnly,
      boolean removable,
      RateLimit rateLimit,
      OptionalInt rotationRate,
      int formFactor,
      boolean readCache,
      boolean writeCache) {
    this.device = device;
    this.type = type;
    this.identity = identity;
    this.readOnly = readOnly;
    this.removable = removable;
    this.rateLimit = rateLimit;
    this.rotationRate = rotationRate;
    this.formFactor = formFactor;
    this.readCache = readCache;
    this.writeCache = writeCache;
  }

  @Override
  public BlockDevice device() {
    return device;
  }

  @Override
  public PeripheralDeviceType type() {
    return type;
  }

  @Override
  public Optional<Identity> identity() {
    return identity;
  }

  @Override
  public boolean readOnly() {
    return readOnly;
  }

  @Override
  public boolean removable() {
    return removable;
  }

  @Override
  public RateLimit rateLimit() {
    return rateLimit;
  }

  @Override
  public OptionalInt rotationRate() {
    return rotationRate;
  }

  @Override
  public int formFactor() {
    return formFactor;
  }

  @Override
  public boolean readCache() {
    return readCache;
  }

  @Override
  public boolean writeCache() {
    return writeCache;
  }

  @Override
  public String toString() {
    return "LogicalUnit["
        + device
        + (type == PeripheralDeviceType.DIRECT_ACCESS ? "" : ", " + type)
        + (readOnly ? ", read-only" : "")
        + (removable ? ", removable]" : "]");
  }
}

package org.iscsi4j.api;

import java.util.Optional;

/** What {@link LogicalUnit.Builder} builds. A class and not a record: units compare by identity. */
final class SimpleLogicalUnit implements LogicalUnit {

  private final BlockDevice device;
  private final PeripheralDeviceType type;
  private final Optional<Identity> identity;
  private final boolean readOnly;
  private final boolean removable;
  private final RateLimit rateLimit;

  SimpleLogicalUnit(
      BlockDevice device,
      PeripheralDeviceType type,
      Optional<Identity> identity,
      boolean readOnly,
      boolean removable,
      RateLimit rateLimit) {
    this.device = device;
    this.type = type;
    this.identity = identity;
    this.readOnly = readOnly;
    this.removable = removable;
    this.rateLimit = rateLimit;
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
  public String toString() {
    return "LogicalUnit["
        + device
        + (type == PeripheralDeviceType.DIRECT_ACCESS ? "" : ", " + type)
        + (readOnly ? ", read-only" : "")
        + (removable ? ", removable]" : "]");
  }
}

package org.iscsi4j.examples.daemon.config;

import org.iscsi4j.api.PeripheralDeviceType;

/** UnitType. */
public enum UnitType {
  DISK(PeripheralDeviceType.DIRECT_ACCESS),
  DVD(PeripheralDeviceType.CD_DVD),
  TAPE(PeripheralDeviceType.SEQUENTIAL_ACCESS);

  private final PeripheralDeviceType device;

  UnitType(PeripheralDeviceType device) {
    this.device = device;
  }

  /** What initiators are told. */
  public PeripheralDeviceType device() {
    return device;
  }
}

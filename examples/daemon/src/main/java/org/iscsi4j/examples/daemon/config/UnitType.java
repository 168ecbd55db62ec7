package org.iscsi4j.examples.daemon.config;

import org.iscsi4j.api.PeripheralDeviceType;

/** UnitType. */
public enum UnitType {
  DISK("Disk", PeripheralDeviceType.DIRECT_ACCESS),
  DVD("DVD", PeripheralDeviceType.CD_DVD),
  TAPE("Tape", PeripheralDeviceType.SEQUENTIAL_ACCESS);

  private final String title;
  private final PeripheralDeviceType device;

  UnitType(String title, PeripheralDeviceType device) {
    this.title = title;
    this.device = device;
  }

  /** As files spell it. */
  public String title() {
    return title;
  }

  /** What initiators are told. */
  public PeripheralDeviceType device() {
    return device;
  }
}

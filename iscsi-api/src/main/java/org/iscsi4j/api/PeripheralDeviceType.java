package org.iscsi4j.api;

/**
 * What kind of device a logical unit is (PERIPHERAL DEVICE TYPE, SPC-4 clause 6.4.2), and so which
 * commands it knows. Whatever the kind, what it stores is on a {@link BlockDevice}.
 */
public enum PeripheralDeviceType {

  /** A disk (SBC): the blocks of the device are its blocks. */
  DIRECT_ACCESS(0x00, "VIRTUAL-DISK"),

  /**
   * A tape drive (SSC): the device holds a tape, in a format of its own, and the unit is always
   * removable. An empty device is an empty tape.
   */
  SEQUENTIAL_ACCESS(0x01, "VIRTUAL-TAPE"),

  /**
   * A CD or DVD drive (MMC): the device holds an image in blocks of 2,048 bytes, is never written
   * to, and the unit is always removable.
   */
  CD_DVD(0x05, "VIRTUAL-DVD");

  private final int code;
  private final String product;

  PeripheralDeviceType(int code, String product) {
    this.code = code;
    this.product = product;
  }

  /** The number by which initiators know it. */
  public int code() {
    return code;
  }

  /** The product that a unit of the kind is called unless its host says otherwise. */
  public String product() {
    return product;
  }

  /** Whether no unit of the kind can be written to, whatever its device can. */
  public boolean alwaysReadOnly() {
    return this == CD_DVD;
  }

  /** Whether every unit of the kind has a medium that may be taken out. */
  public boolean alwaysRemovable() {
    return this != DIRECT_ACCESS;
  }
}

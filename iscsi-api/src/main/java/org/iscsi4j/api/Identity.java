package org.iscsi4j.api;

import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * Who a logical unit says it is, the same on every path to it. Initiators tell disks apart by the
 * serial number and the device identifier, so both must be unique and must not change.
 *
 * @param vendor T10 vendor identification, 1 to 8 printable ASCII characters
 * @param product product identification, 1 to 16 printable ASCII characters
 * @param revision product revision level, 1 to 4 printable ASCII characters
 * @param serial unit serial number, 1 to 64 printable ASCII characters
 * @param deviceId 60 bits that identify the unit; shown as the locally assigned NAA designator
 *     {@code 3xxxxxxxxxxxxxxx}
 */
public record Identity(
    String vendor, String product, String revision, String serial, long deviceId) {

  private static final String VENDOR = "ISCSI4J";
  private static final String REVISION = "0001";

  /** Checks every component against its range. */
  public Identity {
    requireAscii("vendor", vendor, 8);
    requireAscii("product", product, 16);
    requireAscii("revision", revision, 4);
    requireAscii("serial", serial, 64);
    if (deviceId >>> 60 != 0) {
      throw new IllegalArgumentException(
          "deviceId " + Long.toHexString(deviceId) + " does not fit 60 bits");
    }
  }

  /**
   * An identity made from a name that stays the same and is used once, such as a target name and a
   * LUN: the same name gives the same serial number and device identifier in every run.
   */
  public static Identity derivedFrom(String name) {
    long hash = fnv1a(name) & 0x0fff_ffff_ffff_ffffL;
    String product = PeripheralDeviceType.DIRECT_ACCESS.product();
    return new Identity(VENDOR, product, REVISION, String.format("%015X", hash), hash);
  }

  /**
   * An identity with a serial number of the host's choice, and a device identifier derived from it.
   */
  public static Identity ofSerial(String serial) {
    return derivedFrom(serial).withSerial(serial);
  }

  /** The same with another vendor, product and revision. */
  public Identity withProduct(String newVendor, String newProduct, String newRevision) {
    return new Identity(newVendor, newProduct, newRevision, serial, deviceId);
  }

  /** The same with another serial number. */
  public Identity withSerial(String newSerial) {
    return new Identity(vendor, product, revision, newSerial, deviceId);
  }

  /** The same with another device identifier of 60 bits. */
  public Identity withDeviceId(long newDeviceId) {
    return new Identity(vendor, product, revision, serial, newDeviceId);
  }

  private static void requireAscii(String name, String value, int limit) {
    Objects.requireNonNull(value, name);
    if (value.isEmpty() || value.length() > limit) {
      throw new IllegalArgumentException(
          name + " '" + value + "' is not 1 to " + limit + " characters long");
    }
    if (!value.chars().allMatch(c -> c >= 0x20 && c < 0x7f)) {
      throw new IllegalArgumentException(name + " '" + value + "' is not printable ASCII");
    }
  }

  /** 64-bit FNV-1a with a final mix: stable across JVMs, which hashCode is not promised to be. */
  private static long fnv1a(String name) {
    long hash = 0xcbf29ce484222325L;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
    }
    hash = (hash ^ (hash >>> 33)) * 0xff51afd7ed558ccdL;
    return hash ^ (hash >>> 33);
  }
}

package org.iscsi4j.scsi;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.iscsi4j.api.Identity;

/**
 * The designation descriptors of the Device Identification page: who the unit is, the same through
 * every port, and then through which port and target the initiator reached it.
 */
final class DeviceIdentification {

  private static final int BINARY = 0x1;
  private static final int ASCII = 0x2;
  private static final int UTF_8 = 0x3;

  private static final int T10_VENDOR_ID = 0x1;
  private static final int NAA = 0x3;
  private static final int RELATIVE_TARGET_PORT = 0x4;
  private static final int TARGET_PORT_GROUP = 0x5;
  private static final int SCSI_NAME_STRING = 0x8;

  private static final int UNIT = 0x00;
  private static final int TARGET_PORT = 0x10;
  private static final int TARGET_DEVICE = 0x20;

  /** PIV: the protocol identifier is valid. */
  private static final int PROTOCOL_VALID = 0x80;

  private static final int ISCSI = 0x50;

  private static final long LOCALLY_ASSIGNED = 0x3L << 60;

  private DeviceIdentification() {}

  static byte[] encode(Identity identity, TargetPort port) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(256);
    out.writeBytes(unitDesignator(identity));
    add(out, ASCII, UNIT | T10_VENDOR_ID, vendorBased(identity));
    addPort(out, port);
    return out.toByteArray();
  }

  /** The descriptors of a port and its target alone. */
  static byte[] encode(TargetPort port) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(128);
    addPort(out, port);
    return out.toByteArray();
  }

  /** The descriptor of a port's name alone. */
  static byte[] portName(TargetPort port) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(128);
    addPortName(out, port);
    return out.toByteArray();
  }

  private static void addPort(ByteArrayOutputStream out, TargetPort port) {
    addOfPort(out, BINARY, TARGET_PORT | RELATIVE_TARGET_PORT, reservedAnd(port.relativeId()));
    addOfPort(out, BINARY, TARGET_PORT | TARGET_PORT_GROUP, reservedAnd(port.group()));
    addPortName(out, port);
    out.writeBytes(targetDesignator(port));
  }

  /** The designation descriptor by which a copy command names the unit, of the type NAA. */
  static byte[] unitDesignator(Identity identity) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(12);
    add(out, BINARY, UNIT | NAA, bytes(LOCALLY_ASSIGNED | identity.deviceId()));
    return out.toByteArray();
  }

  /** The designation descriptor of the target device, of the type SCSI name string. */
  static byte[] targetDesignator(TargetPort port) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(64);
    addOfPort(out, UTF_8, TARGET_DEVICE | SCSI_NAME_STRING, nameString(port.deviceName()));
    return out.toByteArray();
  }

  private static void addPortName(ByteArrayOutputStream out, TargetPort port) {
    addOfPort(out, UTF_8, TARGET_PORT | SCSI_NAME_STRING, nameString(port.portName()));
  }

  private static void add(ByteArrayOutputStream out, int codeSet, int kind, byte[] designator) {
    out.write(codeSet); // PROTOCOL IDENTIFIER, CODE SET
    out.write(kind); // PIV, ASSOCIATION, DESIGNATOR TYPE
    out.write(0);
    out.write(designator.length); // DESIGNATOR LENGTH
    out.writeBytes(designator);
  }

  private static void addOfPort(
      ByteArrayOutputStream out, int codeSet, int kind, byte[] designator) {
    add(out, ISCSI | codeSet, PROTOCOL_VALID | kind, designator);
  }

  /** As SPC advises: the vendor, the product, and the serial number. */
  private static byte[] vendorBased(Identity identity) {
    ByteBuffer out = ByteBuffer.allocate(8 + 16 + identity.serial().length());
    ParameterData.putAscii(out, identity.vendor(), 8);
    ParameterData.putAscii(out, identity.product(), 16);
    ParameterData.putAscii(out, identity.serial(), 0);
    return out.array();
  }

  /** UTF-8 with one to four zero bytes behind it, a multiple of four bytes. */
  private static byte[] nameString(String name) {
    byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
    return Arrays.copyOf(utf8, utf8.length / 4 * 4 + 4);
  }

  private static byte[] bytes(long value) {
    return ByteBuffer.allocate(8).putLong(value).array();
  }

  private static byte[] reservedAnd(int value) {
    return ByteBuffer.allocate(4).putInt(value & 0xffff).array();
  }
}

package org.iscsi4j.protocol;

import java.nio.ByteBuffer;

/** Bit fields that several PDUs share in their basic header segment (RFC 7143 section 11.2). */
final class Bhs {
  static final int IMMEDIATE = 0x40; // I, byte 0
  static final int FINAL = 0x80; // F, byte 1
  static final int TRANSIT = 0x80; // T, byte 1 of the login PDUs
  static final int CONTINUE = 0x40; // C, byte 1 of the text and login PDUs

  private Bhs() {}

  /** Bytes 0 to 3: opcode with the I bit, flags, and two bytes that differ by PDU. */
  static int word0(boolean immediate, int opcode, int flags, int byte2, int byte3) {
    return (immediate ? IMMEDIATE | opcode : opcode) << 24
        | (flags & 0xff) << 16
        | (byte2 & 0xff) << 8
        | byte3 & 0xff;
  }

  /** Bytes 4 to 7: TotalAHSLength, which counts words of four bytes, and DataSegmentLength. */
  static int lengths(int ahsLength, int dataSegmentLength) {
    return ahsLength << 22 & 0xff000000 | dataSegmentLength & 0x00ffffff;
  }

  /** Two 16-bit fields side by side. */
  static int shorts(int high, int low) {
    return high << 16 | low & 0xffff;
  }

  static int flag(boolean set, int mask) {
    return set ? mask : 0;
  }

  static boolean isSet(ByteBuffer bhs, int at, int mask) {
    return (bhs.get(at) & mask) != 0;
  }

  static int unsignedByte(ByteBuffer bhs, int at) {
    return bhs.get(at) & 0xff;
  }

  static int unsignedShort(ByteBuffer bhs, int at) {
    return bhs.getShort(at) & 0xffff;
  }
}

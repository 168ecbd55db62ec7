package org.iscsi4j.protocol;

import java.nio.ByteBuffer;

/**
 * The initiator's part of a session identifier: 48 bits, chosen by the initiator, equal on every
 * connection of a session (RFC 7143 section 11.12.5).
 *
 * @param value 0 to 2<sup>48</sup>-1
 */
public record Isid(long value) {
  private static final int BITS = 48;

  public Isid {
    if (value >>> BITS != 0) {
      throw new IllegalArgumentException(String.format("ISID 0x%x exceeds %d bits", value, BITS));
    }
  }

  /** Reads the six bytes at {@code at} of a big-endian buffer that has two more behind them. */
  static Isid decode(ByteBuffer in, int at) {
    return new Isid(in.getLong(at) >>> 16);
  }

  /** T: how the other parts are to be read. 0 OUI, 1 EN, 2 random, 3 reserved. */
  public int type() {
    return (int) (value >>> 46);
  }

  /** A: 6 bits, the highest of an OUI. */
  public int a() {
    return (int) (value >>> 40) & 0x3f;
  }

  /** B: 16 bits, the rest of an OUI or the high part of an enterprise number or random value. */
  public int b() {
    return (int) (value >>> 24) & 0xffff;
  }

  /** C: 8 bits, the low part of an enterprise number or random value. */
  public int c() {
    return (int) (value >>> 16) & 0xff;
  }

  /** D: 16 bits, the qualifier that makes the ISID one of many. */
  public int d() {
    return (int) value & 0xffff;
  }

  /** As in an initiator port name: {@code 0x} and twelve hexadecimal digits. */
  @Override
  public String toString() {
    return String.format("0x%012x", value);
  }
}

package org.iscsi4j.scsi;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;

/**
 * A command descriptor block (SPC-5 clause 4.2): up to 260 bytes, read by position. Mutable,
 * because a task keeps one for all the commands of its life; touched only by the owner of the task.
 */
public final class Cdb {

  /** The longest CDB: a variable length one, in bytes. */
  public static final int MAX_LENGTH = 260;

  private static final int FIXED_LENGTH = 16;
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);

  private byte[] bytes = new byte[FIXED_LENGTH];
  private int length;

  /** An empty CDB. */
  public Cdb() {}

  /** A CDB of the given bytes, for a caller that keeps none. */
  public static Cdb of(byte... cdb) {
    Cdb made = new Cdb();
    made.set(ByteBuffer.wrap(cdb));
    return made;
  }

  /**
   * Takes the 16 bytes of a fixed CDB field.
   *
   * @param high bytes 0 to 7, byte 0 the most significant
   * @param low bytes 8 to 15
   */
  public void set(long high, long low) {
    LONG.set(bytes, 0, high);
    LONG.set(bytes, 8, low);
    length = FIXED_LENGTH;
  }

  /**
   * Takes a CDB of any length up to {@link #MAX_LENGTH} bytes; a short one is filled with zeroes up
   * to 16.
   *
   * @param cdb read from its position to its limit
   */
  public void set(ByteBuffer cdb) {
    int given = cdb.remaining();
    if (given > MAX_LENGTH) {
      throw new IllegalArgumentException("CDB of " + given + " bytes exceeds " + MAX_LENGTH);
    }
    set(0, 0);
    if (given > bytes.length) {
      bytes = new byte[MAX_LENGTH];
    }
    cdb.get(bytes, 0, given);
    length = Math.max(given, FIXED_LENGTH);
  }

  /** Bytes present, at least 16. */
  public int length() {
    return length;
  }

  /** Byte 0. */
  public int opcode() {
    return bytes[0] & 0xff;
  }

  /** The byte at an index, 0 to 255. */
  public int u8(int at) {
    return bytes[at] & 0xff;
  }

  /** Two bytes from an index. */
  public int u16(int at) {
    return (short) SHORT.get(bytes, at) & 0xffff;
  }

  /** Three bytes from an index. */
  public int u24(int at) {
    return u8(at) << 16 | u16(at + 1);
  }

  /** Four bytes from an index. */
  public long u32(int at) {
    return (int) INT.get(bytes, at) & 0xffff_ffffL;
  }

  /** Eight bytes from an index; a value beyond 2^63 - 1 is negative. */
  public long i64(int at) {
    return (long) LONG.get(bytes, at);
  }

  /** Whether a bit of a byte is set. */
  public boolean bit(int at, int bit) {
    return (bytes[at] >> bit & 1) != 0;
  }

  /** The bytes in hexadecimal. */
  @Override
  public String toString() {
    return HexFormat.of().formatHex(bytes, 0, length);
  }
}

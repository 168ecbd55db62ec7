package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.Executor;
import org.iscsi4j.api.BlockDevice;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.PeripheralDeviceType;

/** A tape drive as LUN 0, and the commands of an initiator. */
final class TapeEngine {

  static final byte[] READ_BLOCK_LIMITS = Cdbs.hex("05 00 000000 00");
  static final byte[] REWIND = Cdbs.hex("01 00 000000 00");
  static final byte[] LOAD = Cdbs.hex("1b 00 0000 01 00");
  static final byte[] UNLOAD = Cdbs.hex("1b 00 0000 00 00");

  static final int FIXED = 1;
  static final int SILI = 2;

  final Engine engine;

  TapeEngine(BlockDevice device) {
    this(device, Runnable::run);
  }

  TapeEngine(BlockDevice device, Executor executor) {
    this(
        LogicalUnit.builder(device).type(PeripheralDeviceType.SEQUENTIAL_ACCESS).build(), executor);
  }

  TapeEngine(LogicalUnit unit, Executor executor) {
    engine = Engine.over(unit, executor);
  }

  static byte[] bytes(int value, int length) {
    byte[] data = new byte[length];
    Arrays.fill(data, (byte) value);
    return data;
  }

  private static byte[] six(int opcode, int flags, int count) {
    return new byte[] {
      (byte) opcode, (byte) flags, (byte) (count >> 16), (byte) (count >> 8), (byte) count, 0
    };
  }

  static byte[] read(int flags, int length) {
    return six(0x08, flags, length);
  }

  static byte[] write(int flags, int length) {
    return six(0x0a, flags, length);
  }

  static byte[] filemarks(int count) {
    return six(0x10, 0, count);
  }

  static byte[] space(int code, int count) {
    return six(0x11, code, count);
  }

  static byte[] locate(long object) {
    return ByteBuffer.allocate(10).put(0, (byte) 0x2b).putInt(3, (int) object).array();
  }

  static byte[] readPosition(int form) {
    byte[] cdb = new byte[10];
    cdb[0] = 0x34;
    cdb[1] = (byte) form;
    cdb[8] = 32;
    return cdb;
  }

  static byte[] erase(int flags) {
    return six(0x19, flags, 0);
  }

  ScsiResult execute(byte[] cdb) {
    return engine.execute(cdb);
  }

  ScsiResult execute(byte[] cdb, byte[] data) {
    return engine.execute(cdb, data);
  }

  /** Runs a command that ends with GOOD. */
  ScsiResult good(byte[] cdb) {
    ScsiResult result = engine.execute(cdb);
    assertThat(result.sense()).isEqualTo(Sense.NONE);
    assertThat(result.status()).isEqualTo(Status.GOOD);
    return result;
  }

  /** Writes a block of bytes of a value. */
  void record(int value, int length) {
    ScsiResult result = engine.execute(write(0, length), bytes(value, length));
    assertThat(result.sense()).isEqualTo(Sense.NONE);
    assertThat(result.status()).isEqualTo(Status.GOOD);
  }

  /** Selects a block length; 0 for none. */
  void blockLength(int length) {
    byte[] list = {
      0, 0, 0x10, 8, 0, 0, 0, 0, 0, (byte) (length >> 16), (byte) (length >> 8), (byte) length
    };
    ScsiResult result = engine.execute(Cdbs.hex("15 10 0000 0c 00"), list);
    assertThat(result.sense()).isEqualTo(Sense.NONE);
  }

  /** The logical object number of the position. */
  long position() {
    return ByteBuffer.wrap(good(readPosition(6)).data()).getLong(8);
  }

  /** The logical file identifier of the position. */
  long file() {
    return ByteBuffer.wrap(good(readPosition(6)).data()).getLong(16);
  }
}

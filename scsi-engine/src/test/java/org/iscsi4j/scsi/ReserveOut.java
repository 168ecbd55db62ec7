package org.iscsi4j.scsi;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** PERSISTENT RESERVE OUT as an initiator sends it. */
final class ReserveOut {

  static final int REGISTER = 0;
  static final int RESERVE = 1;
  static final int RELEASE = 2;
  static final int CLEAR = 3;
  static final int PREEMPT = 4;
  static final int PREEMPT_AND_ABORT = 5;
  static final int REGISTER_AND_IGNORE = 6;
  static final int REGISTER_AND_MOVE = 7;

  static final int APTPL = 0x01;
  static final int ALL_TG_PT = 0x04;
  static final int SPEC_I_PT = 0x08;
  static final int UNREG = 0x02;

  private ReserveOut() {}

  static byte[] cdb(int action, int scopeAndType, long listLength) {
    return ByteBuffer.allocate(10)
        .put((byte) 0x5f)
        .put((byte) action)
        .put((byte) scopeAndType)
        .putShort((short) 0)
        .putInt((int) listLength)
        .array();
  }

  /** The list of every service action but REGISTER AND MOVE. */
  static byte[] list(long key, long actionKey, int flags) {
    return ByteBuffer.allocate(24)
        .putLong(key)
        .putLong(actionKey)
        .putInt(0)
        .put((byte) flags)
        .array();
  }

  /** The list of REGISTER with SPEC_I_PT. */
  static byte[] list(long key, long actionKey, int flags, byte[]... transportIds) {
    byte[] ids = join(transportIds);
    return ByteBuffer.allocate(28 + ids.length)
        .put(list(key, actionKey, flags | SPEC_I_PT))
        .putInt(ids.length)
        .put(ids)
        .array();
  }

  /** The list of REGISTER AND MOVE. */
  static byte[] move(long key, long actionKey, int flags, int port, byte[]... transportIds) {
    byte[] ids = join(transportIds);
    return ByteBuffer.allocate(24 + ids.length)
        .putLong(key)
        .putLong(actionKey)
        .put((byte) 0)
        .put((byte) flags)
        .putShort((short) port)
        .putInt(ids.length)
        .put(ids)
        .array();
  }

  /** A TransportID: format 01b of an initiator port, 00b of a device. */
  static byte[] transportId(String name) {
    byte[] text = name.getBytes(StandardCharsets.UTF_8);
    int length = Math.max(20, (text.length + 4) / 4 * 4);
    return ByteBuffer.allocate(4 + length)
        .put((byte) (name.contains(",i,0x") ? 0x45 : 0x05))
        .put((byte) 0)
        .putShort((short) length)
        .put(text)
        .array();
  }

  private static byte[] join(byte[]... parts) {
    byte[] all = {};
    for (byte[] part : parts) {
      int at = all.length;
      all = Arrays.copyOf(all, at + part.length);
      System.arraycopy(part, 0, all, at, part.length);
    }
    return all;
  }
}

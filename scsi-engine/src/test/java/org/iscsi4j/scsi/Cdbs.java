package org.iscsi4j.scsi;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;

/** CDBs as an initiator writes them. */
final class Cdbs {

  static final byte[] TEST_UNIT_READY = hex("00 00 00 00 00 00");
  static final byte[] READ_CAPACITY_10 = hex("25 00 00000000 0000 00 00");

  static final int FUA = 0x08;
  static final int DPO = 0x10;
  static final int UNMAP = 0x08;
  static final int NDOB = 0x01;

  private Cdbs() {}

  static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replace(" ", ""));
  }

  /** The shortest that can be said with a command: every field is 0. */
  static byte[] of(Command row) {
    byte[] cdb = new byte[row.length()];
    cdb[0] = (byte) row.opcode();
    if (row.opcode() == Command.VARIABLE_LENGTH) {
      cdb[7] = (byte) (row.length() - 8);
      cdb[9] = (byte) row.serviceAction();
    } else if (row.serviceAction() != Command.NO_SERVICE_ACTION) {
      cdb[1] = (byte) row.serviceAction();
    }
    return cdb;
  }

  static byte[] six(int opcode, int lba, int blocks) {
    return ByteBuffer.allocate(6).putInt(opcode << 24 | lba).put((byte) blocks).array();
  }

  static byte[] ten(int opcode, int flags, long lba, int blocks) {
    return ByteBuffer.allocate(10)
        .put((byte) opcode)
        .put((byte) flags)
        .putInt((int) lba)
        .put((byte) 0)
        .putShort((short) blocks)
        .array();
  }

  static byte[] twelve(int opcode, int flags, long lba, long blocks) {
    return ByteBuffer.allocate(12)
        .put((byte) opcode)
        .put((byte) flags)
        .putInt((int) lba)
        .putInt((int) blocks)
        .array();
  }

  static byte[] sixteen(int opcode, int flags, long lba, long blocks) {
    return ByteBuffer.allocate(16)
        .put((byte) opcode)
        .put((byte) flags)
        .putLong(lba)
        .putInt((int) blocks)
        .array();
  }

  /** A CDB of 32 bytes, without protection information. */
  static byte[] thirtyTwo(int serviceAction, int flags, long lba, long blocks) {
    return ByteBuffer.allocate(32)
        .put(0, (byte) 0x7f)
        .put(7, (byte) 0x18)
        .putShort(8, (short) serviceAction)
        .put(10, (byte) flags)
        .putLong(12, lba)
        .putInt(28, (int) blocks)
        .array();
  }

  static byte[] read10(long lba, int blocks) {
    return ten(0x28, 0, lba, blocks);
  }

  static byte[] read16(long lba, long blocks) {
    return sixteen(0x88, 0, lba, blocks);
  }

  static byte[] write10(long lba, int blocks) {
    return ten(0x2a, 0, lba, blocks);
  }

  static byte[] write16(long lba, long blocks) {
    return sixteen(0x8a, 0, lba, blocks);
  }

  static byte[] writeSame10(int flags, long lba, int blocks) {
    return ten(0x41, flags, lba, blocks);
  }

  static byte[] writeSame16(int flags, long lba, long blocks) {
    return sixteen(0x93, flags, lba, blocks);
  }

  static byte[] inquiry(int allocationLength) {
    return ByteBuffer.allocate(6)
        .put(3, (byte) (allocationLength >> 8))
        .put(4, (byte) allocationLength)
        .put(0, (byte) 0x12)
        .array();
  }

  static byte[] vpd(int page, int allocationLength) {
    return ByteBuffer.wrap(inquiry(allocationLength)).put(1, (byte) 1).put(2, (byte) page).array();
  }

  static byte[] startStop(int flags) {
    return new byte[] {0x1b, 0, 0, 0, (byte) flags, 0};
  }

  /** UNMAP of a parameter list of a length. */
  static byte[] unmap(int listLength) {
    return ten(0x42, 0, 0, listLength);
  }

  /** An UNMAP parameter list: LBA and number of blocks in turn. */
  static byte[] unmapList(long... ranges) {
    int descriptors = ranges.length / 2 * 16;
    ByteBuffer list = ByteBuffer.allocate(8 + descriptors);
    list.putShort((short) (6 + descriptors)).putShort((short) descriptors).putInt(0);
    for (int each = 0; each < ranges.length; each += 2) {
      list.putLong(ranges[each]).putInt((int) ranges[each + 1]).putInt(0);
    }
    return list.array();
  }

  /** So many blocks of 512 bytes, each filled with its number, counted from 1. */
  static byte[] blocks(int count) {
    byte[] data = new byte[count * 512];
    for (int at = 0; at < data.length; at++) {
      data[at] = (byte) (at / 512 + 1);
    }
    return data;
  }

  /** One block of 512 bytes of a value. */
  static byte[] block(int value) {
    byte[] data = new byte[512];
    Arrays.fill(data, (byte) value);
    return data;
  }
}

package org.iscsi4j.scsi;

import java.nio.ByteBuffer;
import org.iscsi4j.api.Geometry;

/** The mode parameter block descriptor of a direct access device (SBC-3 clause 6.5.2). */
final class BlockDescriptor {

  /** NUMBER OF LOGICAL BLOCKS of the short form when there are this many or more. */
  private static final long MOST_BLOCKS = 0xffff_ffffL;

  private BlockDescriptor() {}

  static byte[] encode(DeviceServer unit, boolean longLba) {
    Geometry geometry = unit.geometry();
    long blocks = blocks(unit, geometry);
    return longLba
        ? ByteBuffer.allocate(16).putLong(blocks).putInt(0).putInt(geometry.blockSize()).array()
        : ByteBuffer.allocate(8)
            .putInt((int) Math.min(blocks, MOST_BLOCKS))
            .putInt(geometry.blockSize()) // a reserved byte, then LOGICAL BLOCK LENGTH
            .array();
  }

  /** NUMBER OF LOGICAL BLOCKS: none while the medium can't be used. */
  private static long blocks(DeviceServer unit, Geometry geometry) {
    return unit.condition().ready() ? geometry.blockCount() : 0;
  }

  /**
   * Neither capacity nor block length can be changed; 0 blocks leave the capacity as it is, and the
   * highest number asks for the most there is.
   *
   * @param list at the descriptor; behind it on return
   */
  static Sense check(DeviceServer unit, ByteBuffer list, boolean longLba) {
    int at = list.position();
    long present = blocks(unit, unit.geometry());
    long most = longLba ? -1 : MOST_BLOCKS;
    long blocks = longLba ? list.getLong() : Integer.toUnsignedLong(list.getInt());
    if (blocks != 0 && blocks != most && blocks != (longLba ? present : Math.min(present, most))) {
      return Sense.invalidFieldInParameterList(at);
    }
    if (longLba && list.getInt() != 0) {
      return Sense.invalidFieldInParameterList(at + 8);
    }
    int lengthAt = list.position();
    return list.getInt() == unit.geometry().blockSize()
        ? Sense.NONE
        : Sense.invalidFieldInParameterList(lengthAt);
  }
}

package org.iscsi4j.scsi;

import java.nio.ByteBuffer;

/**
 * What MODE SELECT says of a tape outside of the mode pages: buffered mode, and the block
 * descriptor (SSC-3 clause 8.3). Immutable.
 *
 * @param bufferedMode 0 when GOOD says that what was written is durable, else 1 or 2
 * @param density DENSITY CODE; there is but one, and 0 stands for it
 * @param blockLength bytes of a block of commands in fixed-block mode; 0 when there is none
 */
record TapeMode(int bufferedMode, int density, int blockLength) {

  /** That of a DLT8000, whose way to speak the drive has. */
  static final int DENSITY = 0x41;

  static final TapeMode DEFAULT = new TapeMode(1, DENSITY, 0);

  private static final int DENSITY_UNCHANGED = 0x7f;
  private static final int MOST_BUFFERED = 2;

  int deviceSpecificParameter() {
    return bufferedMode << 4;
  }

  boolean buffered() {
    return bufferedMode != 0;
  }

  byte[] blockDescriptor() {
    return ByteBuffer.allocate(8)
        .putInt(density << 24) // DENSITY CODE, then NUMBER OF LOGICAL BLOCKS: all
        .putInt(blockLength) // a reserved byte, then BLOCK LENGTH
        .array();
  }

  /** SPEED has no other value than its default. */
  static Sense checkDeviceSpecificParameter(int value, int at) {
    if (bufferedMode(value) > MOST_BUFFERED) {
      return Sense.invalidFieldInParameterList(at, 6);
    }
    return (value & 0x0f) == 0 ? Sense.NONE : Sense.invalidFieldInParameterList(at, 3);
  }

  /**
   * Checks a block descriptor.
   *
   * @param list at the descriptor; behind it on return
   */
  static Sense checkBlockDescriptor(ByteBuffer list) {
    int at = list.position();
    int first = list.getInt();
    int last = list.getInt();
    int density = first >>> 24;
    if (density != 0 && density != DENSITY && density != DENSITY_UNCHANGED) {
      return Sense.invalidFieldInParameterList(at);
    }
    if ((first & 0xff_ffff) != 0) {
      return Sense.invalidFieldInParameterList(at + 1);
    }
    return last >>> 24 == 0 ? Sense.NONE : Sense.invalidFieldInParameterList(at + 4);
  }

  /** The same after a mode parameter header. */
  TapeMode withHeader(int deviceSpecificParameter) {
    return new TapeMode(bufferedMode(deviceSpecificParameter), density, blockLength);
  }

  /** The same after a block descriptor that was checked. */
  TapeMode withDescriptor(ByteBuffer descriptor) {
    return new TapeMode(bufferedMode, DENSITY, descriptor.getInt(descriptor.position() + 4));
  }

  private static int bufferedMode(int deviceSpecificParameter) {
    return deviceSpecificParameter >> 4 & 0x07;
  }
}

package org.iscsi4j.scsi;

import java.nio.ByteBuffer;
import org.iscsi4j.api.Geometry;

/**
 * The block device range descriptors at the end of a token command's parameter list (SBC-4 clause
 * 5.16.3). Checked as a whole before anything is done with one of them.
 *
 * @param list from index 0; its first two bytes are the length of the rest
 * @param headerLength bytes before the descriptors, the last two of which are their length
 */
record BlockRanges(ByteBuffer list, int headerLength) {

  private static final int DESCRIPTOR_LENGTH = 16;
  private static final int BLOCKS_AT = 8;

  /** Why the descriptors are refused; no other method may be called when they are. */
  Sense check(Geometry geometry) {
    int told = Short.toUnsignedInt(list.getShort(0));
    if (told < headerLength - 2 + DESCRIPTOR_LENGTH) {
      return Sense.invalidFieldInParameterList(0);
    }
    if (bytes() < DESCRIPTOR_LENGTH || bytes() > told - (headerLength - 2)) {
      return Sense.invalidFieldInParameterList(headerLength - 2);
    }
    if (bytes() > list.limit() - headerLength) {
      return Sense.PARAMETER_LIST_LENGTH_ERROR;
    }
    if (count() > CopyLimits.RANGES) {
      return CopySense.TOO_MANY_SEGMENT_DESCRIPTORS.withFieldPointer(false, headerLength - 2, -1);
    }
    Sense refusal = checkEach(geometry);
    if (refusal.isNone() && blocks() > CopyLimits.tokenBlocks(geometry)) {
      return Sense.invalidFieldInParameterList(headerLength - 2);
    }
    return refusal;
  }

  private Sense checkEach(Geometry geometry) {
    for (int each = 0; each < count(); each++) {
      // a descriptor of no blocks is no error, wherever it points
      Sense outside =
          blocks(each) == 0 ? Sense.NONE : BlockRange.check(geometry, lba(each), blocks(each));
      if (!outside.isNone()) {
        return outside;
      }
      for (int before = 0; before < each; before++) {
        if (overlap(each, before)) {
          return Sense.invalidFieldInParameterList(at(each));
        }
      }
    }
    return Sense.NONE;
  }

  private boolean overlap(int one, int other) {
    return blocks(one) > 0
        && blocks(other) > 0
        && lba(one) < lba(other) + blocks(other)
        && lba(other) < lba(one) + blocks(one);
  }

  int count() {
    return bytes() / DESCRIPTOR_LENGTH;
  }

  /** Of all ranges together. */
  long blocks() {
    long all = 0;
    for (int each = 0; each < count(); each++) {
      all += blocks(each);
    }
    return all;
  }

  /** First byte and the byte behind the last of each range, in turn. */
  long[] bounds(int blockSize) {
    long[] bounds = new long[2 * count()];
    for (int each = 0; each < count(); each++) {
      bounds[2 * each] = blocks(each) == 0 ? 0 : lba(each) * blockSize;
      bounds[2 * each + 1] = bounds[2 * each] + blocks(each) * blockSize;
    }
    return bounds;
  }

  private int bytes() {
    return Short.toUnsignedInt(list.getShort(headerLength - 2));
  }

  private int at(int index) {
    return headerLength + index * DESCRIPTOR_LENGTH;
  }

  private long lba(int index) {
    return list.getLong(at(index));
  }

  private long blocks(int index) {
    return Integer.toUnsignedLong(list.getInt(at(index) + BLOCKS_AT));
  }
}

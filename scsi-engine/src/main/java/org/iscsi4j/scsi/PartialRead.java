package org.iscsi4j.scsi;

import java.nio.ByteBuffer;

/**
 * A read that begins or ends within a block, by way of the blocks around it.
 *
 * @param offset where the blocks begin, in bytes from the start of the device
 * @param blocks takes the blocks
 * @param skip bytes of the first block that are not wanted
 * @param into takes the part that is wanted
 */
record PartialRead(long offset, ByteBuffer blocks, int skip, ByteBuffer into) {

  static PartialRead of(int blockSize, long offset, ByteBuffer into) {
    int skip = (int) (offset % blockSize);
    int needed = skip + into.remaining();
    ByteBuffer blocks = ByteBuffer.allocate((needed + blockSize - 1) / blockSize * blockSize);
    return new PartialRead(offset - skip, blocks, skip, into);
  }

  /** Hands over the part, if its blocks could be read. */
  Sense copy(Sense outcome) {
    if (outcome.isNone()) {
      into.put(blocks.flip().position(skip).limit(skip + into.remaining()));
    }
    return outcome;
  }
}

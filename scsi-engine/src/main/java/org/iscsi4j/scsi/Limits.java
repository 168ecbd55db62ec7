package org.iscsi4j.scsi;

import org.iscsi4j.api.Blocking;
import org.iscsi4j.api.Capabilities;
import org.iscsi4j.api.Geometry;

/**
 * How much one command may ask for. The Block Limits page tells these numbers and the handlers
 * enforce them, so that both are the same by construction.
 */
final class Limits {

  /** The most bytes that READ and WRITE move: what 512 blocks of the largest size come to. */
  static final int TRANSFER_BYTES = 512 * Geometry.MAX_BLOCK_SIZE;

  /** The most bytes that UNMAP changes, so that no command runs for minutes. */
  static final long CHANGE_BYTES = 512L << 20;

  /** The most descriptors in an UNMAP parameter list. */
  static final int UNMAP_DESCRIPTORS = 256;

  /** MAXIMUM COMPARE AND WRITE LENGTH: the most that its field can say. */
  static final int COMPARE_AND_WRITE_BLOCKS = 255;

  /**
   * MAXIMUM WRITE SAME LENGTH: none is told, and none is enforced, since 0 blocks reach to the end
   * of the medium. It goes step by step, so that an abort ends it.
   */
  static final long WRITE_SAME_BLOCKS = 0;

  /** The most bytes that WRITE ATOMIC writes to memory, which are kept twice meanwhile. */
  private static final int ATOMIC_BYTES = 1 << 20;

  /** The most bytes that PRE-FETCH reads: what is taken to fit the host's cache in any case. */
  static final int PREFETCH_BYTES = TRANSFER_BYTES;

  /** The most bytes in a list of REASSIGN BLOCKS. */
  static final int REASSIGN_LIST_BYTES = 8 << 10;

  private Limits() {}

  /** MAXIMUM TRANSFER LENGTH. */
  static long transferBlocks(Geometry geometry) {
    return TRANSFER_BYTES / geometry.blockSize();
  }

  /** MAXIMUM UNMAP LBA COUNT; at least one physical block. */
  static long unmapBlocks(Geometry geometry) {
    return Math.max(CHANGE_BYTES, geometry.physicalBlockSize()) / geometry.blockSize();
  }

  /**
   * MAXIMUM ATOMIC TRANSFER LENGTH. A device that never blocks is in memory: no write of it is ever
   * torn by a power failure, which leaves nothing. Of any other a physical block is all that can be
   * trusted to be written as a whole.
   */
  static long atomicBlocks(Geometry geometry, Capabilities can) {
    long granule = atomicGranule(geometry);
    boolean memory = can.blocking() == Blocking.NEVER;
    return memory ? Math.max(granule, ATOMIC_BYTES / geometry.blockSize()) : granule;
  }

  /**
   * ATOMIC ALIGNMENT and ATOMIC TRANSFER LENGTH GRANULARITY: a physical block, if it can be moved.
   */
  static long atomicGranule(Geometry geometry) {
    long blocks = geometry.physicalBlockSize() / geometry.blockSize();
    return Math.min(blocks, TRANSFER_BYTES / Geometry.MAX_BLOCK_SIZE);
  }
}

package org.iscsi4j.scsi;

import org.iscsi4j.api.Geometry;

/**
 * How much one command may ask for. The Block Limits page tells these numbers and the handlers
 * enforce them, so that both are the same by construction.
 */
final class Limits {

  /** The most bytes that READ and WRITE move: what 256 blocks of the largest size come to. */
  static final int TRANSFER_BYTES = 256 * Geometry.MAX_BLOCK_SIZE;

  /** The most bytes that UNMAP or WRITE SAME change, so that no command runs for minutes. */
  static final long CHANGE_BYTES = 512L << 20;

  /** The most descriptors in an UNMAP parameter list. */
  static final int UNMAP_DESCRIPTORS = 256;

  private Limits() {}

  /** MAXIMUM TRANSFER LENGTH. */
  static long transferBlocks(Geometry geometry) {
    return TRANSFER_BYTES / geometry.blockSize();
  }

  /** MAXIMUM UNMAP LBA COUNT; at least one physical block. */
  static long unmapBlocks(Geometry geometry) {
    return Math.max(CHANGE_BYTES, geometry.physicalBlockSize()) / geometry.blockSize();
  }

  /** MAXIMUM WRITE SAME LENGTH; no more than the shorter of the two CDBs can say. */
  static long writeSameBlocks(Geometry geometry) {
    return Math.min(0xffff, CHANGE_BYTES / geometry.blockSize());
  }
}

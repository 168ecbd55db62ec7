package org.iscsi4j.scsi;

import org.iscsi4j.api.Geometry;

/** The checks on a range of blocks. They allocate nothing when the range is good. */
final class BlockRange {

  private BlockRange() {}

  /**
   * Whether a range lies on the medium. A range without blocks must begin on it as well.
   *
   * @param lba first block; negative stands for an address beyond 2^63 - 1
   * @param blocks 0 to 2^32 - 1
   * @return {@link Sense#NONE}, or LOGICAL BLOCK ADDRESS OUT OF RANGE with the first such address
   */
  static Sense check(Geometry geometry, long lba, long blocks) {
    long count = geometry.blockCount();
    if (lba < 0 || lba >= count) {
      return Sense.LBA_OUT_OF_RANGE.withInformation(lba);
    }
    // not lba + blocks > count, which may wrap
    return blocks > count - lba ? Sense.LBA_OUT_OF_RANGE.withInformation(count) : Sense.NONE;
  }

  /** Whether a range lies on the medium and may be transferred by one command. */
  static Sense checkTransfer(Geometry geometry, BlockCdb layout, Cdb cdb) {
    long blocks = layout.blocks(cdb);
    Sense outside = check(geometry, layout.lba(cdb), blocks);
    if (!outside.isNone()) {
      return outside;
    }
    return blocks > Limits.transferBlocks(geometry) ? layout.invalidLength() : Sense.NONE;
  }
}

package org.iscsi4j.scsi;

/** How much was read and written. */
record AccessTotals(long reads, long writes, long blocksRead, long blocksWritten) {

  static final AccessTotals NONE = new AccessTotals(0, 0, 0, 0);

  AccessTotals plus(AccessTotals more) {
    return new AccessTotals(
        reads + more.reads,
        writes + more.writes,
        blocksRead + more.blocksRead,
        blocksWritten + more.blocksWritten);
  }

  AccessTotals minus(AccessTotals less) {
    return new AccessTotals(
        reads - less.reads,
        writes - less.writes,
        blocksRead - less.blocksRead,
        blocksWritten - less.blocksWritten);
  }
}

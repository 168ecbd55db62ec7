package org.iscsi4j.scsi;

import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.Space;

/**
 * The unit in which space is told to initiators: a power of two of blocks (SBC-3 clause 4.7.3.8.2).
 *
 * @param exponent THRESHOLD EXPONENT, 1 or more
 * @param bytes in a set
 */
record ThresholdSets(int exponent, long bytes) {

  private static final long MAX_COUNT = 0xffff_ffffL;

  /** As small as the device gives storage back, unless there were more sets than can be counted. */
  static ThresholdSets of(Geometry geometry) {
    long granule = geometry.deallocationGranularity() / geometry.blockSize();
    long countable = geometry.blockCount() >>> 31;
    int exponent = Math.max(1, 64 - Long.numberOfLeadingZeros(Math.max(granule - 1, countable)));
    return new ThresholdSets(exponent, (long) geometry.blockSize() << exponent);
  }

  /** Whole sets that are left. */
  long available(Space space) {
    return Math.min(MAX_COUNT, space.available() / bytes);
  }

  /** Sets of which some is in use. */
  long used(Space space) {
    return Math.min(MAX_COUNT, space.used() / bytes + (space.used() % bytes > 0 ? 1 : 0));
  }
}

package org.iscsi4j.scsi;

import org.iscsi4j.api.Space;

/**
 * A threshold descriptor of the logical block provisioning mode page (SBC-3 clause 6.5.7.2).
 *
 * @param enabled whether reaching it is told
 * @param resource what it watches, and in which direction
 * @param count in threshold sets
 */
record Threshold(boolean enabled, Resource resource, long count) {

  static final int LENGTH = 8;
  static final int ENABLED = 0x80;

  /** The combinations that SBC-3 table 6 allows, by the THRESHOLD RESOURCE field. */
  enum Resource {
    /** What is available, as it decreases. */
    AVAILABLE(0x01, 0),
    /** What is used, as it increases. */
    USED(0x02, 1);

    private final int code;
    private final int arming;

    Resource(int code, int arming) {
      this.code = code;
      this.arming = arming;
    }

    /** The THRESHOLD RESOURCE field. */
    int code() {
      return code;
    }

    /** THRESHOLD TYPE, a soft threshold, and THRESHOLD ARMING. */
    int typeAndArming() {
      return arming;
    }
  }

  /** Whether the space is at the threshold or beyond it. */
  boolean reached(Space space, ThresholdSets sets) {
    return switch (resource) {
      case AVAILABLE -> space.available() <= centre(sets);
      case USED -> space.used() >= centre(sets);
    };
  }

  /** Whether the space is back before the whole range of the threshold, half a set away. */
  boolean left(Space space, ThresholdSets sets) {
    long half = sets.bytes() / 2;
    return switch (resource) {
      case AVAILABLE -> space.available() - centre(sets) > half;
      case USED -> centre(sets) - space.used() > half;
    };
  }

  private long centre(ThresholdSets sets) {
    // 32 bits of sets may be more than there are bytes
    return count > Long.MAX_VALUE / sets.bytes() ? Long.MAX_VALUE : count * sets.bytes();
  }
}

package org.iscsi4j.scsi;

import org.iscsi4j.api.Geometry;

/**
 * How much third-party copy takes on. RECEIVE COPY OPERATING PARAMETERS and the Third-party Copy
 * page tell these numbers and the handlers enforce them.
 */
final class CopyLimits {

  /** MAXIMUM CSCD DESCRIPTOR COUNT. */
  static final int CSCD_DESCRIPTORS = 16;

  /** MAXIMUM SEGMENT DESCRIPTOR COUNT. */
  static final int SEGMENT_DESCRIPTORS = 256;

  /** MAXIMUM DESCRIPTOR LIST LENGTH: as many of both as there may be. */
  static final int DESCRIPTOR_BYTES =
      CSCD_DESCRIPTORS * CopyList.CSCD_LENGTH + SEGMENT_DESCRIPTORS * CopyList.SEGMENT_LENGTH;

  /** The longest parameter list that is taken, whatever it is filled up with. */
  static final int LIST_BYTES = 64 << 10;

  /** TOTAL CONCURRENT COPIES of one copy manager, each of which has a buffer. */
  static final int CONCURRENT_COPIES = 16;

  /** Ended copies that a nexus may still ask about. */
  static final int HELD_COPIES = 64;

  /** Bytes of the buffer of a copy; a multiple of every block size. */
  static final int BUFFER_BYTES = 1 << 20;

  /** MAXIMUM RANGE DESCRIPTORS of a token command. */
  static final int RANGES = 64;

  /** Seconds that a token lives without being used, unless its creator says how many. */
  static final int DEFAULT_INACTIVITY = 60;

  /** MAXIMUM INACTIVITY TIMEOUT in seconds. */
  static final int MAX_INACTIVITY = 3600;

  /** Tokens of the whole server. */
  static final int TOKENS = 1024;

  /** Tokens that one initiator has made, whatever its sessions: the others need some too. */
  static final int TOKENS_OF_INITIATOR = 128;

  private static final long TOKEN_BYTES = 256L << 20;
  private static final long OPTIMAL_TOKEN_BYTES = 64L << 20;

  private CopyLimits() {}

  /** MAXIMUM TOKEN TRANSFER SIZE in blocks: what a slow disk writes before initiators give up. */
  static long tokenBlocks(Geometry geometry) {
    return TOKEN_BYTES / geometry.blockSize();
  }

  /** OPTIMAL TRANSFER COUNT in blocks. */
  static long optimalTokenBlocks(Geometry geometry) {
    return OPTIMAL_TOKEN_BYTES / geometry.blockSize();
  }
}

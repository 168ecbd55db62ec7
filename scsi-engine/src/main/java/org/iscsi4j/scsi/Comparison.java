package org.iscsi4j.scsi;

import java.nio.ByteBuffer;

/**
 * Compares what is on the medium with what an initiator thinks is there. INFORMATION tells where
 * the first difference is, in bytes from the start of the data (SBC-3 clause 5.33).
 */
final class Comparison {

  private Comparison() {}

  /** With data as long as the range, from its position on; it stays as it is. */
  static Scan.Taker with(ByteBuffer data) {
    ByteBuffer expected = data.slice();
    return (at, piece) -> compare(at, piece, expected.slice((int) at, piece.remaining()));
  }

  /** Of each block of the range with one and the same. */
  static Scan.Taker withEach(ByteBuffer block) {
    ByteBuffer pattern = ByteBuffer.allocate(Scan.PIECE);
    while (pattern.hasRemaining()) {
      pattern.put(block.duplicate());
    }
    // a piece begins with a block, since all but the last have the length of the pattern
    return (at, piece) -> compare(at, piece, pattern.slice(0, piece.remaining()));
  }

  private static Sense compare(long at, ByteBuffer piece, ByteBuffer expected) {
    int difference = piece.mismatch(expected);
    return difference < 0
        ? Sense.NONE
        : Sense.MISCOMPARE_DURING_VERIFY.withInformation(at + difference);
  }
}

package org.iscsi4j.scsi;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * What one READ gets from the tape: data, and what ended it. The position is behind whatever ended
 * it, be that a filemark, a block of another length or one that can't be read.
 */
final class TapeReading implements TapeDrive.Operation {

  private final TapeDrive drive;
  private final boolean fixed;

  /** Blocks when they are fixed, else bytes of one block. */
  private final int length;

  private final int blockLength;
  private final boolean suppressesLength;

  private ByteBuffer data = ByteBuffer.allocate(0);

  /** INFORMATION of what ends it: what was asked for and not read. */
  private int residue;

  TapeReading(
      TapeDrive drive, boolean fixed, int length, int blockLength, boolean suppressesLength) {
    this.drive = drive;
    this.fixed = fixed;
    this.length = length;
    this.blockLength = blockLength;
    this.suppressesLength = suppressesLength;
    residue = length;
  }

  /** What was read, in a buffer that is the drive's as long as the command has its turn. */
  ByteBuffer data() {
    return data;
  }

  /**
   * How the command ends, after {@link #on}: of a block that can't be read it tells the residue.
   */
  Sense told(Sense outcome) {
    return TapeDrive.withResidue(outcome, residue);
  }

  @Override
  public Sense on(TapeMedium medium) throws IOException {
    if (!fixed) {
      Sense obstacle = obstacle(medium);
      return obstacle.isNone() ? readBlock(medium) : obstacle;
    }
    Sense ended = Sense.NONE;
    while (residue > 0 && ended.isNone()) {
      ended = readRun(medium);
    }
    return ended;
  }

  /** What is at the position instead of a block; it is passed, unless it is the end of data. */
  private Sense obstacle(TapeMedium medium) throws IOException {
    TapeEntry next = medium.next();
    if (next == null) {
      return Sense.END_OF_DATA_DETECTED.withInformation(residue);
    }
    if (next.marks()) {
      medium.advance(1);
      return Sense.FILEMARK_DETECTED.withInformation(residue);
    }
    return Sense.NONE;
  }

  private Sense readBlock(TapeMedium medium) throws IOException {
    int actual = medium.next().length();
    data = take(medium, 1, Math.min(actual, length));
    boolean overlong = actual > length;
    boolean told = suppressesLength ? overlong && blockLength != 0 : actual != length;
    return told ? Sense.INCORRECT_LENGTH.withInformation((long) length - actual) : Sense.NONE;
  }

  private Sense readRun(TapeMedium medium) throws IOException {
    Sense obstacle = obstacle(medium);
    if (!obstacle.isNone()) {
      return obstacle;
    }
    if (medium.next().length() != blockLength) {
      medium.advance(1);
      return Sense.INCORRECT_LENGTH.withInformation(residue);
    }
    int count = Math.min(residue, medium.left());
    add(take(medium, count, count * blockLength));
    residue -= count;
    return Sense.NONE;
  }

  /** All in one entry is sent from where it was read to. */
  private void add(ByteBuffer blocks) {
    if (blocks.remaining() == length * blockLength) {
      data = blocks;
      return;
    }
    int end = data.limit();
    if (end == 0) {
      data = drive.gathering(length * blockLength);
    }
    data.limit(end + blocks.remaining());
    data.put(end, blocks, 0, blocks.remaining());
  }

  /** Data from the position on, which passes so many blocks even when they can't be read. */
  private static ByteBuffer take(TapeMedium medium, int count, int bytes) throws IOException {
    TapeEntry entry = medium.next();
    int from = (entry.count() - medium.left()) * entry.length();
    try {
      return medium.data(entry).slice(from, bytes);
    } finally {
      medium.advance(count);
    }
  }
}

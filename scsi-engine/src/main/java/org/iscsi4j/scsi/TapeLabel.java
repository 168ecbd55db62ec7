package org.iscsi4j.scsi;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * The label of a {@link TapeMedium}: that it is one, and how far it was recorded when that was last
 * made durable. There are two places for it, written in turn, so that one is whole at any time.
 *
 * @param sequence how often it was written; the higher one counts
 * @param granule bytes at whose multiples everything begins: the block size of the device that the
 *     tape was made on
 * @param end where the recorded data end, or a place before that
 */
record TapeLabel(long sequence, int granule, TapeEnd end) {

  /** Bytes from one place to the other, and to the first entry: a multiple of every block size. */
  static final int PLACE = 64 << 10;

  static final int VERSION = 1;

  private static final byte[] MAGIC =
      "iscsi4j tape\r\n\u001a\n".getBytes(StandardCharsets.US_ASCII);
  private static final int VERSION_AT = MAGIC.length;
  private static final int CHECKED = 80;

  /** Where it stands, in bytes from the start of the device. */
  long offset() {
    return (sequence & 1) * PLACE;
  }

  /** The label that follows. */
  TapeLabel next(TapeEnd now) {
    return new TapeLabel(sequence + 1, granule, now);
  }

  ByteBuffer encode() {
    ByteBuffer out = ByteBuffer.allocate(CHECKED + Integer.BYTES);
    out.put(MAGIC);
    out.putInt(VERSION);
    out.putInt(granule);
    out.putLong(sequence);
    end.encode(out);
    out.putInt(TapeEntry.crc(out.slice(0, CHECKED)));
    return out.flip();
  }

  /**
   * The label in a block of the device; none when there is none that is whole.
   *
   * @throws TapeFormatException when it is of a version that is not known
   */
  static Optional<TapeLabel> decode(ByteBuffer in) throws TapeFormatException {
    byte[] magic = new byte[MAGIC.length];
    in.get(0, magic);
    if (!Arrays.equals(magic, MAGIC)) {
      return Optional.empty();
    }
    int version = in.getInt(VERSION_AT);
    if (version != VERSION) {
      throw new TapeFormatException(
          "the tape has format version " + version + "; known is " + VERSION);
    }
    if (in.getInt(CHECKED) != TapeEntry.crc(in.slice(0, CHECKED))) {
      return Optional.empty();
    }
    in.position(VERSION_AT + Integer.BYTES);
    int granule = in.getInt();
    long sequence = in.getLong();
    return Optional.of(new TapeLabel(sequence, granule, TapeEnd.decode(in)));
  }
}

package org.iscsi4j.scsi;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The header of a run of blocks of one length, or of filemarks, as it stands on a {@link
 * TapeMedium}. Immutable.
 *
 * @param marks whether they are filemarks
 * @param offset where the header is; the data of all blocks follow in the next granule
 * @param id a random number that no other entry has
 * @param previousId that of the entry before it, so that an entry which was overwritten and stands
 *     behind by chance is not taken for the next
 * @param previous where the entry before it is; 0 for the first
 * @param jump where an entry further back is, see {@link TapeIndex}; 0 for the first
 * @param index entries before it
 * @param object blocks and filemarks before it: the logical object number of its first
 * @param file filemarks before it: the logical file identifier of its first
 * @param count blocks or filemarks in it, 1 or more
 * @param length bytes of each block; 0 for filemarks
 * @param dataCrc CRC-32C of the data of all blocks
 */
record TapeEntry(
    boolean marks,
    long offset,
    long id,
    long previousId,
    long previous,
    long jump,
    long index,
    long object,
    long file,
    int count,
    int length,
    int dataCrc) {

  private static final int BLOCKS = 0x49344a42; // I4JB
  private static final int MARKS = 0x49344a4d; // I4JM

  /** Bytes of a header up to its own checksum. */
  private static final int CHECKED = 80;

  /** Bytes of the data. */
  long bytes() {
    return (long) count * length;
  }

  /** Blocks and filemarks up to its end. */
  long endObject() {
    return object + count;
  }

  /** Filemarks up to its end. */
  long endFile() {
    return marks ? file + count : file;
  }

  /** The byte behind it, where the next one stands. */
  long end(int granule) {
    return offset + granule + roundUp(bytes(), granule);
  }

  static long roundUp(long bytes, int granule) {
    return (bytes + granule - 1) / granule * granule;
  }

  static int crc(ByteBuffer data) {
    CRC32C crc = new CRC32C();
    crc.update(data);
    return (int) crc.getValue();
  }

  /** The header, up to the end of its checksum. */
  ByteBuffer encode() {
    ByteBuffer out = ByteBuffer.allocate(CHECKED + Integer.BYTES);
    out.putInt(marks ? MARKS : BLOCKS);
    out.putInt(0); // reserved
    out.putLong(id);
    out.putLong(previousId);
    out.putLong(previous);
    out.putLong(jump);
    out.putLong(index);
    out.putLong(object);
    out.putLong(file);
    out.putInt(count);
    out.putInt(length);
    out.putInt(dataCrc);
    out.putInt(0); // reserved
    out.putInt(crc(out.slice(0, CHECKED)));
    return out.flip();
  }

  /** The header at an offset of the device; none when that is no valid header. */
  static Optional<TapeEntry> decode(ByteBuffer in, long offset) {
    int kind = in.getInt(0);
    boolean known = kind == BLOCKS || kind == MARKS;
    if (!known || in.getInt(CHECKED) != crc(in.slice(0, CHECKED))) {
      return Optional.empty();
    }
    TapeEntry found =
        new TapeEntry(
            kind == MARKS,
            offset,
            in.getLong(8), // id
            in.getLong(16), // previousId
            in.getLong(24), // previous
            in.getLong(32), // jump
            in.getLong(40), // index
            in.getLong(48), // object
            in.getLong(56), // file
            in.getInt(64), // count
            in.getInt(68), // length
            in.getInt(72)); // dataCrc
    return Optional.of(found).filter(TapeEntry::sound);
  }

  private boolean sound() {
    boolean sized = marks ? length == 0 : length > 0;
    boolean back = previous >= 0 && previous < offset && jump >= 0 && jump <= previous;
    return sized && back && count > 0 && bytes() <= TapeMedium.MAX_RUN && index >= 0;
  }
}

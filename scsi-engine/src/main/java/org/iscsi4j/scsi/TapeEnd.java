package org.iscsi4j.scsi;

import java.nio.ByteBuffer;

/**
 * A place between two entries of a {@link TapeMedium}, where the recorded data end or could end.
 *
 * @param offset where the next entry stands or will stand
 * @param object blocks and filemarks before it
 * @param file filemarks before it
 * @param index entries before it
 * @param last where the entry before it is; 0 at the beginning of the tape
 * @param lastId the id of that entry; at the beginning of the tape that of the tape
 */
record TapeEnd(long offset, long object, long file, long index, long last, long lastId) {

  static TapeEnd atBeginning(long tapeId) {
    return new TapeEnd(TapeMedium.FIRST_ENTRY, 0, 0, 0, 0, tapeId);
  }

  static TapeEnd before(TapeEntry entry) {
    return new TapeEnd(
        entry.offset(),
        entry.object(),
        entry.file(),
        entry.index(),
        entry.previous(),
        entry.previousId());
  }

  static TapeEnd after(TapeEntry entry, int granule) {
    return new TapeEnd(
        entry.end(granule),
        entry.endObject(),
        entry.endFile(),
        entry.index() + 1,
        entry.offset(),
        entry.id());
  }

  /** Whether an entry was written here, and after the one that is before. */
  boolean precedes(TapeEntry entry) {
    return equals(before(entry));
  }

  void encode(ByteBuffer out) {
    out.putLong(offset).putLong(object).putLong(file);
    out.putLong(index).putLong(last).putLong(lastId);
  }

  static TapeEnd decode(ByteBuffer in) {
    return new TapeEnd(
        in.getLong(), in.getLong(), in.getLong(), in.getLong(), in.getLong(), in.getLong());
  }
}

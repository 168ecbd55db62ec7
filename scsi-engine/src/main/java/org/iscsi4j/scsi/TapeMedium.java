package org.iscsi4j.scsi;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.iscsi4j.api.BlockDevice;
import org.iscsi4j.api.BlockDeviceException;

/**
 * A tape on a device: blocks of any length and filemarks, and a position among them. Used by one
 * thread at a time, but for {@link #close}.
 *
 * <p>The format is told in {@code TAPE-FORMAT.md}. In short: two places for a {@link TapeLabel},
 * then one {@link TapeEntry} behind the other, each a header in a granule of its own and the data
 * of its blocks. The data are written before their header, and an entry names the one before it by
 * a random number, so the recorded data end where no header follows that fits; the label tells how
 * far that need not be tried. Before anything in front of that place is overwritten the label is
 * put back, so a crash at any time leaves all that was {@linkplain #synchronize synchronized}, and
 * a prefix of what was recorded since.
 */
final class TapeMedium {

  /** Where the first entry stands, in bytes from the start of the device. */
  static final long FIRST_ENTRY = 2L * TapeLabel.PLACE;

  /** The smallest device that is a tape, in bytes. */
  static final long LEAST_SIZE = 1L << 20;

  /** The most bytes of data in one entry. */
  static final int MAX_RUN = Limits.TRANSFER_BYTES;

  /** Bytes at the end that only filemarks may use, so that a full tape can be closed. */
  private static final int TRAILER = 64 << 10;

  /** The most bytes between early warning and the end; on small devices, a part of the size. */
  private static final long WARNED = 32L << 20;

  private static final int WARNED_PART = 32;

  /**
   * Recorded bytes after which the label is written unasked: what is read when it is next opened.
   */
  private static final long UNLABELLED = 1L << 30;

  /** Bytes given back per byte that is recorded, so that one write never takes long for it. */
  private static final int GIVEN = 8;

  private static final RandomGenerator RANDOM = new SecureRandom();

  private final TapeStore store;
  private final int granule;
  private final TapeIndex index;

  /** The label on the device; null while it is empty. */
  private TapeLabel label;

  private TapeEnd end;

  /** What the position is in; null at the end of data. */
  private TapeEntry at;

  /** Blocks or filemarks of {@link #at} before the position. */
  private int within;

  /** Whether something was recorded since the label was written. */
  private boolean dirty;

  private long unlabelled;

  /** What stands behind the end of data up to here was not given back. */
  private long used;

  /** The data of one entry, and which. */
  private ByteBuffer run = ByteBuffer.allocate(0);

  private long runId;

  private TapeMedium(TapeStore store, int granule) {
    this.store = store;
    this.granule = granule;
    index = new TapeIndex(this::read);
  }

  // ---- mounting

  /**
   * The tape on a device, at its beginning. A device of zeroes is an empty tape.
   *
   * @throws TapeFormatException when there is something else on the device
   */
  static TapeMedium open(BlockDevice device) throws IOException {
    TapeStore store = new TapeStore(device);
    checkSize(store);
    Optional<TapeLabel> found = label(store);
    if (found.isEmpty()) {
      checkEmpty(store);
      return empty(store);
    }
    TapeLabel label = found.get();
    if (label.granule() % store.blockSize() != 0) {
      throw new TapeFormatException(
          "the tape was made on blocks of "
              + label.granule()
              + " bytes, and can't be read on those of "
              + store.blockSize());
    }
    TapeMedium medium = new TapeMedium(store, label.granule());
    medium.label = label;
    medium.end = label.end();
    medium.index.last(medium.end.last());
    medium.recover();
    medium.rewind();
    return medium;
  }

  /** Makes an empty tape, whatever is on the device. */
  static TapeMedium format(BlockDevice device) throws IOException {
    TapeStore store = new TapeStore(device);
    checkSize(store);
    store.clear(0, FIRST_ENTRY + store.blockSize());
    store.flush();
    TapeMedium medium = empty(store);
    medium.label(medium.end);
    return medium;
  }

  private static TapeMedium empty(TapeStore store) {
    TapeMedium medium = new TapeMedium(store, store.blockSize());
    medium.end = TapeEnd.atBeginning(RANDOM.nextLong());
    return medium;
  }

  private static void checkSize(TapeStore store) throws TapeFormatException {
    if (store.size() < LEAST_SIZE) {
      throw new TapeFormatException(
          store + " has " + store.size() + " bytes; a tape needs " + LEAST_SIZE);
    }
  }

  private static Optional<TapeLabel> label(TapeStore store) throws IOException {
    Optional<TapeLabel> first = TapeLabel.decode(store.read(0, store.blockSize()));
    Optional<TapeLabel> second = TapeLabel.decode(store.read(TapeLabel.PLACE, store.blockSize()));
    boolean newer =
        first.isEmpty() || (second.isPresent() && second.get().sequence() > first.get().sequence());
    return newer ? second : first;
  }

  /** File systems and partition tables all leave a trace this near to the start. */
  private static void checkEmpty(TapeStore store) throws IOException {
    ByteBuffer start = store.read(0, (int) FIRST_ENTRY + TapeLabel.PLACE);
    if (start.mismatch(ByteBuffer.allocate(start.limit())) >= 0) {
      throw new TapeFormatException(store + " holds something that is no tape, and is not erased");
    }
  }

  /** Finds what was recorded after the label was written, up to the first that is not whole. */
  private void recover() throws IOException {
    for (Optional<TapeEntry> next = tail(); next.isPresent(); next = tail()) {
      follow(next.get());
    }
    used = end.offset();
  }

  private Optional<TapeEntry> tail() throws IOException {
    if (end.offset() > store.size() - granule) {
      return Optional.empty();
    }
    Optional<TapeEntry> next =
        TapeEntry.decode(store.read(end.offset(), granule), end.offset())
            .filter(end::precedes)
            .filter(each -> each.end(granule) <= store.size());
    return next.isPresent() && whole(next.get()) ? next : Optional.empty();
  }

  private boolean whole(TapeEntry entry) throws IOException {
    return entry.marks() || TapeEntry.crc(load(entry)) == entry.dataCrc();
  }

  /** The medium is out: makes no call to the device any more. From any thread. */
  void close() {
    store.close();
  }

  // ---- where the position is

  /** Blocks and filemarks before the position: the logical object number. */
  long object() {
    return at == null ? end.object() : at.object() + within;
  }

  /** Filemarks before the position: the logical file identifier. */
  long file() {
    return at == null ? end.file() : at.file() + (at.marks() ? within : 0);
  }

  /** Blocks and filemarks on the tape. */
  long objects() {
    return end.object();
  }

  /** Filemarks on the tape. */
  long files() {
    return end.file();
  }

  /** What the next block or filemark is in; null at the end of data. */
  TapeEntry next() {
    return at;
  }

  /** The blocks or filemarks from the position to the end of their entry. */
  int left() {
    return at == null ? 0 : at.count() - within;
  }

  /** Whether so little room is left behind the position that the host should come to an end. */
  boolean warned() {
    return offset() > blocksEnd() - Math.min(WARNED, store.size() / WARNED_PART);
  }

  /** Where an entry that is recorded at the position begins. */
  private long offset() {
    if (at == null) {
      return end.offset();
    }
    return within == 0
        ? at.offset()
        : at.offset() + granule + TapeEntry.roundUp((long) within * at.length(), granule);
  }

  private long blocksEnd() {
    return store.size() - TRAILER;
  }

  // ---- moving

  void rewind() throws IOException {
    locate(0);
  }

  /**
   * Goes to a block or filemark.
   *
   * @param object its logical object number; that of the end of data, or more, leads there
   */
  void locate(long object) throws IOException {
    if (object >= end.object()) {
      at = null;
      within = 0;
    } else if (at != null && object >= at.object() && object <= at.endObject()) {
      advance((int) (object - at.object()) - within);
    } else {
      at = index.find(TapeEntry::object, object);
      within = (int) (object - at.object());
    }
  }

  /** Goes on by blocks or filemarks of the entry that the position is in; back when negative. */
  void advance(int count) throws IOException {
    if (within + count < at.count()) {
      within += count;
    } else {
      at = at.offset() == end.last() ? null : following(at);
      within = 0;
    }
  }

  private TapeEntry following(TapeEntry entry) throws IOException {
    TapeEntry next = read(entry.end(granule));
    if (!TapeEnd.after(entry, granule).precedes(next)) {
      throw damaged(next.offset());
    }
    return next;
  }

  /**
   * The logical object number of a filemark.
   *
   * @param file filemarks before it, less than there are
   */
  long mark(long file) throws IOException {
    TapeEntry found = markEntry(file);
    return found.object() + (file - found.file());
  }

  /** The entry of a filemark. */
  TapeEntry markEntry(long file) throws IOException {
    return index.find(TapeEntry::file, file);
  }

  // ---- reading

  /** The data of the blocks of an entry, to be used until the next call. */
  ByteBuffer data(TapeEntry entry) throws IOException {
    if (runId != entry.id()) {
      ByteBuffer found = load(entry);
      if (TapeEntry.crc(found.duplicate()) != entry.dataCrc()) {
        throw damaged(entry.offset() + granule);
      }
      runId = entry.id();
    }
    return run.duplicate().limit((int) entry.bytes());
  }

  private ByteBuffer load(TapeEntry entry) throws IOException {
    int length = (int) TapeEntry.roundUp(entry.bytes(), granule);
    runId = 0;
    if (run.capacity() < length) {
      run = ByteBuffer.allocate(length);
    }
    run.clear().limit(length);
    store.read(entry.offset() + granule, run);
    return run.flip().limit((int) entry.bytes());
  }

  private TapeEntry read(long offset) throws IOException {
    return TapeEntry.decode(store.read(offset, granule), offset).orElseThrow(() -> damaged(offset));
  }

  private BlockDeviceException damaged(long offset) {
    return new BlockDeviceException(
        BlockDeviceException.Kind.MEDIUM_ERROR, offset, "the tape is damaged at " + offset, null);
  }

  // ---- recording

  /**
   * Records blocks at the position, which is the end of data then. What does not fit is left out.
   *
   * @param data all blocks, from its position to its limit
   * @param length bytes of each
   * @return how many were recorded
   */
  int write(ByteBuffer data, int length) throws IOException {
    long room = (blocksEnd() - offset() - granule) / granule * granule;
    int count = (int) Math.min(data.remaining() / length, Math.max(0, room) / length);
    if (count > 0) {
      cut();
      ByteBuffer blocks = data.slice(data.position(), count * length);
      store.write(end.offset() + granule, blocks.duplicate(), granule);
      append(false, count, length, TapeEntry.crc(blocks));
    }
    return count;
  }

  /**
   * Records filemarks at the position, as {@link #write}.
   *
   * @return whether there was room
   */
  boolean writeMarks(int count) throws IOException {
    boolean room = offset() <= store.size() - granule;
    if (room) {
      cut();
      append(true, count, 0, 0);
    }
    return room;
  }

  /** Forgets what is behind the position. */
  void erase() throws IOException {
    if (at != null) {
      cut();
      if (end.offset() <= store.size() - granule) {
        store.clear(end.offset(), granule);
      }
      dirty = true;
      synchronize();
    }
  }

  /**
   * Makes some of what is behind the end of data read as zeroes.
   *
   * @param done bytes that earlier calls did
   * @param step the most bytes of this call, a multiple of every block size
   * @return bytes that are done now; as many as before when nothing is left
   */
  long clear(long done, long step) throws IOException {
    long from = end.offset() + done;
    long length = Math.min(step, (store.size() - from) / granule * granule);
    if (length <= 0) {
      return done;
    }
    store.clear(from, length);
    return done + length;
  }

  private void append(boolean marks, int count, int length, int crc) throws IOException {
    TapeEntry next =
        new TapeEntry(
            marks,
            end.offset(),
            RANDOM.nextLong(),
            end.lastId(),
            end.last(),
            index.nextJump(),
            end.index(),
            end.object(),
            end.file(),
            count,
            length,
            crc);
    dirty = true;
    store.write(next.offset(), next.encode(), granule);
    follow(next);
    long recorded = end.offset() - next.offset();
    unlabelled += recorded;
    if (unlabelled > UNLABELLED) {
      synchronize();
    }
    give(recorded);
  }

  private void follow(TapeEntry next) {
    index.add(next);
    end = TapeEnd.after(next, granule);
  }

  /**
   * Makes the position the end of data. A label that says that they end further on would say so of
   * what is overwritten, so it is put back first.
   */
  private void cut() throws IOException {
    if (label == null) {
      label(end);
    }
    if (at == null) {
      return;
    }
    TapeEntry cut = at;
    int kept = within;
    int crc = kept > 0 && !cut.marks() ? TapeEntry.crc(blocks(cut, kept)) : 0;
    TapeEnd before = TapeEnd.before(cut);
    if (label.end().offset() > before.offset()) {
      label(before);
    }
    used = Math.max(used, end.offset());
    index.last(before.last());
    end = before;
    at = null;
    within = 0;
    if (kept > 0) {
      append(cut.marks(), kept, cut.length(), crc);
    }
  }

  private ByteBuffer blocks(TapeEntry entry, int count) throws IOException {
    return data(entry).limit(count * entry.length());
  }

  /** Makes all that was recorded durable. */
  void synchronize() throws IOException {
    if (dirty) {
      store.flush();
      label(end);
      dirty = false;
      unlabelled = 0;
    }
  }

  /** Writes the label, and returns when it is durable. */
  private void label(TapeEnd now) throws IOException {
    TapeLabel next = label == null ? new TapeLabel(0, granule, now) : label.next(now);
    store.write(next.offset(), next.encode(), granule);
    store.flush();
    label = next;
  }

  /** Gives back some of what stands behind the end of data, from its far end. */
  private void give(long recorded) throws IOException {
    long least = end.offset() + TapeEntry.roundUp(store.granularity(), granule);
    if (used > least && store.gives()) {
      long length = Math.max(GIVEN * recorded, 2L * store.granularity());
      long from = Math.max(least, (used - length) / granule * granule);
      store.give(from, used - from);
      used = from;
    }
  }
}

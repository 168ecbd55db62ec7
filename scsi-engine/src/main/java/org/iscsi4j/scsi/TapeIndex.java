package org.iscsi4j.scsi;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * Finds entries of a {@link TapeMedium} by what is before them, in a number of reads that grows
 * with the logarithm of their number. Every entry names, besides the one before it, one further
 * back: entries are as if stacked in trees whose heights are the digits of a skew binary number,
 * and the jump leads to the tree below. So nothing but the entries is stored, appending costs no
 * read, and what is cut off needs no repair.
 */
final class TapeIndex {

  /** Reads the entry at an offset. */
  @FunctionalInterface
  interface Reader {
    TapeEntry read(long offset) throws IOException;
  }

  private final Reader reader;

  /** The last entry on top, and below each entry the one that it jumps to. */
  private final List<TapeEntry> jumps = new ArrayList<>();

  TapeIndex(Reader reader) {
    this.reader = reader;
  }

  /** Starts anew with an entry as the last one; 0 for none. */
  void last(long offset) throws IOException {
    List<TapeEntry> found = new ArrayList<>();
    for (long at = offset; at != 0; at = found.get(0).jump()) {
      found.add(0, reader.read(at));
    }
    jumps.clear();
    jumps.addAll(found);
  }

  /** Where the entry that follows the last one has to jump; 0 when it is the first. */
  long nextJump() {
    if (jumps.isEmpty()) {
      return 0;
    }
    return (merges() ? top(2) : top(0)).offset();
  }

  /** An entry follows the last one. */
  void add(TapeEntry next) {
    if (merges()) {
      jumps.remove(jumps.size() - 1);
      jumps.remove(jumps.size() - 1);
    }
    jumps.add(next);
  }

  private boolean merges() {
    return jumps.size() >= 3 && top(0).index() - top(1).index() == top(1).index() - top(2).index();
  }

  private TapeEntry top(int depth) {
    return jumps.get(jumps.size() - 1 - depth);
  }

  /**
   * The last entry that has no more than so many of something before it. There is at least one
   * entry.
   *
   * @param before grows from entry to entry; 0 of the first
   */
  TapeEntry find(ToLongFunction<TapeEntry> before, long most) throws IOException {
    TapeEntry at = top(0);
    while (before.applyAsLong(at) > most) {
      TapeEntry back = reader.read(at.jump());
      at = before.applyAsLong(back) > most ? back : reader.read(at.previous());
    }
    return at;
  }
}

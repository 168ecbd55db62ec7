package org.iscsi4j.scsi;

import java.io.IOException;

/** SPACE to the first place where so many filemarks or more follow one another. */
final class SequentialFilemarks {

  private SequentialFilemarks() {}

  static Sense space(TapeMedium medium, long count) throws IOException {
    if (count == 0) {
      return Sense.NONE;
    }
    return count > 0 ? forward(medium, count) : back(medium, -count);
  }

  /** Behind the last of them. */
  private static Sense forward(TapeMedium medium, long count) throws IOException {
    long inRow = 0;
    long behind = -1;
    for (long file = medium.file(); file < medium.files(); ) {
      TapeEntry entry = medium.markEntry(file);
      long mark = entry.object() + (file - entry.file());
      inRow = mark == behind ? inRow : 0;
      long wanted = count - inRow;
      long here = entry.endObject() - mark;
      if (here >= wanted) {
        medium.locate(mark + wanted);
        return Sense.NONE;
      }
      inRow += here;
      behind = entry.endObject();
      file += here;
    }
    medium.locate(medium.objects());
    return Sense.END_OF_DATA_DETECTED;
  }

  /** In front of the first of them. */
  private static Sense back(TapeMedium medium, long count) throws IOException {
    long inRow = 0;
    long before = -1;
    for (long file = medium.file(); file > 0; ) {
      TapeEntry entry = medium.markEntry(file - 1);
      long here = file - entry.file();
      long end = entry.object() + here;
      inRow = end == before ? inRow : 0;
      long wanted = count - inRow;
      if (wanted >= 0 && here >= wanted) {
        medium.locate(end - wanted);
        return Sense.NONE;
      }
      inRow += here;
      before = entry.object();
      file -= here;
    }
    medium.rewind();
    return Sense.BEGINNING_OF_MEDIUM_DETECTED;
  }
}

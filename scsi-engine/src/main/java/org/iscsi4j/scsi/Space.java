package org.iscsi4j.scsi;

import static org.iscsi4j.scsi.Command.Trait.NEEDS_MEDIUM;
import static org.iscsi4j.scsi.Command.Trait.READS;
import static org.iscsi4j.scsi.Command.Trait.SEQUENTIAL;

import java.io.IOException;
import java.util.List;

/**
 * SPACE(6) and (16) (SSC-3 clauses 7.9 and 7.10): over blocks or filemarks, forward or back, or to
 * the end of data. INFORMATION of what comes in between is how many were left.
 */
record Space(TapeDrive drive, boolean sixteen) implements CommandHandler {

  private static final int BLOCKS = 0;
  private static final int FILEMARKS = 1;
  private static final int SEQUENTIAL_FILEMARKS = 2;
  private static final int END_OF_DATA = 3;

  static List<Command> rows(TapeDrive drive) {
    return List.of(
        row("SPACE(6)", "11 0f ffffff 00", new Space(drive, false)),
        row("SPACE(16)", "91 0f 0000 ffffffffffffffff 0000 00 00", new Space(drive, true)));
  }

  private static Command row(String name, String usage, Space handler) {
    return Command.of(name, usage, handler, READS, NEEDS_MEDIUM, SEQUENTIAL);
  }

  @Override
  public void execute(DeviceServer unit, ScsiTask task) {
    Cdb cdb = task.cdb();
    int code = cdb.u8(1) & 0x0f;
    long count = sixteen ? cdb.i64(4) : cdb.u24(2) << 8 >> 8;
    switch (code) {
      case BLOCKS -> drive.execute(unit, task, medium -> blocks(medium, count));
      case FILEMARKS -> drive.execute(unit, task, medium -> filemarks(medium, count));
      case SEQUENTIAL_FILEMARKS ->
          drive.execute(unit, task, medium -> SequentialFilemarks.space(medium, count));
      case END_OF_DATA -> drive.execute(unit, task, Space::endOfData);
      default -> task.fail(Sense.invalidFieldInCdb(1, 3));
    }
  }

  private static Sense endOfData(TapeMedium medium) throws IOException {
    medium.locate(medium.objects());
    return Sense.NONE;
  }

  private static Sense blocks(TapeMedium medium, long count) throws IOException {
    return count < 0 ? blocksBack(medium, -count) : blocksOn(medium, count);
  }

  private static Sense blocksOn(TapeMedium medium, long count) throws IOException {
    long from = medium.object();
    boolean marked = medium.file() < medium.files();
    long mark = marked ? medium.mark(medium.file()) : medium.objects();
    if (count <= mark - from) {
      medium.locate(from + count);
      return Sense.NONE;
    }
    medium.locate(marked ? mark + 1 : mark);
    Sense met = marked ? Sense.FILEMARK_DETECTED : Sense.END_OF_DATA_DETECTED;
    return met.withInformation(count - (mark - from));
  }

  private static Sense blocksBack(TapeMedium medium, long count) throws IOException {
    long from = medium.object();
    boolean marked = medium.file() > 0;
    long firstBlock = marked ? medium.mark(medium.file() - 1) + 1 : 0;
    // the most negative count has no positive one
    if (count >= 0 && count <= from - firstBlock) {
      medium.locate(from - count);
      return Sense.NONE;
    }
    medium.locate(marked ? firstBlock - 1 : 0);
    Sense met = marked ? Sense.FILEMARK_DETECTED : Sense.BEGINNING_OF_MEDIUM_DETECTED;
    return met.withInformation(count - (from - firstBlock));
  }

  private static Sense filemarks(TapeMedium medium, long count) throws IOException {
    return count < 0 ? filemarksBack(medium, -count) : filemarksOn(medium, count);
  }

  private static Sense filemarksOn(TapeMedium medium, long count) throws IOException {
    long present = medium.files() - medium.file();
    if (count == 0) {
      return Sense.NONE;
    }
    if (count > present) {
      medium.locate(medium.objects());
      return Sense.END_OF_DATA_DETECTED.withInformation(count - present);
    }
    medium.locate(medium.mark(medium.file() + count - 1) + 1);
    return Sense.NONE;
  }

  private static Sense filemarksBack(TapeMedium medium, long count) throws IOException {
    long present = medium.file();
    if (count < 0 || count > present) {
      medium.rewind();
      return Sense.BEGINNING_OF_MEDIUM_DETECTED.withInformation(count - present);
    }
    medium.locate(medium.mark(present - count));
    return Sense.NONE;
  }
}

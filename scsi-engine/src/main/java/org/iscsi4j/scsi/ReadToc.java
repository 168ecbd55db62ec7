package org.iscsi4j.scsi;

import java.nio.ByteBuffer;

/**
 * READ TOC/PMA/ATIP (MMC-6 clause 6.25): one session with one track of data, of a DVD too. Of the
 * forms only those of the table of contents, since nothing was ever recorded.
 */
final class ReadToc {

  /**
   * SFF-8020 kept the format in the two upper bits of the control byte; Linux asks so for the
   * sessions of a disc.
   */
  static final Command ROW =
      Command.of(
          "READ TOC/PMA/ATIP",
          "43 02 0f 000000 ff ffff c0",
          ReadToc::execute,
          Command.Trait.READS,
          Command.Trait.NEEDS_MEDIUM);

  private static final int TOC = 0;
  private static final int SESSION_INFORMATION = 1;
  private static final int FULL_TOC = 2;

  private static final int LEAD_OUT = 0xaa;

  /** ADR 1, and CONTROL of a data track that was recorded without interruption. */
  private static final byte DATA_TRACK = 0x14;

  private static final byte FIRST = 1;

  private ReadToc() {}

  private static void execute(DeviceServer unit, ScsiTask task) {
    Cdb cdb = task.cdb();
    int form = cdb.u8(2) == TOC ? cdb.u8(9) >> 6 : cdb.u8(2);
    int start = cdb.u8(6); // TRACK/SESSION NUMBER
    boolean msf = cdb.bit(1, 1);
    if (form > FULL_TOC) {
      task.fail(Sense.invalidFieldInCdb(2, 3));
    } else if (form != SESSION_INFORMATION
        && start > FIRST
        && !(form == TOC && start == LEAD_OUT)) {
      task.fail(Sense.invalidFieldInCdb(6));
    } else {
      long end = unit.geometry().blockCount();
      send(
          task,
          switch (form) {
            case TOC -> toc(end, start, msf);
            case SESSION_INFORMATION -> track(ByteBuffer.allocate(8), FIRST, 0, msf);
            default -> fullToc(end);
          });
    }
  }

  /** First and last are tracks or sessions, and there is but one of both. */
  private static void send(ScsiTask task, ByteBuffer descriptors) {
    ByteBuffer out = ByteBuffer.allocate(4 + descriptors.position());
    out.putShort((short) (out.capacity() - 2)); // TOC DATA LENGTH
    out.put(FIRST).put(FIRST);
    out.put(descriptors.flip());
    ParameterData.send(task, out.array(), task.cdb().u16(7));
  }

  private static ByteBuffer toc(long end, int start, boolean msf) {
    ByteBuffer out = ByteBuffer.allocate(16);
    if (start <= FIRST) {
      track(out, FIRST, 0, msf);
    }
    return track(out, LEAD_OUT, end, msf);
  }

  private static ByteBuffer track(ByteBuffer out, int number, long lba, boolean msf) {
    out.put((byte) 0).put(DATA_TRACK);
    out.put((byte) number).put((byte) 0);
    return out.putInt(msf ? Msf.of(lba) : (int) Math.min(lba, 0xffff_ffffL));
  }

  /** As it stands in the lead-in of a CD: always times. */
  private static ByteBuffer fullToc(long end) {
    ByteBuffer out = ByteBuffer.allocate(44);
    point(out, 0xa0, FIRST << 16); // the first track; the disc is a CD-ROM
    point(out, 0xa1, FIRST << 16); // the last track
    point(out, 0xa2, Msf.of(end));
    return point(out, FIRST, Msf.of(0));
  }

  private static ByteBuffer point(ByteBuffer out, int point, int value) {
    out.put(FIRST); // SESSION NUMBER
    out.put(DATA_TRACK).put((byte) 0); // TNO
    out.put((byte) point);
    out.putInt(0); // MIN, SEC, FRAME, ZERO
    return out.put((byte) (value >> 16)).putShort((short) value); // PMIN, PSEC, PFRAME
  }
}

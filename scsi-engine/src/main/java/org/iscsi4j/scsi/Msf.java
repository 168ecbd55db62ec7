package org.iscsi4j.scsi;

/**
 * Addresses as times of a CD: minutes, seconds and frames, of which 75 make a second. The first
 * block is at 00:02:00 (MMC-6 clause 4.2.3.8).
 */
final class Msf {

  /** FF:3B:4A, which stands for whatever is behind it too. */
  private static final int LAST = 0xff3b4a;

  private static final int FRAMES = 75;
  private static final int SECONDS = 60;
  private static final int PREGAP = 2 * FRAMES;

  private Msf() {}

  /** The block at a time in a CDB; negative before the first one. */
  static long lba(Cdb cdb, int at) {
    long seconds = cdb.u8(at) * (long) SECONDS + cdb.u8(at + 1);
    return seconds * FRAMES + cdb.u8(at + 2) - PREGAP;
  }

  /** The time of a block, in three bytes. */
  static int of(long lba) {
    long frames = lba + PREGAP;
    long minutes = frames / (SECONDS * FRAMES);
    return minutes > LAST >> 16
        ? LAST
        : (int) (minutes << 16 | frames / FRAMES % SECONDS << 8 | frames % FRAMES);
  }
}

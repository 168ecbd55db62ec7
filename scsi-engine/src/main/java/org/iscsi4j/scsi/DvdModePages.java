package org.iscsi4j.scsi;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The mode pages of a CD or DVD drive (MMC-6 clause 7). */
final class DvdModePages {

  /** R/W error recovery: nothing is retried. */
  private static final ModePage ERROR_RECOVERY =
      ModePage.fixed(RecoveryPage.CODE, 0, "00".repeat(10));

  /** Nothing is ever written, so there is no cache of writes. */
  private static final ModePage CACHING = ModePage.fixed(CachingPage.CODE, 0, "00".repeat(10));

  /** No timers: the drive is always active. */
  private static final ModePage POWER_CONDITION = ModePage.fixed(0x1a, 0, "00".repeat(10));

  /**
   * Timeout and protect: how long an initiator should wait at least, in seconds, which is as long
   * as most do anyway.
   */
  private static final ModePage TIMEOUT_AND_PROTECT =
      ModePage.fixed(0x1d, 0, "0000 00 00 001e 003c");

  /** MULTI-READ and DVD-ROM: byte 2, as the page counts them. */
  private static final byte READS = 0x0b;

  /** A tray, eject and lock: byte 6. */
  private static final byte TRAY_EJECT_LOCK = 0x29;

  private static final int MECHANISM_AT = 4;
  private static final byte LOCKED = 0x02;

  private DvdModePages() {}

  static List<ModePage> all() {
    List<ModePage> pages = new ArrayList<>();
    pages.add(ERROR_RECOVERY);
    pages.add(CACHING);
    pages.addAll(ModePages.CONTROL);
    pages.add(POWER_CONDITION);
    pages.add(ModePages.INFORMATIONAL_EXCEPTIONS);
    pages.add(TIMEOUT_AND_PROTECT);
    pages.add(capabilities());
    return List.copyOf(pages);
  }

  /** C/DVD capabilities and mechanical status, which drivers read although it is a legacy page. */
  private static ModePage capabilities() {
    byte[] values = new byte[20];
    values[0] = READS;
    values[MECHANISM_AT] = TRAY_EJECT_LOCK;
    ByteBuffer.wrap(values).putShort(6, (short) Profile.DVD_ROM.speed()); // MAXIMUM READ SPEED
    return ModePage.of(0x2a, 0, values, new byte[values.length])
        .presenting(DvdModePages::mechanicalStatus);
  }

  private static byte[] mechanicalStatus(DeviceServer unit, byte[] values) {
    values[MECHANISM_AT] |= unit.removalPrevented() ? LOCKED : 0;
    ByteBuffer.wrap(values).putShort(12, (short) Profile.of(unit).speed()); // CURRENT READ SPEED
    return values;
  }
}

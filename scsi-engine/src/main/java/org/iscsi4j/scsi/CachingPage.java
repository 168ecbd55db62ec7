package org.iscsi4j.scsi;

import org.iscsi4j.api.LogicalUnit;

/** The caching mode page (SBC-3 clause 6.5.5): whether writes may be lost until a flush. */
final class CachingPage {

  static final int CODE = 0x08;

  private static final int LENGTH = 18;
  private static final int WCE = 0x04;

  private CachingPage() {}

  /** A device without a volatile cache has none that could be enabled. */
  static ModePage of(LogicalUnit unit) {
    byte[] values = new byte[LENGTH];
    values[0] = (byte) (unit.device().capabilities().volatileCache() ? WCE : 0);
    return ModePage.of(CODE, 0, values, values);
  }

  /** Whether there is a cache that is to be disabled. */
  static boolean writesThrough(ModePage page, byte[] values) {
    return (page.changeable()[0] & ~values[0] & WCE) != 0;
  }
}

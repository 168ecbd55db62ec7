package org.iscsi4j.scsi;

import org.iscsi4j.api.LogicalUnit;

/** The caching mode page (SBC-3 clause 6.5.5): whether writes may be lost until a flush. */
final class CachingPage {

  static final int CODE = 0x08;

  private static final int LENGTH = 18;
  private static final int WCE = 0x04;
  private static final int RCD = 0x01;

  /** Of a unit that must not use the cache of its device; reads may come from one or not. */
  private static final ModePage THROUGH = page(0, 0);

  private static final ModePage THROUGH_AND_READS_TOO = page(RCD, 0);

  private CachingPage() {}

  /** A device without a volatile cache has none that could be enabled. */
  static ModePage of(LogicalUnit unit) {
    int reads = unit.readCache() ? 0 : RCD;
    if (!unit.device().capabilities().volatileCache()) {
      return page(reads, 0);
    }
    if (unit.writeCache()) {
      return page(WCE | reads, WCE);
    }
    return reads == 0 ? THROUGH : THROUGH_AND_READS_TOO;
  }

  private static ModePage page(int bits, int changeableBits) {
    byte[] values = new byte[LENGTH];
    byte[] changeable = new byte[LENGTH];
    values[0] = (byte) bits;
    changeable[0] = (byte) changeableBits;
    return ModePage.of(CODE, 0, values, changeable);
  }

  /** Whether there is a cache that is not to be used for writes. */
  static boolean writesThrough(ModePage page, byte[] values) {
    return page == THROUGH
        || page == THROUGH_AND_READS_TOO
        || (page.changeable()[0] & ~values[0] & WCE) != 0;
  }
}

package org.iscsi4j.scsi;

import java.util.List;

/** The mode pages of a disk, by page and subpage code. */
final class ModePages {

  static final int ALL_PAGES = 0x3f;
  static final int ALL_SUBPAGES = 0xff;

  private static final List<ModePage> PAGES =
      List.of(
          ModePage.fixed(0x08, ModePages::caching),
          ModePage.fixed(0x0a, unit -> control()),
          ModePage.fixed(0x1c, unit -> informationalExceptions()));

  private static final int WCE = 0x04;
  private static final int GLTSD = 0x02;
  private static final int UNRESTRICTED_REORDERING = 0x10;
  private static final int DEXCPT = 0x08;

  private ModePages() {}

  /** The pages that a page code and a subpage code name, wildcards included; none when unknown. */
  static List<ModePage> find(int code, int subpage) {
    return PAGES.stream()
        .filter(page -> code == ALL_PAGES || page.code() == code)
        .filter(page -> subpage == ALL_SUBPAGES || page.subpage() == subpage)
        .toList();
  }

  static boolean known(int code) {
    return code == ALL_PAGES || PAGES.stream().anyMatch(page -> page.code() == code);
  }

  /** Caching: whether writes may be lost until a flush. */
  private static byte[] caching(DeviceServer unit) {
    byte[] page = new byte[18];
    page[0] = (byte) (unit.capabilities().volatileCache() ? WCE : 0);
    return page;
  }

  /** Control: one task set, commands in any order, no log parameters saved, BUSY without limit. */
  private static byte[] control() {
    byte[] page = new byte[10];
    page[0] = GLTSD;
    page[1] = UNRESTRICTED_REORDERING; // QUEUE ALGORITHM MODIFIER
    page[6] = (byte) 0xff; // BUSY TIMEOUT PERIOD
    page[7] = (byte) 0xff;
    return page;
  }

  /** Informational exceptions control: none are reported. */
  private static byte[] informationalExceptions() {
    byte[] page = new byte[10];
    page[0] = DEXCPT;
    return page;
  }
}

package org.iscsi4j.scsi;

import java.util.ArrayList;
import java.util.List;
import org.iscsi4j.api.LogicalUnit;

/** The mode pages of a disk, by page and subpage code. */
final class ModePages {

  private ModePages() {}

  /** The pages of a unit. A bit that this unit can't honour may not be changed. */
  static List<ModePage> of(LogicalUnit unit) {
    List<ModePage> pages = new ArrayList<>();
    pages.add(RecoveryPage.of(unit));
    pages.add(CachingPage.of(unit));
    pages.add(ControlPage.PAGE);
    pages.add(ControlPage.EXTENSION);
    pages.add(powerCondition());
    pages.add(informationalExceptions());
    ProvisioningPage.of(unit).ifPresent(pages::add);
    return List.copyOf(pages);
  }

  /** Power condition (SPC-4 clause 7.5.13): no condition but the active one, and so no timers. */
  private static ModePage powerCondition() {
    return ModePage.fixed(0x1a, 0, "00".repeat(38));
  }

  /** Informational exceptions control (SPC-4 clause 7.5.11): DEXCPT, none are reported. */
  private static ModePage informationalExceptions() {
    return ModePage.fixed(0x1c, 0, "08 00 00000000 00000000");
  }
}

package org.iscsi4j.scsi;

import java.util.List;

/** The mode pages that are the same for units of every kind. */
final class ModePages {

  /** The control page and its extension. */
  static final List<ModePage> CONTROL = List.of(ControlPage.PAGE, ControlPage.EXTENSION);

  /** Power condition (SPC-4 clause 7.5.13): no condition but the active one, and so no timers. */
  static final ModePage POWER_CONDITION = ModePage.fixed(0x1a, 0, "00".repeat(38));

  /** Informational exceptions control (SPC-4 clause 7.5.11): DEXCPT, none are reported. */
  static final ModePage INFORMATIONAL_EXCEPTIONS =
      ModePage.fixed(0x1c, 0, "08 00 00000000 00000000");

  private ModePages() {}
}

package org.iscsi4j.scsi;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Mode pages and vital product data of a tape (SSC-3 clauses 8.3 and 8.4). */
final class TapePages {

  /**
   * Data compression: DCC and DDE, by an algorithm of the kind that a DLT has (10h). What DCE asks
   * for is remembered and nothing else: blocks are stored as they come.
   */
  private static final ModePage DATA_COMPRESSION =
      ModePage.of(0x0f, 0, "40 80 00000010 00000010 00000000", "80 80 00000000 00000000 00000000");

  /**
   * Device configuration: LOIS, since LOCATE knows logical objects; EEG and SEW, since the end of
   * data is made by whatever is written last and early warning is told; REWIND ON RESET 01b.
   */
  private static final ModePage DEVICE_CONFIGURATION =
      ModePage.fixed(0x10, 0, "00 00 00 00 0000 40 00 18 000000 00 08");

  /** Medium partitions: there is but one, whose format is recognized. */
  private static final ModePage MEDIUM_PARTITION = ModePage.fixed(0x11, 0, "00 00 00 01 00 00");

  static final List<ModePage> MODE =
      List.of(
          ModePages.CONTROL.get(0),
          ModePages.CONTROL.get(1),
          DATA_COMPRESSION,
          DEVICE_CONFIGURATION,
          MEDIUM_PARTITION,
          ModePages.POWER_CONDITION,
          ModePages.INFORMATIONAL_EXCEPTIONS);

  /** B0h says that no medium is write once, B1h is the serial number once more. */
  static final VpdPages VITAL_PRODUCT_DATA =
      new VpdPages(
          Map.of(
              0xb0, (unit, port) -> new byte[2],
              0xb1, (unit, port) -> unit.identity().serial().getBytes(StandardCharsets.US_ASCII)));

  private TapePages() {}
}

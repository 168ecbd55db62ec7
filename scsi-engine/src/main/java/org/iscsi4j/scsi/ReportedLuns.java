package org.iscsi4j.scsi;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * What REPORT LUNS lists (SPC-4 clause 6.33). No unit is an administrative one, so none has
 * subsidiary units.
 */
final class ReportedLuns {

  private static final int UNITS = 0x00;
  private static final int WELL_KNOWN_UNITS = 0x01;
  private static final int ALL_UNITS = 0x02;
  private static final int ADMINISTRATIVE_UNITS = 0x10;
  private static final int ADMINISTRATIVE_AND_PLAIN_UNITS = 0x11;

  private ReportedLuns() {}

  /** The units that SELECT REPORT asks for; empty when it can't be asked for. */
  static Optional<long[]> selected(ScsiTask task) {
    return switch (task.cdb().u8(2)) {
      case UNITS -> Optional.of(units(task).toArray());
      case WELL_KNOWN_UNITS -> Optional.of(new long[] {WellKnownUnit.REPORT_LUNS});
      case ALL_UNITS ->
          Optional.of(
              LongStream.concat(units(task), LongStream.of(WellKnownUnit.REPORT_LUNS)).toArray());
      case ADMINISTRATIVE_UNITS ->
          addressesTheTarget(task) ? Optional.of(new long[0]) : Optional.empty();
      case ADMINISTRATIVE_AND_PLAIN_UNITS ->
          addressesTheTarget(task) ? Optional.of(units(task).toArray()) : Optional.empty();
      // 12h, the subsidiary units, only an administrative unit could answer
      default -> Optional.empty();
    };
  }

  private static boolean addressesTheTarget(ScsiTask task) {
    return task.lun() == WellKnownUnit.REPORT_LUNS || Lun.decode(task.lun()) == 0;
  }

  private static LongStream units(ScsiTask task) {
    return task.nexus().router().numbers().mapToLong(Lun::encode);
  }

  static byte[] encode(long[] luns) {
    ByteBuffer list = ByteBuffer.allocate(8 + 8 * luns.length);
    list.putInt(8 * luns.length).putInt(0); // LUN LIST LENGTH
    for (long lun : luns) {
      list.putLong(lun);
    }
    return list.array();
  }
}

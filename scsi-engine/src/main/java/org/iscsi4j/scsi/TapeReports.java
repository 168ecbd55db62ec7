package org.iscsi4j.scsi;

import static org.iscsi4j.scsi.Command.Trait.READS;
import static org.iscsi4j.scsi.Command.Trait.SEQUENTIAL;

import java.nio.ByteBuffer;
import java.util.List;

/** READ BLOCK LIMITS and REPORT DENSITY SUPPORT (SSC-3 clauses 7.6 and 7.8). */
final class TapeReports {

  static final List<Command> ROWS =
      List.of(
          Command.of(
              "READ BLOCK LIMITS", "05 00 000000 00", TapeReports::blockLimits, READS, SEQUENTIAL),
          Command.of(
              "REPORT DENSITY SUPPORT",
              "44 01 0000000000 ffff 00",
              TapeReports::densities,
              READS,
              SEQUENTIAL));

  /** The longest block, in bytes: what TRANSFER LENGTH of READ(6) and WRITE(6) can say. */
  static final int LONGEST_BLOCK = 0xff_ffff;

  private static final int SHORTEST_BLOCK = 1;

  private static final int DESCRIPTOR_LENGTH = 52;
  private static final int WRTOK_AND_DEFLT = 0xa0;

  /** Of a DLTtape IV: bits per mm, width in tenths of a mm, and tracks. */
  private static final int BITS_PER_MM = 3465;

  private static final int MEDIA_WIDTH = 127;
  private static final int TRACKS = 208;

  private TapeReports() {}

  /** Granularity 0: any length from the shortest to the longest. */
  private static void blockLimits(DeviceServer unit, ScsiTask task) {
    byte[] limits =
        ByteBuffer.allocate(6).putInt(LONGEST_BLOCK).putShort((short) SHORTEST_BLOCK).array();
    ParameterData.send(task, limits, limits.length);
  }

  /** The one density, of the medium as of the drive. Its capacity is that of the device. */
  private static void densities(DeviceServer unit, ScsiTask task) {
    if (task.cdb().bit(1, 0) && !unit.readiness().isNone()) { // MEDIA
      task.fail(unit.readiness());
      return;
    }
    ByteBuffer out = ByteBuffer.allocate(4 + DESCRIPTOR_LENGTH);
    out.putShort((short) (out.capacity() - 2)); // AVAILABLE DENSITY SUPPORT LENGTH
    out.putShort((short) 0);
    out.put((byte) TapeMode.DENSITY); // PRIMARY DENSITY CODE
    out.put((byte) TapeMode.DENSITY); // SECONDARY DENSITY CODE
    out.put((byte) WRTOK_AND_DEFLT);
    out.putShort((short) 0);
    out.put((byte) 0).putShort((short) BITS_PER_MM); // BITS PER MM
    out.putShort((short) MEDIA_WIDTH);
    out.putShort((short) TRACKS);
    out.putInt((int) Math.min(unit.geometry().size() / 1_000_000, Integer.MAX_VALUE)); // CAPACITY
    ParameterData.putAscii(out, unit.identity().vendor(), 8); // ASSIGNING ORGANIZATION
    ParameterData.putAscii(out, "DLT8000", 8); // DENSITY NAME
    ParameterData.putAscii(out, "virtual tape", 20); // DESCRIPTION
    ParameterData.send(task, out.array(), task.cdb().u16(7));
  }
}

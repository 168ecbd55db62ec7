package org.iscsi4j.scsi;

import java.nio.ByteBuffer;

/** READ DISC INFORMATION (MMC-6 clause 6.21) of a disc that is complete. */
final class ReadDiscInformation {

  static final Command ROW =
      Command.of(
          "READ DISC INFORMATION",
          "51 07 0000000000 ffff 00",
          ReadDiscInformation::execute,
          Command.Trait.READS,
          Command.Trait.NEEDS_MEDIUM);

  private static final int STANDARD = 0;
  private static final int TRACK_RESOURCES = 1;
  private static final int POW_RESOURCES = 2;

  /** The last session and the disc are complete, and the disc is not erasable. */
  private static final byte COMPLETE = 0x0e;

  /** URU: no identification is needed to use the disc. */
  private static final byte UNRESTRICTED = 0x20;

  private static final byte ONE = 1;
  private static final int NOWHERE = -1;

  private ReadDiscInformation() {}

  private static void execute(DeviceServer unit, ScsiTask task) {
    switch (task.cdb().u8(1)) {
      case STANDARD -> send(task, standard());
      case TRACK_RESOURCES -> send(task, resources(TRACK_RESOURCES, 12).putShort(6, ONE));
      case POW_RESOURCES -> send(task, resources(POW_RESOURCES, 16));
      default -> task.fail(Sense.invalidFieldInCdb(1, 2));
    }
  }

  private static void send(ScsiTask task, ByteBuffer data) {
    ParameterData.send(task, data.array(), task.cdb().u16(7));
  }

  private static ByteBuffer standard() {
    ByteBuffer out = ByteBuffer.allocate(34);
    out.putShort((short) (out.capacity() - 2)); // DISC INFORMATION LENGTH
    out.put(COMPLETE);
    out.put(ONE); // NUMBER OF FIRST TRACK ON DISC
    out.put(ONE); // NUMBER OF SESSIONS
    out.put(ONE); // FIRST TRACK NUMBER IN LAST SESSION
    out.put(ONE); // LAST TRACK NUMBER IN LAST SESSION
    out.put(UNRESTRICTED);
    // DISC TYPE is CD-ROM; then the upper bytes of the numbers, and DISC IDENTIFICATION, not valid
    out.putInt(16, NOWHERE); // LAST SESSION LEAD-IN START ADDRESS
    return out.putInt(20, NOWHERE); // LAST POSSIBLE LEAD-OUT START ADDRESS
  }

  /** What is left to be written: nothing. */
  private static ByteBuffer resources(int type, int length) {
    return ByteBuffer.allocate(length).putShort((short) (length - 2)).put((byte) (type << 5));
  }
}

package org.iscsi4j.scsi;

import java.nio.ByteBuffer;

/** READ TRACK INFORMATION (MMC-6 clause 6.26) of the one track. */
final class ReadTrackInformation {

  static final Command ROW =
      Command.of(
          "READ TRACK INFORMATION",
          "52 07 ffffffff 00 ffff 00",
          ReadTrackInformation::execute,
          Command.Trait.READS,
          Command.Trait.NEEDS_MEDIUM);

  private static final int LBA = 0;
  private static final int TRACK = 1;
  private static final int SESSION = 2;
  private static final int OPEN = 2;

  private static final byte ONE = 1;

  /** TRACK MODE: data, recorded without interruption. */
  private static final byte DATA_TRACK = 0x04;

  /** DATA MODE 1: blocks of 2,048 bytes. */
  private static final byte MODE_1 = 0x01;

  /** LRA_V: the last recorded address is valid. */
  private static final byte LRA_VALID = 0x02;

  private ReadTrackInformation() {}

  private static void execute(DeviceServer unit, ScsiTask task) {
    Sense refusal = check(unit, task.cdb());
    if (refusal.isNone()) {
      ParameterData.send(task, encode(unit.geometry().blockCount()), task.cdb().u16(7));
    } else {
      task.fail(refusal);
    }
  }

  private static Sense check(DeviceServer unit, Cdb cdb) {
    long address = cdb.u32(2);
    if (cdb.bit(1, OPEN)) {
      return Sense.invalidFieldInCdb(1, OPEN); // no track is open
    }
    return switch (cdb.u8(1)) {
      case LBA -> BlockRange.check(unit.geometry(), address, 0);
      case TRACK, SESSION -> address == ONE ? Sense.NONE : Sense.invalidFieldInCdb(2);
      default -> Sense.invalidFieldInCdb(1, 1);
    };
  }

  private static byte[] encode(long blocks) {
    ByteBuffer out = ByteBuffer.allocate(36);
    out.putShort((short) (out.capacity() - 2)); // TRACK INFORMATION LENGTH
    out.put(ONE); // TRACK NUMBER
    out.put(ONE); // SESSION NUMBER
    out.put((byte) 0);
    out.put(DATA_TRACK);
    out.put(MODE_1);
    out.put(LRA_VALID);
    // TRACK START ADDRESS, NEXT WRITABLE ADDRESS, FREE BLOCKS and FIXED PACKET SIZE are 0
    out.putInt(24, (int) blocks); // TRACK SIZE
    out.putInt(28, (int) (blocks - 1)); // LAST RECORDED ADDRESS
    return out.array();
  }
}

package org.iscsi4j.scsi;

import java.nio.ByteBuffer;

/** GET PERFORMANCE (MMC-6 clause 6.8): how fast a drive reads, which is the same everywhere. */
final class GetPerformance {

  static final Command ROW =
      Command.of(
          "GET PERFORMANCE",
          "ac 1f ffffffff 0000 ffff ff 00",
          GetPerformance::execute,
          Command.Trait.READS,
          Command.Trait.NEEDS_MEDIUM);

  private static final int PERFORMANCE = 0x00;
  private static final int WRITE_SPEED = 0x03;

  private static final int WRITE = 2;
  private static final int HEADER_LENGTH = 8;
  private static final int DESCRIPTOR_LENGTH = 16;

  private GetPerformance() {}

  private static void execute(DeviceServer unit, ScsiTask task) {
    Cdb cdb = task.cdb();
    Sense refusal = check(unit, cdb);
    if (!refusal.isNone()) {
      task.fail(refusal);
      return;
    }
    boolean nominal = cdb.u8(10) == PERFORMANCE && !cdb.bit(1, WRITE) && except(cdb) == 0;
    int room = HEADER_LENGTH + cdb.u16(8) * DESCRIPTOR_LENGTH;
    ParameterData.send(task, nominal ? nominal(unit, cdb) : empty(cdb), room);
  }

  private static Sense check(DeviceServer unit, Cdb cdb) {
    return switch (cdb.u8(10)) {
      case PERFORMANCE ->
          except(cdb) == 3
              ? Sense.invalidFieldInCdb(1, 1)
              : BlockRange.check(unit.geometry(), cdb.u32(2), 0);
      case WRITE_SPEED -> Sense.NONE;
      default -> Sense.invalidFieldInCdb(10);
    };
  }

  /** 0 for what is nominal, 1 and 2 for where it is not so. */
  private static int except(Cdb cdb) {
    return cdb.u8(1) & 3;
  }

  /** There are no exceptions, and nothing is ever written. */
  private static byte[] empty(Cdb cdb) {
    boolean performance = cdb.u8(10) == PERFORMANCE;
    int flags = (cdb.bit(1, WRITE) ? 2 : 0) | (except(cdb) == 0 ? 0 : 1);
    return ByteBuffer.allocate(HEADER_LENGTH)
        .putInt(HEADER_LENGTH - Integer.BYTES)
        .put((byte) (performance ? flags : 0))
        .array();
  }

  private static byte[] nominal(DeviceServer unit, Cdb cdb) {
    int speed = Profile.of(unit).speed();
    return ByteBuffer.allocate(HEADER_LENGTH + DESCRIPTOR_LENGTH)
        .putInt(HEADER_LENGTH + DESCRIPTOR_LENGTH - Integer.BYTES) // PERFORMANCE DATA LENGTH
        .putInt(0) // neither WRITE nor EXCEPT
        .putInt((int) cdb.u32(2)) // START LBA
        .putInt(speed)
        .putInt((int) (unit.geometry().blockCount() - 1)) // END LBA
        .putInt(speed)
        .array();
  }
}

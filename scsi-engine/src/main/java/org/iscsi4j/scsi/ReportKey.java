package org.iscsi4j.scsi;

import java.nio.ByteBuffer;

/**
 * REPORT KEY (MMC-6 clause 6.28): only which regions the drive plays, which is all of them. There
 * are no keys, since no image is scrambled.
 */
final class ReportKey {

  static final Command ROW =
      Command.of(
          "REPORT KEY", "a4 00 ffffffff 00 ff ffff ff 00", ReportKey::execute, Command.Trait.READS);

  private static final int RPC_STATE = 0x08;

  private ReportKey() {}

  private static void execute(DeviceServer unit, ScsiTask task) {
    Cdb cdb = task.cdb();
    if (cdb.u8(7) != 0) {
      task.fail(Sense.invalidFieldInCdb(7)); // KEY CLASS
    } else if ((cdb.u8(10) & 0x3f) != RPC_STATE) {
      task.fail(Sense.invalidFieldInCdb(10, 5)); // KEY FORMAT
    } else {
      ParameterData.send(task, rpcState(), cdb.u16(8));
    }
  }

  /** No region is set, none can be, none is excluded, and the drive does not look at it. */
  private static byte[] rpcState() {
    return ByteBuffer.allocate(8).putShort((short) 6).array();
  }
}

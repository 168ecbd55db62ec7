package org.iscsi4j.scsi;

/**
 * PREVENT ALLOW MEDIUM REMOVAL (SBC-3 clause 5.10), for units whose medium moves: while any nexus
 * prevents it, nobody ejects. The nexus takes its wish with it when it is lost, and a reset ends
 * all of them.
 */
final class MediumRemoval {

  /** Bit 1 of PREVENT was for medium changers. */
  static final Command ROW =
      Command.of("PREVENT ALLOW MEDIUM REMOVAL", "1e 00 00 00 01 00", MediumRemoval::execute);

  private MediumRemoval() {}

  private static void execute(DeviceServer unit, ScsiTask task) {
    task.unit().preventRemoval(task.cdb().bit(4, 0));
    task.good();
  }
}

package org.iscsi4j.scsi;

import java.util.function.Consumer;

/**
 * The REPORT LUNS well-known logical unit (SPC-4 clause 8.2), behind every target. It keeps no
 * state of its own.
 */
final class WellKnownUnit {

  /** Its LUN: extended addressing, well-known logical unit 01h. */
  static final long REPORT_LUNS = 0xc101L << 48;

  /** Connected, well-known logical unit. */
  static final int PERIPHERAL = 0x1e;

  private WellKnownUnit() {}

  static void execute(ScsiTask task) {
    switch (task.cdb().opcode()) {
      case PrimaryCommands.TEST_UNIT_READY ->
          checked(PrimaryCommands.TEST_UNIT_READY_ROW, task, ScsiTask::good);
      case Inquiry.OPCODE -> checked(Inquiry.ROW, task, WellKnownUnit::inquiry);
      case PrimaryCommands.REPORT_LUNS ->
          checked(PrimaryCommands.REPORT_LUNS_ROW, task, PrimaryCommands::reportLuns);
      case PrimaryCommands.REQUEST_SENSE ->
          checked(
              PrimaryCommands.REQUEST_SENSE_ROW,
              task,
              any -> PrimaryCommands.requestSense(any, Sense.NONE));
      default -> task.fail(Sense.INVALID_OPERATION_CODE);
    }
  }

  /** As for a unit, but without a task set that an ACA condition could hold up. */
  private static void checked(Command row, ScsiTask task, Consumer<ScsiTask> handler) {
    if (row.naca(task.cdb())) {
      task.fail(Sense.invalidFieldInCdb(row.length() - 1, 2));
    } else {
      AbsentUnit.checked(row, task, handler);
    }
  }

  private static void inquiry(ScsiTask task) {
    Inquiry.send(
        task,
        Inquiry.vitalProductData(task)
            ? VpdPages.encodeWellKnown(task.nexus().targetPort(), Inquiry.pageCode(task))
            : Inquiry.withoutAca(
                Inquiry.standardData(
                    PERIPHERAL, false, 0, AbsentUnit.NOBODY, Inquiry.PRIMARY_STANDARDS)));
  }
}

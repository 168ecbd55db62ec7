package org.iscsi4j.scsi;

import java.util.function.Consumer;
import org.iscsi4j.api.Identity;

/**
 * Answers for a LUN that has no unit, as SAM-5 says for an incorrect one: INQUIRY, REPORT LUNS and
 * REQUEST SENSE tell so, anything else is refused.
 */
final class AbsentUnit {

  static final Identity NOBODY = Identity.derivedFrom("");

  private AbsentUnit() {}

  static void execute(ScsiTask task) {
    switch (task.cdb().opcode()) {
      case Inquiry.OPCODE -> checked(Inquiry.ROW, task, AbsentUnit::inquiry);
      case PrimaryCommands.REPORT_LUNS ->
          checked(PrimaryCommands.REPORT_LUNS_ROW, task, PrimaryCommands::reportLuns);
      case PrimaryCommands.REQUEST_SENSE ->
          checked(PrimaryCommands.REQUEST_SENSE_ROW, task, AbsentUnit::requestSense);
      default -> task.fail(Sense.LOGICAL_UNIT_NOT_SUPPORTED);
    }
  }

  /** Runs a command without a unit, if its CDB is as the row of a unit's command says. */
  static void checked(Command row, ScsiTask task, Consumer<ScsiTask> handler) {
    if (row.accepts(task.cdb())) {
      handler.accept(task);
    } else {
      task.fail(row.reservedBitSet(task.cdb()));
    }
  }

  private static void inquiry(ScsiTask task) {
    Inquiry.send(
        task,
        Inquiry.vitalProductData(task)
            ? VpdPages.encodeWithoutUnit(Inquiry.pageCode(task))
            : Inquiry.standardData(Inquiry.NO_UNIT, false, 0, NOBODY));
  }

  private static void requestSense(ScsiTask task) {
    PrimaryCommands.requestSense(task, Sense.LOGICAL_UNIT_NOT_SUPPORTED);
  }
}

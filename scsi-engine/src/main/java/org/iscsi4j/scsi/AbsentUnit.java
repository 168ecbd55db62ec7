package org.iscsi4j.scsi;

import java.util.function.Consumer;
import org.iscsi4j.api.Identity;

/**
 * Answers for a LUN whose unit is not there, as SAM-5 says for an incorrect one: INQUIRY, REPORT
 * LUNS and REQUEST SENSE tell so, anything else is refused.
 */
final class AbsentUnit {

  static final Identity NOBODY = Identity.derivedFrom("");

  private AbsentUnit() {}

  /**
   * Answers a command.
   *
   * @param why the unit is not there
   */
  static void execute(ScsiTask task, Sense why) {
    switch (task.cdb().opcode()) {
      case Inquiry.OPCODE -> checked(Inquiry.ROW, task, any -> inquiry(any, why));
      case PrimaryCommands.REPORT_LUNS ->
          checked(PrimaryCommands.REPORT_LUNS_ROW, task, PrimaryCommands::reportLuns);
      case PrimaryCommands.REQUEST_SENSE ->
          checked(
              PrimaryCommands.REQUEST_SENSE_ROW,
              task,
              any -> PrimaryCommands.requestSense(any, why));
      default -> task.fail(why);
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

  private static void inquiry(ScsiTask task, Sense why) {
    if (why.key() == SenseKey.NOT_READY) {
      // "no unit" would be remembered by an initiator that finds out what is there
      task.fail(why);
      return;
    }
    Inquiry.send(
        task,
        Inquiry.vitalProductData(task)
            ? VpdPages.encodeWithoutUnit(Inquiry.pageCode(task))
            : Inquiry.standardData(Inquiry.NO_UNIT, false, 0, NOBODY, Inquiry.PRIMARY_STANDARDS));
  }
}

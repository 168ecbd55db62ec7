package org.iscsi4j.scsi;

import static org.iscsi4j.scsi.Command.Trait.PASSES_STANDBY;
import static org.iscsi4j.scsi.Command.Trait.READS;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * SEND DIAGNOSTIC and RECEIVE DIAGNOSTIC RESULTS (SPC-4 clauses 6.42 and 6.19): the default self
 * test reads a block, and of diagnostic pages there is the list of them.
 */
final class Diagnostics {

  static final List<Command> ROWS =
      List.of(
          Command.of(
              "RECEIVE DIAGNOSTIC RESULTS",
              "1c 01 ff ffff 00",
              Diagnostics::receive,
              READS,
              PASSES_STANDBY),
          Command.of("SEND DIAGNOSTIC", "1d f7 00 ffff 00", new Send(), PASSES_STANDBY));

  private static final int SUPPORTED_PAGES = 0x00;
  private static final int LENGTH_AT = 3;

  private Diagnostics() {}

  /** Without PCV the results of the last command are asked for: there is but one page to tell. */
  private static void receive(DeviceServer unit, ScsiTask task) {
    Cdb cdb = task.cdb();
    boolean pageCodeValid = cdb.bit(1, 0); // PCV
    if (pageCodeValid && cdb.u8(2) != SUPPORTED_PAGES) {
      task.fail(Sense.invalidFieldInCdb(2));
    } else {
      byte[] page = {SUPPORTED_PAGES, 0, 0, 1, SUPPORTED_PAGES};
      ParameterData.send(task, page, cdb.u16(LENGTH_AT));
    }
  }

  private static final class Send implements CommandHandler {

    private static final int PAGE_HEADER = 4;
    private static final int SELF_TEST_CODE_BIT = 7;
    private static final int PF_BIT = 4;

    @Override
    public void execute(DeviceServer unit, ScsiTask task) {
      Cdb cdb = task.cdb();
      int length = cdb.u16(LENGTH_AT);
      if (cdb.u8(1) >> 5 != 0) {
        // the other tests leave their results in a log page
        task.fail(Sense.invalidFieldInCdb(1, SELF_TEST_CODE_BIT));
      } else if (cdb.bit(1, 2)) { // SELFTEST
        selfTest(unit, task, length);
      } else if (length == 0) {
        task.good();
      } else if (!cdb.bit(1, PF_BIT)) {
        task.fail(Sense.invalidFieldInCdb(1, PF_BIT));
      } else if (length < PAGE_HEADER) {
        task.fail(Sense.PARAMETER_LIST_LENGTH_ERROR);
      } else {
        task.requestDataOut(length);
      }
    }

    @Override
    public void dataOut(DeviceServer unit, ScsiTask task, ByteBuffer data) {
      ByteBuffer list = data.slice();
      if (list.limit() < task.cdb().u16(LENGTH_AT)) {
        task.fail(Sense.PARAMETER_LIST_LENGTH_ERROR);
      } else if (list.get(0) != SUPPORTED_PAGES) {
        task.fail(Sense.invalidFieldInParameterList(0));
      } else if (list.getShort(2) != 0) { // PAGE LENGTH
        task.fail(Sense.invalidFieldInParameterList(2));
      } else {
        task.good();
      }
    }

    private static void selfTest(DeviceServer unit, ScsiTask task, int length) {
      if (length != 0) {
        task.fail(Sense.invalidFieldInCdb(LENGTH_AT));
      } else if (!unit.condition().ready()) {
        task.good();
      } else {
        ByteBuffer block = ByteBuffer.allocate(unit.geometry().blockSize());
        if (unit.io().quick(block.capacity())) {
          tested(task, unit.io().read(0, block));
        } else {
          task.readElsewhere(unit.io(), 0, block, outcome -> tested(task, outcome));
        }
      }
    }

    private static void tested(ScsiTask task, Sense outcome) {
      boolean answered = outcome.isNone() || DeviceIo.isBusy(outcome);
      task.finish(answered ? outcome : Sense.LOGICAL_UNIT_FAILED_SELF_TEST);
    }
  }
}

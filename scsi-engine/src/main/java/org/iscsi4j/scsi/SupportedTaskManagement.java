package org.iscsi4j.scsi;

import static org.iscsi4j.scsi.Command.Trait.PASSES_STANDBY;
import static org.iscsi4j.scsi.Command.Trait.READS;

import java.util.EnumSet;
import java.util.Set;

/** REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS (SPC-4 clause 6.36). */
final class SupportedTaskManagement {

  static final Command ROW =
      Command.ofAction(
          "REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS",
          0x0d,
          "a3 0d 80 00 0000 ffffffff 00 00",
          (unit, task) -> report(task),
          READS,
          PASSES_STANDBY);

  /** What every transport does when it is asked to. */
  private static final Set<Function> ALWAYS =
      EnumSet.range(Function.ABORT_TASK, Function.LOGICAL_UNIT_RESET);

  /** What a transport does that knows the functions of SAM-4 and SAM-5 too. */
  private static final Set<Function> WITH_QUERIES = EnumSet.allOf(Function.class);

  private static final int LENGTH = 4;
  private static final int EXTENDED_LENGTH = 16;

  /** A function, and where its bit is. */
  private enum Function {
    ABORT_TASK(0, 0x80),
    ABORT_TASK_SET(0, 0x40),
    CLEAR_ACA(0, 0x20),
    CLEAR_TASK_SET(0, 0x10),
    LOGICAL_UNIT_RESET(0, 0x08),
    QUERY_TASK(0, 0x04),
    QUERY_ASYNC_EVENT(1, 0x04),
    QUERY_TASK_SET(1, 0x02),
    I_T_NEXUS_RESET(1, 0x01);

    private final int at;
    private final int bit;

    Function(int at, int bit) {
      this.at = at;
      this.bit = bit;
    }
  }

  private SupportedTaskManagement() {}

  private static void report(ScsiTask task) {
    long allocationLength = task.cdb().u32(6);
    if (allocationLength < LENGTH) {
      task.fail(Sense.invalidFieldInCdb(6));
    } else {
      Set<Function> supported = task.nexus().takesQueries() ? WITH_QUERIES : ALWAYS;
      ParameterData.send(task, data(supported, task.cdb().bit(2, 7)), allocationLength); // REPD
    }
  }

  /** How long a function takes is the device's secret: no timeout is indicated. */
  private static byte[] data(Set<Function> supported, boolean extended) {
    byte[] data = new byte[extended ? EXTENDED_LENGTH : LENGTH];
    supported.forEach(each -> data[each.at] |= (byte) each.bit);
    data[3] = (byte) (data.length - LENGTH); // ADDITIONAL LENGTH
    return data;
  }
}

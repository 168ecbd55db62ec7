package org.iscsi4j.scsi;

import static org.iscsi4j.scsi.Command.Trait.IGNORES_UNIT_ATTENTION;
import static org.iscsi4j.scsi.Command.Trait.NEEDS_MEDIUM;
import static org.iscsi4j.scsi.Command.Trait.PASSES_RESERVATIONS;
import static org.iscsi4j.scsi.Command.Trait.PASSES_UNAVAILABLE;

import java.util.List;
import java.util.Optional;

/** The small commands of SPC. */
final class PrimaryCommands {

  static final int TEST_UNIT_READY = 0x00;
  static final int REQUEST_SENSE = 0x03;
  static final int REPORT_LUNS = 0xa0;

  static final Command REQUEST_SENSE_ROW =
      Command.of(
          "REQUEST SENSE",
          "03 01 0000 ff 00",
          (unit, task) -> requestSense(task, pending(unit, task)),
          IGNORES_UNIT_ATTENTION,
          PASSES_RESERVATIONS,
          PASSES_UNAVAILABLE);

  static final Command REPORT_LUNS_ROW =
      Command.of(
          "REPORT LUNS",
          "a0 00 ff 000000 ffffffff 00 00",
          (unit, task) -> reportLuns(task),
          IGNORES_UNIT_ATTENTION,
          PASSES_RESERVATIONS,
          PASSES_UNAVAILABLE);

  static final Command TEST_UNIT_READY_ROW =
      Command.of(
          "TEST UNIT READY",
          "00 00000000 00",
          (unit, task) -> task.good(),
          NEEDS_MEDIUM,
          PASSES_RESERVATIONS);

  static final List<Command> ROWS =
      List.of(TEST_UNIT_READY_ROW, REQUEST_SENSE_ROW, REPORT_LUNS_ROW);

  private static final int SHORTEST_LIST = 16;

  /** Bytes of sense data up to the additional sense code and its qualifier. */
  private static final int CODE_IN_FIXED = 14;

  private static final int CODE_IN_DESCRIPTORS = 4;

  private PrimaryCommands() {}

  /** Tells sense data as parameter data (SPC-4 clause 6.39). */
  static void requestSense(ScsiTask task, Sense sense) {
    boolean descriptorFormat = task.cdb().bit(1, 0);
    ParameterData.send(task, sense.toBytes(descriptorFormat), task.cdb().u8(4));
  }

  /**
   * A unit attention, else what TEST UNIT READY would say. The attention is cleared when the
   * allocation length has room for the additional sense code, so that an initiator that asks for
   * less does not lose what it was not told.
   */
  private static Sense pending(DeviceServer unit, ScsiTask task) {
    boolean descriptorFormat = task.cdb().bit(1, 0);
    boolean told = task.cdb().u8(4) >= (descriptorFormat ? CODE_IN_DESCRIPTORS : CODE_IN_FIXED);
    Sense attention = told ? task.unit().takeUnitAttention() : task.unit().unitAttention();
    if (!attention.isNone()) {
      return attention;
    }
    Sense access = unit.groups().restriction(task.nexus().targetPort());
    return access.isNone() ? unit.readiness() : access;
  }

  /** Lists the units behind the target port (SPC-4 clause 6.33); needs no unit itself. */
  static void reportLuns(ScsiTask task) {
    Optional<long[]> luns = ReportedLuns.selected(task);
    long allocationLength = task.cdb().u32(6);
    if (luns.isEmpty()) {
      task.fail(Sense.invalidFieldInCdb(2));
    } else if (allocationLength < SHORTEST_LIST) {
      task.fail(Sense.invalidFieldInCdb(6));
    } else {
      task.nexus().lunsReported();
      ParameterData.send(task, ReportedLuns.encode(luns.get()), allocationLength);
    }
  }
}

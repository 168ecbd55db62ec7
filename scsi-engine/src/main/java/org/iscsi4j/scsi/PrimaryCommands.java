package org.iscsi4j.scsi;

import static org.iscsi4j.scsi.Command.Trait.IGNORES_UNIT_ATTENTION;
import static org.iscsi4j.scsi.Command.Trait.NEEDS_MEDIUM;
import static org.iscsi4j.scsi.Command.Trait.PASSES_RESERVATIONS;

import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;

/** The small commands of SPC. */
final class PrimaryCommands {

  static final int REQUEST_SENSE = 0x03;
  static final int REPORT_LUNS = 0xa0;

  static final Command REQUEST_SENSE_ROW =
      Command.of(
          "REQUEST SENSE",
          "03 01 0000 ff 00",
          (unit, task) -> requestSense(task, pending(unit, task)),
          IGNORES_UNIT_ATTENTION,
          PASSES_RESERVATIONS);

  static final Command REPORT_LUNS_ROW =
      Command.of(
          "REPORT LUNS",
          "a0 00 ff 000000 ffffffff 00 00",
          (unit, task) -> reportLuns(task),
          IGNORES_UNIT_ATTENTION,
          PASSES_RESERVATIONS);

  static final List<Command> ROWS =
      List.of(
          Command.of(
              "TEST UNIT READY",
              "00 00000000 00",
              (unit, task) -> task.good(),
              NEEDS_MEDIUM,
              PASSES_RESERVATIONS),
          REQUEST_SENSE_ROW,
          REPORT_LUNS_ROW);

  private static final int WELL_KNOWN_UNITS = 0x01;
  private static final int ALL_UNITS = 0x02;
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
    return attention.isNone() ? unit.readiness() : attention;
  }

  /** Lists the units behind the target port (SPC-4 clause 6.33); needs no unit itself. */
  static void reportLuns(ScsiTask task) {
    int select = task.cdb().u8(2);
    long allocationLength = task.cdb().u32(6);
    if (select > ALL_UNITS) {
      task.fail(Sense.invalidFieldInCdb(2));
    } else if (allocationLength < SHORTEST_LIST) {
      task.fail(Sense.invalidFieldInCdb(6));
    } else {
      task.nexus().lunsReported();
      // there are no well-known units
      Collection<Integer> numbers =
          select == WELL_KNOWN_UNITS ? List.of() : task.nexus().router().units().keySet();
      ParameterData.send(task, lunList(numbers), allocationLength);
    }
  }

  private static byte[] lunList(Collection<Integer> numbers) {
    ByteBuffer list = ByteBuffer.allocate(8 + 8 * numbers.size());
    list.putInt(8 * numbers.size()).putInt(0); // LUN LIST LENGTH
    numbers.forEach(number -> list.putLong(Lun.encode(number)));
    return list.array();
  }
}

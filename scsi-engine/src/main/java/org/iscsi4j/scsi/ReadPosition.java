package org.iscsi4j.scsi;

import static org.iscsi4j.scsi.Command.Trait.NEEDS_MEDIUM;
import static org.iscsi4j.scsi.Command.Trait.READS;
import static org.iscsi4j.scsi.Command.Trait.SEQUENTIAL;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * READ POSITION (SSC-3 clause 7.7). What was written is on the medium when WRITE ends, so nothing
 * is ever in a buffer.
 */
final class ReadPosition {

  private static final int SHORT = 0x00;

  /** The numbers of the device's own are the same as the logical ones. */
  private static final int SHORT_VENDOR = 0x01;

  private static final int LONG = 0x06;
  private static final int EXTENDED = 0x08;

  private static final int BOP = 0x80;
  private static final int EOP = 0x40;

  /** Of the short forms: the number does not fit. */
  private static final int PERR = 0x02;

  private static final int SHORT_LENGTH = 20;
  private static final int LONG_LENGTH = 32;

  /** How a position is told. */
  @FunctionalInterface
  private interface Form {
    ByteBuffer encode(TapeMedium medium);
  }

  private ReadPosition() {}

  static List<Command> rows(TapeDrive drive) {
    return List.of(
        row(drive, "READ POSITION short form", SHORT, ReadPosition::shortForm),
        row(drive, "READ POSITION short form, vendor", SHORT_VENDOR, ReadPosition::shortForm),
        row(drive, "READ POSITION long form", LONG, ReadPosition::longForm),
        row(drive, "READ POSITION extended form", EXTENDED, ReadPosition::extendedForm));
  }

  private static Command row(TapeDrive drive, String name, int action, Form form) {
    String usage = String.format("34 %02x 0000000000 ffff 00", action);
    return Command.ofAction(
        name,
        action,
        usage,
        (unit, task) -> execute(drive, unit, task, form),
        READS,
        NEEDS_MEDIUM,
        SEQUENTIAL);
  }

  /** ALLOCATION LENGTH is that of the extended form; the others have one length. */
  private static void execute(TapeDrive drive, DeviceServer unit, ScsiTask task, Form form) {
    boolean extended = (task.cdb().u8(1) & 0x1f) == EXTENDED;
    ByteBuffer[] position = new ByteBuffer[1];
    drive.inTurn(
        unit,
        task,
        () ->
            drive.call(
                unit,
                task,
                medium -> {
                  position[0] = form.encode(medium);
                  return Sense.NONE;
                },
                outcome -> {
                  if (outcome.isNone()) {
                    byte[] told = position[0].array();
                    ParameterData.send(task, told, extended ? task.cdb().u16(7) : told.length);
                  } else {
                    task.finishDurable(outcome);
                  }
                }));
  }

  private static int flags(TapeMedium medium) {
    return (medium.object() == 0 ? BOP : 0) | (medium.warned() ? EOP : 0);
  }

  private static ByteBuffer shortForm(TapeMedium medium) {
    boolean fits = medium.object() >>> 32 == 0;
    int object = fits ? (int) medium.object() : 0;
    return ByteBuffer.allocate(SHORT_LENGTH)
        .put(0, (byte) (flags(medium) | (fits ? 0 : PERR)))
        .putInt(4, object) // FIRST LOGICAL OBJECT LOCATION
        .putInt(8, object); // LAST LOGICAL OBJECT LOCATION
  }

  private static ByteBuffer longForm(TapeMedium medium) {
    return ByteBuffer.allocate(LONG_LENGTH)
        .put(0, (byte) flags(medium))
        .putLong(8, medium.object()) // LOGICAL OBJECT NUMBER
        .putLong(16, medium.file()); // LOGICAL FILE IDENTIFIER
  }

  private static ByteBuffer extendedForm(TapeMedium medium) {
    return ByteBuffer.allocate(LONG_LENGTH)
        .put(0, (byte) flags(medium))
        .putShort(2, (short) (LONG_LENGTH - 4)) // ADDITIONAL LENGTH
        .putLong(8, medium.object()) // FIRST LOGICAL OBJECT LOCATION
        .putLong(16, medium.object()); // LAST LOGICAL OBJECT LOCATION
  }
}

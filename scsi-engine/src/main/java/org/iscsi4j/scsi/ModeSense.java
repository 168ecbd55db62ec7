package org.iscsi4j.scsi;

import static org.iscsi4j.scsi.Command.Trait.READS;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Function;

/** MODE SENSE(6) and (10) (SPC-4 clauses 6.13 and 6.14). */
final class ModeSense {

  static final List<Command> ROWS =
      List.of(
          Command.of(
              "MODE SENSE(6)",
              "1a 08 ff ff ff 00",
              ModeSense::six,
              READS,
              Command.Trait.PASSES_STANDBY),
          Command.of(
              "MODE SENSE(10)",
              "5a 18 ff ff 000000 ffff 00",
              ModeSense::ten,
              READS,
              Command.Trait.PASSES_STANDBY));

  static final int ALL_PAGES = 0x3f;
  static final int ALL_SUBPAGES = 0xff;

  /** What is asked for, as PC says it. */
  private static final int CURRENT = 0;

  private static final int CHANGEABLE = 1;
  private static final int DEFAULT = 2;

  private static final int WP = 0x80;
  private static final int LONGLBA = 0x01;
  private static final int LONG_DESCRIPTOR = 16;
  private static final byte[] NO_DESCRIPTOR = {};

  private ModeSense() {}

  private static void six(DeviceServer unit, ScsiTask task) {
    Cdb cdb = task.cdb();
    Sense refusal = check(unit, cdb);
    if (!refusal.isNone()) {
      task.fail(refusal);
      return;
    }
    byte[] descriptor = descriptor(unit, cdb, false);
    byte[] pages = pages(unit, cdb);
    ByteBuffer out = ByteBuffer.allocate(4 + descriptor.length + pages.length);
    out.put((byte) (out.capacity() - 1)); // MODE DATA LENGTH
    out.put((byte) 0); // MEDIUM TYPE
    out.put((byte) deviceSpecific(unit, task));
    out.put((byte) descriptor.length); // BLOCK DESCRIPTOR LENGTH
    out.put(descriptor).put(pages);
    ParameterData.send(task, out.array(), cdb.u8(4));
  }

  private static void ten(DeviceServer unit, ScsiTask task) {
    Cdb cdb = task.cdb();
    Sense refusal = check(unit, cdb);
    if (!refusal.isNone()) {
      task.fail(refusal);
      return;
    }
    byte[] descriptor = descriptor(unit, cdb, cdb.bit(1, 4)); // LLBAA
    boolean longLba = descriptor.length == LONG_DESCRIPTOR;
    byte[] pages = pages(unit, cdb);
    ByteBuffer out = ByteBuffer.allocate(8 + descriptor.length + pages.length);
    out.putShort((short) (out.capacity() - 2)); // MODE DATA LENGTH
    out.put((byte) 0); // MEDIUM TYPE
    out.put((byte) deviceSpecific(unit, task));
    out.put((byte) (longLba ? LONGLBA : 0));
    out.put((byte) 0);
    out.putShort((short) descriptor.length); // BLOCK DESCRIPTOR LENGTH
    out.put(descriptor).put(pages);
    ParameterData.send(task, out.array(), cdb.u16(7));
  }

  private static Sense check(DeviceServer unit, Cdb cdb) {
    if (pageCode(cdb) == 0 && subpageCode(cdb) == 0 && unit.commandSet().hasEmptyPage()) {
      return Sense.NONE;
    }
    if (!unit.modes().known(pageCode(cdb))) {
      return Sense.invalidFieldInCdb(2, 5);
    }
    return unit.modes().find(pageCode(cdb), subpageCode(cdb)).isEmpty()
        ? Sense.invalidFieldInCdb(3)
        : Sense.NONE;
  }

  private static boolean disabled(Cdb cdb) {
    return cdb.bit(1, 3); // DBD
  }

  private static byte[] descriptor(DeviceServer unit, Cdb cdb, boolean longLba) {
    return disabled(cdb) ? NO_DESCRIPTOR : unit.commandSet().blockDescriptor(unit, longLba);
  }

  private static int pageCode(Cdb cdb) {
    return cdb.u8(2) & 0x3f;
  }

  private static int subpageCode(Cdb cdb) {
    return cdb.u8(3);
  }

  private static byte[] pages(DeviceServer unit, Cdb cdb) {
    ModeState modes = unit.modes();
    Function<ModePage, byte[]> values = values(unit, cdb.u8(2) >> 6); // PC
    ByteArrayOutputStream out = new ByteArrayOutputStream(256);
    modes
        .find(pageCode(cdb), subpageCode(cdb))
        .forEach(page -> page.encode(values.apply(page), out));
    return out.toByteArray();
  }

  /** All pages come from one snapshot. The saved values of a page never saved are its defaults. */
  private static Function<ModePage, byte[]> values(DeviceServer unit, int control) {
    ModeState modes = unit.modes();
    return switch (control) {
      case CURRENT -> {
        ModeParameters current = modes.current();
        yield page -> page.present(unit, current.values(page));
      }
      case CHANGEABLE -> ModePage::changeable;
      case DEFAULT -> ModePage::defaults;
      default -> modes.saved()::values;
    };
  }

  private static int deviceSpecific(DeviceServer unit, ScsiTask task) {
    CommandSet type = unit.commandSet();
    boolean tellsProtection = type.tellsWriteProtection() && unit.writeProtected(task.unit());
    return type.deviceSpecificParameter() | (tellsProtection ? WP : 0);
  }
}

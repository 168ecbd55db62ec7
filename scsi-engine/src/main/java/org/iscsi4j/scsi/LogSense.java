package org.iscsi4j.scsi;

/** LOG SENSE (SPC-4 clause 6.8). Nothing is saved, so SP is refused. */
final class LogSense {

  static final Command ROW =
      Command.of(
          "LOG SENSE",
          "4d 00 ff ff 00 ffff ffff 00",
          LogSense::execute,
          Command.Trait.PASSES_RESERVATIONS,
          Command.Trait.PASSES_STANDBY);

  private LogSense() {}

  private static void execute(DeviceServer unit, ScsiTask task) {
    Cdb cdb = task.cdb();
    LogPage page = unit.logPages().find(pageCode(cdb), subpageCode(cdb));
    if (page == null) {
      task.fail(unknownPage(unit, cdb));
      return;
    }
    LogPage.Content content = page.content().apply(unit);
    int pointer = cdb.u16(5);
    if (pointer > content.lastCode()) {
      task.fail(Sense.invalidFieldInCdb(5));
    } else {
      ParameterData.send(task, page.encode(content, control(cdb), pointer), cdb.u16(7));
    }
  }

  /** Why there is no page of the codes in a CDB. */
  static Sense unknownPage(DeviceServer unit, Cdb cdb) {
    return unit.logPages().known(pageCode(cdb))
        ? Sense.invalidFieldInCdb(3)
        : Sense.invalidFieldInCdb(2, 5);
  }

  static LogPage.Control control(Cdb cdb) {
    return LogPage.Control.values()[cdb.u8(2) >> 6]; // PC
  }

  static int pageCode(Cdb cdb) {
    return cdb.u8(2) & 0x3f;
  }

  static int subpageCode(Cdb cdb) {
    return cdb.u8(3);
  }
}

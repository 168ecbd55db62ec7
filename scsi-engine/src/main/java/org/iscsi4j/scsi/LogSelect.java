package org.iscsi4j.scsi;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** LOG SELECT (SPC-4 clause 6.7). A list acts as a whole or not at all. */
final class LogSelect implements CommandHandler {

  static final Command ROW =
      Command.of(
          "LOG SELECT",
          "4c 03 ff ff 000000 ffff 00",
          new LogSelect(),
          Command.Trait.PASSES_STANDBY);

  private static final int PCR = 1;
  private static final int SP = 0;

  private LogSelect() {}

  @Override
  public void execute(DeviceServer unit, ScsiTask task) {
    Cdb cdb = task.cdb();
    int length = cdb.u16(7);
    Sense refusal = length == 0 ? checkReset(unit, cdb) : checkList(cdb);
    if (!refusal.isNone()) {
      task.fail(refusal);
    } else if (length > 0) {
      task.requestDataOut(length);
    } else {
      reset(unit, task);
      task.good();
    }
  }

  private static Sense checkList(Cdb cdb) {
    if (cdb.bit(1, PCR)) {
      return Sense.invalidFieldInCdb(1, PCR);
    }
    if (LogSense.pageCode(cdb) != 0) {
      return Sense.invalidFieldInCdb(2, 5);
    }
    return LogSense.subpageCode(cdb) == 0 ? Sense.NONE : Sense.invalidFieldInCdb(3);
  }

  // ---- without a list

  /** Without a list, SP asks for current values to be saved unless PC names default ones. */
  private static Sense checkReset(DeviceServer unit, Cdb cdb) {
    if (cdb.bit(1, SP) && !defaults(cdb)) {
      return Sense.invalidFieldInCdb(1, SP);
    }
    boolean all = LogSense.pageCode(cdb) == 0 && LogSense.subpageCode(cdb) == 0;
    return all || !named(unit, cdb).isEmpty() ? Sense.NONE : LogSense.unknownPage(unit, cdb);
  }

  private static boolean defaults(Cdb cdb) {
    return LogSense.control(cdb).ordinal() >= LogPage.Control.DEFAULT_THRESHOLD.ordinal();
  }

  /** The pages of a page and subpage code; all of them for 0 (SPC-4 table 185). */
  private static List<LogPage> named(DeviceServer unit, Cdb cdb) {
    int code = LogSense.pageCode(cdb);
    int subpage = LogSense.subpageCode(cdb);
    boolean allPages = code == 0 && subpage == 0;
    return unit.logPages().all().stream()
        .filter(page -> allPages || page.code() == code)
        .filter(page -> allPages || subpage == LogPage.ALL_SUBPAGES || page.subpage() == subpage)
        .toList();
  }

  /** PCR resets every parameter; a PC of 11b the counters alone (SPC-4 table 186). */
  private static void reset(DeviceServer unit, ScsiTask task) {
    boolean all = task.cdb().bit(1, PCR);
    boolean counters = LogSense.control(task.cdb()) == LogPage.Control.DEFAULT_CUMULATIVE;
    if (all || counters) {
      named(unit, task.cdb()).stream()
          .flatMap(page -> page.content().apply(unit).parameters().stream())
          .filter(parameter -> all || parameter.kind().counts())
          .forEach(parameter -> parameter.reset().run());
      unit.raiseForOthers(task.nexus(), UnitAttention.LOG_PARAMETERS_CHANGED);
    }
  }

  // ---- with a list

  @Override
  public void dataOut(DeviceServer unit, ScsiTask task, ByteBuffer data) {
    Cdb cdb = task.cdb();
    if (data.remaining() < cdb.u16(7)) {
      // half a list is no list
      task.fail(Sense.PARAMETER_LIST_LENGTH_ERROR);
      return;
    }
    ByteBuffer whole = data.slice();
    whole.limit(cdb.u16(7));
    PageList list = new PageList(unit, LogSense.control(cdb), cdb.bit(1, SP), whole);
    Sense refusal = list.read();
    if (!refusal.isNone()) {
      task.fail(refusal);
      return;
    }
    if (!list.changes.isEmpty()) {
      list.changes.forEach(Runnable::run);
      unit.raiseForOthers(task.nexus(), UnitAttention.LOG_PARAMETERS_CHANGED);
    }
    task.good();
  }

  /** Log pages as an initiator sends them; read once, from front to end. */
  private static final class PageList {

    private final DeviceServer unit;
    private final LogPage.Control control;
    private final boolean save;
    private final ByteBuffer list;

    /** What is to be done when all of the list is right. */
    private final List<Runnable> changes = new ArrayList<>();

    PageList(DeviceServer unit, LogPage.Control control, boolean save, ByteBuffer list) {
      this.unit = unit;
      this.control = control;
      this.save = save;
      this.list = list;
    }

    Sense read() {
      int last = -1;
      Sense refusal = Sense.NONE;
      while (list.hasRemaining() && refusal.isNone()) {
        if (list.remaining() < LogPage.HEADER_LENGTH) {
          return Sense.PARAMETER_LIST_LENGTH_ERROR;
        }
        int at = list.position();
        int codes = (u8(at) & 0x3f) << 8 | u8(at + 1);
        refusal = codes > last ? page() : Sense.invalidFieldInParameterList(at);
        last = codes;
      }
      return refusal;
    }

    private Sense page() {
      int at = list.position();
      int length = Short.toUnsignedInt(list.getShort(at + 2));
      LogPage page = unit.logPages().find(u8(at) & 0x3f, u8(at + 1));
      boolean subpageFormat = (u8(at) & LogPage.SPF) != 0;
      if (page == null || page.lists() || subpageFormat != (page.subpage() != 0)) {
        return Sense.invalidFieldInParameterList(at);
      }
      if (save && (u8(at) & LogPage.DS) == 0) {
        return Sense.invalidFieldInParameterList(at); // saving is not supported
      }
      if (length > list.remaining() - LogPage.HEADER_LENGTH) {
        return Sense.PARAMETER_LIST_LENGTH_ERROR;
      }
      list.position(at + LogPage.HEADER_LENGTH);
      return parameters(page, list.position() + length);
    }

    private Sense parameters(LogPage page, int end) {
      List<LogParameter> present = page.content().apply(unit).parameters();
      int last = -1;
      Sense refusal = Sense.NONE;
      while (list.position() < end && refusal.isNone()) {
        int at = list.position();
        int left = end - at - LogParameter.HEADER_LENGTH;
        if (left < 0 || u8(at + 3) > left) {
          return Sense.invalidFieldInParameterList(left < 0 ? at : at + 3);
        }
        int code = Short.toUnsignedInt(list.getShort(at));
        refusal = code > last ? parameter(present, code) : Sense.invalidFieldInParameterList(at);
        last = code;
      }
      return refusal;
    }

    private Sense parameter(List<LogParameter> present, int code) {
      int at = list.position();
      LogParameter parameter =
          present.stream().filter(each -> each.code() == code).findFirst().orElse(null);
      if (parameter == null) {
        return Sense.invalidFieldInParameterList(at);
      }
      if (!parameter.accepts(u8(at + 2))) {
        return Sense.invalidFieldInParameterList(at + 2);
      }
      byte[] value = new byte[u8(at + 3)];
      if (value.length != parameter.value().length) {
        return Sense.invalidFieldInParameterList(at + 3);
      }
      list.position(at + LogParameter.HEADER_LENGTH).get(value);
      if (!parameter.accepts(value, control)) {
        return Sense.invalidFieldInParameterList(at + LogParameter.HEADER_LENGTH);
      }
      if (parameter.set() != null) {
        changes.add(() -> parameter.set().accept(value));
      }
      return Sense.NONE;
    }

    private int u8(int at) {
      return list.get(at) & 0xff;
    }
  }
}

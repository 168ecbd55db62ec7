package org.iscsi4j.scsi;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * MODE SELECT(6) and (10) (SPC-4 clauses 6.11 and 6.12). The whole list is checked before any of it
 * takes effect; with SP all pages that can be saved are.
 *
 * @param ten whether it is MODE SELECT(10)
 */
record ModeSelect(boolean ten) implements CommandHandler {

  /** RTD is not supported. */
  static final List<Command> ROWS =
      List.of(
          Command.of(
              "MODE SELECT(6)",
              "15 11 0000 ff 00",
              new ModeSelect(false),
              Command.Trait.PASSES_STANDBY),
          Command.of(
              "MODE SELECT(10)",
              "55 11 0000000000 ffff 00",
              new ModeSelect(true),
              Command.Trait.PASSES_STANDBY));

  private static final int PF = 4;
  private static final int SP = 0;

  /** A byte that is on no device: whoever has it locked changes the mode parameters. */
  private static final long TURN = Long.MAX_VALUE - 1;

  private static final byte[] NO_LIST = {};

  @Override
  public void execute(DeviceServer unit, ScsiTask task) {
    int length = listLength(task.cdb());
    if (length == 0) {
      change(unit, task, NO_LIST);
    } else if (!task.cdb().bit(1, PF)) {
      // the pages would be in a format of the vendor's
      task.fail(Sense.invalidFieldInCdb(1, PF));
    } else {
      task.requestDataOut(length);
    }
  }

  @Override
  public void dataOut(DeviceServer unit, ScsiTask task, ByteBuffer data) {
    if (data.remaining() < listLength(task.cdb())) {
      task.fail(Sense.PARAMETER_LIST_LENGTH_ERROR);
    } else {
      byte[] list = new byte[listLength(task.cdb())];
      data.get(list);
      change(unit, task, list);
    }
  }

  private int listLength(Cdb cdb) {
    return ten ? cdb.u16(7) : cdb.u8(4);
  }

  /** One at a time, so that what a list is checked against is what it changes. */
  private void change(DeviceServer unit, ScsiTask task, byte[] list) {
    task.lockRange(unit.io(), TURN, 1, () -> changeAlone(unit, task, list));
  }

  private void changeAlone(DeviceServer unit, ScsiTask task, byte[] bytes) {
    ModeState modes = unit.modes();
    ModeSelectList list = new ModeSelectList(bytes, ten, modes.current());
    Sense refusal = list.read(unit);
    if (!refusal.isNone()) {
      task.fail(refusal);
      return;
    }
    ModeParameters next = list.next();
    Nexus by = task.nexus();
    boolean save = task.cdb().bit(1, SP);
    Supplier<Sense> change = () -> modes.change(unit, by, next, save);
    Consumer<Sense> changed =
        outcome -> {
          if (outcome.isNone()) {
            list.apply(unit, by);
          }
          task.finishDurable(outcome);
        };
    if (modes.flushes(next) && !unit.io().instant(0)) {
      task.callElsewhere(unit.io(), change, changed);
    } else if (save) {
      task.callStore(unit.io(), change, changed);
    } else {
      changed.accept(modes.change(unit, by, next, false));
    }
  }
}

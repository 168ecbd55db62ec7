package org.iscsi4j.scsi;

/**
 * START STOP UNIT. There is no motor to stop: STOP makes everything durable and the unit stays
 * ready, as other virtual disks do. Only a removable medium changes the state of the unit.
 */
final class StartStopUnit {

  private StartStopUnit() {}

  /** LOEJ is for units with a medium that moves. */
  static Command row(boolean removable) {
    String usage = removable ? "1b 01 00 00 f7 00" : "1b 01 00 00 f5 00";
    return Command.of("START STOP UNIT", usage, StartStopUnit::execute);
  }

  /** IMMED is accepted and the status waits, as in {@link SynchronizeCache}. */
  private static void execute(DeviceServer unit, ScsiTask task) {
    Cdb cdb = task.cdb();
    boolean start = cdb.bit(4, 0);
    boolean loadOrEject = cdb.bit(4, 1);
    boolean flush = !cdb.bit(4, 2); // NO_FLUSH
    if (powerCondition(cdb) != 0) {
      // START and LOEJ don't count then; of power conditions the unit knows but one
      task.good();
    } else if (!unit.condition().online()) {
      task.fail(unit.notReady());
    } else if (start) {
      start(unit, task, loadOrEject);
    } else if (loadOrEject && unit.removalPrevented()) {
      task.fail(Sense.MEDIUM_REMOVAL_PREVENTED);
    } else if (flush && unit.condition().loaded()) {
      SynchronizeCache.flush(unit, task, outcome -> stopped(unit, task, loadOrEject, outcome));
    } else {
      stopped(unit, task, loadOrEject, Sense.NONE);
    }
  }

  private static int powerCondition(Cdb cdb) {
    return cdb.u8(4) >> 4;
  }

  private static void start(DeviceServer unit, ScsiTask task, boolean load) {
    boolean moves = load && !unit.condition().loaded();
    if (moves && unit.removalPrevented()) {
      // what keeps the medium in keeps it out as well
      task.fail(Sense.MEDIUM_REMOVAL_PREVENTED);
      return;
    }
    if (load) {
      unit.load(task.nexus());
    }
    task.finish(unit.notReady());
  }

  private static void stopped(DeviceServer unit, ScsiTask task, boolean eject, Sense outcome) {
    // once more: another initiator may have locked the medium in during the flush
    boolean prevented = eject && outcome.isNone() && unit.removalPrevented();
    if (outcome.isNone() && !prevented) {
      unit.logValues().stopped();
      if (eject) {
        unit.eject(task.nexus());
      }
    }
    task.finish(prevented ? Sense.MEDIUM_REMOVAL_PREVENTED : outcome);
  }
}

package org.iscsi4j.scsi;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * The commands of one I_T nexus in one unit, and the order in which they may start (SAM-5 clause
 * 8): SIMPLE ones at once, unless an older ORDERED or HEAD OF QUEUE one has not ended; ORDERED ones
 * when all older ones have ended, those of other nexuses too unless each nexus has a task set of
 * its own (TST); HEAD OF QUEUE ones always. Touched by the owner of the nexus alone.
 */
final class TaskSet {

  /** Commands that a nexus may have in a unit; one more ends with TASK SET FULL. */
  static final int LIMIT = 256;

  private static final VarHandle ENABLED = enabledHandle();

  private final ItlNexus nexus;
  private final DeviceServer unit;

  /** Commands that have not started. */
  private final ArrayDeque<ScsiTask> dormant = new ArrayDeque<>();

  /** How many those are, for any thread; written by the owner. */
  private volatile int waiting;

  /** Commands that have started and not ended; read by any thread through {@link #ENABLED}. */
  private int enabled;

  /** Those of {@link #enabled} that younger SIMPLE commands wait for. */
  private int blocking;

  /** Those of {@link #enabled} with the ACA attribute; one at most. */
  private int acaTasks;

  private boolean promoting;
  private boolean lettingGo;
  private boolean gateRequested;
  private boolean gateHeld;

  /** ORDERED commands that may still start before the gate is given back. */
  private int gateTurns;

  /** Whether an ORDERED command has started and not ended. */
  private boolean orderedRuns;

  private boolean closed;
  private final List<Runnable> whenQuiet = new ArrayList<>(0);

  private static VarHandle enabledHandle() {
    try {
      return MethodHandles.lookup().findVarHandle(TaskSet.class, "enabled", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  TaskSet(ItlNexus nexus, DeviceServer unit) {
    this.nexus = nexus;
    this.unit = unit;
  }

  ItlNexus nexus() {
    return nexus;
  }

  /** Commands that have come and not ended. Any thread, which may see it a moment later. */
  int outstanding() {
    return (int) ENABLED.getOpaque(this) + waiting;
  }

  // ---- a command comes

  /** Starts a command, now or when its turn comes, or ends it when it may not enter. */
  void enter(ScsiTask task) {
    boolean plain = !reorders(task.attribute()) && task.attribute() != TaskAttribute.ACA;
    if (plain && blocking == 0 && dormant.isEmpty() && enabled < LIMIT && unit.undisturbed()) {
      start(task);
    } else {
      enterInOrder(task);
    }
  }

  private void enterInOrder(ScsiTask task) {
    Status refusal = refusal(task);
    if (refusal != Status.GOOD) {
      task.end(refusal, Sense.NONE);
    } else if (task.attribute() == TaskAttribute.ACA && !unit.allegiance().of(nexus)) {
      task.fail(Sense.INVALID_MESSAGE_ERROR);
    } else if (startsAtOnce(task)) {
      start(task);
    } else {
      task.dormant(true);
      dormant.add(task);
      waiting = dormant.size();
      promote();
    }
  }

  private Status refusal(ScsiTask task) {
    if (enabled + dormant.size() >= LIMIT) {
      return Status.TASK_SET_FULL;
    }
    return unit.allegiance().refusal(nexus, task, acaTasks > 0);
  }

  private boolean startsAtOnce(ScsiTask task) {
    return task.attribute() == TaskAttribute.HEAD_OF_QUEUE
        || task.attribute() == TaskAttribute.ACA
        || unit.allegiance().passes(task);
  }

  private static boolean reorders(TaskAttribute attribute) {
    return attribute == TaskAttribute.ORDERED || attribute == TaskAttribute.HEAD_OF_QUEUE;
  }

  private void start(ScsiTask task) {
    count(task.attribute(), 1);
    task.dormant(false);
    unit.run(nexus, task);
  }

  private void count(TaskAttribute attribute, int by) {
    ENABLED.setOpaque(this, enabled + by);
    orderedRuns = attribute == TaskAttribute.ORDERED ? by > 0 : orderedRuns;
    blocking += reorders(attribute) ? by : 0;
    acaTasks += attribute == TaskAttribute.ACA ? by : 0;
  }

  /** Goes on with a command that had started, and waited for a rate limit since. */
  void admitted(ScsiTask task) {
    if (unit.allegiance().none(nexus) || task.attribute() == TaskAttribute.ACA) {
      unit.run(nexus, task);
    } else {
      // it has done nothing yet, so it is among those that wait until the condition is cleared
      count(task.attribute(), -1);
      task.dormant(true);
      dormant.addFirst(task);
      waiting = dormant.size();
    }
  }

  // ---- a command goes

  /** A command that had started has ended. */
  void ended(TaskAttribute attribute) {
    count(attribute, -1);
    if (!dormant.isEmpty() || gateHeld) {
      promote();
    }
    if (!whenQuiet.isEmpty()) {
      tellQuiet();
    }
  }

  /** A command that had started is aborted. */
  void aborted(TaskAttribute attribute) {
    count(attribute, -1);
    promoteLater();
    tellQuiet();
  }

  /** A command that had not started is aborted. */
  void removed(ScsiTask task) {
    dormant.remove(task);
    waiting = dormant.size();
    promoteLater();
    tellQuiet();
  }

  /** Not at once: whoever aborts one command may be about to abort the next. */
  private void promoteLater() {
    if (!dormant.isEmpty() || gateHeld || gateRequested) {
      nexus.executeOrSkip(this::promote);
    }
  }

  // ---- whose turn it is

  /** Starts the commands whose turn has come. */
  void promote() {
    if (promoting) {
      return; // a command that ended at once: the loop below goes on
    }
    promoting = true;
    try {
      releaseGateUnlessUsed();
      while (nextMayStart()) {
        ScsiTask next = dormant.remove();
        waiting = dormant.size();
        start(next);
        releaseGateUnlessUsed();
      }
    } finally {
      promoting = false;
    }
  }

  private boolean nextMayStart() {
    ScsiTask next = dormant.peek();
    if (next == null || blocking > 0 || !unit.allegiance().none(nexus)) {
      return false;
    }
    return next.attribute() == TaskAttribute.ORDERED ? orderedMayStart() : open();
  }

  private boolean open() {
    return lettingGo || !unit.orderedGate().closed() || unit.taskSetPerNexus();
  }

  private boolean orderedMayStart() {
    if (enabled > 0) {
      return false;
    }
    if (gateHeld || unit.taskSetPerNexus()) {
      gateTurns--;
      return true;
    }
    if (!gateRequested) {
      gateRequested = true;
      unit.orderedGate().request(this);
    }
    return false;
  }

  /** The unit is this nexus's own until it gives it back. */
  void gateGranted() {
    gateRequested = false;
    gateHeld = true;
    gateTurns = orderedInARow();
    promote();
  }

  /**
   * Once the ordered commands that waited for it have ended, or were aborted before they started.
   * Those that come later ask again, or a nexus with nothing but ordered commands would never let
   * others go.
   */
  private void releaseGateUnlessUsed() {
    if (gateHeld && !orderedRuns && (closed || gateTurns <= 0 || !orderedIsNext())) {
      gateHeld = false;
      unit.orderedGate().release();
    }
  }

  private int orderedInARow() {
    int count = 0;
    for (ScsiTask each : dormant) {
      if (each.attribute() != TaskAttribute.ORDERED) {
        return count;
      }
      count++;
    }
    return count;
  }

  private boolean orderedIsNext() {
    ScsiTask next = dormant.peek();
    return next != null && next.attribute() == TaskAttribute.ORDERED;
  }

  /**
   * Tells when no command of this nexus is under way; those that come meanwhile do not start. Those
   * that waited for whoever had the unit before have their turn first, or ordered commands of other
   * nexuses could keep them waiting for ever.
   */
  void whenQuiet(Runnable tell) {
    lettingGo = true;
    promote();
    lettingGo = false;
    whenQuiet.add(tell);
    tellQuiet();
  }

  /**
   * Tells when there is no command at all, none that waits for its turn either.
   *
   * @param tell runs once, by the owner
   */
  void whenEmpty(Runnable tell) {
    awaitEmpty(tell);
    promote();
    tellQuiet();
  }

  private void awaitEmpty(Runnable tell) {
    whenQuiet.add(
        () -> {
          if (dormant.isEmpty()) {
            tell.run();
          } else {
            awaitEmpty(tell);
          }
        });
  }

  private void tellQuiet() {
    if (enabled == 0 || closed) {
      List<Runnable> told = List.copyOf(whenQuiet);
      whenQuiet.clear();
      told.forEach(Runnable::run);
    }
  }

  /** The nexus is lost; its commands were aborted before. */
  void close() {
    closed = true;
    dormant.clear();
    waiting = 0;
    promote();
    tellQuiet();
  }
}

package org.iscsi4j.scsi;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The task management functions that reach beyond one nexus (SAM-5 clause 7). Functions on the
 * tasks of the calling nexus alone are the transport's, which knows its tags.
 */
public final class TaskManager {

  private static final Logger log = LoggerFactory.getLogger(TaskManager.class);

  private TaskManager() {}

  /**
   * CLEAR TASK SET: ends the tasks of every nexus in a unit, unless each has a task set of its own.
   *
   * @param caller the nexus that asks; its tasks were ended by the transport already
   * @param done runs on any thread, when the tasks of all nexuses have ended and none of them can
   *     change the unit any more
   */
  public static void clearTaskSet(Nexus caller, DeviceServer unit, Runnable done) {
    if (unit.taskSetPerNexus()) {
      done.run();
    } else {
      abortOthers(caller, List.of(unit), false, TaskManager::tellCleared, done);
    }
  }

  /**
   * Does what QERR asks for when a command of a nexus has ended with CHECK CONDITION (SPC-4 clause
   * 7.5.8). Called by the owner of the nexus.
   */
  static void queueError(ItlNexus faulted) {
    DeviceServer unit = faulted.server();
    int queueErrorManagement = unit.mode().queueErrorManagement();
    if (queueErrorManagement == ControlPage.ABORT_NONE) {
      return;
    }
    faulted.nexus().abortTasks(unit, false, () -> {});
    if (queueErrorManagement == ControlPage.ABORT_ALL && !unit.taskSetPerNexus()) {
      abortOthers(faulted.nexus(), List.of(unit), false, TaskManager::tellCleared, () -> {});
    }
  }

  /** LOGICAL UNIT RESET, with the parameters of {@link #clearTaskSet}. */
  public static void logicalUnitReset(Nexus caller, DeviceServer unit, Runnable done) {
    reset(caller, List.of(unit), UnitAttention.BUS_DEVICE_RESET, false, done);
  }

  /**
   * The same on the account of the host. Its commands are answered with TASK ABORTED, whatever TAS
   * says: no initiator asked for their end, and one that heard nothing would wait for its own time
   * limit. May be called from any thread.
   *
   * @param done as in {@link #clearTaskSet}
   */
  public static void logicalUnitReset(DeviceServer unit, Runnable done) {
    reset(null, List.of(unit), UnitAttention.BUS_DEVICE_RESET, true, done);
  }

  /**
   * CLEAR ACA (SAM-5 clause 7.4): ends the auto contingent allegiance condition that the calling
   * nexus met.
   *
   * @return whether there is none any more that another nexus met
   */
  public static boolean clearAca(Nexus caller, DeviceServer unit) {
    return unit.clearAca(caller);
  }

  /** Resets every unit behind a router, with the parameters of {@link #clearTaskSet}. */
  public static void targetReset(Nexus caller, TaskRouter router, Runnable done) {
    reset(caller, List.copyOf(router.servers()), UnitAttention.SCSI_BUS_RESET, false, done);
  }

  /**
   * I_T NEXUS RESET (SAM-5 clause 7.7): every unit does what it does when the nexus is lost.
   *
   * @param caller the nexus that asks, by its owner; its tasks were ended by the transport already
   */
  public static void nexusReset(Nexus caller) {
    caller.reset();
  }

  /**
   * QUERY ASYNCHRONOUS EVENT (SAM-5 clause 7.9): what the next command to a unit would be told.
   *
   * @param caller the nexus that asks, by its owner
   * @param lun of a unit that is there
   * @return the additional response information in 24 bits, 0 when nothing is pending
   */
  public static int queryAsyncEvent(Nexus caller, long lun) {
    DeviceServer unit = caller.router().find(lun).orElseThrow();
    return caller.unit(Lun.decode(lun), unit).asyncEvent();
  }

  /**
   * PREEMPT AND ABORT (SPC-4 clause 5.13.11.2.6): ends the tasks of nexuses, which are told of it
   * by what they are told of the preemption.
   *
   * @param done as in {@link #clearTaskSet}
   */
  static void preempt(List<ItlNexus> preempted, Runnable done) {
    abortAll(preempted, false, each -> {}, done);
  }

  private static void reset(
      Nexus caller, List<DeviceServer> units, UnitAttention told, boolean answered, Runnable done) {
    // a reset is told to every nexus, the one that asked for it included (SAM-5 clause 6.3.3)
    units.forEach(unit -> unit.reset(told));
    abortOthers(caller, units, answered, each -> {}, () -> stopCopies(units, done));
    // last, since it lets commands start that have not been aborted by then
    units.forEach(unit -> unit.allegiance().clearAll());
  }

  /** Copies that go on by themselves end with a reset as well. */
  private static void stopCopies(List<DeviceServer> units, Runnable done) {
    CompletableFuture.allOf(
            units.stream()
                .map(unit -> unit.copies().stopAll())
                .toArray(CompletableFuture<?>[]::new))
        .thenRun(done);
  }

  /** Only who lost commands without an answer is told so (SAM-5 clause 5.6). */
  private static void tellCleared(ItlNexus each) {
    each.raise(UnitAttention.COMMANDS_CLEARED_BY_ANOTHER_INITIATOR);
  }

  /**
   * Ends the tasks of every nexus but the caller's.
   *
   * @param answered whether they are answered although TAS does not ask for it
   */
  private static void abortOthers(
      Nexus caller,
      List<DeviceServer> units,
      boolean answered,
      Consumer<ItlNexus> lost,
      Runnable done) {
    List<ItlNexus> others = new ArrayList<>();
    for (DeviceServer unit : units) {
      unit.nexuses().stream().filter(each -> each.nexus() != caller).forEach(others::add);
    }
    abortAll(others, answered, lost, done);
  }

  private static void abortAll(
      List<ItlNexus> others, boolean answered, Consumer<ItlNexus> lost, Runnable done) {
    // one more than the others, so that it can't reach 0 before all were asked
    AtomicInteger open = new AtomicInteger(others.size() + 1);
    Runnable one =
        () -> {
          if (open.decrementAndGet() == 0) {
            done.run();
          }
        };
    others.forEach(each -> handOver(each, once -> abort(each, answered, lost, once), one));
    one.run();
  }

  /** A transport that takes no more work has no tasks left that could still do harm. */
  private static void handOver(ItlNexus each, Consumer<Runnable> abort, Runnable done) {
    AtomicBoolean told = new AtomicBoolean();
    Runnable once =
        () -> {
          if (!told.getAndSet(true)) {
            done.run();
          }
        };
    try {
      each.nexus().execute(() -> abort.accept(once));
    } catch (Throwable e) {
      log.warn("{} takes no work any more: {}", each.nexus(), e.toString());
      once.run();
    }
  }

  private static void abort(ItlNexus each, boolean always, Consumer<ItlNexus> lost, Runnable done) {
    try {
      boolean answered = always || each.server().answersAborted();
      if (each.nexus().abortTasks(each.server(), answered, done) && !answered) {
        lost.accept(each);
      }
    } catch (Throwable e) {
      log.error("{} failed to end its tasks", each.nexus(), e);
      done.run();
    }
  }
}

package org.iscsi4j.scsi;

import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A unit that is being looked for on behalf of one nexus, and the commands that wait for it, in the
 * order that they came. Touched by the owner of the nexus; the answer may come on any thread.
 */
final class UnitSearch {

  private static final Logger log = LoggerFactory.getLogger(UnitSearch.class);

  private final Searches searches;
  private final Nexus nexus;
  private final int number;
  private final MappedUnit sought;
  private final ArrayDeque<ScsiTask> waiting = new ArrayDeque<>();

  /** The first answer that comes, or that there was none in time. */
  private final CompletableFuture<UnitFinder.Found> answer = new CompletableFuture<>();

  UnitSearch(Searches searches, Nexus nexus, int number, MappedUnit sought) {
    this.searches = searches;
    this.nexus = nexus;
    this.number = number;
    this.sought = sought;
  }

  int number() {
    return number;
  }

  /** Whether it looks for what a mapping stands for. */
  boolean looksFor(MappedUnit unit) {
    return sought.sameUnit(unit);
  }

  void begin() {
    answer.thenAccept(this::handOver);
    nexus.completeInTime(answer, UnitFinder.Found.UNAVAILABLE, sought.limit());
    try {
      sought.finder().find(nexus, number, this::answered);
    } catch (Throwable e) {
      log.error("{}: looking for unit {} failed", nexus, number, e);
      answered(UnitFinder.Found.UNAVAILABLE);
    }
  }

  /** On any thread. */
  private void answered(UnitFinder.Found found) {
    if (!answer.complete(found)) {
      log.warn("{}: unit {} was found too late: {}", nexus, number, found);
      release(found);
    }
  }

  /** On any thread. */
  private void handOver(UnitFinder.Found found) {
    try {
      nexus.execute(() -> settle(found));
    } catch (Throwable e) {
      log.warn("{} takes no work any more: {}", nexus, e.toString());
      release(found);
    }
  }

  private void settle(UnitFinder.Found found) {
    if (!searches.over(this)) {
      release(found);
    } else if (found.server() != null) {
      nexus.found(number, found.server());
      runAll();
    } else {
      log.debug("{}: unit {}: {}", nexus, number, found);
      takeAll().forEach(task -> AbsentUnit.execute(task, found.failure()));
    }
  }

  private void release(UnitFinder.Found found) {
    if (found.server() != null) {
      sought.release(found.server());
    }
  }

  // ---- commands

  /** Keeps a command until the unit is found. */
  void enter(ScsiTask task) {
    if (waiting.size() >= TaskSet.LIMIT) {
      task.end(Status.TASK_SET_FULL, Sense.NONE);
    } else {
      waiting.add(task);
      task.waitsFor(this);
    }
  }

  /** A command waits no more. */
  void left(ScsiTask task) {
    waiting.remove(task);
  }

  /** Runs the commands that waited, as the router wants it by now. */
  void runAll() {
    takeAll().forEach(nexus.router()::execute);
  }

  private List<ScsiTask> takeAll() {
    List<ScsiTask> all = List.copyOf(waiting);
    waiting.clear();
    all.forEach(task -> task.waitsFor(null));
    return all;
  }
}

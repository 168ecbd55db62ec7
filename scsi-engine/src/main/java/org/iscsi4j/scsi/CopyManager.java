package org.iscsi4j.scsi;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * The copy manager of a unit (SPC-4 clause 5.17.2): starts copies, and knows those under way. May
 * be used from any thread.
 */
final class CopyManager {

  /** Guarded by this. */
  private final Set<CopyOperation> underWay = new HashSet<>();

  /**
   * Starts a copy whose parameters were checked, in the foreground with the task of its command, or
   * in the background with a task of its own, and GOOD to the initiator at once.
   *
   * @param held whether the initiator may ask about it when it has ended
   * @param copy does the work with the task it is given, and ends both by {@link CopyOperation#end}
   */
  void start(ScsiTask task, CopyOperation operation, boolean held, Consumer<ScsiTask> copy) {
    HeldCopies copies = task.unit().copies();
    boolean listed = operation.listId() != CopyOperation.NO_LIST;
    if (listed && copies.inProgress(operation.listId())) {
      task.fail(CopySense.OPERATION_IN_PROGRESS);
      return;
    }
    if (!take(operation)) {
      task.end(Status.BUSY, Sense.NONE);
      return;
    }
    operation.over().thenRun(() -> give(operation));
    if (listed) {
      copies.hold(operation);
      if (!held) {
        operation.over().thenRun(() -> copies.drop(operation));
      }
    }
    if (operation.background()) {
      BackgroundCopy own = BackgroundCopy.of(task);
      own.whenOver(operation::taskOver);
      task.good();
      own.run(copy);
    } else {
      task.whenOver(operation::taskOver);
      copy.accept(task);
    }
  }

  private synchronized boolean take(CopyOperation operation) {
    return underWay.size() < CopyLimits.CONCURRENT_COPIES && underWay.add(operation);
  }

  private synchronized void give(CopyOperation operation) {
    underWay.remove(operation);
  }

  /**
   * Lets every copy end before its next step.
   *
   * @return completed when they have ended
   */
  CompletableFuture<Void> stopAll() {
    Set<CopyOperation> all;
    synchronized (this) {
      all = Set.copyOf(underWay);
    }
    all.forEach(CopyOperation::stop);
    return CompletableFuture.allOf(
        all.stream().map(CopyOperation::over).toArray(CompletableFuture<?>[]::new));
  }
}

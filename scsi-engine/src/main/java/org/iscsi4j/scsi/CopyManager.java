package org.iscsi4j.scsi;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The copy manager of a unit (SPC-4 clause 5.17.2): starts copies, and knows those under way. May
 * be used from any thread.
 */
final class CopyManager {

  /** With who asked for them; guarded by this. */
  private final Map<CopyOperation, NexusName> underWay = new HashMap<>();

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
    if (!take(operation, task.unit().name())) {
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

  private synchronized boolean take(CopyOperation operation, NexusName by) {
    boolean room = underWay.size() < CopyLimits.CONCURRENT_COPIES;
    if (room) {
      underWay.put(operation, by);
    }
    return room;
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
    return stop(any -> true);
  }

  /** As {@link #stopAll}, of those that some nexuses asked for, be they here or gone. */
  CompletableFuture<Void> stopThoseOf(Set<NexusName> nexuses) {
    return stop(nexuses::contains);
  }

  private CompletableFuture<Void> stop(Predicate<NexusName> which) {
    List<CopyOperation> stopped = new ArrayList<>();
    synchronized (this) {
      underWay.forEach(
          (copy, by) -> {
            if (which.test(by)) {
              stopped.add(copy);
            }
          });
    }
    stopped.forEach(CopyOperation::stop);
    return CompletableFuture.allOf(
        stopped.stream().map(CopyOperation::over).toArray(CompletableFuture<?>[]::new));
  }
}

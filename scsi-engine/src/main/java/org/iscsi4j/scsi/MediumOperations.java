package org.iscsi4j.scsi;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The operations that have the medium for themselves: format (SBC-4 clause 4.33) and sanitize
 * (4.11), at most one at a time. Owns the condition of the medium, which commands read without a
 * lock.
 *
 * <p>An operation takes all of the device, behind the commands that are changing it, and is run in
 * the background: on the executor, a step at a time. It needs no nexus, so it survives aborts,
 * resets and the loss of the nexus that asked for it, and an unfinished sanitize operation begins
 * anew when the unit is served again. A format operation that a command waits for is the command's
 * own work: an abort ends it, and leaves the medium format corrupt, as a restart does.
 */
final class MediumOperations {

  private static final Logger log = LoggerFactory.getLogger(MediumOperations.class);

  /** A wait that is worth a timer, in nanoseconds. */
  private static final long LEAST_WAIT = 5_000_000;

  private final DeviceServer unit;

  /** Written under this. */
  private volatile MediumCondition condition = MediumCondition.GOOD;

  private volatile boolean closed;

  MediumOperations(DeviceServer unit) {
    this.unit = unit;
  }

  // ---- what commands are told

  /** Why a command does not run now; {@link Sense#NONE} when it does. */
  Sense refusal(Command command) {
    MediumCondition now = condition;
    return now.passes(command) ? Sense.NONE : now.sense();
  }

  /** What REQUEST SENSE tells of the medium. */
  Sense sense() {
    return condition.sense();
  }

  MediumCondition condition() {
    return condition;
  }

  // ---- life cycle

  /** Finds out what was left undone, and goes on with it. Blocks. */
  void resume() {
    unit.state().load(MediumOperation.STATE).ifPresent(this::resume);
  }

  private void resume(byte[] saved) {
    MediumRequest request;
    try {
      request = MediumRequest.of(saved);
    } catch (IllegalArgumentException e) {
      log.error("{}: what is left of a medium operation can't be read", unit, e);
      condition = MediumCondition.SANITIZE_FAILED_UNRESTRICTED;
      return;
    }
    if (request.kind().formats() || MediumRequest.failed(saved) || unit.readOnly()) {
      condition = request.afterFailure();
    } else {
      log.info("{}: an unfinished sanitize operation begins anew", unit);
      MediumOperation operation = new MediumOperation(unit, request, true);
      condition = MediumCondition.underWay(operation::inProgress);
      new Background(operation).begin();
    }
  }

  /** Makes no step any more; a sanitize operation goes on when the unit is served again. */
  void close() {
    closed = true;
  }

  // ---- how operations run

  /** Ends a command with GOOD, and runs its operation. */
  void runAfter(ScsiTask task, MediumRequest request) {
    MediumOperation operation = new MediumOperation(unit, request, false);
    Sense refusal = take(task, operation);
    if (refusal.isNone()) {
      task.finishDurable(Sense.NONE);
      new Background(operation).begin();
    } else {
      task.fail(refusal);
    }
  }

  /** Runs an operation, and ends its command when it is over; an abort leaves it running. */
  void runBeside(ScsiTask task, MediumRequest request) {
    MediumOperation operation = new MediumOperation(unit, request, false);
    Sense refusal = take(task, operation);
    if (refusal.isNone()) {
      new Background(operation).begin();
      // the operation holds the medium, so this goes on when it is over
      task.lockRange(unit.io(), 0, Long.MAX_VALUE, () -> task.finishDurable(operation.outcome()));
    } else {
      task.fail(refusal);
    }
  }

  /** Runs an operation as the work of its command, so that an abort ends it. */
  void runWithin(ScsiTask task, MediumRequest request) {
    MediumOperation operation = new MediumOperation(unit, request, false);
    MediumCondition before;
    Sense refusal;
    synchronized (this) {
      before = condition;
      refusal = take(task, operation);
    }
    if (refusal.isNone()) {
      task.lockRange(unit.io(), 0, Long.MAX_VALUE, () -> stepwise(task, operation));
      // behind the command for the medium: it is over when this is granted, however it ended
      whole(hold -> settle(operation, operation.begun() ? request.afterFailure() : before, hold));
    } else {
      task.fail(refusal);
    }
  }

  private void stepwise(ScsiTask task, MediumOperation operation) {
    task.callElsewhere(
        unit.io(),
        operation::step,
        outcome -> {
          if (outcome.isNone() && !operation.complete()) {
            stepwise(task, operation);
          } else {
            task.finishDurable(outcome);
          }
        });
  }

  /** Makes an operation the one that is under way, unless another was quicker. */
  private synchronized Sense take(ScsiTask task, MediumOperation operation) {
    Sense refusal = refusal(task.command());
    if (refusal.isNone()) {
      condition = MediumCondition.underWay(operation::inProgress);
    }
    return refusal;
  }

  /** Something to do with all of the device in hand. */
  @FunctionalInterface
  private interface WithAll {
    void run(RangeLocks.Hold hold);
  }

  private void whole(WithAll then) {
    CompletableFuture<Void> granted = new CompletableFuture<>();
    RangeLocks.Hold hold =
        unit.io().locks().take(new long[] {0, Long.MAX_VALUE}, () -> granted.complete(null));
    granted.thenRun(() -> then.run(hold));
  }

  private void settle(MediumOperation operation, MediumCondition otherwise, RangeLocks.Hold hold) {
    synchronized (this) {
      condition = operation.complete() ? MediumCondition.GOOD : otherwise;
    }
    hold.release();
    unit.spaceChanged();
  }

  /** An operation that no task drives. */
  private final class Background implements DeviceIo.Waiter {

    private final MediumOperation operation;

    /** Steps asked for and not yet handed over: whoever finds others at it leaves it to them. */
    private final AtomicInteger wanted = new AtomicInteger();

    private RangeLocks.Hold hold;

    /** Whether the step that ended was made at all. */
    private boolean made;

    Background(MediumOperation operation) {
      this.operation = operation;
    }

    void begin() {
      whole(
          held -> {
            hold = held;
            step();
          });
    }

    /** In a loop, since an executor may run what it is given at once. */
    private void step() {
      if (wanted.getAndIncrement() == 0) {
        do {
          made = false;
          unit.io().submit(operation::step, this);
        } while (wanted.decrementAndGet() > 0);
      }
    }

    private void stepInTime() {
      long wait = operation.untilNextStep(System.nanoTime());
      if (wait < LEAST_WAIT) {
        step();
      } else {
        CompletableFuture.delayedExecutor(wait, TimeUnit.NANOSECONDS).execute(this::step);
      }
    }

    @Override
    public boolean starts() {
      made = !closed;
      return made;
    }

    @Override
    public void ended(Sense outcome) {
      if (operation.complete()) {
        settle(operation, operation.request().afterFailure(), hold);
      } else if (closed || (!made && outcome.equals(Sense.NOT_READY_CAUSE_NOT_REPORTABLE))) {
        // the unit is served no longer, and the state store knows what is left to do
        operation.outcome(Sense.NOT_READY_CAUSE_NOT_REPORTABLE);
        hold.release();
      } else if (outcome.isNone()) {
        stepInTime();
      } else {
        log.warn("{}: {} failed: {}", unit, operation.request().kind(), outcome);
        operation.outcome(outcome);
        settle(operation, operation.request().afterFailure(), hold);
      }
    }
  }
}

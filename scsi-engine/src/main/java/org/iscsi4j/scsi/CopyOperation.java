package org.iscsi4j.scsi;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A copy as its initiator can ask about it (SPC-4 clause 5.17.4). Written where the copy runs, read
 * from any thread.
 */
final class CopyOperation {

  /** The list identifier of a copy that nobody can ask about. */
  static final long NO_LIST = -1;

  /** How a copy stands. */
  enum State {
    IN_PROGRESS,
    COMPLETED,
    FAILED,
    /** Ended by an abort of its command. */
    TERMINATED
  }

  private final Command command;
  private final long listId;
  private final boolean background;
  private final AtomicInteger segments = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();
  private final CompletableFuture<Void> over = new CompletableFuture<>();

  private volatile State state = State.IN_PROGRESS;
  private volatile Sense sense = Sense.NONE;
  private volatile boolean stopping;
  private volatile Runnable whenStopped = () -> {};
  private volatile RodToken token;

  /**
   * A copy that begins.
   *
   * @param listId by which it is asked about, or {@link #NO_LIST}
   * @param background whether it goes on after its command has ended (IMMED)
   */
  CopyOperation(Command command, long listId, boolean background) {
    this.command = command;
    this.listId = listId;
    this.background = background;
  }

  // ---- where the copy runs

  /** So many bytes were copied. */
  void copied(long count) {
    bytes.addAndGet(count);
  }

  /** A segment or range is done. */
  void segmentDone() {
    segments.incrementAndGet();
  }

  /** The token that the operation made. */
  void made(RodToken made) {
    token = made;
  }

  /** Ends the operation and its task. */
  void end(ScsiTask task, Sense outcome) {
    sense = outcome;
    state = outcome.isNone() ? State.COMPLETED : State.FAILED;
    task.finish(outcome);
  }

  /**
   * Has something run when the copy is to go no further: on any thread, and maybe more than once.
   */
  void whenStopped(Runnable told) {
    whenStopped = told;
  }

  /** The task is over, whichever way it came, and none of its device calls is under way. */
  void taskOver() {
    if (state == State.IN_PROGRESS) {
      state = State.TERMINATED;
    }
    over.complete(null);
  }

  /** Whether the copy should go no further. */
  boolean stopping() {
    return stopping;
  }

  // ---- from any thread

  /** Lets the copy end before its next step. */
  void stop() {
    stopping = true;
    whenStopped.run();
  }

  /** Completed when nothing of the copy can change a device any more. */
  CompletableFuture<Void> over() {
    return over;
  }

  Command command() {
    return command;
  }

  long listId() {
    return listId;
  }

  boolean background() {
    return background;
  }

  State state() {
    return state;
  }

  int segments() {
    return segments.get();
  }

  long bytes() {
    return bytes.get();
  }

  /** Why it failed. */
  Sense sense() {
    return sense;
  }

  /** The token that it made, or null. */
  RodToken token() {
    return token;
  }
}

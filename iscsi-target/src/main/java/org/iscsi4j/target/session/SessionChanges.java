package org.iscsi4j.target.session;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.iscsi4j.api.monitor.EndReason;
import org.iscsi4j.scsi.ScsiTask;
import org.iscsi4j.scsi.TaskRouter;
import org.iscsi4j.target.loop.EventLoop;
import org.iscsi4j.target.loop.Timers;

/**
 * What the host does to a session while its initiator works. Every method may be called from any
 * thread, and what it returns is completed in bounded time: with true when nothing of the session
 * uses any more what was taken from it, with false when a device holds on to a command.
 */
public final class SessionChanges {

  private final Session session;
  private final EventLoop loop;
  private final long abortTimeout;

  SessionChanges(Session session, EventLoop loop, long abortTimeout) {
    this.session = session;
    this.loop = loop;
    this.abortTimeout = abortTimeout;
  }

  /**
   * Lets the session see other units.
   *
   * @param drain how long commands may take that units have which it does not see any more; then
   *     they end with TASK ABORTED
   */
  public CompletableFuture<Boolean> show(TaskRouter next, Duration drain) {
    CompletableFuture<Boolean> shown = new CompletableFuture<>();
    session.settled().thenRun(() -> shown.complete(!session.stuck()));
    loop.execute(() -> show(next, drain, shown));
    return shown;
  }

  private void show(TaskRouter next, Duration drain, CompletableFuture<Boolean> shown) {
    if (session.closed()) {
      return;
    }
    Departure departure = new Departure(shown);
    session.nexus().route(next, departure::drained);
    if (!shown.isDone()) {
      Timers.Timer timer = loop.after(drain, departure::cutShort);
      shown.thenRun(() -> loop.execute(timer::cancel));
    }
  }

  /** Units that the session leaves, with the commands that they still have. On the loop. */
  private final class Departure {
    private final CompletableFuture<Boolean> shown;
    private boolean cutShort;

    Departure(CompletableFuture<Boolean> shown) {
      this.shown = shown;
    }

    /** No command is left that anybody waits for; one that was aborted may be in a device yet. */
    void drained() {
      if (!cutShort) {
        shown.complete(true);
      }
    }

    void cutShort() {
      cutShort = true;
      session.abortTasks(ScsiTask::isOutdated, true, () -> shown.complete(true));
      shown.completeOnTimeout(false, abortTimeout, TimeUnit.NANOSECONDS);
    }
  }

  /**
   * Ends the session.
   *
   * @param drain how long commands under way may take; new ones are not taken
   */
  public CompletableFuture<Boolean> end(String reason, Duration drain) {
    EndReason dropped = new EndReason(EndReason.Kind.DROPPED, reason);
    loop.execute(
        () -> {
          Timers.Timer timer = loop.after(drain, () -> session.drop(dropped));
          session.whenClosed(why -> timer.cancel());
          session.drain(() -> session.drop(dropped));
        });
    return session.settled().thenApply(settled -> !session.stuck());
  }
}

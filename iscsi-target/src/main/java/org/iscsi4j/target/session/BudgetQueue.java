package org.iscsi4j.target.session;

import java.util.ArrayDeque;
import org.iscsi4j.target.loop.EventLoop;

/** The transfers of a session that wait for bytes of its {@link TransferBudget}. */
final class BudgetQueue {

  private final EventLoop loop;
  private final TransferBudget budget;
  private final ArrayDeque<IscsiTask> waiting = new ArrayDeque<>();
  private boolean retrying;

  /** Whether other sessions tell when they give something back. */
  private boolean listening;

  BudgetQueue(EventLoop loop, TransferBudget budget) {
    this.loop = loop;
    this.budget = budget;
  }

  /** Lets a transfer wait until others give bytes back. */
  void add(IscsiTask task) {
    waiting.add(task);
    if (budget.lacksShare() && !listening) {
      listening = true;
      budget.share().whenOthersGive(() -> loop.execute(this::othersGave));
      if (budget.share().fits(1)) {
        retryLater(); // they did so just before
      }
    }
  }

  private void othersGave() {
    listening = false;
    retryLater();
  }

  /** A transfer waits no longer, or for something else. */
  void remove(IscsiTask task) {
    if (!waiting.isEmpty()) {
      waiting.remove(task);
    }
  }

  /** Gives bytes back that a transfer of a unit held. */
  void give(long lun, int bytes) {
    budget.give(lun, bytes);
    retryLater();
  }

  /** Gives bytes back that came unasked for a transfer of a unit. */
  void giveUnasked(long lun, int bytes) {
    budget.giveUnasked(lun, bytes);
    retryLater();
  }

  /** Lets everybody try again, soon. */
  void retryLater() {
    if (!waiting.isEmpty() && !retrying) {
      retrying = true;
      loop.execute(this::retry);
    }
  }

  /** Lets everybody try again: whose unit hangs holds up nobody else. */
  private void retry() {
    retrying = false;
    for (int left = waiting.size(); left > 0 && !waiting.isEmpty(); left--) {
      waiting.remove().resume();
    }
  }
}

package org.iscsi4j.target.session;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.iscsi4j.target.loop.EventLoop;
import org.iscsi4j.target.loop.Timers;

/**
 * Commands that were aborted while a device had them: it may still use their buffers, and a write
 * may still change the medium. Each keeps its place in the command window until it is out of the
 * device, so that whoever sends and aborts is slowed down; but no longer than a limit, so that a
 * device that never answers does not close the window for the other units. The buffers stay with
 * it, and count, until the end; how many there may be of one device is the engine's business.
 */
final class LingeringTasks {

  private final Duration limit;
  private final Runnable placeFree;

  /** With the timers of those that have their place yet. */
  private final Map<IscsiTask, Optional<Timers.Timer>> tasks = new HashMap<>();

  private int places;

  /**
   * No commands.
   *
   * @param limit how long a place is kept
   * @param placeFree runs when a place was given back
   */
  LingeringTasks(Duration limit, Runnable placeFree) {
    this.limit = limit;
    this.placeFree = placeFree;
  }

  void add(IscsiTask task, EventLoop loop) {
    places++;
    tasks.put(task, Optional.of(loop.after(limit, () -> fence(task))));
  }

  /** It is out of the device. */
  void remove(IscsiTask task) {
    Optional<Timers.Timer> timer = tasks.remove(task);
    timer.ifPresent(
        waiting -> {
          waiting.cancel();
          giveBack();
        });
  }

  private void fence(IscsiTask task) {
    tasks.put(task, Optional.empty());
    giveBack();
  }

  private void giveBack() {
    places--;
    placeFree.run();
  }

  /** Places in the window that are taken. */
  int places() {
    return places;
  }

  List<IscsiTask> matching(Predicate<IscsiTask> condition) {
    return tasks.keySet().stream().filter(condition).toList();
  }
}

package org.iscsi4j.target.loop;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The loops of one server. */
public final class EventLoopGroup {

  private final List<EventLoop> loops;

  /** Opens and starts loops named after the server. */
  public EventLoopGroup(int count, String name) throws IOException {
    List<EventLoop> opened = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        opened.add(new EventLoop(name + "-loop-" + i));
      }
    } finally {
      // started even when a later one could not be opened, because the thread frees the selector
      opened.forEach(EventLoop::start);
      if (opened.size() < count) {
        opened.forEach(loop -> loop.close(Duration.ofSeconds(1)));
      }
    }
    loops = List.copyOf(opened);
  }

  /** The loop with the fewest connections. */
  public EventLoop leastLoaded() {
    return loops.stream().min(Comparator.comparingInt(loop -> loop.load().get())).orElseThrow();
  }

  /** Every loop. */
  public List<EventLoop> all() {
    return loops;
  }

  /** The loop that portals are accepted on. */
  public EventLoop first() {
    return loops.get(0);
  }

  /** Whether the caller is the thread of one of the loops. */
  public boolean inLoop() {
    return loops.stream().anyMatch(EventLoop::inLoop);
  }

  /**
   * Ends all threads.
   *
   * @return whether all have ended in time
   */
  public boolean close(Duration wait) {
    long deadline = System.nanoTime() + wait.toNanos();
    boolean ended = true;
    for (EventLoop loop : loops) {
      ended &= loop.close(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
    }
    return ended;
  }
}

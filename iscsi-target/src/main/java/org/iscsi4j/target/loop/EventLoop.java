package org.iscsi4j.target.loop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread, one selector, and the connections that live on them. Everything that a connection
 * owns is touched by this thread alone. Only {@link #execute}, {@link #inLoop}, {@link #load} and
 * {@link #close} may be called from elsewhere.
 */
public final class EventLoop implements Executor {

  private static final Logger log = LoggerFactory.getLogger(EventLoop.class);

  /** Bytes read from a socket at once: 32 writes of 4 KiB in one go. */
  private static final int RECEIVE_BUFFER = 160 * 1024;

  /** How long a loop that has just had work looks for more before it sleeps. */
  private static final long POLL_NANOS = 30_000;

  private final Selector selector;
  private final Thread thread;
  private final Queue<Runnable> work = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean woken = new AtomicBoolean();
  private final AtomicInteger load = new AtomicInteger();
  private final Timers timers = new Timers();
  private final BufferPool buffers = new BufferPool();
  private final Deque<Flushable> unflushed = new ArrayDeque<>();
  private final Deque<Runnable> afterSelect = new ArrayDeque<>(0);
  private final ByteBuffer receiveBuffer =
      ByteBuffer.allocateDirect(RECEIVE_BUFFER).order(ByteOrder.BIG_ENDIAN);

  /** Made once: a turn allocates nothing. */
  private final Consumer<SelectionKey> dispatcher = this::dispatch;

  /** Until when the loop looks for more instead of sleeping, as {@link System#nanoTime}. */
  private long pollUntil = System.nanoTime();

  private volatile boolean stopping;

  /** Something that gathers output and wants to write it once, at the end of a batch. */
  public interface Flushable {
    /** Writes what was gathered. */
    void flush();

    /** {@link #flush} threw: nothing of this output can be trusted any more. */
    void failed(Throwable bug);
  }

  /** What a selection key is attached to. */
  public interface Handler {
    /** The channel can do what the key was waiting for. */
    void ready(SelectionKey key);

    /** {@link #ready} threw: nothing of this channel can be trusted any more. */
    void failed(Throwable bug);

    /** The loop ends; whoever has a channel on it closes it. */
    void loopEnds();
  }

  /** A loop whose thread is not started yet. */
  public EventLoop(String name) throws IOException {
    selector = Selector.open();
    thread = new Thread(this::run, name);
    thread.setDaemon(true);
  }

  /** Starts the thread. */
  public void start() {
    thread.start();
  }

  /** Runs work on the loop's thread, in order. Callable from any thread. */
  @Override
  public void execute(Runnable task) {
    work.add(task);
    if (!inLoop() && woken.compareAndSet(false, true)) {
      selector.wakeup();
    }
  }

  /** Whether the caller is the loop's thread. */
  public boolean inLoop() {
    return Thread.currentThread() == thread;
  }

  /** Connections that live here; the loop with the fewest takes the next one. */
  public AtomicInteger load() {
    return load;
  }

  /**
   * Runs work after the next select: the system lets go of a registered channel not when it is
   * closed but then. Called on the loop.
   */
  public void afterSelect(Runnable task) {
    afterSelect.add(task);
  }

  /** Lets a non-blocking channel be watched. Called on the loop. */
  public SelectionKey register(SelectableChannel channel, int operations, Handler handler)
      throws IOException {
    return channel.register(selector, operations, handler);
  }

  /** The handlers of a kind that live here. Called on the loop. */
  public <T extends Handler> List<T> handlers(Class<T> kind) {
    return selector.keys().stream()
        .filter(SelectionKey::isValid)
        .map(SelectionKey::attachment)
        .filter(kind::isInstance)
        .map(kind::cast)
        .toList();
  }

  /** Runs work once after a delay, unless cancelled. Called on the loop. */
  public Timers.Timer after(Duration delay, Runnable task) {
    return timers.after(System.nanoTime(), delay.toNanos(), task);
  }

  /** Has output written when the work at hand is done. Called on the loop. */
  public void flushLater(Flushable output) {
    unflushed.add(output);
  }

  /** Forgets an output that is not to be written here any more. Called on the loop. */
  public void forget(Flushable output) {
    unflushed.removeIf(each -> each == output);
  }

  /** The buffer that sockets are read into; its content is lost when the reader returns. */
  public ByteBuffer receiveBuffer() {
    return receiveBuffer;
  }

  /** The buffers of the connections of this loop. */
  public BufferPool buffers() {
    return buffers;
  }

  /**
   * Ends the thread after the work given so far. Idempotent.
   *
   * @return whether the thread has ended in time; always true when the loop itself calls
   */
  public boolean close(Duration wait) {
    stopping = true;
    selector.wakeup();
    if (inLoop()) {
      return true;
    }
    try {
      thread.join(Math.max(1, wait.toMillis()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return !thread.isAlive();
  }

  private void run() {
    try {
      while (!stopping || !work.isEmpty()) {
        turn();
      }
    } catch (Throwable fatal) {
      log.error("event loop ends", fatal);
      throw fatal;
    } finally {
      closeAll();
    }
  }

  private void turn() {
    try {
      select();
      runAfterSelect();
      runWork();
      timers.fire(System.nanoTime());
      flush();
    } catch (VirtualMachineError e) {
      // memory or stack is short for now; the connections of this loop need it when that is over
      logQuietly("event loop is short of memory", e);
    }
  }

  /** Where memory is short, a line in the log is the least of the losses. */
  private static void logQuietly(String what, Throwable e) {
    try {
      log.error(what, e);
    } catch (VirtualMachineError unlogged) {
      e.addSuppressed(unlogged);
    }
  }

  private void runAfterSelect() {
    for (int left = afterSelect.size(); left > 0; left--) {
      afterSelect.poll().run();
    }
  }

  private void select() {
    long now = System.nanoTime();
    long wait = timers.nanosToNext(now);
    try {
      int handled;
      if (wait == 0 || mayNotSleep(now)) {
        handled = selector.selectNow(dispatcher);
      } else {
        // rounded up, so that the loop does not spin through the last fraction of a millisecond
        long millis = wait == Timers.NONE ? 0 : TimeUnit.NANOSECONDS.toMillis(wait) + 1;
        handled = selector.select(dispatcher, millis);
      }
      if (handled > 0) {
        pollUntil = System.nanoTime() + POLL_NANOS;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      // every select takes a wake-up with it, so that after each one the next must be possible
      woken.set(false);
    }
  }

  /**
   * Whether there is work at hand, or has been a moment ago: an initiator that sends one command at
   * a time answers sooner than a sleeping thread is woken.
   */
  private boolean mayNotSleep(long now) {
    return now - pollUntil < 0
        || !work.isEmpty()
        || !afterSelect.isEmpty()
        || !unflushed.isEmpty()
        || stopping;
  }

  private void dispatch(SelectionKey key) {
    Handler handler = (Handler) key.attachment();
    try {
      handler.ready(key);
    } catch (Throwable bug) {
      tell(() -> handler.failed(bug));
    }
  }

  /** Tells of a failure; once more in the next turn when even that found no memory. */
  private void tell(Runnable failed) {
    try {
      failed.run();
    } catch (VirtualMachineError e) {
      work.add(failed);
      throw e;
    }
  }

  private void runWork() {
    for (Runnable next = work.poll(); next != null; next = work.poll()) {
      run(next);
    }
  }

  /** A loop outlives whatever its work throws: other connections live on it. */
  static void run(Runnable task) {
    try {
      task.run();
    } catch (Throwable bug) {
      log.error("{} failed", task, bug);
    }
  }

  private void flush() {
    // those that queue themselves again have their next turn after the others' input
    for (int left = unflushed.size(); left > 0; left--) {
      Flushable next = unflushed.remove();
      try {
        next.flush();
      } catch (Throwable bug) {
        tell(() -> next.failed(bug));
      }
    }
  }

  private void closeAll() {
    List.copyOf(selector.keys()).forEach(key -> ((Handler) key.attachment()).loopEnds());
    try {
      selector.close();
    } catch (IOException e) {
      log.debug("{}: close failed", this, e);
    }
    // whoever still hands work over waits for nobody: run what came late
    runWork();
  }

  @Override
  public String toString() {
    return thread.getName();
  }
}

package org.iscsi4j.target.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class EventLoopTest {

  private static final Duration WAIT = Duration.ofSeconds(5);

  private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
  private EventLoop loop;

  @BeforeEach
  void start() throws Exception {
    loop = new EventLoop("looptest");
    loop.start();
  }

  @AfterEach
  void stop() {
    loop.close(WAIT);
  }

  private String next() throws InterruptedException {
    return events.poll(WAIT.toMillis(), TimeUnit.MILLISECONDS);
  }

  private final class Recorder implements EventLoop.Handler {
    @Override
    public void ready(SelectionKey key) {
      events.add("ready");
      key.interestOps(0);
    }

    @Override
    public void failed(Throwable bug) {
      events.add("failed: " + bug.getMessage());
    }

    @Override
    public void loopEnds() {
      events.add("end");
    }
  }

  /** Reads what arrives, and says so. */
  private record Drain(Semaphore read) implements EventLoop.Handler {
    @Override
    public void ready(SelectionKey key) {
      try {
        ((Pipe.SourceChannel) key.channel()).read(ByteBuffer.allocate(16));
        read.release();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void failed(Throwable bug) {
      // the semaphore that is never released tells
    }

    @Override
    public void loopEnds() {}
  }

  /** Output that says when it is flushed, and fails when it is called so. */
  private final class Output implements EventLoop.Flushable {
    private final String name;

    Output(String name) {
      this.name = name;
    }

    @Override
    public void flush() {
      events.add(name);
      if (name.equals("bad")) {
        throw new IllegalStateException("a test wants it");
      }
    }

    @Override
    public void failed(Throwable bug) {
      events.add("failed: " + bug.getMessage());
    }
  }

  @Test
  void outputThatIsForgottenIsNotFlushedHoweverOftenItWasQueued() throws Exception {
    Output gone = new Output("gone");
    loop.execute(
        () -> {
          loop.flushLater(gone);
          loop.flushLater(gone);
          loop.forget(gone);
          loop.flushLater(new Output("other"));
        });

    assertThat(next()).isEqualTo("other");
  }

  @Test
  void workRunsOnTheThreadInOrder() throws Exception {
    for (int i = 0; i < 1000; i++) {
      String name = "" + i;
      loop.execute(() -> events.add(loop.inLoop() ? name : "elsewhere"));
    }

    for (int i = 0; i < 1000; i++) {
      assertThat(next()).isEqualTo("" + i);
    }
    assertThat(loop.inLoop()).isFalse();
  }

  @Test
  void workFromManyThreadsIsNeverLost() throws Exception {
    AtomicInteger count = new AtomicInteger();
    CountDownLatch done = new CountDownLatch(4 * 5000);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Thread thread =
          new Thread(
              () -> {
                for (int j = 0; j < 5000; j++) {
                  loop.execute(
                      () -> {
                        count.incrementAndGet();
                        done.countDown();
                      });
                }
              });
      threads.add(thread);
      thread.start();
    }

    assertThat(done.await(5, TimeUnit.SECONDS)).isTrue();
    assertThat(count).hasValue(4 * 5000);
    for (Thread thread : threads) {
      thread.join();
    }
  }

  /**
   * Work that comes together with input, and then work for a loop that looks for more or sleeps by
   * now: nobody makes up for a wake-up that was lost.
   */
  @Test
  void workGivenWhileTheLoopFallsAsleepIsNeverLost() throws Exception {
    Semaphore read = new Semaphore(0);
    Pipe pipe = watchedPipe(new Drain(read));
    await(read);
    Semaphore done = new Semaphore(0);
    Random random = new Random(1);

    for (int i = 0; i < 10_000; i++) {
      pipe.sink().write(ByteBuffer.allocate(1));
      spin(random.nextInt(20_000));
      loop.execute(done::release);
      await(done);
      await(read);
      spin(random.nextInt(60_000));
      loop.execute(done::release);
      await(done);
    }
    pipe.source().close();
    pipe.sink().close();
  }

  private static void await(Semaphore permit) throws InterruptedException {
    assertThat(permit.tryAcquire(WAIT.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
  }

  private static void spin(long nanos) {
    long end = System.nanoTime() + nanos;
    while (System.nanoTime() - end < 0) {
      Thread.onSpinWait();
    }
  }

  @Test
  void workThatFailsDoesNotEndTheLoop() throws Exception {
    RuntimeException bug = new IllegalStateException("a test wants it");
    bug.setStackTrace(new StackTraceElement[0]);
    loop.execute(
        () -> {
          throw bug;
        });
    loop.execute(() -> events.add("next"));

    assertThat(next()).isEqualTo("next");
  }

  @Test
  void timersFire() throws Exception {
    loop.execute(
        () -> {
          loop.after(Duration.ofMillis(40), () -> events.add("second"));
          loop.after(Duration.ofMillis(10), () -> events.add("first"));
          loop.after(Duration.ofMillis(20), () -> events.add("cancelled")).cancel();
        });

    assertThat(next()).isEqualTo("first");
    assertThat(next()).isEqualTo("second");
  }

  @Test
  void outputIsFlushedAtTheEndOfTheRound() throws Exception {
    loop.execute(
        () -> {
          loop.flushLater(new Output("flushed"));
          loop.execute(() -> events.add("work"));
        });

    assertThat(next()).isEqualTo("work");
    assertThat(next()).isEqualTo("flushed");
  }

  @Test
  void outputThatFailsIsToldAndTheNextIsFlushed() throws Exception {
    loop.execute(
        () -> {
          loop.flushLater(new Output("bad"));
          loop.flushLater(new Output("good"));
        });

    assertThat(next()).isEqualTo("bad");
    assertThat(next()).isEqualTo("failed: a test wants it");
    assertThat(next()).isEqualTo("good");
  }

  private Pipe watchedPipe(EventLoop.Handler handler) throws Exception {
    Pipe pipe = Pipe.open();
    pipe.source().configureBlocking(false);
    loop.execute(
        () -> {
          try {
            loop.register(pipe.source(), SelectionKey.OP_READ, handler);
          } catch (IOException e) {
            events.add(e.toString());
          }
        });
    pipe.sink().write(ByteBuffer.allocate(1));
    return pipe;
  }

  @Test
  void channelThatFailsIsToldAndTheLoopGoesOn() throws Exception {
    Pipe pipe =
        watchedPipe(
            new EventLoop.Handler() {
              @Override
              public void ready(SelectionKey key) {
                key.cancel();
                throw new IllegalStateException("a test wants it");
              }

              @Override
              public void failed(Throwable bug) {
                events.add("failed: " + bug.getMessage());
              }

              @Override
              public void loopEnds() {}
            });

    assertThat(next()).isEqualTo("failed: a test wants it");
    loop.execute(() -> events.add("work"));
    assertThat(next()).isEqualTo("work");
    pipe.source().close();
    pipe.sink().close();
  }

  @Test
  void theLoopOutlivesAShortageOfMemory() throws Exception {
    Pipe pipe =
        watchedPipe(
            new EventLoop.Handler() {
              @Override
              public void ready(SelectionKey key) {
                key.cancel();
                throw new OutOfMemoryError("a test wants it");
              }

              @Override
              public void failed(Throwable bug) {
                events.add("failed");
                throw new OutOfMemoryError("a test wants it here too");
              }

              @Override
              public void loopEnds() {}
            });

    assertThat(next()).isEqualTo("failed");
    assertThat(next()).as("told once more").isEqualTo("failed");
    loop.execute(() -> events.add("work"));
    assertThat(next()).isEqualTo("work");
    pipe.source().close();
    pipe.sink().close();
  }

  @Test
  void channelsAreWatched() throws Exception {
    Pipe pipe = watchedPipe(new Recorder());

    assertThat(next()).isEqualTo("ready");
    loop.close(WAIT);
    assertThat(next()).isEqualTo("end");
    pipe.source().close();
    pipe.sink().close();
  }

  @Test
  void closingRunsWhatWasGiven() throws Exception {
    for (int i = 0; i < 100; i++) {
      String name = "" + i;
      loop.execute(() -> events.add(name));
    }

    assertThat(loop.close(WAIT)).isTrue();

    assertThat(events).hasSize(100);
    assertThat(loop.close(WAIT)).isTrue();
  }

  @Test
  void closingDoesNotWaitForEver() {
    CountDownLatch gate = new CountDownLatch(1);
    loop.execute(
        () -> {
          try {
            gate.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });

    assertThat(loop.close(Duration.ofMillis(50))).isFalse();
    gate.countDown();
    assertThat(loop.close(WAIT)).isTrue();
  }

  @Test
  void closingFromTheLoopItselfReturns() throws Exception {
    loop.execute(() -> events.add("" + loop.close(WAIT)));

    assertThat(next()).isEqualTo("true");
    assertThat(loop.close(WAIT)).isTrue();
  }
}

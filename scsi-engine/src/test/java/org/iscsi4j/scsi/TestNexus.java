package org.iscsi4j.scsi;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A nexus whose owner is the test: what is handed to it runs when the test says so. */
final class TestNexus extends Nexus {

  static final TargetPort PORT = TargetPort.of("iqn.2026-11.org.example:disk", 1, 1);

  private final BlockingQueue<Runnable> work = new LinkedBlockingQueue<>();

  /** Units whose tasks another nexus ended. */
  final List<DeviceServer> aborted = new ArrayList<>();

  /** Whether tasks that another nexus ended were to be answered. */
  boolean answered;

  /** Whether it has tasks that another nexus can end. */
  boolean busy = true;

  /** Whether its tasks take until {@link #whenSettled} is run. */
  boolean hanging;

  Runnable whenSettled;

  /** Unit attentions that were established, as LUN and sense. */
  final List<String> attentions = new ArrayList<>();

  /** How long things are waited for. */
  final List<Duration> limits = new ArrayList<>();

  private final List<Runnable> onTimeUp = new ArrayList<>();

  /** Whether it takes the functions of SAM-4 and SAM-5. */
  boolean queries;

  /** Runs when another nexus ends its tasks. */
  Runnable onAbort = () -> {};

  /** Whether it fails when another nexus ends its tasks, having told that they are. */
  boolean failing;

  /** Whose timers are set; else none can be. */
  FakeTime time;

  TestNexus(String initiatorPort, TaskRouter router) {
    this(initiatorPort, PORT, router);
  }

  TestNexus(String initiatorPort, TargetPort port, TaskRouter router) {
    super(initiatorPort, port, router);
  }

  @Override
  protected void execute(Runnable task) {
    work.add(task);
  }

  @Override
  protected void executeLater(Duration delay, Runnable task) {
    time.after(delay, task);
  }

  @Override
  protected boolean abortTasks(DeviceServer unit, boolean answered, Runnable settled) {
    aborted.add(unit);
    this.answered = answered;
    onAbort.run();
    if (hanging) {
      whenSettled = settled;
    } else {
      settled.run();
    }
    if (failing) {
      throw new StackOverflowError("for the test");
    }
    return busy;
  }

  @Override
  protected void onUnitAttention(long lun, Sense sense, boolean descriptorFormat) {
    attentions.add(Lun.format(lun) + " " + sense + (descriptorFormat ? " in descriptors" : ""));
    if (failing) {
      throw new IllegalStateException("for the test");
    }
  }

  @Override
  protected <T> void completeInTime(CompletableFuture<T> awaited, T otherwise, Duration limit) {
    limits.add(limit);
    onTimeUp.add(() -> awaited.complete(otherwise));
  }

  /** What was waited for until now is waited for no more. */
  void timeIsUp() {
    onTimeUp.forEach(Runnable::run);
    onTimeUp.clear();
  }

  @Override
  protected boolean takesQueries() {
    return queries;
  }

  /** Runs what was handed over, and what that hands over. */
  void drain() {
    for (Runnable next = work.poll(); next != null; next = work.poll()) {
      next.run();
    }
  }

  /** Waits for something to be handed over, and runs it. */
  void await() throws InterruptedException {
    Runnable next = work.poll(10, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("nothing was handed over in 10 s");
    }
    next.run();
  }

  /** Starts a command of an attribute that gives no data. */
  TestTask start(TaskAttribute attribute, byte[] cdb) {
    TestTask task = TestTask.of(this, 0, attribute, cdb, 0xffff_ffffL, new byte[0]);
    router().execute(task);
    return task;
  }

  /** Starts a command and leaves what it waits for waiting. */
  TestTask start(long lun, byte[] cdb, long expectedDataIn, byte[] offered) {
    TestTask task = TestTask.of(this, lun, cdb, expectedDataIn, offered);
    router().execute(task);
    return task;
  }
}

package org.iscsi4j.target.session;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.iscsi4j.api.SessionInfo;
import org.iscsi4j.protocol.OperationalParameters;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.protocol.ReadyToTransferPdu;
import org.iscsi4j.scsi.DeviceServer;
import org.iscsi4j.scsi.Nexus;
import org.iscsi4j.scsi.TargetPort;
import org.iscsi4j.scsi.TaskRouter;
import org.iscsi4j.target.connection.Connection;
import org.iscsi4j.target.loop.BufferPool;

/**
 * A session in its full feature phase (RFC 7143 section 4.4): the I_T nexus, the command window,
 * the outstanding tasks and what they share. Touched by its loop alone, but for {@link #close}
 * through the loop.
 */
public final class Session {

  private static final int IDLE_TASKS = 32;

  private final SessionInfo info;
  private final OperationalParameters parameters;
  private final TaskRouter router;
  private final SessionNexus nexus;
  private final Connection connection;
  private final CommandWindow window;
  private final TransferBudget budget;
  private final long abortTimeout;
  private final TaskTable tasks = new TaskTable();
  private final ArrayDeque<IscsiTask> idle = new ArrayDeque<>();
  private final ArrayDeque<IscsiTask> awaitingOutput = new ArrayDeque<>();
  private final ArrayDeque<IscsiTask> awaitingBudget = new ArrayDeque<>();
  private final RecentTags swallowed;
  private final HeldCommands held = new HeldCommands();
  private final List<Consumer<String>> onClosed = new ArrayList<>();

  private int immediateTasks;
  private int lingering;
  private int maxDataIn;
  private int transferTag;
  private boolean resuming;
  private boolean retrying;
  private boolean draining;
  private Runnable whenIdle;

  /** Written by the loop; read by anybody. */
  private volatile boolean closed;

  private final CompletableFuture<Void> settled = new CompletableFuture<>();

  /** The nexus of this session, whose tasks live on the session's loop. */
  private final class SessionNexus extends Nexus {

    SessionNexus(String initiatorPort, TargetPort targetPort) {
      super(initiatorPort, targetPort, Session.this.router);
    }

    @Override
    protected void execute(Runnable work) {
      connection.loop().execute(work);
    }

    @Override
    protected boolean abortTasks(DeviceServer unit, boolean answered, Runnable settled) {
      return Session.this.abortTasks(
          task -> !task.ended() && router.find(task.lun()).orElse(null) == unit, answered, settled);
    }
  }

  /**
   * A session whose login has just ended.
   *
   * @param router the target's units; of no units for a discovery session
   * @param limits what the session may hold
   * @param firstCmdSn CmdSN of the login
   */
  public Session(
      SessionInfo info,
      TargetPort targetPort,
      TaskRouter router,
      OperationalParameters parameters,
      SessionLimits limits,
      Connection connection,
      int firstCmdSn) {
    this.info = info;
    this.router = router;
    this.parameters = parameters;
    this.connection = connection;
    String initiatorPort = String.format("%s,i,0x%012x", info.initiator(), info.isid());
    nexus = new SessionNexus(initiatorPort, targetPort);
    window = new CommandWindow(limits.queueDepth(), firstCmdSn);
    swallowed = new RecentTags(limits.queueDepth() + FullFeaturePhase.MAX_IMMEDIATE);
    budget = new TransferBudget(limits.transferBytes());
    abortTimeout = limits.abortTimeout();
    maxDataIn = parameters.initiatorMaxRecvDataSegmentLength();
  }

  // ---- numbering

  int expCmdSn() {
    return window.expCmdSn();
  }

  int maxCmdSn() {
    return window.maxCmdSn(tasks.size() - immediateTasks + lingering);
  }

  CommandWindow.Verdict arrived(int cmdSn) {
    return window.arrived(cmdSn);
  }

  /** What came before its turn. */
  HeldCommands held() {
    return held;
  }

  /** The request whose turn it is, if it came before its turn; else null. */
  HeldCommands.Held takeHeld() {
    return held.take(window);
  }

  int nextTransferTag() {
    transferTag++;
    if (transferTag == Pdu.RESERVED_TAG) {
      transferTag = 0;
    }
    return transferTag;
  }

  // ---- tasks

  /** A task to fill; it counts as outstanding only when it is {@link #started}. */
  IscsiTask newTask() {
    IscsiTask task = idle.poll();
    return task == null ? new IscsiTask(this) : task;
  }

  void started(IscsiTask task) {
    tasks.add(task);
    if (task.immediate()) {
      immediateTasks++;
    }
  }

  /** The outstanding task of a tag, or null. */
  IscsiTask task(int tag) {
    return tasks.get(tag);
  }

  int immediateTasks() {
    return immediateTasks;
  }

  /** A task is about to be answered: its place in the window is free. Idempotent. */
  void ended(IscsiTask task) {
    if (tasks.get(task.tag()) != task) {
      return;
    }
    tasks.remove(task);
    if (task.immediate()) {
      immediateTasks--;
    }
    if (!awaitingOutput.isEmpty()) {
      awaitingOutput.remove(task);
    }
    if (!awaitingBudget.isEmpty()) {
      awaitingBudget.remove(task);
    }
    tellIdle();
  }

  /** An aborted command is still in the device: it takes a place in the window until it is out. */
  void lingers() {
    lingering++;
  }

  void lingersNoMore() {
    lingering--;
  }

  /** Takes back a task that nobody uses any more. */
  void recycle(IscsiTask task) {
    task.release();
    if (idle.size() < IDLE_TASKS) {
      idle.push(task);
    }
    retryBudgetLater();
  }

  /** As {@link #abortTasks(Predicate, boolean, Runnable)}, without an answer. */
  boolean abortTasks(Predicate<IscsiTask> which, Runnable settled) {
    return abortTasks(which, false, settled);
  }

  /**
   * Ends tasks.
   *
   * @param answered whether each is answered with TASK ABORTED
   * @param settled runs once, on the loop, when none of them can change a unit any more
   * @return whether there were any
   */
  boolean abortTasks(Predicate<IscsiTask> which, boolean answered, Runnable settled) {
    List<IscsiTask> found = tasks.matching(which);
    int[] open = {found.size() + 1};
    Runnable one =
        () -> {
          if (--open[0] == 0) {
            settled.run();
          }
        };
    found.forEach(task -> task.end(answered, one));
    one.run();
    return !found.isEmpty();
  }

  /** Ends all tasks without an answer. */
  void abortAll() {
    abortTasks(task -> true, () -> {});
  }

  /** Data-Out PDUs of a tag that is gone are still on their way. */
  void swallow(int tag) {
    swallowed.add(tag);
  }

  boolean swallows(int tag) {
    return swallowed.contains(tag);
  }

  // ---- transfers

  void sendR2t(IscsiTask task, WriteTransfer.R2t r2t) {
    connection
        .writer()
        .send(
            new ReadyToTransferPdu(
                task.lun(),
                task.tag(),
                r2t.tag(),
                connection.statSn(),
                expCmdSn(),
                maxCmdSn(),
                r2t.number(),
                r2t.offset(),
                r2t.length()));
    connection.flushLater();
  }

  /**
   * Whether a transfer has to wait because the initiator is behind with reading; it goes on in its
   * turn then.
   */
  boolean mustWait(IscsiTask task) {
    boolean behindOthers = !awaitingOutput.isEmpty() && !resuming;
    if (behindOthers || connection.outputFull()) {
      awaitingOutput.add(task);
      return true;
    }
    return false;
  }

  /** Lets a transfer wait until others give bytes of the budget back. */
  void awaitBudget(IscsiTask task) {
    awaitingBudget.add(task);
  }

  /** Goes on with the transfers that wait for the output, in order, until it is full again. */
  void resumeWaiting() {
    int waiting = awaitingOutput.size();
    resuming = true;
    try {
      for (int i = 0; i < waiting && !connection.outputFull(); i++) {
        awaitingOutput.remove().resume();
      }
    } finally {
      resuming = false;
    }
  }

  /** Lets everybody try again who waits for the budget: whose unit hangs holds up nobody else. */
  private void retryBudget() {
    retrying = false;
    for (int left = awaitingBudget.size(); left > 0 && !awaitingBudget.isEmpty(); left--) {
      awaitingBudget.remove().resume();
    }
  }

  private void retryBudgetLater() {
    if (!awaitingBudget.isEmpty() && !retrying) {
      retrying = true;
      connection.loop().execute(this::retryBudget);
    }
  }

  /** The most data in one Data-In PDU, in bytes. */
  int maxDataIn() {
    return maxDataIn;
  }

  void maxDataIn(int bytes) {
    maxDataIn = bytes;
  }

  // ---- end

  /** Tells when the session has ended, and why; at once when it has. Called on the loop. */
  public void whenClosed(Consumer<String> listener) {
    if (closed) {
      listener.accept("already closed");
    } else {
      onClosed.add(listener);
    }
  }

  /**
   * Completed when the session has ended and none of its commands can change a unit any more; a
   * device that holds on to one is waited for no longer than {@link SessionLimits#abortTimeout}.
   */
  public CompletableFuture<Void> settled() {
    return settled;
  }

  /** Takes no new commands, and tells when the last answer is written. Called on the loop. */
  public void drain(Runnable idle) {
    draining = true;
    whenIdle = idle;
    tellIdle();
  }

  boolean draining() {
    return draining;
  }

  private void tellIdle() {
    if (tasks.size() == 0 && whenIdle != null) {
      connection.whenFlushed(whenIdle);
      whenIdle = null;
    }
  }

  /** Ends the session and its connection. Called on the loop. Idempotent. */
  public void close(String reason) {
    connection.close(reason);
    connectionClosed(reason); // the connection tells only a session that has begun
  }

  /** The connection is gone, and the session with it: its tasks end and the nexus is lost. */
  void connectionClosed(String reason) {
    if (closed) {
      return;
    }
    closed = true;
    settled.completeOnTimeout(null, abortTimeout, TimeUnit.NANOSECONDS);
    abortTasks(task -> true, () -> settled.complete(null));
    held.clear();
    nexus.close();
    onClosed.forEach(listener -> listener.accept(reason));
    onClosed.clear();
  }

  // ---- facts

  /** Who talks to whom. */
  public SessionInfo info() {
    return info;
  }

  /** Whether the session has ended. Callable from any thread. */
  public boolean closed() {
    return closed;
  }

  /** The session's connection. */
  public Connection connection() {
    return connection;
  }

  OperationalParameters parameters() {
    return parameters;
  }

  TaskRouter router() {
    return router;
  }

  Nexus nexus() {
    return nexus;
  }

  TransferBudget budget() {
    return budget;
  }

  BufferPool buffers() {
    return connection.loop().buffers();
  }

  @Override
  public String toString() {
    return info.initiator() + " at " + connection.remote();
  }
}

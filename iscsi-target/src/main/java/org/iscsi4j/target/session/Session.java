package org.iscsi4j.target.session;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
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
  private final TaskTable tasks = new TaskTable();
  private final ArrayDeque<IscsiTask> idle = new ArrayDeque<>();
  private final ArrayDeque<IscsiTask> waiting = new ArrayDeque<>();
  private final RecentTags swallowed = new RecentTags();
  private final HeldCommands held = new HeldCommands();
  private final List<Consumer<String>> onClosed = new ArrayList<>();

  private int immediateTasks;
  private int maxDataIn;
  private int transferTag;
  private boolean resuming;
  private boolean draining;
  private Runnable whenIdle;
  private boolean closed;

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
    protected boolean abortTasks(DeviceServer unit) {
      return Session.this.abortTasks(task -> router.find(task.lun()).orElse(null) == unit);
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
    budget = new TransferBudget(limits.transferBytes());
    maxDataIn = parameters.initiatorMaxRecvDataSegmentLength();
  }

  // ---- numbering -----------------------------------------------------------------------------

  int expCmdSn() {
    return window.expCmdSn();
  }

  int maxCmdSn() {
    return window.maxCmdSn(tasks.size() - immediateTasks);
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

  // ---- tasks ---------------------------------------------------------------------------------

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
    if (!waiting.isEmpty()) {
      waiting.remove(task);
    }
    tellIdle();
  }

  /** Takes back a task that nobody uses any more. */
  void recycle(IscsiTask task) {
    task.release();
    if (idle.size() < IDLE_TASKS) {
      idle.push(task);
    }
    resumeLater();
  }

  /**
   * Ends tasks without an answer.
   *
   * @return whether there were any
   */
  boolean abortTasks(Predicate<IscsiTask> which) {
    List<IscsiTask> found = tasks.matching(which);
    found.forEach(this::abort);
    return !found.isEmpty();
  }

  void abort(IscsiTask task) {
    task.end();
  }

  /** Data-Out PDUs of a tag that is gone are still on their way. */
  void swallow(int tag) {
    swallowed.add(tag);
  }

  boolean swallows(int tag) {
    return swallowed.contains(tag);
  }

  // ---- transfers -----------------------------------------------------------------------------

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

  /** Lets a transfer go on, or wait for its turn behind those that wait already. */
  void continueOrWait(IscsiTask task) {
    if (!waiting.isEmpty() || !task.resume()) {
      waiting.add(task);
    }
  }

  void awaitRoom(IscsiTask task) {
    waiting.add(task);
  }

  /**
   * Goes on with the transfers that wait, in order, until one has to wait again.
   *
   * @return whether one went on
   */
  boolean resumeWaiting() {
    boolean any = false;
    for (IscsiTask next = waiting.poll(); next != null; next = waiting.poll()) {
      if (!next.resume()) {
        waiting.addFirst(next);
        break;
      }
      any = true;
    }
    return any;
  }

  private void resumeLater() {
    if (!waiting.isEmpty() && !resuming) {
      resuming = true;
      connection
          .loop()
          .execute(
              () -> {
                resuming = false;
                resumeWaiting();
              });
    }
  }

  /** The most data in one Data-In PDU, in bytes. */
  int maxDataIn() {
    return maxDataIn;
  }

  void maxDataIn(int bytes) {
    maxDataIn = bytes;
  }

  // ---- end -----------------------------------------------------------------------------------

  /** Tells when the session has ended, and why; at once when it has. Called on the loop. */
  public void whenClosed(Consumer<String> listener) {
    if (closed) {
      listener.accept("already closed");
    } else {
      onClosed.add(listener);
    }
  }

  /** Takes no new commands, and tells when the outstanding ones have ended. Called on the loop. */
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
      whenIdle.run();
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
    abortTasks(task -> true);
    waiting.clear();
    held.clear();
    nexus.close();
    onClosed.forEach(listener -> listener.accept(reason));
    onClosed.clear();
  }

  // ---- facts ---------------------------------------------------------------------------------

  /** Who talks to whom. */
  public SessionInfo info() {
    return info;
  }

  /** Whether commands are outstanding. */
  public boolean busy() {
    return tasks.size() > 0;
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

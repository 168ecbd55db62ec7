package org.iscsi4j.target.session;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.iscsi4j.api.SessionInfo;
import org.iscsi4j.api.monitor.EndReason;
import org.iscsi4j.protocol.AsyncEvent;
import org.iscsi4j.protocol.DataOutPdu;
import org.iscsi4j.protocol.OperationalParameters;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.protocol.ReadyToTransferPdu;
import org.iscsi4j.protocol.SerialNumber;
import org.iscsi4j.protocol.TaskManagementFunction;
import org.iscsi4j.scsi.DeviceServer;
import org.iscsi4j.scsi.Nexus;
import org.iscsi4j.scsi.RateLimiter;
import org.iscsi4j.scsi.Sense;
import org.iscsi4j.scsi.TargetPort;
import org.iscsi4j.scsi.TaskRouter;
import org.iscsi4j.target.limit.Pools;
import org.iscsi4j.target.limit.Share;
import org.iscsi4j.target.loop.BufferPool;
import org.iscsi4j.target.loop.EventLoop;
import org.iscsi4j.target.loop.Timers;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A session (RFC 7143 section 4.4): the I_T nexus, its connections, the command window that they
 * share, and the outstanding tasks. All connections of a session live on its loop, which alone
 * touches it.
 */
public final class Session {

  private static final Logger log = LoggerFactory.getLogger(Session.class);

  /** The value of TaskReporting that promises no response fence (RFC 7143 section 13.23). */
  private static final String RFC_3720 = "RFC3720";

  private static final int IDLE_TASKS = 32;

  /** How long an initiator that is dropped may take to read what it has to be told. */
  static final Duration FAREWELL = Duration.ofSeconds(2);

  private final SessionInfo info;
  private final OperationalParameters parameters;
  private final SessionNexus nexus;
  private final EventLoop loop;
  private final SessionConnections connections;
  private final CommandWindow window;
  private final Pools pools;
  private final Share commandShare;
  private final TransferBudget budget;
  private final BudgetQueue budgetQueue;
  private final long abortTimeout;
  private final TaskTable tasks = new TaskTable();
  private final ArrayDeque<IscsiTask> idle = new ArrayDeque<>();
  private final int depth;
  private final int mostTasks;
  private final RecentTags swallowed;
  private final HeldCommands held;
  private final LingeringTasks lingering;
  private final AbortedTransfers abortedTransfers = new AbortedTransfers();
  private final AwaitedCommands awaitedCommands = new AwaitedCommands();
  private final FastAbort fastAbort = new FastAbort(this);
  private final SessionChanges changes;
  private final boolean reportsUnitAttentions;
  private final List<Consumer<EndReason>> onClosed = new ArrayList<>();
  private SessionWatcher watcher = new SessionWatcher() {};

  /** When the leading login ended; null before. Written by the loop; read by anybody. */
  private volatile Opened opened;

  private long commands;
  private int immediateTasks;
  private int transferTag;
  private boolean tellingWindow;
  private boolean draining;

  private final List<Runnable> whenIdle = new ArrayList<>(0);

  /** Why all connections are being closed, or are; null while they are not. */
  private EndReason ending;

  /** Written by the loop; read by anybody. */
  private volatile boolean closed;

  private final CompletableFuture<Void> settled = new CompletableFuture<>();

  /** Written before {@link #settled} is completed. */
  private volatile boolean stuck;

  /**
   * When a session was opened.
   *
   * @param nanos the same in the time of {@link System#nanoTime}
   */
  record Opened(Instant at, long nanos) {}

  /** The nexus of this session, whose tasks live on the session's loop. */
  private final class SessionNexus extends Nexus {

    SessionNexus(String initiatorPort, TargetPort targetPort, TaskRouter router) {
      super(initiatorPort, targetPort, router);
    }

    @Override
    protected void execute(Runnable work) {
      loop.execute(work);
    }

    @Override
    protected void executeLater(Duration delay, Runnable work) {
      if (loop.inLoop()) {
        loop.after(delay, work);
      } else {
        loop.execute(() -> loop.after(delay, work));
      }
    }

    @Override
    protected boolean abortTasks(DeviceServer unit, boolean answered, Runnable settled) {
      Predicate<IscsiTask> inUnit = task -> !task.ended() && task.isIn(unit);
      List<IscsiTask> affected = tasks.matching(inUnit);
      Session.this.abortTasks(inUnit, answered, settled);
      if (agreedOnFastAbort()) {
        fastAbort.tell(affected);
      }
      return !affected.isEmpty();
    }

    @Override
    protected boolean takesQueries() {
      return parameters.iscsiProtocolLevel() >= TaskManagementFunction.QUERY_TASK.protocolLevel();
    }

    @Override
    protected void onUnitAttention(long lun, Sense sense, boolean descriptorFormat) {
      if (reportsUnitAttentions) {
        loop.execute(
            () ->
                connections.open().stream()
                    .findFirst()
                    .ifPresent(each -> each.tellScsiEvent(lun, sense, descriptorFormat)));
      }
    }
  }

  /**
   * A session whose leading login is about to end.
   *
   * @param router the target's units; of no units for a discovery session
   * @param parameters what the leading login agreed on
   * @param limits what the session may hold
   * @param loop where it lives
   * @param firstCmdSn CmdSN of the login
   */
  public Session(
      SessionInfo info,
      TargetPort targetPort,
      TaskRouter router,
      OperationalParameters parameters,
      SessionLimits limits,
      EventLoop loop,
      int firstCmdSn) {
    this.info = info;
    this.parameters = parameters;
    this.loop = loop;
    String initiatorPort = String.format("%s,i,0x%012x", info.initiator().name(), info.isid());
    nexus = new SessionNexus(initiatorPort, targetPort, router);
    depth = limits.queueDepth();
    window = new CommandWindow(depth, firstCmdSn);
    mostTasks = depth + FullFeaturePhase.MAX_IMMEDIATE;
    swallowed = new RecentTags(mostTasks);
    pools = limits.pools();
    commandShare = pools.commands();
    held = new HeldCommands(HeldCommands.limit(limits, parameters), pools.heldBytes());
    budget = new TransferBudget(limits.transferBytes(), pools.transferBytes());
    budgetQueue = new BudgetQueue(loop, budget);
    abortTimeout = limits.abortTimeout();
    connections = new SessionConnections(this, limits);
    changes = new SessionChanges(this, loop, abortTimeout);
    lingering = new LingeringTasks(Duration.ofNanos(abortTimeout), this::freedSilently);
    reportsUnitAttentions = limits.reportsUnitAttentions();
  }

  /**
   * Holds the initiator to a limit that its other sessions may share; null for none. Callable from
   * any thread.
   */
  public void limitBy(RateLimiter limiter) {
    nexus.limitBy(limiter);
  }

  // ---- beginning

  /**
   * The leading login has ended: from now on commands may come. Called on the loop.
   *
   * @param watching told what becomes of the session's connections
   */
  public void opened(SessionWatcher watching) {
    watcher = watching;
    opened = new Opened(Instant.now(), System.nanoTime());
  }

  /** Whether the leading login has ended. Callable from any thread. */
  public boolean isOpened() {
    return opened != null;
  }

  /** When the leading login ended. */
  Opened opening() {
    return opened;
  }

  SessionWatcher watcher() {
    return watcher;
  }

  // ---- numbering

  /** CmdSN of the command that comes next. */
  public int expCmdSn() {
    return window.expCmdSn();
  }

  /** The highest CmdSN that may come now. */
  public int maxCmdSn() {
    return window.maxCmdSn(outstanding());
  }

  /** The highest CmdSN that the initiator was told. */
  int toldMaxCmdSn() {
    return window.toldMaxCmdSn();
  }

  /**
   * Places of the window that are taken, or are not to be had while all sessions together have
   * nearly all the commands that they may have.
   */
  private int outstanding() {
    int taken = tasks.size() - immediateTasks + lingering.places();
    return taken + (int) commandShare.doubtful(depth);
  }

  /**
   * A place in the window became free without an answer: unless one follows at once, a NOP-In has
   * to say so, or the initiator would wait for ever (RFC 7143 section 11.4.10).
   */
  void freedSilently() {
    if (!tellingWindow) {
      tellingWindow = true;
      loop.execute(this::tellWindow);
    }
  }

  private void tellWindow() {
    tellingWindow = false;
    if (window.isNews(outstanding())) {
      connections.open().stream().findFirst().ifPresent(SessionConnection::tellWindow);
    }
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

  /** A request will never come, or came and is lost: its turn is over. */
  void skip(int cmdSn) {
    switch (window.arrived(cmdSn)) {
      case HOLD -> held.skip(cmdSn);
      case RUN, IGNORE -> {}
    }
  }

  /** Runs work when all commands before a CmdSN have come, and those that can have started. */
  AwaitedCommands awaitedCommands() {
    return awaitedCommands;
  }

  /** All PDUs that are there have been looked at. */
  void commandsCame() {
    awaitedCommands.came(window.expCmdSn());
  }

  /** Takes all commands before a CmdSN as received, whether they come or not. */
  void plug(int cmdSn) {
    if (SerialNumber.lessOrEqual(cmdSn - 1, maxCmdSn())) {
      held.plug(window.expCmdSn(), cmdSn).forEach(this::swallow);
    }
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
    commands++;
    if (task.immediate()) {
      immediateTasks++;
    }
  }

  /**
   * Whether the server has room for a command that came and its data, as long as the device has it.
   * If not, the command ends with TASK SET FULL: the window had promised a place, so the initiator
   * must be told, and this status is taken best. Linux, with queue depths that adapt, has fewer
   * commands outstanding from then on and tries again without counting; Windows and ESXi try again
   * later, as after BUSY, where ESXi does the former too when told to. A session has some commands
   * in any case, so that the end of one brings the next (SAM-5 clause 5.3.1).
   */
  boolean admits(IscsiTask task) {
    int unasked = task.write().mayComeUnasked();
    if ((unasked > 0 && !budget.admits(task.lun(), unasked)) || !commandShare.tryTake(1)) {
      return false;
    }
    task.counted();
    return true;
  }

  /** A command that was admitted is out of the device, and its buffers are given back. */
  void uncount() {
    commandShare.give(1);
  }

  /** The outstanding task of a tag, or null. */
  IscsiTask task(int tag) {
    return tasks.get(tag);
  }

  /** How many tasks may be outstanding. */
  int mostTasks() {
    return mostTasks;
  }

  /** SCSI commands that have come so far. */
  public long commands() {
    return commands;
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
    task.connection().forget(task);
    budgetQueue.remove(task);
    tellIdle();
  }

  /** An aborted command is still in the device. */
  void lingers(IscsiTask task) {
    lingering.add(task, loop);
  }

  /** It is out of the device. */
  void lingersNoMore(IscsiTask task) {
    lingering.remove(task);
  }

  /** Takes back a task that nobody uses any more. */
  void recycle(IscsiTask task) {
    task.release();
    if (idle.size() < IDLE_TASKS) {
      idle.push(task);
    }
  }

  /** As {@link #abortTasks(Predicate, boolean, Runnable)}, without an answer. */
  boolean abortTasks(Predicate<IscsiTask> which, Runnable settled) {
    return abortTasks(which, false, settled);
  }

  /**
   * Ends tasks.
   *
   * @param answered whether each is answered with TASK ABORTED
   * @param settled runs once, on the loop, when none of them can change a unit any more, those
   *     included that were aborted before
   * @return whether there were any
   */
  boolean abortTasks(Predicate<IscsiTask> which, boolean answered, Runnable settled) {
    Countdown open = new Countdown(settled);
    lingering.matching(which).forEach(task -> task.whenSettled(open.expect()));
    List<IscsiTask> found = tasks.matching(which);
    found.forEach(task -> task.end(answered, open.expect()));
    open.start();
    return !found.isEmpty();
  }

  /** Ends the commands that came over a connection. */
  void endTasksOf(SessionConnection connection, Runnable settled) {
    held.removeOf(connection);
    abortTasks(task -> task.connection() == connection, settled);
  }

  /** Ends all tasks without an answer. */
  void abortAll() {
    abortTasks(task -> true, () -> {});
  }

  /** The outstanding tasks that are so. */
  List<IscsiTask> tasks(Predicate<IscsiTask> which) {
    return tasks.matching(which);
  }

  /** The tasks that are so among those that were aborted and that a device still has. */
  List<IscsiTask> lingering(Predicate<IscsiTask> which) {
    return lingering.matching(which);
  }

  /** Data-Out PDUs of a tag that is gone are still on their way. */
  void swallow(int tag) {
    swallowed.add(tag);
  }

  /** Nothing more comes for a tag that is gone. */
  void swallowNoMore(int tag) {
    swallowed.remove(tag);
  }

  /** Whether a Data-Out PDU is for a command that is gone, and is to be taken without a word. */
  boolean swallows(DataOutPdu pdu) {
    boolean gone = swallowed.contains(pdu.initiatorTaskTag());
    if (gone && pdu.last()) {
      abortedTransfers.ended(pdu.targetTransferTag());
    }
    return gone;
  }

  /** The R2Ts of aborted commands that somebody waits for. */
  AbortedTransfers abortedTransfers() {
    return abortedTransfers;
  }

  // ---- what others did

  /** Whether the answer to a function may leave no older one behind, on any connection. */
  boolean agreedOnResponseFence() {
    return !parameters.taskReporting().equals(RFC_3720);
  }

  /** Whether the initiator stops in the middle of a sequence when its commands are ended. */
  boolean agreedOnFastAbort() {
    return parameters.taskReporting().equals("FastAbort");
  }

  /** What the host does to the session. */
  public SessionChanges changes() {
    return changes;
  }

  FastAbort fastAbort() {
    return fastAbort;
  }

  // ---- transfers

  void sendR2t(IscsiTask task, WriteTransfer.R2t r2t) {
    SessionConnection connection = task.connection();
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

  // ---- end

  /** Tells when the session has ended, and why; at once when it has. Called on the loop. */
  public void whenClosed(Consumer<EndReason> listener) {
    if (closed) {
      listener.accept(ending);
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

  /** Whether a device held on to a command longer than {@link #settled} waited for it. */
  public boolean stuck() {
    return stuck;
  }

  /** Takes no new commands, and tells when the last answer is written. Called on the loop. */
  public void drain(Runnable idle) {
    draining = true;
    whenIdle.add(idle);
    tellIdle();
  }

  boolean draining() {
    return draining;
  }

  private void tellIdle() {
    if (tasks.size() == 0 && !whenIdle.isEmpty()) {
      List<Runnable> told = List.copyOf(whenIdle);
      whenIdle.clear();
      connections.whenFlushed(() -> told.forEach(Runnable::run));
    }
  }

  /**
   * Asks the initiator to log out, and drops the session if it has not done so in time; its
   * commands go on meanwhile. Called on the loop.
   *
   * @param time more than 0 and at most 65,535 s
   */
  public void requestLogout(Duration time) {
    if (info.discovery()) {
      // too short-lived to be asked
      drop(new EndReason(EndReason.Kind.DROPPED, "logout requested"));
      return;
    }
    int seconds = (int) time.plusNanos(999_999_999).toSeconds();
    connections.open().forEach(each -> each.tell(AsyncEvent.LOGOUT_REQUEST, 0, 0, seconds));
    String late = "no logout within " + time.toMillis() + " ms";
    Timers.Timer timer =
        loop.after(time, () -> drop(new EndReason(EndReason.Kind.TIMED_OUT, late)));
    whenClosed(reason -> timer.cancel());
  }

  /**
   * Ends the session on the target's own account, as soon as what it has to say is written, or the
   * initiator has not read that in time: it is told (RFC 7143 section 11.9). Called on the loop.
   */
  public void drop(EndReason reason) {
    if (!closed && ending == null && !info.discovery()) {
      log.debug("{}: dropped: {}", this, reason);
      connections
          .open()
          .forEach(each -> each.tell(AsyncEvent.DROP_SESSION, 0, parameters.defaultTime2Wait(), 0));
    }
    closeWhenFlushed(reason);
    if (!closed) {
      Timers.Timer timer = loop.after(FAREWELL, () -> close(ending));
      whenClosed(any -> timer.cancel());
    }
  }

  /** Ends the session as soon as what it has to say is written. Called on the loop. */
  void closeWhenFlushed(EndReason reason) {
    if (ending == null) {
      ending = reason;
    }
    connections.closeWhenFlushed(reason);
  }

  /**
   * Ends the session and its connections: its tasks end and the nexus is lost. Called on the loop.
   * Idempotent.
   */
  public void close(EndReason reason) {
    if (closed) {
      return;
    }
    closed = true;
    ending = reason;
    connections.close(reason);
    CompletableFuture<Void> writes = new CompletableFuture<>();
    abortTasks(task -> true, () -> writes.complete(null));
    inTime(writes, reason)
        .thenRun(
            () -> {
              stuck = writes.isCompletedExceptionally();
              settled.complete(null);
            });
    held.clear();
    nexus.close();
    onClosed.forEach(listener -> listener.accept(reason));
    onClosed.clear();
  }

  /** Completed when {@code writes} is; or when a device holds on to one, which is logged. */
  CompletableFuture<Void> inTime(CompletableFuture<Void> writes, EndReason reason) {
    return writes
        .orTimeout(abortTimeout, TimeUnit.NANOSECONDS)
        .exceptionally(
            late -> {
              long millis = TimeUnit.NANOSECONDS.toMillis(abortTimeout);
              log.warn("{}: {}: a device holds on to a write after {} ms", this, reason, millis);
              return null;
            });
  }

  // ---- facts

  /** Who talks to whom. */
  public SessionInfo info() {
    return info;
  }

  /** Whether the session has ended, or is about to. Called on the loop. */
  public boolean ends() {
    return closed || ending != null;
  }

  /** Whether the session has ended. Callable from any thread. */
  public boolean closed() {
    return closed;
  }

  /** The loop that the session lives on. */
  public EventLoop loop() {
    return loop;
  }

  /** What the leading login agreed on; what is a connection's own may differ on the others. */
  public OperationalParameters parameters() {
    return parameters;
  }

  TaskRouter router() {
    return nexus.router();
  }

  Nexus nexus() {
    return nexus;
  }

  /** The connections, those included that are about to join or are gone. */
  public SessionConnections connections() {
    return connections;
  }

  TransferBudget budget() {
    return budget;
  }

  /** What a connection of this session may keep to send it again. */
  Share recoveryBytes() {
    return pools.recoveryBytes();
  }

  /** The transfers that wait for the budget. */
  BudgetQueue budgetQueue() {
    return budgetQueue;
  }

  /** Why the session ends, or has ended; empty when it does not. */
  public Optional<EndReason> ending() {
    return Optional.ofNullable(ending);
  }

  BufferPool buffers() {
    return loop.buffers();
  }

  @Override
  public String toString() {
    return info.initiator().name() + " at " + info.initiator().remote();
  }
}

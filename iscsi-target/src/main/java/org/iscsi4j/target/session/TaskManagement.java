package org.iscsi4j.target.session;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.monitor.EndReason;
import org.iscsi4j.protocol.SerialNumber;
import org.iscsi4j.protocol.TaskManagementFunction;
import org.iscsi4j.protocol.TaskManagementRequestPdu;
import org.iscsi4j.protocol.TaskManagementResponse;
import org.iscsi4j.protocol.TaskManagementResponsePdu;
import org.iscsi4j.scsi.DeviceServer;
import org.iscsi4j.scsi.Lun;
import org.iscsi4j.scsi.TaskManager;
import org.iscsi4j.target.loop.EventLoop;
import org.iscsi4j.target.loop.Timers;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The task management functions of a connection (RFC 7143 sections 4.2.3, 11.5 and 11.6, RFC 7144):
 * ends the tasks of its session itself, and leaves those of others to the engine. A function is
 * complete when none of the tasks can change the unit any more. If a device holds on to one for
 * longer than {@link SessionLimits#abortTimeout}, the function is rejected: the task stays ended
 * and is never answered; its write may still reach the medium, but before that of any command that
 * came to the same blocks after it.
 */
final class TaskManagement {

  private static final EndReason COLD_RESET =
      new EndReason(EndReason.Kind.TARGET_RESET, "target cold reset");

  private static final Logger log = LoggerFactory.getLogger(TaskManagement.class);

  /**
   * What part of the limit data is waited for that was asked for by R2T before its command was
   * ended. Initiators that follow RFC 7143 section 4.2.3.3 send it at once, and others never.
   */
  private static final int DATA_SHARE = 10;

  private final SessionConnection connection;
  private final Session session;
  private final SessionRegistry registry;
  private final Duration limit;
  private final Duration dataLimit;
  private int outstanding;

  TaskManagement(SessionConnection connection, SessionLimits limits, SessionRegistry registry) {
    this.connection = connection;
    session = connection.session();
    this.registry = registry;
    limit = Duration.ofNanos(limits.abortTimeout());
    dataLimit = limit.dividedBy(DATA_SHARE);
  }

  /** Whether so many functions wait for their end that no other is taken. */
  boolean full() {
    return outstanding >= FullFeaturePhase.MAX_IMMEDIATE;
  }

  void execute(TaskManagementRequestPdu pdu) {
    log.debug("{}: task management {} lun {}", connection, pdu.function(), Lun.decode(pdu.lun()));
    Answer answer = new Answer(pdu);
    Optional<TaskManagementFunction> function = supported(pdu.function());
    if (function.isEmpty()) {
      answer.give(TaskManagementResponse.FUNCTION_NOT_SUPPORTED);
    } else if (full()) {
      answer.give(TaskManagementResponse.FUNCTION_REJECTED);
    } else {
      execute(function.get(), pdu, answer);
    }
  }

  private Optional<TaskManagementFunction> supported(int code) {
    int level = session.parameters().iscsiProtocolLevel();
    return TaskManagementFunction.of(code).filter(known -> known.protocolLevel() <= level);
  }

  private void execute(
      TaskManagementFunction function, TaskManagementRequestPdu pdu, Answer answer) {
    switch (function) {
      case ABORT_TASK -> abortTask(pdu, answer);
      case ABORT_TASK_SET -> onUnit(pdu, answer, (unit, done) -> done.run());
      case CLEAR_TASK_SET ->
          onUnit(
              pdu, answer, (unit, done) -> TaskManager.clearTaskSet(session.nexus(), unit, done));
      case LOGICAL_UNIT_RESET ->
          onUnit(
              pdu,
              answer,
              (unit, done) -> TaskManager.logicalUnitReset(session.nexus(), unit, done));
      case CLEAR_ACA -> clearAca(pdu, answer);
      case TARGET_WARM_RESET -> targetReset(answer);
      case TARGET_COLD_RESET -> {
        // and all its sessions end (RFC 7143 section 11.5.1)
        IscsiName target = session.info().target().orElseThrow(); // discovery has no functions
        answer.whenComplete(() -> registry.endAllOf(target, COLD_RESET));
        targetReset(answer);
      }
      case TASK_REASSIGN -> reassign(pdu, answer);
      case QUERY_TASK -> queryTask(pdu, answer);
      case QUERY_TASK_SET -> queryTaskSet(pdu, answer);
      case I_T_NEXUS_RESET -> nexusReset(answer);
      case QUERY_ASYNC_EVENT -> queryAsyncEvent(pdu, answer);
    }
  }

  // ---- one task

  private void abortTask(TaskManagementRequestPdu pdu, Answer answer) {
    if (!session.router().routes(pdu.lun())) {
      answer.give(TaskManagementResponse.LUN_DOES_NOT_EXIST);
      return;
    }
    IscsiTask task = session.task(pdu.referencedTaskTag());
    Predicate<IscsiTask> meant =
        each -> each.tag() == pdu.referencedTaskTag() && each.isFor(pdu.lun());
    boolean found = task == null ? !session.lingering(meant).isEmpty() : meant.test(task);
    if (found) {
      // one that was aborted before is waited for once more
      answer.giveInTime();
      Countdown open = answer.countdown();
      session.abortTasks(meant, open.expect());
      open.start();
    } else if (task == null && takenAsReceived(pdu)) {
      answer.give(TaskManagementResponse.FUNCTION_COMPLETE);
    } else {
      answer.give(TaskManagementResponse.TASK_DOES_NOT_EXIST);
    }
  }

  /** Drops a command that has not had its turn, or may never come (RFC 7143 section 11.6.1). */
  private boolean takenAsReceived(TaskManagementRequestPdu pdu) {
    OptionalInt waiting = heldCommand(pdu);
    if (waiting.isEmpty() && !mayStillCome(pdu)) {
      return false;
    }
    session.held().skip(waiting.orElse(pdu.refCmdSn()));
    session.swallow(pdu.referencedTaskTag());
    return true;
  }

  /** The CmdSN of the command that is meant, if it waits for its turn. */
  private OptionalInt heldCommand(TaskManagementRequestPdu pdu) {
    OptionalInt waiting = session.held().cmdSnOf(pdu.referencedTaskTag());
    boolean meant = waiting.isPresent() && session.held().lunOf(waiting.getAsInt()) == pdu.lun();
    return meant ? waiting : OptionalInt.empty();
  }

  /** Whether a command was sent before the function and is still missing. */
  private boolean mayStillCome(TaskManagementRequestPdu pdu) {
    return SerialNumber.between(session.expCmdSn(), pdu.refCmdSn(), session.maxCmdSn())
        && SerialNumber.lessThan(pdu.refCmdSn(), pdu.cmdSn())
        && !session.held().holds(pdu.refCmdSn());
  }

  /** Moves a task of a connection that is gone to this one (RFC 7143 section 7.2.2). */
  private void reassign(TaskManagementRequestPdu pdu, Answer answer) {
    if (session.parameters().errorRecoveryLevel() < 2) {
      answer.give(TaskManagementResponse.TASK_ALLEGIANCE_REASSIGNMENT_NOT_SUPPORTED);
      return;
    }
    int tag = pdu.referencedTaskTag();
    TaskManagementResponse verdict = session.connections().lost().verdict(tag);
    answer.give(verdict);
    if (verdict == TaskManagementResponse.FUNCTION_COMPLETE) {
      session.connections().lost().reassign(tag, pdu.expDataSn(), connection);
    }
  }

  private void queryTask(TaskManagementRequestPdu pdu, Answer answer) {
    if (!session.router().routes(pdu.lun())) {
      answer.give(TaskManagementResponse.LUN_DOES_NOT_EXIST);
      return;
    }
    IscsiTask task = session.task(pdu.referencedTaskTag());
    boolean there =
        task == null
            ? heldCommand(pdu).isPresent() || mayStillCome(pdu)
            : task.isFor(pdu.lun()) && !task.ended();
    answer.found(there);
  }

  // ---- sets of tasks

  /** Ends the tasks in a unit, those of others as {@code others} does, if the unit exists. */
  private void onUnit(
      TaskManagementRequestPdu pdu, Answer answer, BiConsumer<DeviceServer, Runnable> others) {
    ifThere(
        pdu,
        answer,
        unit -> endInUnit(pdu, answer, done -> others.accept(unit, done)),
        () -> endInUnit(pdu, answer, Runnable::run));
  }

  private void endInUnit(
      TaskManagementRequestPdu pdu, Answer answer, Consumer<Runnable> othersEnd) {
    int number = Lun.decode(pdu.lun());
    answer.giveInTime();
    answer.whenCommandsCame(() -> end(task -> task.addresses(number), answer, othersEnd));
  }

  /**
   * Goes on with the unit that a function names, or answers that there is none.
   *
   * @param unfound what to do while the unit is still to be found: it has no state yet, and of
   *     commands only those of this session that wait for it
   */
  private void ifThere(
      TaskManagementRequestPdu pdu,
      Answer answer,
      Consumer<DeviceServer> function,
      Runnable unfound) {
    Optional<DeviceServer> unit = session.router().find(pdu.lun());
    if (unit.isPresent()) {
      function.accept(unit.get());
    } else if (session.router().seeks(pdu.lun())) {
      unfound.run();
    } else {
      answer.give(TaskManagementResponse.LUN_DOES_NOT_EXIST);
    }
  }

  private void targetReset(Answer answer) {
    answer.giveInTime();
    session.plug(answer.pdu.cmdSn());
    end(
        task -> true,
        answer,
        done -> TaskManager.targetReset(session.nexus(), session.router(), done));
  }

  private void nexusReset(Answer answer) {
    answer.giveInTime();
    session.plug(answer.pdu.cmdSn());
    end(
        task -> true,
        answer,
        done -> {
          TaskManager.nexusReset(session.nexus());
          done.run();
        });
  }

  /**
   * Ends tasks, and completes the function when they can do nothing more and what the initiator
   * still had to send for them has come. The answer leaves behind all answers to the tasks (the
   * response fence of RFC 7143 section 4.2.2.3): those on this connection by their order on it,
   * those on others by waiting until the initiator has them, if it wants that.
   *
   * @param others does what is to be done beyond this session, and runs what it is given when that
   *     has ended
   */
  private void end(Predicate<IscsiTask> which, Answer answer, Consumer<Runnable> others) {
    Predicate<IscsiTask> affected = which.and(answer::concerns);
    List<IscsiTask> tasks = session.tasks(affected);
    Countdown open = answer.countdown();
    if (session.agreedOnResponseFence()) {
      session
          .connections()
          .othersThan(connection)
          .forEach(other -> other.whenAcknowledged(open.expect()));
    }
    if (session.agreedOnFastAbort()) {
      Predicate<IscsiTask> elsewhere = task -> task.connection() != connection;
      List<IscsiTask> unaware = tasks.stream().filter(elsewhere).toList();
      session.abortTasks(affected, open.expect());
      session.fastAbort().tell(unaware);
    } else {
      awaitData(tasks, open);
      session.abortTasks(affected, open.expect());
    }
    Runnable othersEnded = open.expect();
    EventLoop loop = session.loop();
    others.accept(() -> loop.execute(othersEnded));
    open.start();
  }

  private void awaitData(List<IscsiTask> tasks, Countdown open) {
    List<Integer> tags =
        tasks.stream().flatMap(task -> task.write().openTransferTags().stream()).toList();
    if (!tags.isEmpty()) {
      session.abortedTransfers().await(tags, open);
      session.loop().after(dataLimit, () -> session.abortedTransfers().giveUp(tags));
    }
  }

  private void queryTaskSet(TaskManagementRequestPdu pdu, Answer answer) {
    int number = Lun.decode(pdu.lun());
    Predicate<IscsiTask> there = task -> task.addresses(number) && !task.ended();
    Runnable query = () -> answer.found(!session.tasks(there).isEmpty());
    ifThere(pdu, answer, unit -> query.run(), query);
  }

  // ---- a unit

  private void clearAca(TaskManagementRequestPdu pdu, Answer answer) {
    ifThere(
        pdu,
        answer,
        unit ->
            answer.give(
                TaskManager.clearAca(session.nexus(), unit)
                    ? TaskManagementResponse.FUNCTION_COMPLETE
                    : TaskManagementResponse.FUNCTION_REJECTED),
        () -> answer.give(TaskManagementResponse.FUNCTION_COMPLETE));
  }

  private void queryAsyncEvent(TaskManagementRequestPdu pdu, Answer answer) {
    ifThere(pdu, answer, unit -> answerPending(pdu, answer), () -> answer.found(false));
  }

  private void answerPending(TaskManagementRequestPdu pdu, Answer answer) {
    int pending = TaskManager.queryAsyncEvent(session.nexus(), pdu.lun());
    if (pending == 0) {
      answer.found(false);
    } else {
      answer.give(TaskManagementResponse.FUNCTION_SUCCEEDED, pending);
    }
  }

  /** The answer to one function, given once. */
  private final class Answer {

    private final TaskManagementRequestPdu pdu;
    private final Countdown countdown = new Countdown(this::complete);
    private Runnable waiting = () -> {};
    private Runnable whenComplete = () -> {};

    /** Set while the function waits for its end. */
    private Timers.Timer timer;

    private boolean given;

    Answer(TaskManagementRequestPdu pdu) {
      this.pdu = pdu;
    }

    /** Whether a task was sent before the function, so far as its CmdSN tells. */
    boolean concerns(IscsiTask task) {
      return task.immediate() || SerialNumber.lessThan(task.cmdSn(), pdu.cmdSn());
    }

    /** Sees to it that there is an answer whatever happens, or does not. */
    void giveInTime() {
      outstanding++;
      timer = session.loop().after(limit, this::late);
    }

    /** What the function waits for; it is complete then. */
    Countdown countdown() {
      return countdown;
    }

    /** Goes on at once, unless commands before it that may still come are missing. */
    void whenCommandsCame(Runnable work) {
      boolean missing = SerialNumber.lessThan(session.expCmdSn(), pdu.cmdSn());
      boolean mayCome = SerialNumber.lessOrEqual(pdu.cmdSn() - 1, session.maxCmdSn());
      if (missing && mayCome) {
        waiting = work;
        session.awaitedCommands().await(pdu.cmdSn(), work);
      } else {
        work.run();
      }
    }

    /** Does something more when the function has completed in time, and its session is there. */
    void whenComplete(Runnable more) {
      whenComplete = more;
    }

    /**
     * Whether the function ended with its session (SAM-5 clauses 6.3.2 and 6.3.4): who logged in
     * since then has nothing to do with it.
     */
    private boolean terminated() {
      return session.ends();
    }

    private void late() {
      if (!terminated()) {
        log.warn(
            "{}: function {} has not ended within {} ms: a device holds on to a command that was"
                + " aborted, or commands before it did not come",
            connection,
            pdu.function(),
            limit.toMillis());
      }
      session.awaitedCommands().forget(waiting);
      give(TaskManagementResponse.FUNCTION_REJECTED);
    }

    void complete() {
      if (!given) {
        give(TaskManagementResponse.FUNCTION_COMPLETE);
        if (!terminated()) {
          whenComplete.run();
        }
      }
    }

    /** Answers a query that needs no more than yes or no. */
    void found(boolean there) {
      give(
          there
              ? TaskManagementResponse.FUNCTION_SUCCEEDED
              : TaskManagementResponse.FUNCTION_COMPLETE);
    }

    void give(TaskManagementResponse response) {
      give(response, 0);
    }

    void give(TaskManagementResponse response, int additional) {
      if (given) {
        return;
      }
      given = true;
      countdown.cancel();
      if (timer != null) {
        timer.cancel();
        outstanding--;
      }
      if (!connection.ending()) {
        send(response, additional);
      }
    }

    private void send(TaskManagementResponse response, int additional) {
      connection
          .writer()
          .send(
              new TaskManagementResponsePdu(
                  response.code(),
                  0,
                  0,
                  additional,
                  pdu.initiatorTaskTag(),
                  connection.nextStatSn(),
                  session.expCmdSn(),
                  session.maxCmdSn()));
      connection.flushLater();
    }
  }
}

package org.iscsi4j.target.session;

import java.time.Duration;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.iscsi4j.protocol.SerialNumber;
import org.iscsi4j.protocol.TaskManagementFunction;
import org.iscsi4j.protocol.TaskManagementRequestPdu;
import org.iscsi4j.protocol.TaskManagementResponse;
import org.iscsi4j.protocol.TaskManagementResponsePdu;
import org.iscsi4j.scsi.DeviceServer;
import org.iscsi4j.scsi.Lun;
import org.iscsi4j.scsi.TaskManager;
import org.iscsi4j.target.loop.Timers;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Task management functions (RFC 7143 sections 11.5 and 11.6): ends the tasks of this session
 * itself, and leaves those of others to the engine. A function is complete when none of its tasks
 * can change the unit any more; if a device holds on to one for longer than {@link
 * SessionLimits#abortTimeout}, it is rejected.
 */
final class TaskManagement {

  private static final Logger log = LoggerFactory.getLogger(TaskManagement.class);

  private final SessionConnection connection;
  private final Session session;
  private final SessionRegistry registry;
  private final Duration limit;

  TaskManagement(SessionConnection connection, SessionLimits limits, SessionRegistry registry) {
    this.connection = connection;
    session = connection.session();
    this.registry = registry;
    limit = Duration.ofNanos(limits.abortTimeout());
  }

  void execute(TaskManagementRequestPdu pdu) {
    log.debug("{}: task management {} lun {}", connection, pdu.function(), Lun.decode(pdu.lun()));
    Answer answer = new Answer(pdu);
    Optional<TaskManagementFunction> function = TaskManagementFunction.of(pdu.function());
    if (function.isEmpty()) {
      answer.give(TaskManagementResponse.FUNCTION_NOT_SUPPORTED);
      return;
    }
    switch (function.get()) {
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
      case TARGET_WARM_RESET -> targetReset(answer, answer::completeElsewhere);
      case TARGET_COLD_RESET ->
          targetReset(
              answer,
              () -> {
                answer.completeElsewhere();
                // and all its sessions end (RFC 7143 section 11.5.1)
                registry.endAllOf(session.info().target(), "target cold reset");
              });
      case TASK_REASSIGN ->
          answer.give(TaskManagementResponse.TASK_ALLEGIANCE_REASSIGNMENT_NOT_SUPPORTED);
      default -> answer.give(TaskManagementResponse.FUNCTION_NOT_SUPPORTED);
    }
  }

  private void abortTask(TaskManagementRequestPdu pdu, Answer answer) {
    IscsiTask task = session.task(pdu.referencedTaskTag());
    if (task != null && task.lun() == pdu.lun()) {
      answer.giveInTime();
      task.end(false, answer::complete);
    } else if (task == null && mayStillCome(pdu)) {
      session.held().skip(pdu.refCmdSn());
      answer.give(TaskManagementResponse.FUNCTION_COMPLETE);
    } else {
      answer.give(TaskManagementResponse.TASK_DOES_NOT_EXIST);
    }
  }

  /**
   * A command that was sent before the function and is still missing counts as received (11.5.1).
   */
  private boolean mayStillCome(TaskManagementRequestPdu pdu) {
    return SerialNumber.between(session.expCmdSn(), pdu.refCmdSn(), session.maxCmdSn())
        && SerialNumber.lessThan(pdu.refCmdSn(), pdu.cmdSn());
  }

  /** Ends this session's tasks in a unit, and goes on with the others' if the unit exists. */
  private void onUnit(
      TaskManagementRequestPdu pdu, Answer answer, BiConsumer<DeviceServer, Runnable> others) {
    Optional<DeviceServer> unit = session.router().find(pdu.lun());
    if (unit.isEmpty()) {
      answer.give(TaskManagementResponse.LUN_DOES_NOT_EXIST);
      return;
    }
    int number = Lun.decode(pdu.lun());
    answer.giveInTime();
    session.abortTasks(
        task -> task.addresses(number), () -> others.accept(unit.get(), answer::completeElsewhere));
  }

  private void clearAca(TaskManagementRequestPdu pdu, Answer answer) {
    Optional<DeviceServer> unit = session.router().find(pdu.lun());
    if (unit.isEmpty()) {
      answer.give(TaskManagementResponse.LUN_DOES_NOT_EXIST);
    } else if (TaskManager.clearAca(session.nexus(), unit.get())) {
      answer.give(TaskManagementResponse.FUNCTION_COMPLETE);
    } else {
      answer.give(TaskManagementResponse.FUNCTION_REJECTED);
    }
  }

  private void targetReset(Answer answer, Runnable done) {
    answer.giveInTime();
    session.abortTasks(
        task -> true, () -> TaskManager.targetReset(session.nexus(), session.router(), done));
  }

  /** The answer to one function, given once. */
  private final class Answer {

    private final TaskManagementRequestPdu pdu;
    private Timers.Timer timer;
    private boolean given;

    Answer(TaskManagementRequestPdu pdu) {
      this.pdu = pdu;
    }

    /** Sees to it that there is an answer even if a device never lets go. */
    void giveInTime() {
      timer = session.loop().after(limit, this::late);
    }

    private void late() {
      if (!given) {
        log.warn(
            "{}: a device holds on to an aborted command for more than {} ms",
            session,
            limit.toMillis());
      }
      give(TaskManagementResponse.FUNCTION_REJECTED);
    }

    void complete() {
      timer.cancel();
      give(TaskManagementResponse.FUNCTION_COMPLETE);
    }

    /** As {@link #complete}, from any thread. */
    void completeElsewhere() {
      session.loop().execute(this::complete);
    }

    void give(TaskManagementResponse response) {
      if (given || connection.ending()) {
        return;
      }
      given = true;
      connection
          .writer()
          .send(
              new TaskManagementResponsePdu(
                  response.code(),
                  0,
                  0,
                  pdu.initiatorTaskTag(),
                  connection.nextStatSn(),
                  session.expCmdSn(),
                  session.maxCmdSn()));
      connection.flushLater();
    }
  }
}

package org.iscsi4j.target.session;

import java.util.Optional;
import org.iscsi4j.protocol.SerialNumber;
import org.iscsi4j.protocol.TaskManagementFunction;
import org.iscsi4j.protocol.TaskManagementRequestPdu;
import org.iscsi4j.protocol.TaskManagementResponse;
import org.iscsi4j.protocol.TaskManagementResponsePdu;
import org.iscsi4j.scsi.DeviceServer;
import org.iscsi4j.scsi.Lun;
import org.iscsi4j.scsi.TaskManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Task management functions (RFC 7143 sections 11.5 and 11.6): ends the tasks of this session
 * itself, and leaves those of others to the engine. A function is answered when its tasks have
 * ended.
 */
final class TaskManagement {

  private static final Logger log = LoggerFactory.getLogger(TaskManagement.class);

  private final Session session;

  TaskManagement(Session session) {
    this.session = session;
  }

  void execute(TaskManagementRequestPdu pdu) {
    Optional<TaskManagementFunction> function = TaskManagementFunction.of(pdu.function());
    log.debug("{}: task management {} lun {}", session, pdu.function(), Lun.decode(pdu.lun()));
    if (function.isEmpty()) {
      respond(pdu, TaskManagementResponse.FUNCTION_NOT_SUPPORTED);
      return;
    }
    switch (function.get()) {
      case ABORT_TASK -> respond(pdu, abortTask(pdu));
      case ABORT_TASK_SET ->
          onUnit(pdu, unit -> respond(pdu, TaskManagementResponse.FUNCTION_COMPLETE));
      case CLEAR_TASK_SET ->
          onUnit(pdu, unit -> TaskManager.clearTaskSet(session.nexus(), unit, () -> complete(pdu)));
      case LOGICAL_UNIT_RESET ->
          onUnit(
              pdu,
              unit -> TaskManager.logicalUnitReset(session.nexus(), unit, () -> complete(pdu)));
      case TARGET_WARM_RESET -> {
        session.abortTasks(task -> true);
        TaskManager.targetReset(session.nexus(), session.router(), () -> complete(pdu));
      }
      case TASK_REASSIGN ->
          respond(pdu, TaskManagementResponse.TASK_ALLEGIANCE_REASSIGNMENT_NOT_SUPPORTED);
      default -> respond(pdu, TaskManagementResponse.FUNCTION_NOT_SUPPORTED);
    }
  }

  private TaskManagementResponse abortTask(TaskManagementRequestPdu pdu) {
    IscsiTask task = session.task(pdu.referencedTaskTag());
    if (task != null && task.lun() == pdu.lun()) {
      session.abort(task);
      return TaskManagementResponse.FUNCTION_COMPLETE;
    }
    // a command that came and has ended, or that is held, is no task any more; one that may still
    // come
    // is taken as received (RFC 7143 section 11.5.1)
    boolean mayStillCome =
        task == null
            && SerialNumber.between(session.expCmdSn(), pdu.refCmdSn(), session.maxCmdSn())
            && SerialNumber.lessThan(pdu.refCmdSn(), pdu.cmdSn());
    if (mayStillCome) {
      session.held().skip(pdu.refCmdSn());
      return TaskManagementResponse.FUNCTION_COMPLETE;
    }
    return TaskManagementResponse.TASK_DOES_NOT_EXIST;
  }

  /** Ends this session's tasks in a unit, and goes on with the others' if the unit exists. */
  private void onUnit(
      TaskManagementRequestPdu pdu, java.util.function.Consumer<DeviceServer> then) {
    Optional<DeviceServer> unit = session.router().find(pdu.lun());
    if (unit.isEmpty()) {
      respond(pdu, TaskManagementResponse.LUN_DOES_NOT_EXIST);
      return;
    }
    int number = Lun.decode(pdu.lun());
    session.abortTasks(task -> task.addresses(number));
    then.accept(unit.get());
  }

  /** The tasks of all sessions have ended; told on any thread. */
  private void complete(TaskManagementRequestPdu pdu) {
    session
        .connection()
        .loop()
        .execute(() -> respond(pdu, TaskManagementResponse.FUNCTION_COMPLETE));
  }

  private void respond(TaskManagementRequestPdu pdu, TaskManagementResponse response) {
    if (session.connection().closed()) {
      return;
    }
    session
        .connection()
        .writer()
        .send(
            new TaskManagementResponsePdu(
                response.code(),
                0,
                0,
                pdu.initiatorTaskTag(),
                session.connection().nextStatSn(),
                session.expCmdSn(),
                session.maxCmdSn()));
    session.connection().flushLater();
  }
}

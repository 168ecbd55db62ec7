package org.iscsi4j.scsi;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import org.iscsi4j.api.monitor.CommandInfo;
import org.iscsi4j.api.monitor.CommandKind;
import org.iscsi4j.api.monitor.CommandListener;
import org.iscsi4j.api.monitor.SenseCode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the commands of a unit as they end, and tells of them whoever wants to know: the host's
 * listener and the flight recorder. Used by the owners of all nexuses at once.
 */
final class CommandReports {

  private static final Logger log = LoggerFactory.getLogger(CommandReports.class);

  private final DeviceIo io;
  private final LongSupplier clock;

  /** Null when there is none, which is all that its absence costs a command. */
  private final CommandListener listener;

  /**
   * Reports to a listener.
   *
   * @param io the way to the unit's device
   * @param clock as {@link System#nanoTime}, which tasks were given their arrival by
   */
  CommandReports(DeviceIo io, LongSupplier clock, Optional<CommandListener> listener) {
    this.io = io;
    this.clock = clock;
    this.listener = listener.orElse(null);
  }

  /**
   * A command has ended.
   *
   * @param status TASK ABORTED when it was ended before its time, whatever the initiator is told
   */
  void ended(ScsiTask task, Status status) {
    if (task.goesOnForAnother()) {
      return; // counted when its command was answered
    }
    AccessCounters counters = task.unit().counters();
    boolean momentary = task.arriving() && io.momentary(task.bytesMoved());
    long nanos = counters.nanos(task, momentary, clock);
    counters.count(task, status, nanos);
    boolean slow = FlightRecorder.slow(task.slow());
    boolean error = FlightRecorder.error(status);
    if (listener != null || slow || error) {
      report(task, status, nanos, slow, error);
    }
  }

  /** Whoever hears of a command, and whatever comes of it, the command ends as it has to. */
  private void report(ScsiTask task, Status status, long nanos, boolean slow, boolean error) {
    try {
      CommandInfo info = info(task, status, nanos);
      if (slow) {
        task.slow().commit(info);
      }
      if (error) {
        CommandErrorEvent.commit(info);
      }
      if (listener != null) {
        listener.commandEnded(info);
      }
    } catch (Throwable e) {
      log.warn("{} of {} has ended, and nobody could be told", task, task.nexus(), e);
    }
  }

  private static CommandInfo info(ScsiTask task, Status status, long nanos) {
    Command command = task.command();
    BlockCdb layout = command == null ? null : command.layout();
    boolean good = status == Status.GOOD || status == Status.CONDITION_MET;
    return new CommandInfo(
        task.unit().name().ports(),
        Lun.decode(task.lun()),
        task.unit().server().identity().serial(),
        task.commandName(),
        command == null ? CommandKind.OTHER : command.kind(),
        task.cdb().opcode(),
        command == null ? Command.NO_SERVICE_ACTION : command.serviceAction(),
        layout == null ? OptionalLong.empty() : OptionalLong.of(layout.lba(task.cdb())),
        layout == null ? OptionalLong.empty() : OptionalLong.of(layout.blocks(task.cdb())),
        good ? task.bytesMoved() : 0,
        status.code(),
        status == Status.CHECK_CONDITION ? Optional.of(code(task.sense())) : Optional.empty(),
        nanos);
  }

  private static SenseCode code(Sense sense) {
    return new SenseCode(sense.key().code(), sense.asc(), sense.ascq());
  }
}

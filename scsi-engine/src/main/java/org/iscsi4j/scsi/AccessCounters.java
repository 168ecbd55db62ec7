package org.iscsi4j.scsi;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.LongSupplier;
import org.iscsi4j.api.monitor.CommandKind;
import org.iscsi4j.api.monitor.CommandStatistics;
import org.iscsi4j.api.monitor.UnitStatistics;

/**
 * Counts the commands of one I_T_L nexus, for the log page of statistics and for the host. Written
 * by the owner of the nexus alone, so that counting costs no more than an addition; read from any
 * thread, which may see it a moment later.
 */
final class AccessCounters {

  private static final VarHandle COUNT = MethodHandles.arrayElementVarHandle(long[].class);

  private static final int READS = 0;
  private static final int WRITES = 1;
  private static final int BLOCKS_READ = 2;
  private static final int BLOCKS_WRITTEN = 3;

  private final long[] counts = new long[4];

  /** By kind; made with the first command of it, since few nexuses ever send all kinds. */
  private final AtomicReferenceArray<CommandCounters> kinds =
      new AtomicReferenceArray<>(CommandKind.values().length);

  /** Commands of one batch that may share a reading of the clock. */
  static final int SHARERS = 8;

  /** The arrival of the batch for which the clock was read last. */
  private long batch;

  private long lastReading;

  /** How many more commands of the batch may share that. */
  private int sharers;

  /**
   * How long a command took that ends now. A reading of the clock costs as much as a tenth of a
   * short command; so commands of one batch that move a few blocks of memory and wait for nothing
   * share it, and are told to be some microseconds shorter than they were.
   *
   * @param momentary whether the command was like that
   */
  long nanos(ScsiTask task, boolean momentary, LongSupplier clock) {
    if (!momentary || task.arrived() != batch || sharers == 0) {
      lastReading = clock.getAsLong();
      batch = task.arrived();
      sharers = SHARERS;
    }
    sharers--;
    return Math.max(0, lastReading - task.arrived());
  }

  /**
   * Counts a command that ended; of one that failed no blocks.
   *
   * @param status of the command; TASK ABORTED when it was ended before its time
   * @param nanos from its arrival to its end
   */
  void count(ScsiTask task, Status status, long nanos) {
    Command command = task.command();
    if (command != null && status != Status.TASK_ABORTED) {
      countAccess(command, task.cdb(), status == Status.GOOD);
    }
    CommandCounters counters = of(command == null ? CommandKind.OTHER : command.kind());
    if (status == Status.GOOD || status == Status.CONDITION_MET) {
      counters.good(task.bytesMoved(), nanos);
    } else {
      counters.failed(status, task.sense());
    }
  }

  private CommandCounters of(CommandKind kind) {
    CommandCounters counters = kinds.getPlain(kind.ordinal());
    if (counters == null) {
      counters = new CommandCounters();
      kinds.set(kind.ordinal(), counters);
    }
    return counters;
  }

  private void countAccess(Command command, Cdb cdb, boolean good) {
    switch (command.access()) {
      case READ -> {
        add(counts, READS, 1);
        add(counts, BLOCKS_READ, good ? command.layout().blocks(cdb) : 0);
      }
      case WRITE -> {
        add(counts, WRITES, 1);
        add(counts, BLOCKS_WRITTEN, good ? command.layout().blocks(cdb) : 0);
      }
      case READ_WITHOUT_BLOCKS -> add(counts, READS, 1);
      case WRITE_WITHOUT_BLOCKS -> add(counts, WRITES, 1);
      case NONE -> {}
    }
  }

  /** Adds to a counter that nobody else writes. */
  static void add(long[] counts, int which, long value) {
    COUNT.setOpaque(counts, which, counts[which] + value);
  }

  /** Sets a counter that nobody else writes. */
  static void set(long[] counts, int which, long value) {
    COUNT.setOpaque(counts, which, value);
  }

  /** Reads a counter from any thread. */
  static long get(long[] counts, int which) {
    return (long) COUNT.getOpaque(counts, which);
  }

  /** For the log page. */
  AccessTotals totals() {
    return new AccessTotals(
        get(counts, READS),
        get(counts, WRITES),
        get(counts, BLOCKS_READ),
        get(counts, BLOCKS_WRITTEN));
  }

  /** For the host. */
  UnitStatistics statistics() {
    Map<CommandKind, CommandStatistics> statistics = new EnumMap<>(CommandKind.class);
    for (CommandKind kind : CommandKind.values()) {
      CommandCounters counters = kinds.get(kind.ordinal());
      if (counters != null) {
        statistics.put(kind, counters.statistics());
      }
    }
    return new UnitStatistics(statistics);
  }
}

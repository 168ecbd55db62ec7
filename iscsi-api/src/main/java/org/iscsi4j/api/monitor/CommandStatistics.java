package org.iscsi4j.api.monitor;

import java.util.Map;
import java.util.TreeMap;

/**
 * What became of the commands of one kind since the unit was first served. Immutable.
 *
 * @param bytes data that the commands that ended well moved between initiator and unit
 * @param checkConditions commands that ended with CHECK CONDITION, by their sense key (SPC-5 clause
 *     4.5.8: 2h not ready, 3h medium error, 4h hardware error, 5h illegal request, 6h unit
 *     attention, 7h data protect, Bh aborted command, Eh miscompare, and so on); without the keys
 *     that no command was told
 * @param reservationConflicts commands that ended with RESERVATION CONFLICT
 * @param busy commands that ended with BUSY, or with ACA ACTIVE
 * @param taskSetFull commands that ended with TASK SET FULL
 * @param aborted commands that were ended before their time, by task management or with their
 *     session, whether or not they were answered with TASK ABORTED
 * @param latency of the commands that ended well (GOOD or CONDITION MET): from the arrival of the
 *     command to its status, the transfer of its write data included
 */
public record CommandStatistics(
    long bytes,
    Map<Integer, Long> checkConditions,
    long reservationConflicts,
    long busy,
    long taskSetFull,
    long aborted,
    LatencyHistogram latency) {

  /** Of no command. */
  public static final CommandStatistics NONE =
      new CommandStatistics(0, Map.of(), 0, 0, 0, 0, LatencyHistogram.EMPTY);

  /**
   * Takes a copy.
   *
   * @throws IllegalArgumentException for a count that is negative
   */
  public CommandStatistics {
    checkConditions = Map.copyOf(checkConditions);
    notNegative("bytes", bytes);
    checkConditions.forEach((key, count) -> notNegative("checkConditions " + key, count));
    notNegative("reservationConflicts", reservationConflicts);
    notNegative("busy", busy);
    notNegative("taskSetFull", taskSetFull);
    notNegative("aborted", aborted);
  }

  private static void notNegative(String what, long value) {
    if (value < 0) {
      throw new IllegalArgumentException(what + " " + value + " is negative");
    }
  }

  /** Commands that ended, however they did. */
  public long operations() {
    return latency.count() + errors() + aborted;
  }

  /** Commands that ended with a status other than GOOD and CONDITION MET. */
  public long errors() {
    return checkConditions.values().stream().mapToLong(Long::longValue).sum()
        + reservationConflicts
        + busy
        + taskSetFull;
  }

  /** The commands of both. */
  public CommandStatistics plus(CommandStatistics more) {
    return new CommandStatistics(
        bytes + more.bytes,
        sum(more.checkConditions, 1),
        reservationConflicts + more.reservationConflicts,
        busy + more.busy,
        taskSetFull + more.taskSetFull,
        aborted + more.aborted,
        latency.plus(more.latency));
  }

  /**
   * What happened since earlier statistics of the same commands.
   *
   * @throws IllegalArgumentException if the others are not earlier ones
   */
  public CommandStatistics minus(CommandStatistics earlier) {
    return new CommandStatistics(
        bytes - earlier.bytes,
        sum(earlier.checkConditions, -1),
        reservationConflicts - earlier.reservationConflicts,
        busy - earlier.busy,
        taskSetFull - earlier.taskSetFull,
        aborted - earlier.aborted,
        latency.minus(earlier.latency));
  }

  private Map<Integer, Long> sum(Map<Integer, Long> others, int sign) {
    Map<Integer, Long> sum = new TreeMap<>(checkConditions);
    others.forEach((key, count) -> sum.merge(key, sign * count, Long::sum));
    sum.values().removeIf(count -> count == 0);
    return sum;
  }
}

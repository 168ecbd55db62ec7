package org.iscsi4j.scsi;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Routes the commands of a nexus to the logical units that it sees (SAM-5 clause 4.6.8), and
 * answers for those that are not there. Immutable: a nexus that is to see others is given another
 * router ({@link Nexus#route}). Several nexuses may have the same.
 */
public final class TaskRouter {

  /** Ascending. */
  private final int[] numbers;

  /** What is behind each of {@link #numbers}. */
  private final MappedUnit[] mapped;

  private final ReachableUnits reachable;

  /** A router over units by their numbers, 0 to 16,383, which may be copied between. */
  public TaskRouter(Map<Integer, DeviceServer> units) {
    this(plain(units), nexus -> nexus.router().units());
  }

  /**
   * A router over units by their numbers.
   *
   * @param units by numbers from 0 to 16,383
   * @param reachable the units that a nexus may copy between
   * @throws IllegalArgumentException for a number that no LUN has
   */
  public TaskRouter(Map<Integer, MappedUnit> units, ReachableUnits reachable) {
    TreeMap<Integer, MappedUnit> sorted = new TreeMap<>(units);
    sorted.keySet().forEach(TaskRouter::checkNumber);
    numbers = sorted.keySet().stream().mapToInt(Integer::intValue).toArray();
    mapped = sorted.values().toArray(new MappedUnit[0]);
    this.reachable = reachable;
  }

  private TaskRouter(int[] numbers, MappedUnit[] mapped, ReachableUnits reachable) {
    this.numbers = numbers;
    this.mapped = mapped;
    this.reachable = reachable;
  }

  private static Map<Integer, MappedUnit> plain(Map<Integer, DeviceServer> units) {
    Map<Integer, MappedUnit> plain = new TreeMap<>();
    units.forEach((number, server) -> plain.put(number, MappedUnit.of(server)));
    return plain;
  }

  private static void checkNumber(int number) {
    if (number < 0 || number > Lun.LAST) {
      throw new IllegalArgumentException(
          "logical unit number " + number + " is not within 0 to " + Lun.LAST);
    }
  }

  /** Runs a command. Called by the owner of the task's nexus. */
  public void execute(ScsiTask task) {
    int number = Lun.decode(task.lun());
    MappedUnit unit = mapped(number);
    if (unit == null) {
      executeWithoutUnit(task);
    } else {
      DeviceServer server = unit.serverOrNull();
      if (server == null) {
        executeWhenFound(task, number, unit);
      } else {
        server.execute(task.nexus().unit(number, server), task);
      }
    }
  }

  /** Tells a command that does not run what unit it was sent to, if that is known. */
  void address(ScsiTask task) {
    int number = Lun.decode(task.lun());
    MappedUnit unit = mapped(number);
    DeviceServer server = unit == null ? null : unit.serverOrNull();
    if (server != null) {
      server.address(task.nexus().unit(number, server), task);
    }
  }

  private static void executeWhenFound(ScsiTask task, int number, MappedUnit unit) {
    if (task.cdb().opcode() == PrimaryCommands.REPORT_LUNS) {
      AbsentUnit.execute(task, Sense.NONE); // the list is known without the unit
    } else {
      task.nexus().searches().await(number, unit, task);
    }
  }

  private static void executeWithoutUnit(ScsiTask task) {
    if (task.lun() == WellKnownUnit.REPORT_LUNS) {
      WellKnownUnit.execute(task);
    } else {
      AbsentUnit.execute(task, Sense.LOGICAL_UNIT_NOT_SUPPORTED);
    }
  }

  /** The unit of an 8-byte LUN; empty when there is none, and while it is still to be found. */
  public Optional<DeviceServer> find(long lun) {
    return Optional.ofNullable(mapped(Lun.decode(lun))).flatMap(MappedUnit::server);
  }

  /** Whether the unit of an 8-byte LUN is still to be found. */
  public boolean seeks(long lun) {
    MappedUnit unit = mapped(Lun.decode(lun));
    return unit != null && unit.serverOrNull() == null;
  }

  /**
   * Whether there is a unit of an 8-byte LUN, as far as that is known; well-known ones included.
   */
  public boolean routes(long lun) {
    return mapped(Lun.decode(lun)) != null || lun == WellKnownUnit.REPORT_LUNS;
  }

  /** The numbers, ascending. */
  public IntStream numbers() {
    return Arrays.stream(numbers);
  }

  /** What is behind each of {@link #numbers}, in that order. */
  public List<MappedUnit> units() {
    return Collections.unmodifiableList(Arrays.asList(mapped));
  }

  /** The units that need not be found any more, each once. */
  Set<DeviceServer> servers() {
    Set<DeviceServer> servers = new LinkedHashSet<>();
    for (MappedUnit each : mapped) {
      each.server().ifPresent(servers::add);
    }
    return servers;
  }

  /** What is behind a number, or null. */
  MappedUnit mapped(int number) {
    // numbers that begin with 0 and have no gaps stand at their own place
    if (number >= 0 && number < numbers.length && numbers[number] == number) {
      return mapped[number];
    }
    int at = Arrays.binarySearch(numbers, number);
    return at < 0 ? null : mapped[at];
  }

  /** A number that a unit is behind; {@link Lun#UNKNOWN} when there is none. */
  int numberOf(DeviceServer server) {
    for (int at = 0; at < mapped.length; at++) {
      if (mapped[at].serverOrNull() == server) {
        return numbers[at];
      }
    }
    return Lun.UNKNOWN;
  }

  /** The units that a nexus may copy between. */
  ReachableUnits reachable() {
    return reachable;
  }

  // ---- one router after another

  /** The same with another unit behind a number that there is. */
  TaskRouter with(int number, MappedUnit unit) {
    MappedUnit[] changed = mapped.clone();
    changed[Arrays.binarySearch(numbers, number)] = unit;
    return new TaskRouter(numbers, changed, reachable);
  }

  /** What was found for an older one and has no place in this. */
  List<MappedUnit> lost(TaskRouter older) {
    return IntStream.range(0, older.mapped.length)
        .filter(at -> older.mapped[at].wasFound())
        .filter(at -> !older.mapped[at].sameFinding(mapped(older.numbers[at])))
        .mapToObj(at -> older.mapped[at])
        .toList();
  }

  /** This, with the units that were found for an older one and would be found again. */
  TaskRouter keeping(TaskRouter older) {
    MappedUnit[] kept = mapped.clone();
    Arrays.setAll(kept, at -> mapped[at].keeping(older.mapped(numbers[at])));
    return new TaskRouter(numbers, kept, reachable);
  }

  /** Whether the same units are behind the same numbers. */
  boolean sameUnits(TaskRouter other) {
    return Arrays.equals(numbers, other.numbers)
        && IntStream.range(0, mapped.length).allMatch(at -> mapped[at].sameUnit(other.mapped[at]));
  }
}

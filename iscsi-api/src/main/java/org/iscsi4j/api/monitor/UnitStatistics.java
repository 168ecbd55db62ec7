package org.iscsi4j.api.monitor;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.BinaryOperator;

/**
 * What the initiators did with a logical unit since it was first served, sessions that are gone
 * included. Only ever grows: an initiator that resets the unit's log pages resets nothing here.
 * Immutable.
 *
 * @param commands by their kind; all kinds are there
 */
public record UnitStatistics(Map<CommandKind, CommandStatistics> commands) {

  /** Of no command. */
  public static final UnitStatistics NONE = new UnitStatistics(Map.of());

  /** Takes a copy, with {@link CommandStatistics#NONE} of the kinds that are not there. */
  public UnitStatistics {
    Map<CommandKind, CommandStatistics> all = new EnumMap<>(CommandKind.class);
    for (CommandKind kind : CommandKind.values()) {
      all.put(kind, commands.getOrDefault(kind, CommandStatistics.NONE));
    }
    commands = Collections.unmodifiableMap(all);
  }

  /** The commands of one kind. */
  public CommandStatistics of(CommandKind kind) {
    return commands.get(kind);
  }

  /** The commands of all kinds together. */
  public CommandStatistics total() {
    return commands.values().stream().reduce(CommandStatistics.NONE, CommandStatistics::plus);
  }

  /** The commands of both. */
  public UnitStatistics plus(UnitStatistics more) {
    return both(more, CommandStatistics::plus);
  }

  /**
   * What happened since earlier statistics of the same unit: divided by the time between the two, a
   * rate.
   *
   * @throws IllegalArgumentException if the others are not earlier ones
   */
  public UnitStatistics minus(UnitStatistics earlier) {
    return both(earlier, CommandStatistics::minus);
  }

  private UnitStatistics both(UnitStatistics other, BinaryOperator<CommandStatistics> how) {
    Map<CommandKind, CommandStatistics> made = new EnumMap<>(CommandKind.class);
    commands.forEach((kind, mine) -> made.put(kind, how.apply(mine, other.of(kind))));
    return new UnitStatistics(made);
  }
}

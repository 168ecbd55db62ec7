package org.iscsi4j.api.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class UnitStatisticsTest {

  private static final CommandStatistics EARLIER =
      new CommandStatistics(512, Map.of(3, 1L), 2, 3, 4, 5, LatencyHistogramTest.of(2000, 3000));
  private static final CommandStatistics SINCE =
      new CommandStatistics(
          1024, Map.of(3, 10L, 6, 20L), 30, 40, 50, 60, LatencyHistogramTest.of(1500));

  @Test
  void everyCommandEndsInOneWay() {
    assertThat(EARLIER.errors()).isEqualTo(1 + 2 + 3 + 4);
    assertThat(EARLIER.operations()).isEqualTo(2 + 10 + 5);
    assertThat(CommandStatistics.NONE.operations()).isZero();
  }

  @Test
  void plusHasTheCommandsOfBoth() {
    assertThat(EARLIER.plus(SINCE))
        .isEqualTo(
            new CommandStatistics(
                1536,
                Map.of(3, 11L, 6, 20L),
                32,
                43,
                54,
                65,
                LatencyHistogramTest.of(2000, 3000, 1500)));
  }

  @Test
  void minusHasTheCommandsSinceTheEarlierOnes() {
    CommandStatistics difference = EARLIER.plus(SINCE).minus(EARLIER);

    assertThat(difference).usingRecursiveComparison().ignoringFields("latency").isEqualTo(SINCE);
    assertThat(difference.latency().count()).isEqualTo(1);
    assertThat(EARLIER.minus(EARLIER)).isEqualTo(CommandStatistics.NONE);
  }

  @Test
  void laterStatisticsAreNoEarlierOnes() {
    CommandStatistics later =
        new CommandStatistics(0, Map.of(), 0, 1, 0, 0, LatencyHistogram.EMPTY);

    assertThatThrownBy(() -> CommandStatistics.NONE.minus(later))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("busy -1 is negative");
    assertThatThrownBy(() -> later.minus(EARLIER)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void allKindsAreThere() {
    UnitStatistics reads = new UnitStatistics(Map.of(CommandKind.READ, EARLIER));

    assertThat(reads.commands()).containsOnlyKeys(CommandKind.values());
    assertThat(reads.of(CommandKind.WRITE)).isEqualTo(CommandStatistics.NONE);
    assertThat(reads.total()).isEqualTo(EARLIER);
  }

  @Test
  void kindsAreReckonedApart() {
    UnitStatistics reads = new UnitStatistics(Map.of(CommandKind.READ, EARLIER));
    UnitStatistics both = reads.plus(new UnitStatistics(Map.of(CommandKind.WRITE, SINCE)));

    assertThat(both.of(CommandKind.READ)).isEqualTo(EARLIER);
    assertThat(both.of(CommandKind.WRITE)).isEqualTo(SINCE);
    assertThat(both.total()).isEqualTo(EARLIER.plus(SINCE));
    assertThat(both.minus(reads).of(CommandKind.READ)).isEqualTo(CommandStatistics.NONE);
    assertThat(both.minus(reads).of(CommandKind.WRITE)).isEqualTo(SINCE);
  }

  @Test
  void keepsNoHoldOfWhatItWasMadeFrom() {
    Map<CommandKind, CommandStatistics> commands = new HashMap<>();
    UnitStatistics none = new UnitStatistics(commands);

    commands.put(CommandKind.READ, EARLIER);

    assertThat(none).isEqualTo(UnitStatistics.NONE);
    assertThatThrownBy(() -> none.commands().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void codesAreWrittenAsInTheStandards() {
    assertThat(new SenseCode(0xb, 0x0c, 0xd)).hasToString("Bh 0Ch/0Dh");
    assertThat(
            new ReservationSnapshot.Registration(
                new NexusPorts("iqn.a:i,i,0x1", "iqn.a:t,t,0x1"), 0xabcL, true))
        .hasToString("0x0000000000000abc iqn.a:i,i,0x1 - iqn.a:t,t,0x1 (holder)");
  }
}

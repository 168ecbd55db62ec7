package org.iscsi4j.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class TargetTest {

  private static final String NAME = "iqn.2025-01.org.iscsi4j:disk";

  private final LogicalUnit unit = LogicalUnit.of(MemoryDevice.ofSize(512));

  @Test
  void numbersUnitsFromZeroAfterTheHighest() {
    BlockDevice device = MemoryDevice.ofSize(512);
    Target target =
        Target.builder("IQN.2025-01.org.iscsi4j:Disk")
            .alias("the disks")
            .lun(device)
            .lun(5, unit)
            .lun(unit)
            .lun(2, unit)
            .build();

    assertThat(target.name()).isEqualTo(IscsiName.of(NAME));
    assertThat(target.alias()).contains("the disks");
    assertThat(target.logicalUnits().keySet()).containsExactly(0, 2, 5, 6);
    assertThat(target.logicalUnits().get(0).device()).isSameAs(device);
    assertThat(target.logicalUnits().get(6)).isSameAs(unit);
  }

  @Test
  void mayBeEmptyAndWithoutAnAlias() {
    Target target = Target.builder(NAME).build();

    assertThat(target.alias()).isEmpty();
    assertThat(target.logicalUnits()).isEmpty();
  }

  @Test
  void sessionSettingsAreLeftToTheServerUnlessSet() {
    SessionSettings own = SessionSettings.builder().queueDepth(1).build();
    Target target = Target.builder(NAME).sessionSettings(own).build();

    assertThat(Target.builder(NAME).build().sessionSettings()).isEqualTo(SessionSettings.empty());
    assertThat(target.sessionSettings()).isEqualTo(own);
    assertThat(target.toBuilder().lun(unit).build().sessionSettings()).isEqualTo(own);
  }

  @Test
  void doesNotChangeOnceBuilt() {
    Target.Builder builder = Target.builder(NAME).lun(unit);
    Target target = builder.build();

    builder.lun(unit);

    assertThat(target.logicalUnits()).hasSize(1);
    assertThatThrownBy(() -> target.logicalUnits().remove(0))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void refusesNumbersOutOfRangeOrInUse() {
    Target.Builder builder = Target.builder(NAME).lun(Target.MAX_LUN, unit);

    assertThatThrownBy(() -> builder.lun(-1, unit)).hasMessage("LUN -1 is not within 0..16383");
    assertThatThrownBy(() -> builder.lun(unit)).hasMessage("LUN 16384 is not within 0..16383");
    assertThatThrownBy(() -> builder.lun(Target.MAX_LUN, unit))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("LUN 16383 stands twice in target " + NAME);
  }

  @Test
  void refusesANameOrAnAliasOutOfRange() {
    assertThatThrownBy(() -> Target.builder("disk")).isInstanceOf(IllegalArgumentException.class);
    assertThat(Target.builder(NAME).alias("a".repeat(255)).build().alias().orElse("")).hasSize(255);
    for (String unreadable : List.of("", "two\nlines", "bell\u0007")) {
      assertThatThrownBy(() -> Target.builder(NAME).alias(unreadable))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("control characters");
    }
    assertThatThrownBy(() -> Target.builder(NAME).alias("ü".repeat(128)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("alias of 256 bytes exceeds the limit of 255 bytes");
  }
}

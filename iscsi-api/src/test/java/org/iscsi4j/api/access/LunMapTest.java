package org.iscsi4j.api.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.MemoryDevice;
import org.iscsi4j.api.Target;
import org.junit.jupiter.api.Test;

class LunMapTest {

  private final LogicalUnit a = LogicalUnit.of(MemoryDevice.ofSize(512));
  private final LogicalUnit b = LogicalUnit.of(MemoryDevice.ofSize(512));
  private final LunMap both = LunMap.of(Map.of(0, a, 2, b));

  private static LunMap.Mapping writable(LogicalUnit unit) {
    return new LunMap.Mapping(LogicalUnitResolver.of(unit), false);
  }

  private static LunMap.Mapping readOnly(LogicalUnit unit) {
    return new LunMap.Mapping(LogicalUnitResolver.of(unit), true);
  }

  @Test
  void hasUnitsUnderNumbers() {
    assertThat(both.mappings()).isEqualTo(Map.of(0, writable(a), 2, writable(b)));
    assertThat(LunMap.empty().mappings()).isEmpty();
    assertThat(LunMap.builder().lun(5, a).readOnly(4, b).build().mappings())
        .isEqualTo(Map.of(4, readOnly(b), 5, writable(a)));
  }

  @Test
  void unitsMayBeReadOnly() {
    assertThat(both.readOnly().mappings()).isEqualTo(Map.of(0, readOnly(a), 2, readOnly(b)));
    assertThat(both.readOnly(2, 7).mappings()).isEqualTo(Map.of(0, writable(a), 2, readOnly(b)));
    assertThat(both.readOnly(2).readOnly()).isEqualTo(both.readOnly());
  }

  @Test
  void unitsMayBeMasked() {
    assertThat(both.only(2, 9)).isEqualTo(LunMap.of(Map.of(2, b)));
    assertThat(both.only()).isEqualTo(LunMap.empty());
    assertThat(both.without(2, 9)).isEqualTo(LunMap.of(Map.of(0, a)));
    assertThat(both.without()).isEqualTo(both);
  }

  @Test
  void unitsMayBeRenumbered() {
    assertThat(both.renumbered(2, 1)).isEqualTo(LunMap.of(Map.of(0, a, 1, b)));
    assertThat(both.renumbered(2, 2)).isEqualTo(both);
    assertThat(both.renumbered(7, 0)).isEqualTo(both);
    assertThat(both.readOnly(2).renumbered(2, 1).mappings().get(1)).isEqualTo(readOnly(b));
    assertThatThrownBy(() -> both.renumbered(2, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("LUN 0 stands twice in a map");
    assertThatThrownBy(() -> both.renumbered(2, 16_384))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("LUN 16384 is not within 0..16383");
  }

  @Test
  void unitIsTakenAwayOrReplacedUnderEveryNumber() {
    LunMap twice = both.toBuilder().readOnly(7, a).build();

    assertThat(twice.without(a)).isEqualTo(both.only(2));
    assertThat(twice.replaced(a, b).mappings())
        .isEqualTo(Map.of(0, writable(b), 2, writable(b), 7, readOnly(b)));
  }

  @Test
  void unitsCompareByIdentity() {
    LogicalUnit twin = LogicalUnit.of(a.device());

    assertThat(LunMap.of(Map.of(0, a))).isEqualTo(LunMap.of(Map.of(0, a)));
    assertThat(LunMap.of(Map.of(0, a))).hasSameHashCodeAs(LunMap.of(Map.of(0, a)));
    assertThat(LunMap.of(Map.of(0, a))).isNotEqualTo(LunMap.of(Map.of(0, twin)));
    assertThat(both.without(twin)).isEqualTo(both);
  }

  @Test
  void unitsMayBeToBeFound() {
    LogicalUnitResolver finds =
        (target, lun, initiator) -> CompletableFuture.completedFuture(lun == 3 ? a : b);
    LunMap map = LunMap.builder().lun(3, finds).build();

    assertThat(map.mappings().get(3).source()).isSameAs(finds);
    assertThat(finds.known()).isEmpty();
    assertThat(map.without(a)).isEqualTo(map);
    assertThat(map.readOnly().mappings().get(3)).isEqualTo(new LunMap.Mapping(finds, true));
  }

  @Test
  void knownUnitIsFoundAtOnce() {
    LogicalUnitResolver known = LogicalUnitResolver.of(a);
    Initiator initiator = Initiators.named("host");

    assertThat(known.known()).containsSame(a);
    assertThat(known.resolve(initiator.name(), 0, initiator).toCompletableFuture())
        .isCompletedWithValue(a);
  }

  @Test
  void refusesNumbersOutOfRangeOrInUse() {
    LunMap.Builder builder = LunMap.builder().lun(Target.MAX_LUN, a);

    assertThatThrownBy(() -> builder.lun(-1, a))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("LUN -1 is not within 0..16383");
    assertThatThrownBy(() -> builder.readOnly(16_384, a))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("LUN 16384 is not within 0..16383");
    assertThatThrownBy(() -> builder.lun(Target.MAX_LUN, b))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("LUN 16383 stands twice in a map");
  }

  @Test
  void doesNotChangeOnceBuilt() {
    LunMap.Builder builder = both.toBuilder();
    LunMap map = builder.build();

    builder.lun(9, a);

    assertThat(map).isEqualTo(both);
    assertThatThrownBy(() -> map.mappings().remove(0))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> map.readOnly().mappings().remove(0))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void saysWhatStandsWhere() {
    assertThat(both.readOnly(2)).hasToString("[LUN 0 " + a + ", LUN 2 " + b + " (read-only)]");
  }
}

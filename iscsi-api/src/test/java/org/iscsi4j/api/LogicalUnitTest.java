package org.iscsi4j.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class LogicalUnitTest {

  private final BlockDevice device = MemoryDevice.ofSize(512);

  @Test
  void isAWritableFixedDiskWithADerivedIdentityByDefault() {
    LogicalUnit unit = LogicalUnit.of(device);

    assertThat(unit.device()).isSameAs(device);
    assertThat(unit.identity()).isEmpty();
    assertThat(unit.readOnly()).isFalse();
    assertThat(unit.removable()).isFalse();
    assertThat(unit).hasToString("LogicalUnit[MemoryDevice[512 bytes]]");
  }

  @Test
  void hasTheSameDefaultsWhenAHostImplementsIt() {
    LogicalUnit unit = () -> device;

    assertThat(unit.identity()).isEmpty();
    assertThat(unit.readOnly()).isFalse();
    assertThat(unit.removable()).isFalse();
    assertThat(unit.rateLimit()).isEqualTo(RateLimit.NONE);
    assertThat(unit.rotationRate()).isEmpty();
    assertThat(unit.formFactor()).isZero();
    assertThat(unit.readCache()).isTrue();
    assertThat(unit.writeCache()).isTrue();
  }

  @Test
  void aDiskHasTheTraitsThatItIsGiven() {
    LogicalUnit unit =
        LogicalUnit.builder(device)
            .rotationRate(7200)
            .formFactor(2)
            .readCache(false)
            .writeCache(false)
            .build();

    assertThat(unit.rotationRate()).hasValue(7200);
    assertThat(unit.formFactor()).isEqualTo(2);
    assertThat(unit.readCache()).isFalse();
    assertThat(unit.writeCache()).isFalse();
  }

  @Test
  void traitsHaveARange() {
    LogicalUnit.Builder builder = LogicalUnit.builder(device);
    builder.rotationRate(0).rotationRate(1).rotationRate(1025).rotationRate(65_534);
    builder.formFactor(0).formFactor(15);

    assertThatThrownBy(() -> builder.rotationRate(2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("rotationRate 2 is neither 0, 1 nor within 1025..65534");
    for (int wrong : new int[] {-1, 16}) {
      assertThatThrownBy(() -> builder.formFactor(wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("formFactor " + wrong + " is not within 0..15");
    }
  }

  @Test
  void isBuiltWithWhatIsGiven() {
    Identity identity = Identity.ofSerial("S1");
    RateLimit limit = RateLimit.operationsPerSecond(5);
    LogicalUnit unit =
        LogicalUnit.builder(device)
            .identity(identity)
            .readOnly()
            .removable()
            .rateLimit(limit)
            .build();

    assertThat(unit.identity()).contains(identity);
    assertThat(unit.readOnly()).isTrue();
    assertThat(unit.removable()).isTrue();
    assertThat(unit.rateLimit()).isEqualTo(limit);
    assertThat(unit).hasToString("LogicalUnit[MemoryDevice[512 bytes], read-only, removable]");
  }

  @Test
  void isNoOtherUnitThoughAllIsEqual() {
    assertThat(LogicalUnit.of(device)).isNotEqualTo(LogicalUnit.of(device));
  }

  @Test
  void refusesNull() {
    assertThatThrownBy(() -> LogicalUnit.of(null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> LogicalUnit.builder(device).identity(null))
        .isInstanceOf(NullPointerException.class);
  }
}

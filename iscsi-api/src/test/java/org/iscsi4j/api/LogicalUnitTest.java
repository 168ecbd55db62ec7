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

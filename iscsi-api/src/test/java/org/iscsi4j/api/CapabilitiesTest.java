package org.iscsi4j.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CapabilitiesTest {

  @Test
  void assumesASlowParallelWritableDeviceWithACacheByDefault() {
    assertThat(Capabilities.DEFAULT)
        .isEqualTo(
            new Capabilities(
                Blocking.LONG, Concurrency.PARALLEL, false, true, false, false, false, 0));
  }

  @Test
  void changesOneComponentAtATime() {
    Capabilities all = Capabilities.DEFAULT.withDeallocate(true);

    assertThat(all).isEqualTo(capabilities(Blocking.LONG, false, true, true, true, false, 0));
    assertThat(all.withBlocking(Blocking.NEVER))
        .isEqualTo(capabilities(Blocking.NEVER, false, true, true, true, false, 0));
    assertThat(all.withConcurrency(Concurrency.SERIAL))
        .isEqualTo(
            new Capabilities(Blocking.LONG, Concurrency.SERIAL, false, true, true, true, false, 0));
    assertThat(all.withReadOnly(true))
        .isEqualTo(capabilities(Blocking.LONG, true, true, true, true, false, 0));
    assertThat(all.withVolatileCache(false))
        .isEqualTo(capabilities(Blocking.LONG, false, false, true, true, false, 0));
    assertThat(all.withDeallocate(false))
        .isEqualTo(capabilities(Blocking.LONG, false, true, true, false, false, 0));
    assertThat(all.withExtents(true))
        .isEqualTo(capabilities(Blocking.LONG, false, true, true, true, true, 0));
    assertThat(all.withRotationRate(7200))
        .isEqualTo(capabilities(Blocking.LONG, false, true, true, true, false, 7200));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 1025, 7200, 65_534})
  void takesRotationRates(int rate) {
    assertThat(Capabilities.DEFAULT.withRotationRate(rate).rotationRate()).isEqualTo(rate);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 2, 1024, 65_535})
  void refusesOtherRotationRates(int rate) {
    assertThatThrownBy(() -> Capabilities.DEFAULT.withRotationRate(rate))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("rotationRate " + rate + " is neither 0, 1 nor within 1025..65534");
  }

  @Test
  void refusesContradictionsAndNull() {
    assertThatThrownBy(() -> capabilities(Blocking.LONG, false, true, false, true, false, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("deallocatedReadsZero needs deallocate");
    assertThatThrownBy(() -> Capabilities.DEFAULT.withBlocking(null))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> Capabilities.DEFAULT.withConcurrency(null))
        .isInstanceOf(NullPointerException.class);
  }

  private static Capabilities capabilities(
      Blocking blocking,
      boolean readOnly,
      boolean volatileCache,
      boolean deallocate,
      boolean readsZero,
      boolean extents,
      int rotationRate) {
    return new Capabilities(
        blocking,
        Concurrency.PARALLEL,
        readOnly,
        volatileCache,
        deallocate,
        readsZero,
        extents,
        rotationRate);
  }
}

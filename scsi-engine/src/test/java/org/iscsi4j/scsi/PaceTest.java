package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PaceTest {

  private final Pace pace = new Pace();

  @Test
  void aDeviceIsTrustedFirst() {
    assertThat(pace.quick()).isTrue();
    pace.record(Pace.SLOW_NANOS, 0);
    assertThat(pace.quick()).isTrue();
  }

  @Test
  void oneSlowCallCostsTheTrustAndARunOfQuickOnesRestoresIt() {
    pace.record(Pace.SLOW_NANOS + 1, 0);
    for (int call = 0; call < Pace.PROBATION; call++) {
      assertThat(pace.quick()).isFalse();
      pace.record(1, 0);
    }
    assertThat(pace.quick()).isTrue();
  }

  @Test
  void aSlowCallStartsTheRunAnew() {
    pace.record(Pace.SLOW_NANOS + 1, 0);
    for (int call = 0; call < Pace.PROBATION - 1; call++) {
      pace.record(1, 0);
    }
    pace.record(Pace.SLOW_NANOS + 1, 0);
    pace.record(1, 0);

    assertThat(pace.quick()).isFalse();
  }

  @Test
  void longCallsMayTakeLonger() {
    int bytes = 1 << 20;

    pace.record(Pace.SLOW_NANOS + bytes, bytes);
    assertThat(pace.quick()).isTrue();
    pace.record(Pace.SLOW_NANOS + bytes + 1, bytes);
    assertThat(pace.quick()).isFalse();
  }
}

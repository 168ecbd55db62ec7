package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RefusedConnectionsTest {

  private long now = Long.MAX_VALUE - 10; // so that the clock wraps
  private final RefusedConnections refused = new RefusedConnections(() -> now);

  @Test
  void theFirstIsToldOfAndOthersOnceAMinute() {
    assertThat(refused.add()).hasValue(1);
    for (int i = 0; i < 1000; i++) {
      assertThat(refused.add()).isEmpty();
    }
    now += Duration.ofMinutes(1).toNanos() - 1;
    assertThat(refused.add()).isEmpty();
    now += 1;
    assertThat(refused.add()).hasValue(1002);
    assertThat(refused.add()).isEmpty();
  }
}

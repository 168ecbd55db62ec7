package org.iscsi4j.target.login;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.iscsi4j.protocol.LoginException;
import org.iscsi4j.protocol.LoginStatus;
import org.iscsi4j.target.fixture.CapturedLog;
import org.iscsi4j.target.limit.LogQuota;
import org.junit.jupiter.api.Test;

/** Refused logins in the log: a few a minute, then a count. */
class RefusalLogTest {

  private long now = Long.MAX_VALUE - 5; // the clock may overflow
  private final RefusalLog refusals = new RefusalLog(() -> now);

  private String told(int times) {
    try (CapturedLog log = new CapturedLog()) {
      for (int i = 0; i < times; i++) {
        refusals.refused(
            "1.2.3.4:5", new LoginException(LoginStatus.TARGET_NOT_FOUND, "no target x" + i + "."));
      }
      return log.text();
    }
  }

  private static long lines(String text, String level) {
    return text.lines().filter(line -> line.contains(level + " ")).count();
  }

  @Test
  void fewAMinuteAreToldAndTheRestCounted() {
    String minute = told(LogQuota.MOST + 7);

    assertThat(lines(minute, "INFO")).isEqualTo(LogQuota.MOST);
    assertThat(lines(minute, "DEBUG")).isEqualTo(7);
    now += Duration.ofMinutes(1).toNanos() - 1;
    assertThat(lines(told(1), "INFO")).isZero();
    now += 1;
    assertThat(told(1))
        .contains("8 more logins were refused before")
        .contains("1.2.3.4:5: login refused, TARGET_NOT_FOUND: no target x0.");
    assertThat(lines(told(1), "INFO")).isEqualTo(1);
  }

  @Test
  void failureOfTheHostIsToldHoweverManyWereRefused() {
    told(LogQuota.MOST + 1);

    failureOfTheHostIsToldWithItsCause();
  }

  @Test
  void failureOfTheHostIsToldWithItsCause() {
    LoginException failed = new LoginException(LoginStatus.TARGET_ERROR, "the look-up failed");
    failed.initCause(new IllegalStateException("no connection to the store"));
    try (CapturedLog log = new CapturedLog()) {
      refusals.refused("1.2.3.4:5", failed);

      assertThat(log.text()).contains("WARN", "no connection to the store");
    }
  }
}

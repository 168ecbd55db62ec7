package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a server may be told to offer at login, and what not. */
class NegotiationSettingsTest {

  private final IscsiServerBuilder settings = IscsiServer.builder();

  @ParameterizedTest
  @ValueSource(ints = {0, 65_536, -1})
  void connectionsOfASessionHaveARange(int count) {
    settings.maxConnectionsPerSession(1).maxConnectionsPerSession(65_535);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> settings.maxConnectionsPerSession(count))
        .withMessageContaining("MaxConnections");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 3})
  void recoveryHasThreeLevels(int level) {
    settings.errorRecoveryLevel(0).errorRecoveryLevel(2);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> settings.errorRecoveryLevel(level))
        .withMessageContaining("ErrorRecoveryLevel");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3})
  void protocolHasTwoLevels(int level) {
    settings.iscsiProtocolLevel(1).iscsiProtocolLevel(2);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> settings.iscsiProtocolLevel(level))
        .withMessage("iscsiProtocolLevel " + level + " is not within 1..2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT-1S", "PT1H0.001S", "PT1.5S", "PT3601S", "PT277777777H"})
  void timesAreWholeSecondsOfUpToAnHour(String text) {
    Duration time = Duration.parse(text);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> settings.defaultTime2Wait(time))
        .withMessage("defaultTime2Wait " + time + " is not whole seconds within 0..3600");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> settings.defaultTime2Retain(time))
        .withMessageContaining("defaultTime2Retain");
  }

  @Test
  void timesMayBeNothingOrAnHour() {
    settings.defaultTime2Wait(Duration.ZERO).defaultTime2Wait(Duration.ofHours(1));
    settings.defaultTime2Retain(Duration.ZERO).defaultTime2Retain(Duration.ofHours(1));
  }
}

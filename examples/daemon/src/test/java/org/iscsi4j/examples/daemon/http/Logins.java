package org.iscsi4j.examples.daemon.http;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import org.iscsi4j.api.monitor.LoginDecision;

/** Logins that were decided. */
final class Logins {

  private Logins() {}

  static LoginDecision decided(int statusClass, int statusDetail) {
    return new LoginDecision(
        new InetSocketAddress("192.0.2.7", 1),
        Optional.empty(),
        Optional.empty(),
        0,
        statusClass,
        statusDetail,
        "",
        Duration.ZERO);
  }
}

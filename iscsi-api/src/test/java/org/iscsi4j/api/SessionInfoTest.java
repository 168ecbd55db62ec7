package org.iscsi4j.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.net.InetSocketAddress;
import java.util.Optional;
import org.iscsi4j.api.access.Initiator;
import org.iscsi4j.api.monitor.EndReason;
import org.junit.jupiter.api.Test;

class SessionInfoTest {

  private static final IscsiName DISK = IscsiName.of("iqn.2025-01.org.iscsi4j:disk");

  @Test
  void isOfADiscoverySessionWhenItNamesNoTarget() {
    assertThat(session(Optional.empty()).discovery()).isTrue();
    assertThat(session(Optional.of(DISK)).discovery()).isFalse();
  }

  @Test
  void mayGoUnheard() {
    ServerListener deaf = new ServerListener() {};

    assertThatCode(
            () -> {
              deaf.sessionOpened(session(Optional.empty()));
              deaf.sessionClosed(
                  session(Optional.empty()), new EndReason(EndReason.Kind.LOGOUT, "logout"));
            })
        .doesNotThrowAnyException();
  }

  private static SessionInfo session(Optional<IscsiName> target) {
    Initiator initiator =
        new Initiator(
            IscsiName.of("iqn.2025-01.org.iscsi4j:host"),
            Optional.empty(),
            InetSocketAddress.createUnresolved("192.0.2.1", 50_000),
            InetSocketAddress.createUnresolved("192.0.2.2", 3260),
            1);
    return new SessionInfo(initiator, 0x8000_0000_0001L, 1, target);
  }
}

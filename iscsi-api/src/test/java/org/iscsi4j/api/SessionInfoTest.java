package org.iscsi4j.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

class SessionInfoTest {

  @Test
  void isOfADiscoverySessionWhenItNamesNoTarget() {
    assertThat(session("").discovery()).isTrue();
    assertThat(session("iqn.2025-01.org.iscsi4j:disk").discovery()).isFalse();
  }

  @Test
  void mayGoUnheard() {
    ServerListener deaf = new ServerListener() {};

    assertThatCode(
            () -> {
              deaf.sessionOpened(session(""));
              deaf.sessionClosed(session(""), "logout");
              deaf.loginRefused(session("").remote(), "wrong secret");
            })
        .doesNotThrowAnyException();
  }

  private static SessionInfo session(String target) {
    return new SessionInfo(
        IscsiName.of("iqn.2025-01.org.iscsi4j:host"),
        0x8000_0000_0001L,
        1,
        target,
        InetSocketAddress.createUnresolved("192.0.2.1", 50_000),
        InetSocketAddress.createUnresolved("192.0.2.2", 3260));
  }
}

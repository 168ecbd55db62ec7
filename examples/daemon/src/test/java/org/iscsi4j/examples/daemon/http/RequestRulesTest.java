package org.iscsi4j.examples.daemon.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which requests are heeded. */
class RequestRulesTest {

  private final HostRule loopback = HostRule.of(InetAddress.getLoopbackAddress());

  // ---- Host

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "LocalHost:80", "127.0.0.1:9100", "127.8.8.8", "[::1]:9"})
  void loopbackIsKnownByItsNames(String host) {
    assertThat(loopback.admits(List.of(host))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "",
        "192.0.2.1:9100",
        "127.0.0.1@evil.example",
        "localhost:80:80"
      })
  void loopbackHasNoOtherNames(String host) {
    assertThat(loopback.admits(List.of(host))).isFalse();
    assertThat(loopback.admits(List.of("localhost", host))).isFalse();
  }

  @Test
  void anOldProgramNamesNoHost() {
    assertThat(loopback.admits(List.of())).isTrue();
  }

  @Test
  void elsewhereAHostMayHaveAnyName() throws UnknownHostException {
    assertThat(HostRule.of(InetAddress.getByName("0.0.0.0")).admits(List.of("storage.example")))
        .isTrue();
  }

  // ---- query

  @Test
  void aQueryNamesAUnitOrNothing() {
    assertThat(Query.unit("target=iqn.2026-11.org.example%3Aa%20b&lun=3"))
        .contains(new Place("iqn.2026-11.org.example:a b", 3));
    assertThat(Query.unit(null)).isEmpty();
    assertThat(Query.unit("")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "target=a",
        "lun=3",
        "target=a&lun=x",
        "target=a&lun=1&more=2",
        "target=%zz&lun=1",
        "&",
        "a"
      })
  void anyOtherQueryIsRefused(String query) {
    assertThatThrownBy(() -> Query.unit(query)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aQueryIsNotLongerThanNamesAre() {
    assertThatThrownBy(() -> Query.unit("target=" + "a".repeat(5000) + "&lun=1"))
        .hasMessage("the query is longer than 4096");
  }
}

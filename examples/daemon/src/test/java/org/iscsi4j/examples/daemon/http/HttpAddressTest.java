package org.iscsi4j.examples.daemon.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

/** Where the status page is served. */
class HttpAddressTest {

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:9100, 127.0.0.1, 9100",
    "[::1]:0, ::1, 0",
    "9100, 127.0.0.1, 9100",
    "0.0.0.0:80, 0.0.0.0, 80"
  })
  void anAddressIsAHostAndAPort(String text, String host, int port) {
    assertThat(HttpAddress.parse(text)).isEqualTo(new InetSocketAddress(host, port));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":",
        "127.0.0.1",
        "[::1]",
        "::1:80",
        "127.0.0.1:",
        "127.0.0.1:x",
        "127.0.0.1:65536",
        "127.0.0.1:80,2",
        "70000",
        "99999999999"
      })
  void anythingElseIsRefused(String text) {
    assertThatThrownBy(() -> HttpAddress.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anArgumentThatIsWrongSaysWhy() {
    assertThatThrownBy(() -> new HttpAddress().convert("here"))
        .isInstanceOf(TypeConversionException.class)
        .hasMessage("'here' is not HOST:PORT, [IPv6]:PORT or PORT");
  }
}

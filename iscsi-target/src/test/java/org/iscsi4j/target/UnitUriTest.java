package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.iscsi4j.api.IscsiName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every legal name makes a legal URI. */
class UnitUriTest {

  @ParameterizedTest
  @CsvSource({
    "iqn.2026-01.org.example:disk-1:a, iqn.2026-01.org.example:disk-1:a",
    "eui.02004567a425678d, eui.02004567a425678d",
    "iqn.2026-01.org.example:bl\u00f6cke, iqn.2026-01.org.example:bl%C3%B6cke",
    "iqn.2026-01.org.example:\u4e16\ud840\udc00, iqn.2026-01.org.example:%E4%B8%96%F0%A0%80%80",
    "iqn.2026-01.org.example:a/b?c#d%2f, iqn.2026-01.org.example:a%2Fb%3Fc%23d%252f",
  })
  void namesAreEscaped(String name, String escaped) {
    String uri = UnitUri.of("[2001:db8::1]:3260", IscsiName.ofInitiator(name), 7);

    assertThat(uri).isEqualTo("iscsi://[2001:db8::1]:3260/" + escaped + "/7");
    assertThat(URI.create(uri).getPath()).isEqualTo("/" + name + "/7");
  }
}

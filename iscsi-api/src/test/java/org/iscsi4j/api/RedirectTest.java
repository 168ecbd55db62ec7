package org.iscsi4j.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedirectTest {

  @ParameterizedTest
  @CsvSource({
    "10.1.2.3, 10.1.2.3:3260",
    "10.1.2.3:1, 10.1.2.3:1",
    "storage.example.org:65535, storage.example.org:65535",
    "storage.example.org., storage.example.org.:3260",
    "[::1], [::1]:3260",
    "[2001:db8::1]:860, [2001:db8::1]:860",
    "[::ffff:10.1.2.3]:860, [::ffff:10.1.2.3]:860",
  })
  void addressIsRead(String text, String address) {
    assertThat(Redirect.temporarilyTo(text).address()).isEqualTo(address);
    assertThat(Redirect.permanentlyTo(text).address()).isEqualTo(address);
  }

  @Test
  void saysForHowLong() {
    assertThat(Redirect.temporarilyTo("a")).isEqualTo(new Redirect("a", 3260, false));
    assertThat(Redirect.permanentlyTo("a")).isEqualTo(new Redirect("a", 3260, true));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":3260",
        "10.1.2.3:0",
        "10.1.2.3:65536",
        "10.1.2.3:port",
        "10.1.2.3:3260,1",
        "a b",
        "a\u0000b",
        "-a",
        "h\u00f4te",
        "2001:db8::1",
        "[2001:db8::1",
        "[2001:db8::x]",
        "[2001:db8:::1]",
        "[fe80::1%eth0]",
        "[]",
      })
  void addressThatIsNoneIsRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> Redirect.temporarilyTo(text));
  }
}

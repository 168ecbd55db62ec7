package org.iscsi4j.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PortalTest {

  @ParameterizedTest
  @CsvSource({
    // text, host, port, back to text
    "127.0.0.1, 127.0.0.1, 3260, 127.0.0.1:3260",
    "127.0.0.1:0, 127.0.0.1, 0, 127.0.0.1:0",
    "storage.example:65535, storage.example, 65535, storage.example:65535",
    "[::1], ::1, 3260, [::1]:3260",
    "[::]:860, ::, 860, [::]:860",
    "[fe80::1%eth0]:3260, fe80::1%eth0, 3260, [fe80::1%eth0]:3260",
  })
  void readsAnAddress(String text, String host, int port, String back) {
    Portal portal = Portal.parse(text);

    assertThat(portal)
        .isEqualTo(new Portal(host, port, 1, Optional.empty(), Optional.empty()))
        .hasToString(back);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''          | host is empty",
        ":3260       | host is empty",
        "[]:3260     | host is empty",
        "host:       | 'host:': port '' is no number",
        "host:abc    | 'host:abc': port 'abc' is no number",
        "host:-1     | port -1 is not within 0..65535",
        "host:65536  | port 65536 is not within 0..65535",
        "::1         | '::1': put an IPv6 address in brackets",
        "[::1        | '[::1' has unbalanced brackets",
        "::1]:3260   | '::1]:3260' has unbalanced brackets",
        "]           | ']' has unbalanced brackets",
        "]:3260      | ']:3260' has unbalanced brackets",
        "[::1]x:3260 | '[::1]x:3260' is not of the form [IPv6]:PORT",
        "host,       | 'host,': portal group tag '' is no number",
        "host,1,2    | 'host,1,2': portal group tag '1,2' is no number",
        "host,0      | portal group tag 0 is not within 1..65535",
        "[::1]3260   | '[::1]3260' is not of the form [IPv6]:PORT",
      })
  void refusesWhatIsNoAddress(String text, String message) {
    assertThatThrownBy(() -> Portal.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"host:860,7 | host | 860 | 7", "[::1],65535|::1|3260|65535"})
  void readsAGroupTag(String text, String host, int port, int tag) {
    assertThat(Portal.parse(text))
        .isEqualTo(new Portal(host, port, tag, Optional.empty(), Optional.empty()));
  }

  @Test
  void listensOnALoopbackPortOfTheSystemsChoice() {
    assertThat(Portal.loopback()).isEqualTo(Portal.of("127.0.0.1", 0));
  }

  @Test
  void changesOneComponentAtATime() {
    Portal portal = Portal.of("10.0.0.1", 3260).withGroupTag(7).advertisedAs("192.0.2.1", 13_260);
    Optional<Portal.Advertised> other = Optional.of(new Portal.Advertised("192.0.2.1", 13_260));

    assertThat(portal).isEqualTo(new Portal("10.0.0.1", 3260, 7, other, Optional.empty()));
    assertThat(portal.withPort(99))
        .isEqualTo(new Portal("10.0.0.1", 99, 7, other, Optional.empty()));
    assertThat(portal.withGroupTag(8))
        .isEqualTo(new Portal("10.0.0.1", 3260, 8, other, Optional.empty()));
  }

  @Test
  void refusesNumbersOutOfRange() {
    Portal portal = Portal.of("10.0.0.1", 3260);

    assertThatThrownBy(() -> portal.withGroupTag(0))
        .hasMessage("portal group tag 0 is not within 1..65535");
    assertThatThrownBy(() -> portal.withGroupTag(65_536))
        .hasMessage("portal group tag 65536 is not within 1..65535");
    assertThatThrownBy(() -> portal.advertisedAs("192.0.2.1", 0))
        .hasMessage("port 0 is not within 1..65535");
    assertThatThrownBy(() -> portal.advertisedAs("", 3260)).hasMessage("host is empty");
  }

  @Test
  void isAnAddressToBind() {
    assertThat(Portal.of("127.0.0.1", 3260).socketAddress().getPort()).isEqualTo(3260);
    assertThat(Portal.of("::1", 3260).socketAddress().getAddress().isLoopbackAddress()).isTrue();
  }
}

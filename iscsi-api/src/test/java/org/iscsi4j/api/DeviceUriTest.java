package org.iscsi4j.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceUriTest {

  @Test
  void readsSchemePathAndOptionsInOrder() {
    DeviceUri uri = DeviceUri.parse("FILE:/path/disk.img?size=1g&blocksize=4096&readonly");

    assertThat(uri.scheme()).isEqualTo("file");
    assertThat(uri.path()).isEqualTo("/path/disk.img");
    assertThat(uri.options())
        .containsExactly(entry("size", "1g"), entry("blocksize", "4096"), entry("readonly", ""));
    assertThat(uri.option("blocksize")).contains("4096");
    assertThat(uri.option("readonly")).contains("");
    assertThat(uri.option("mapped")).isEmpty();
    assertThat(uri.bytes("size")).hasValue(1L << 30);
    assertThat(uri.bytes("physical")).isEmpty();
  }

  @Test
  void takesCharactersAsTheyStandAndEscapesWhereTheyMust() {
    DeviceUri uri = DeviceUri.parse("file:/a b/ü+:#/50%25%3f.img?serial=A%26B=%C3%BC +");

    assertThat(uri.path()).isEqualTo("/a b/ü+:#/50%?.img");
    assertThat(uri.option("serial")).contains("A&B=ü +");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mem:64m",
        "file:/disk.img?readonly",
        "file:a%25%3Fb c?size=1g&serial=x%26y%3Dz&mapped",
        "nbd+tls:?a=1",
        "x:"
      })
  void writesWhatItReads(String text) {
    assertThat(DeviceUri.parse(text)).hasToString(text);
  }

  @Test
  void hasNoOptionsBehindABareQuestionMark() {
    assertThat(DeviceUri.parse("mem:64m?")).isEqualTo(DeviceUri.parse("mem:64m"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/dev/sdb          | '/dev/sdb' is no device: expected SCHEME:PATH, such as file:/path or mem:64m",
        "''                | '' is no device",
        ":64m              | ':64m' is no device",
        "9p:x              | '9p:x' is no device",
        "disk?a:b          | 'disk?a:b' is no device",
        "mem:1m?a&a=2      | has option a twice",
        "mem:1m?a&&b       | has an option without a name",
        "mem:1m?=5         | has an option without a name",
        "file:/100%        | '/100%' has a % without two hexadecimal digits; % itself is written %25",
        "mem:1m?a=%zz      | '%zz' has a %",
      })
  void refusesWhatIsNoDevice(String text, String message) {
    assertThatThrownBy(() -> DeviceUri.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "512, 512",
    "4k, 4096",
    "64m, 67108864",
    "64M, 67108864",
    "1g, 1073741824",
    "3t, 3298534883328",
    "2p, 2251799813685248",
    "9223372036854775807, 9223372036854775807",
    "8191p, 9222246136947933184",
  })
  void readsBytes(String text, long bytes) {
    assertThat(DeviceUri.parseBytes(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "k",
        "-1",
        "+1",
        "1.5g",
        "1 g",
        "1gb",
        "0x10",
        "١",
        "8192p",
        "9223372036854775808"
      })
  void refusesWhatIsNoNumberOfBytes(String text) {
    assertThatThrownBy(() -> DeviceUri.parseBytes(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("'" + text + "' is ");
  }

  @Test
  void namesTheOptionWhoseValueIsNoNumber() {
    assertThatThrownBy(() -> DeviceUri.parse("file:x?size=big").bytes("size"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("option size: 'big' is no number of bytes");
    assertThatThrownBy(() -> DeviceUri.parse("file:x?blocksize=4g").intBytes("blocksize"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("option blocksize: 4g exceeds 2147483647 bytes");
  }

  @Test
  void readsFlags() {
    DeviceUri uri = DeviceUri.parse("file:x?a&b=true&c=false&d=maybe");

    assertThat(uri.flag("a")).isTrue();
    assertThat(uri.flag("b")).isTrue();
    assertThat(uri.flag("c")).isFalse();
    assertThat(uri.flag("e")).isFalse();
    assertThatThrownBy(() -> uri.flag("d"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("option d is a flag and takes no value 'maybe'");
  }

  @Test
  void givesUpOptionsThatAreNotTheDevices() {
    DeviceUri uri = DeviceUri.parse("file:x?size=1g&removable&serial=A1&mapped");

    assertThat(uri.without("removable", "serial", "other")).hasToString("file:x?size=1g&mapped");
    assertThat(uri.options()).hasSize(4);
  }

  private static Map.Entry<String, String> entry(String name, String value) {
    return Map.entry(name, value);
  }
}

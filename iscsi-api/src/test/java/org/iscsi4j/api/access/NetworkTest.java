package org.iscsi4j.api.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NetworkTest {

  /** Of an address: these are never looked up. */
  private static InetAddress address(String literal) throws UnknownHostException {
    return InetAddress.getByName(literal);
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.0.0.0/8",
    "10.1.2.3/8, 10.0.0.0/8", // the network of a machine
    "192.168.2.129/25, 192.168.2.128/25",
    "192.168.2.1/31, 192.168.2.0/31",
    "192.0.2.1, 192.0.2.1/32",
    "255.255.255.255/0, 0.0.0.0/0",
    "2001:db8::/32, 2001:db8::/32",
    "2001:DB8:1:2::3/33, 2001:db8::/33",
    "[2001:db8::1], 2001:db8::1/128",
    "[2001:db8:ffff::1]/36, 2001:db8:f000::/36",
    "::1, ::1/128",
    "1::, 1::/128",
    "ffff::/0, ::/0",
    "1:2:3:4:5:6:7:8, 1:2:3:4:5:6:7:8/128",
    "10:0:1::, 10:0:1::/128",
    "fe80::1%eth0/64, fe80::/64",
    "[fe80::1%1], fe80::1/128",
    "::ffff:192.0.2.1, 192.0.2.1/32",
    "::ffff:10.1.2.3/104, 10.0.0.0/8",
    "::ffff:0:0/96, 0.0.0.0/0",
    "ALL, ALL",
    "all, ALL",
    "*, ALL",
  })
  void readsAddressesAndPrefixes(String text, String network) {
    assertThat(Network.parse(text)).hasToString(network).isEqualTo(Network.parse(network));
    assertThat(Network.parse(text)).hasSameHashCodeAs(Network.parse(network));
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.255.255.255",
    "10.0.0.0/8, ::ffff:10.1.2.3",
    "192.168.2.128/25, 192.168.2.128",
    "192.168.2.128/25, 192.168.2.255",
    "0.0.0.0/0, 203.0.113.9",
    "192.0.2.1, 192.0.2.1",
    "2001:db8::/33, 2001:db8:7fff:ffff:ffff:ffff:ffff:ffff",
    "2001:db8::/32, 2001:db8::1%1",
    "::/0, fe80::1",
    "ALL, 192.0.2.1",
    "ALL, fe80::1",
  })
  void containsWhatBeginsWithTheSameBits(String network, String inside) throws Exception {
    assertThat(Network.parse(network).contains(address(inside))).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 11.0.0.0",
    "10.0.0.0/8, 9.255.255.255",
    "192.168.2.128/25, 192.168.2.127",
    "192.0.2.1, 192.0.2.0",
    "0.0.0.0/0, ::1",
    "0.0.0.0/0, ::192.0.2.1",
    "::/0, 192.0.2.1", // IPv4 is no part of IPv6
    "::/0, ::ffff:192.0.2.1",
    "2001:db8::/33, 2001:db8:8000::",
  })
  void containsNothingElse(String network, String outside) throws Exception {
    assertThat(Network.parse(network).contains(address(outside))).isFalse();
  }

  @Test
  void addressThatTheJdkKeptMappedIsAnIpv4Address() throws Exception {
    byte[] bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 10, 1, 2, 3};
    InetAddress mapped = Inet6Address.getByAddress(null, bytes, -1);
    assertThat(mapped.getAddress()).hasSize(16);

    assertThat(Network.parse("10.0.0.0/8").contains(mapped)).isTrue();
    assertThat(Network.of(mapped, 8)).isEqualTo(Network.parse("10.0.0.0/8"));
  }

  @ParameterizedTest
  @CsvSource({
    "'', neither an IPv4 nor an IPv6 address",
    "localhost, 'localhost' is no network: neither an IPv4 nor an IPv6 address",
    "host.invalid/24, and names are not looked up",
    "fe80, neither an IPv4 nor an IPv6 address", // a name, too
    "cafe.de, neither an IPv4 nor an IPv6 address",
    "10, neither an IPv4 nor an IPv6 address",
    "10.1/16, neither an IPv4 nor an IPv6 address",
    "10.0.0.1.2, neither an IPv4 nor an IPv6 address",
    "10.0.0.010, neither an IPv4 nor an IPv6 address", // 10 or 8
    "10.0.0.256, 256 is not within 0..255",
    "[10.0.0.1], neither an IPv4 nor an IPv6 address",
    "10.0.0.1%eth0, neither an IPv4 nor an IPv6 address",
    "[::1, neither an IPv4 nor an IPv6 address",
    "1::2::3, not an IPv6 address",
    "12345::, not an IPv6 address",
    "1:2:3, not an IPv6 address",
    "' 10.0.0.1', neither an IPv4 nor an IPv6 address",
    "10.0.0.0/33, '10.0.0.0/33' is no network: prefix 33 is not within 0..32",
    "10.0.0.0/, prefix '' is no number of bits",
    "10.0.0.0/-1, prefix '-1' is no number of bits",
    "10.0.0.0/255.0.0.0, prefix '255.0.0.0' is no number of bits",
    "10.0.0.0/8/8, prefix '8/8' is no number of bits",
    "::/129, prefix 129 is not within 0..128",
    "::ffff:10.0.0.0/8, prefix 8 is not within 96..128",
    "ALL/8, neither an IPv4 nor an IPv6 address",
  })
  void refusesEverythingElse(String text, String why) {
    assertThatThrownBy(() -> Network.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(why);
  }

  @Test
  void refusesPrefixesOutOfRange() throws Exception {
    assertThatThrownBy(() -> Network.of(address("10.0.0.0"), 33))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("prefix 33 is not within 0..32");
    assertThatThrownBy(() -> Network.of(address("::1"), -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("prefix -1 is not within 0..128");
  }

  @Test
  void differsByAddressAndPrefix() {
    assertThat(Network.parse("10.0.0.0/8"))
        .isNotEqualTo(Network.parse("10.0.0.0/9"))
        .isNotEqualTo(Network.parse("11.0.0.0/8"));
    assertThat(Network.parse("0.0.0.0/0"))
        .isNotEqualTo(Network.parse("::/0"))
        .isNotEqualTo(Network.ALL);
  }
}

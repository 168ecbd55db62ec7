package org.iscsi4j.target.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressBlockTest {

  private static AddressBlock of(String address) throws UnknownHostException {
    return AddressBlock.of(InetAddress.getByName(address));
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.1, 10.0.0.1, true",
    "10.0.0.1, 10.0.0.2, false",
    "::ffff:10.0.0.1, 10.0.0.1, true",
    "2001:db8:0:1::1, 2001:db8:0:1:ffff::2, true",
    "2001:db8:0:1::1, 2001:db8:0:2::1, false",
  })
  void addressesCountAsOne(String one, String other, boolean same) throws Exception {
    assertThat(of(one).equals(of(other))).isEqualTo(same);
  }

  @Test
  void versionsAreApart() throws Exception {
    assertThat(of("0.0.0.0")).isNotEqualTo(of("::"));
  }
}

package org.iscsi4j.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IdentityTest {

  /** Initiators remember disks by these; they must never change, in no version. */
  @ParameterizedTest
  @CsvSource({
    "iqn.2025-01.org.iscsi4j:disk/0, 0614EC8F04AD0F2A",
    "iqn.2025-01.org.iscsi4j:disk/1, 0D7AEFF601C7E851",
  })
  void isTheSameForANameInEveryRun(String name, String id) {
    assertThat(Identity.derivedFrom(name))
        .isEqualTo(
            new Identity(
                "ISCSI4J", "VIRTUAL-DISK", "0001", id.substring(1), Long.parseLong(id, 16)));
  }

  @Test
  void takesASerialNumberAndDerivesTheDeviceFromIt() {
    assertThat(Identity.ofSerial("S1"))
        .isEqualTo(new Identity("ISCSI4J", "VIRTUAL-DISK", "0001", "S1", 0x0CBFE467EFEBDE11L));
  }

  @Test
  void changesOneComponentAtATime() {
    Identity identity = new Identity("V", "P", "R", "S", 1);

    assertThat(identity.withProduct("V2", "P2", "R2"))
        .isEqualTo(new Identity("V2", "P2", "R2", "S", 1));
    assertThat(identity.withSerial("S2")).isEqualTo(new Identity("V", "P", "R", "S2", 1));
    assertThat(identity.withDeviceId(2)).isEqualTo(new Identity("V", "P", "R", "S", 2));
  }

  @Test
  void takesComponentsUpToTheirLimits() {
    Identity identity =
        new Identity("8".repeat(8), "p".repeat(16), "4444", "~".repeat(64), (1L << 60) - 1);

    assertThat(identity.serial()).hasSize(64);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "123456789 | P | R | S | vendor '123456789' is not 1 to 8 characters long",
        "''        | P | R | S | vendor '' is not 1 to 8 characters long",
        "V | 12345678901234567 | R | S | product '12345678901234567' is not 1 to 16 characters long",
        "V | P | 12345 | S | revision '12345' is not 1 to 4 characters long",
        "V | P | R | '' | serial '' is not 1 to 64 characters long",
        "V | P | R | ü | serial 'ü' is not printable ASCII",
        "V | P\u007f | R | S | product 'P\u007f' is not printable ASCII",
      })
  void refusesTextOutOfRange(
      String vendor, String product, String revision, String serial, String message) {
    assertThatThrownBy(() -> new Identity(vendor, product, revision, serial, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void refusesADeviceIdOfMoreThan60Bits() {
    Identity identity = Identity.derivedFrom("x");

    assertThatThrownBy(() -> identity.withDeviceId(1L << 60))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("deviceId 1000000000000000 does not fit 60 bits");
    assertThatThrownBy(() -> identity.withDeviceId(-1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}

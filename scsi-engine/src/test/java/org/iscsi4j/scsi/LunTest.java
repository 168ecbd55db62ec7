package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LunTest {

  @ParameterizedTest
  @CsvSource({
    "0000000000000000, 0",
    "0001000000000000, 1",
    "00ff000000000000, 255",
    "4100000000000000, 256",
    "7fff000000000000, 16383"
  })
  void numbersHaveOneEncoding(String hex, int number) {
    long lun = Long.parseUnsignedLong(hex, 16);

    assertThat(Lun.encode(number)).isEqualTo(lun);
    assertThat(Lun.decode(lun)).isEqualTo(number);
  }

  @ParameterizedTest
  @CsvSource({"4000000000000000, 0", "4005000000000000, 5"})
  void flatAddressingOfSmallNumbersIsUnderstood(String hex, int number) {
    assertThat(Lun.decode(Long.parseUnsignedLong(hex, 16))).isEqualTo(number);
  }

  @ParameterizedTest
  @CsvSource({
    "0100000000000000", // bus 1
    "8000000000000000", // logical unit addressing
    "c101000000000000", // REPORT LUNS well-known unit
    "0000000100000000", // a second level
    "ffffffffffffffff"
  })
  void otherFormsAreUnknown(String hex) {
    assertThat(Lun.decode(Long.parseUnsignedLong(hex, 16))).isEqualTo(Lun.UNKNOWN);
  }
}

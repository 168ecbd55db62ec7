package org.iscsi4j.examples.daemon.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Numbers for people. */
class QuantitiesTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0|0 B",
        "1023|1,023 B",
        "1024|1 KiB",
        "1536|1.5 KiB",
        "10188|9.9 KiB",
        "10239|10 KiB",
        "1048063|1,023 KiB",
        "1048064|1 MiB",
        "67108864|64 MiB",
        "9223372036854775807|8 EiB"
      })
  void bytesAreBinary(long bytes, String text) {
    assertThat(Quantities.bytes(bytes)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0|–",
        "400|0.4 µs",
        "1000|1 µs",
        "999499|999 µs",
        "999500|1 ms",
        "2500000|2.5 ms",
        "999500000|1 s",
        "12000000000|12 s"
      })
  void latenciesHaveAUnit(long nanos, String text) {
    assertThat(Quantities.latency(nanos)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"0|–", "0.5|0.5/s", "3|3/s", "12345.6|12,346/s"})
  void operationsAreOfASecond(double perSecond, String text) {
    assertThat(Quantities.operations(perSecond)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0|0 s",
        "59|59 s",
        "60|1 min 0 s",
        "3599|59 min 59 s",
        "3600|1 h 0 min",
        "86399|23 h 59 min",
        "90000|1 d 1 h"
      })
  void agesHaveTwoUnits(long seconds, String text) {
    assertThat(Quantities.age(seconds)).isEqualTo(text);
  }
}

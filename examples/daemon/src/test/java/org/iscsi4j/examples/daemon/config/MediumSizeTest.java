package org.iscsi4j.examples.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.iscsi4j.examples.daemon.config.MediumSpec.MediumFlags;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sizes and flags as text. */
class MediumSizeTest {

  @ParameterizedTest
  @CsvSource({
    "1, 1",
    "512B, 512",
    "3k, 3072",
    "3KB, 3072",
    "10MB, 10485760",
    "10GB, 10737418240",
    "2T, 2199023255552",
    "2PB-1MB, 2251799812636672",
    "20GB-1MB, 21473787904",
    "1G+512, 1073742336",
    "100-1, 99",
    "20gb - 1mb, 21473787904",
    "8EB-1, 9223372036854775807",
    "1Z-1021E, 3458764513820540928",
    "4E, 4611686018427387904"
  })
  void aNumberWithUnitsAndTwoTerms(String text, long bytes) {
    assertThat(MediumSize.parse(text).bytes()).hasValue(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Auto", "auto", "SIZE", "Size"})
  void asLongAsTheFileIs(String text) {
    assertThat(MediumSize.parse(text)).isEqualTo(MediumSize.AUTO);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "GB", "10GiB", "ten", "-1", "1.5G", "1G*2", "1G-1M-1K", "0x10", "10 X"})
  void whatIsNoSizeIsRefused(String text) {
    assertThatThrownBy(() -> MediumSize.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected Auto or a number of bytes such as 10GB or 20GB-1MB");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1M-1M, 0",
    "1K-1M, -1047552",
    "8E, 9223372036854775808",
    "1Z, 1180591620717411303424"
  })
  void whatNoFileCanHaveIsRefused(String text, String bytes) {
    assertThatThrownBy(() -> MediumSize.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("of " + bytes + " bytes, which is not within 1.." + Long.MAX_VALUE);
  }

  @ParameterizedTest
  @CsvSource({
    "ro, true, false, false",
    "RW, false, false, false",
    "'rw,extend', false, true, false",
    "'dynamic', false, false, true",
    "'ro,rw', false, false, false",
    "'rw,extend,dynamic', false, true, true"
  })
  void flagsOfAMedium(String text, boolean readOnly, boolean extend, boolean dynamic) {
    assertThat(MediumFlags.parse(text)).isEqualTo(new MediumFlags(readOnly, extend, dynamic));
  }

  @Test
  void anUnknownFlagIsRefused() {
    for (String text : new String[] {"", "r", "rw;extend", "rw,", "rw, extend"}) {
      assertThatThrownBy(() -> MediumFlags.parse(text))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("expected ro or rw, extend, dynamic, with commas between them");
    }
  }
}

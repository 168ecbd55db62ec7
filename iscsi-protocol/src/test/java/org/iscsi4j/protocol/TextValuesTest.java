package org.iscsi4j.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Numbers, ranges and binary values in text. */
class TextValuesTest {

  @ParameterizedTest
  @CsvSource({
    "0,0",
    "262144,262144",
    "0x40000,262144",
    "0X4aF,1199",
    "010,10", // not octal
    "0x010,16",
    "18446744073709551615,-1", // 2^64-1, unsigned
    "0xffffffffffffffff,-1",
    "0x00000000000000000001,1"
  })
  void numbersAreDecimalOrHexadecimal(String text, long number) throws Exception {
    assertThat(TextNumber.parse(text)).isEqualTo(number);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0x",
        "+1",
        "-1",
        "-0",
        " 1",
        "1 ",
        "0x 1",
        "0x-1",
        "0x+1",
        "1_0",
        "1.0",
        "abc",
        "0b11",
        "x1",
        "٣",
        "0xg",
        "18446744073709551616",
        "0x10000000000000000"
      })
  void otherNumbersAreRefused(String text) {
    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> TextNumber.parse(text))
        .withMessage("'" + text + "' is not a decimal or 0x-hexadecimal number below 2^64");
  }

  @Test
  void rangesAreTwoNumbersInOrder() throws Exception {
    assertThat(TextNumber.parseRange("512~0x400")).isEqualTo(new TextNumber.Range(512, 1024));
    assertThat(TextNumber.parseRange("7~7")).hasToString("7~7");
    assertThat(TextNumber.parseRange("1~18446744073709551615"))
        .hasToString("1~18446744073709551615");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "1", "~", "1~", "~1", "2~1", "1~2~3", "1 ~2", "18446744073709551615~1"})
  void otherRangesAreRefused(String text) {
    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> TextNumber.parseRange(text));
  }

  @Test
  void aRangeUpsideDownCannotBeMade() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TextNumber.Range(2, 1))
        .withMessage("range 2~1 is upside down");
  }

  @ParameterizedTest
  @CsvSource({
    "0x00ff1A,00ff1a",
    "0XAb,ab",
    "0xabc,0abc", // an odd number of digits
    "0bAP8a,00ff1a",
    "0BAP8=,00ff",
    "0bAA==,00",
    "0b+/+/,fbffbf"
  })
  void binaryValuesAreHexadecimalOrBase64(String text, String hex) throws Exception {
    assertThat(Hex.of(LargeBinary.decode(text, 3))).isEqualTo(hex);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0",
        "0x",
        "0b",
        "12",
        "ff",
        "0xfg",
        "0x f",
        "0b-_-_",
        "0bA",
        "0bAA",
        "0bAAA",
        "0bAA=A",
        "0bA===",
        "0b====",
        "0bAA==AA==",
        "0bAA A"
      })
  void otherBinaryValuesAreRefused(String text) {
    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> LargeBinary.decode(text, 1024))
        .withMessageMatching("b(inary|ase64) value .*");
  }

  @Test
  void theDecodedLengthIsTheLimit() throws Exception {
    byte[] bytes = new byte[1024];
    String hex = LargeBinary.encode(bytes);
    String base64 = "0b" + Base64.getEncoder().encodeToString(bytes);

    assertThat(LargeBinary.decode(hex, 1024)).hasSize(1024);
    assertThat(LargeBinary.decode(base64, 1024)).hasSize(1024);
    for (String text : new String[] {hex, base64}) {
      assertThatExceptionOfType(ProtocolException.class)
          .isThrownBy(() -> LargeBinary.decode(text, 1023))
          .withMessage("binary value of 1024 bytes exceeds 1023");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"0x", "0b"})
  void theLengthIsCheckedBeforeTheDigits(String prefix) {
    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> LargeBinary.decode(prefix + "!".repeat(4096), 1024))
        .withMessageContaining("exceeds 1024");
  }

  @Test
  void binaryValuesAreWrittenInHexadecimal() {
    assertThat(LargeBinary.encode(new byte[] {0, (byte) 0xff, 0x1a})).isEqualTo("0x00ff1a");
  }
}

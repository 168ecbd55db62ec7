package org.iscsi4j.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Serial numbers and CHAP. */
class ArithmeticTest {

  @ParameterizedTest
  @CsvSource({
    "0,1",
    "1,2",
    "-1,0", // ffffffffh, then 0
    "-2,1",
    "2147483647,-2147483648", // 7fffffffh, then 80000000h
    "0,2147483647",
    "-2147483648,-1",
    "-1,2147483646"
  })
  void serialNumbersWrap(int before, int after) {
    assertThat(SerialNumber.lessThan(before, after)).isTrue();
    assertThat(SerialNumber.lessThan(after, before)).isFalse();
    assertThat(SerialNumber.lessOrEqual(before, after)).isTrue();
    assertThat(SerialNumber.lessOrEqual(after, before)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"0", "-1", "2147483647", "-2147483648"})
  void aSerialNumberEqualsItself(int number) {
    assertThat(SerialNumber.lessThan(number, number)).isFalse();
    assertThat(SerialNumber.lessOrEqual(number, number)).isTrue();
    assertThat(SerialNumber.between(number, number, number)).isTrue();
  }

  @Test
  void numbersHalfTheSpaceApartAreNotOrdered() {
    assertThat(SerialNumber.lessThan(5, 5 + Integer.MIN_VALUE)).isFalse();
    assertThat(SerialNumber.lessThan(5 + Integer.MIN_VALUE, 5)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "10,10,20,true",
    "10,20,20,true",
    "10,9,20,false",
    "10,21,20,false",
    "-2,-2,1,true",
    "-2,0,1,true",
    "-2,1,1,true",
    "-2,2,1,false",
    "-2,-3,1,false",
    "10,9,9,false", // window closed: MaxCmdSN is ExpCmdSN-1
    "10,10,9,false",
    "0,0,-1,false"
  })
  void betweenIncludesBothEnds(int low, int x, int high, boolean expected) {
    assertThat(SerialNumber.between(low, x, high)).isEqualTo(expected);
  }

  /** Expected values from Python's hashlib. */
  @ParameterizedTest
  @CsvSource({
    "MD5,983e8fc4461c2fe4ab9b3067c7c0fedc",
    "SHA1,13aa58b2a7a9bdd3b3b7c8d2dbdcd58c94e0a8d4",
    "SHA256,ec5586fcc5870a4f7acff18d47f5b05049f328f90f70b13d8a703b55a6b11022",
    "SHA3_256,de81e4dbbeb578b86bf94c4b6b40e694a3e1d209904c3a129543a84a0a128d31"
  })
  void chapHashesIdentifierSecretAndChallenge(ChapAlgorithm algorithm, String expected) {
    byte[] secret = Hex.bytes("636f727265637420686f727365203136"); // "correct horse 16"
    byte[] challenge = Hex.bytes("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff0001");

    byte[] response = Chap.response(algorithm, 0x9c, secret, challenge);

    assertThat(Hex.of(response)).isEqualTo(expected);
    assertThat(response).hasSize(algorithm.digestLength());
  }

  @ParameterizedTest
  @CsvSource({"5,MD5", "6,SHA1", "7,SHA256", "8,SHA3_256"})
  void chapAlgorithmsHaveTheNumbersOfIana(int code, ChapAlgorithm algorithm) {
    assertThat(ChapAlgorithm.of(code)).contains(algorithm);
    assertThat(algorithm.code()).isEqualTo(code);
  }

  @Test
  void otherChapAlgorithmsAreUnknown() {
    assertThat(ChapAlgorithm.of(4)).isEmpty();
    assertThat(ChapAlgorithm.of(9)).isEmpty();
  }

  @Test
  void chapResponsesMatchWhenEveryByteDoes() {
    byte[] expected = Hex.bytes("00112233");

    assertThat(Chap.matches(expected, Hex.bytes("00112233"))).isTrue();
    assertThat(Chap.matches(expected, Hex.bytes("00112232"))).isFalse();
    assertThat(Chap.matches(expected, Hex.bytes("80112233"))).isFalse();
    assertThat(Chap.matches(expected, Hex.bytes("001122"))).isFalse();
    assertThat(Chap.matches(expected, Hex.bytes("0011223300"))).isFalse();
    assertThat(Chap.matches(expected, new byte[0])).isFalse();
  }
}

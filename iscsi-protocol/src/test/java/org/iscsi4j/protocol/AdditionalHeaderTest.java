package org.iscsi4j.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.iscsi4j.protocol.AdditionalHeader.BidirectionalReadLength;
import org.iscsi4j.protocol.AdditionalHeader.ExtendedCdb;
import org.iscsi4j.protocol.AdditionalHeader.Unknown;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdditionalHeaderTest {

  static Stream<Arguments> headers() {
    return Stream.of(
        arguments(new ExtendedCdb(Hex.bytes("f1")), "00020100 f1000000"),
        arguments(new ExtendedCdb(Hex.bytes("f1f2f3")), "00040100 f1f2f300"),
        arguments(new ExtendedCdb(Hex.bytes("f1f2f3f4")), "00050100 f1f2f3f4"),
        arguments(new ExtendedCdb(Hex.bytes("f1f2f3f4f5")), "00060100 f1f2f3f4 f5000000"),
        arguments(new BidirectionalReadLength(0xf1f2f3f4), "00050200 f1f2f3f4"),
        arguments(new Unknown(0x3f, Hex.bytes("")), "00003f00"),
        arguments(new Unknown(3, Hex.bytes("f1")), "000103f1"),
        arguments(new Unknown(3, Hex.bytes("f1f2")), "000203f1 f2000000"));
  }

  @ParameterizedTest
  @MethodSource("headers")
  void encodesToTheGoldenBytes(AdditionalHeader header, String golden) {
    byte[] bytes = new byte[header.encodedLength() + 2];
    Arrays.fill(bytes, (byte) 0xff);
    ByteBuffer out = ByteBuffer.wrap(bytes);

    header.encode(out, 1);

    assertThat(Hex.of(bytes)).isEqualTo("ff" + Hex.of(Hex.bytes(golden)) + "ff");
    assertThat(out.position()).isZero();
  }

  @ParameterizedTest
  @MethodSource("headers")
  void decodesFromTheGoldenBytes(AdditionalHeader header, String golden) throws Exception {
    ByteBuffer in = Hex.buffer("ee" + golden);

    assertThat(AdditionalHeader.decodeAll(in, 1, in.capacity() - 1)).containsExactly(header);
    assertThat(in.position()).isZero();
  }

  @Test
  void severalHeadersFollowEachOther() throws Exception {
    ByteBuffer in = Hex.buffer("00030700aabb0000 00050200 00000200 000301 ff 1020 ffff");
    List<AdditionalHeader> headers = AdditionalHeader.decodeAll(in, 0, in.capacity());

    assertThat(headers)
        .containsExactly(
            new Unknown(7, Hex.bytes("00aabb")),
            new BidirectionalReadLength(512),
            new ExtendedCdb(Hex.bytes("1020")));
  }

  @Test
  void reservedBitsOfTheTypeAreIgnored() throws Exception {
    assertThat(AdditionalHeader.decodeAll(Hex.buffer("0005c2ff00000001"), 0, 8))
        .containsExactly(new BidirectionalReadLength(1));
  }

  @Test
  void nothingIsDecodedToNothing() throws Exception {
    assertThat(AdditionalHeader.decodeAll(ByteBuffer.allocate(0), 0, 0)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "0006020000000001,AHSLength 6 exceeds the rest of TotalAHSLength",
    "ffff030000000001,AHSLength 65535 exceeds the rest of TotalAHSLength",
    "0001030000020100,AHSLength 2 exceeds the rest of TotalAHSLength",
    "0004020000000001,AHSLength 4 of a bidirectional read length is not 5",
    "0001010000010300,AHSLength 1 of an extended CDB is outside 2..245"
  })
  void aLengthThatCannotBeIsAnInvalidField(String hex, String message) {
    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> AdditionalHeader.decodeAll(Hex.buffer(hex), 0, 8))
        .withMessageStartingWith(message)
        .satisfies(e -> assertThat(e.reason()).isEqualTo(RejectReason.INVALID_PDU_FIELD));
  }

  @Test
  void anExtendedCdbTakesUpTo244Bytes() throws Exception {
    ExtendedCdb longest = new ExtendedCdb(new byte[244]);
    ByteBuffer buffer = ByteBuffer.allocate(longest.encodedLength() + 4);
    longest.encode(buffer, 0);

    assertThat(AdditionalHeader.decodeAll(buffer, 0, longest.encodedLength()))
        .containsExactly(longest);
    buffer.putShort(0, (short) 246);
    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> AdditionalHeader.decodeAll(buffer, 0, buffer.capacity()));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 245})
  void anExtendedCdbOfAnotherLengthCannotBeMade(int length) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ExtendedCdb(new byte[length]))
        .withMessage("extended CDB of " + length + " bytes is outside 1..244");
  }

  @Test
  void anUnknownHeaderFitsTotalAhsLength() {
    assertThat(new Unknown(0, new byte[1017]).encodedLength()).isEqualTo(255 * 4);
    assertThatIllegalArgumentException().isThrownBy(() -> new Unknown(0, new byte[1018]));
    assertThatIllegalArgumentException().isThrownBy(() -> new Unknown(64, new byte[0]));
    assertThatIllegalArgumentException().isThrownBy(() -> new Unknown(-1, new byte[0]));
  }

  @Test
  void headersShowTheirBytes() {
    assertThat(new ExtendedCdb(new byte[] {1, -1})).hasToString("ExtendedCdb[01ff]");
    assertThat(new Unknown(9, new byte[] {2})).hasToString("Unknown[type=9, content=02]");
  }

  @Test
  void headersAreEqualByValueAndImmutable() {
    byte[] bytes = {1, 2};
    ExtendedCdb cdb = new ExtendedCdb(bytes);
    Unknown unknown = new Unknown(9, bytes);
    bytes[0] = 7;
    cdb.bytes()[0] = 7;
    unknown.content()[0] = 7;

    assertThat(cdb).isEqualTo(new ExtendedCdb(new byte[] {1, 2}));
    assertThat(cdb).hasSameHashCodeAs(new ExtendedCdb(new byte[] {1, 2}));
    assertThat(cdb).isNotEqualTo(new ExtendedCdb(new byte[] {1, 3}));
    assertThat(unknown).isEqualTo(new Unknown(9, new byte[] {1, 2}));
    assertThat(unknown).hasSameHashCodeAs(new Unknown(9, new byte[] {1, 2}));
    assertThat(unknown).isNotEqualTo(new Unknown(8, new byte[] {1, 2}));
  }
}

package org.iscsi4j.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextCodecTest {
  private static final List<KeyValue> PAIRS =
      List.of(
          new KeyValue("InitiatorName", "iqn.2024-01.org.example:host"),
          new KeyValue("InitiatorAlias", "Büro 東京"),
          new KeyValue("SendTargets", ""),
          new KeyValue("X-org.example.a", "1=2"));

  /** Text as in a Java string: two characters, backslash and 0, stand for NUL. */
  private static byte[] text(String text) {
    return text.replace("\\0", "\0").getBytes(UTF_8);
  }

  @Test
  void pairsEndInNul() {
    List<KeyValue> pairs = List.of(new KeyValue("A", "ü"), new KeyValue("B", ""));

    assertThat(Hex.of(TextCodec.encode(pairs))).isEqualTo("413dc3bc00423d00");
    assertThat(TextCodec.encode(List.of())).isEmpty();
  }

  @Test
  void decodesWhatItEncodes() throws Exception {
    assertThat(TextCodec.decode(TextCodec.encode(PAIRS))).isEqualTo(PAIRS);
    assertThat(TextCodec.decode(new byte[0])).isEmpty();
  }

  @Test
  void severalNulsCountAsOne() throws Exception {
    assertThat(TextCodec.decode(text("\\0\\0A=1\\0\\0\\0B=2\\0\\0")))
        .containsExactly(new KeyValue("A", "1"), new KeyValue("B", "2"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "A",
        "Az0.-+@_",
        "X-com.example.Key",
        "X#NodeArchitecture",
        "Y#a",
        "Z#b",
        "iSCSIProtocolLevel",
        "A12345678901234567890123456789012345678901234567890123456789012"
      })
  void takesKeyNamesOfTheRfc(String key) throws Exception {
    assertThat(TextCodec.decode(text(key + "=v\\0"))).containsExactly(new KeyValue(key, "v"));
  }

  @ParameterizedTest
  @CsvSource({
    "A=1,text ends without a NUL",
    "A=1\\0B=2,text ends without a NUL",
    "A\\0,text has a pair without '='",
    "=1\\0,illegal key name ''",
    "a=1\\0,illegal key name 'a'",
    "1a=1\\0,illegal key name '1a'",
    "A B=1\\0,illegal key name 'A B'",
    "A#b=1\\0,illegal key name 'A#b'",
    "X#=1\\0,illegal key name 'X#'",
    "Ä=1\\0,illegal key name 'Ä'",
    "iSCSIProtocolLevels=1\\0,illegal key name 'iSCSIProtocolLevels'",
    "A123456789012345678901234567890123456789012345678901234567890123=1\\0,"
        + "key name of 64 bytes exceeds 63"
  })
  void refusesOtherText(String text, String message) {
    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> TextCodec.decode(text(text)))
        .withMessage(message)
        .satisfies(e -> assertThat(e.reason()).isEqualTo(RejectReason.PROTOCOL_ERROR));
  }

  @Test
  void messagesStayOnOneLine() {
    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> TextCodec.decode(text("A\n\u001b[2J=1\\0")))
        .withMessage("illegal key name 'A??[2J'");
    assertThat(TextCodec.quoted("a\u0085\u009b\u2028\u2029\u202eb")).isEqualTo("'a?????b'");
    assertThat(TextCodec.quoted("v".repeat(65))).isEqualTo("'" + "v".repeat(64) + "...'");
  }

  @Test
  void refusesWhatIsNotUtf8() {
    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> TextCodec.decode(Hex.bytes("413dff00")))
        .withMessage("text is not UTF-8");
  }

  @Test
  void boundsTheNumberOfPairs() throws Exception {
    assertThat(TextCodec.decode(text("A=\\0".repeat(256)))).hasSize(256);
    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> TextCodec.decode(text("A=\\0".repeat(257))))
        .withMessage("text has more than 256 pairs");
  }

  @Test
  void textMayBeCutAnywhere() throws Exception {
    byte[] whole = TextCodec.encode(PAIRS);
    TextAccumulator accumulator = new TextAccumulator(whole.length);

    for (int cut = 0; cut <= whole.length; cut++) {
      accumulator.append(ByteBuffer.wrap(whole, 0, cut));
      assertThat(accumulator.size()).isEqualTo(cut);
      accumulator.append(ByteBuffer.wrap(whole, cut, whole.length - cut));

      assertThat(accumulator.finish()).as("cut at %d", cut).isEqualTo(PAIRS);
      assertThat(accumulator.size()).isZero();
    }
  }

  @Test
  void textMayComeByteByByte() throws Exception {
    byte[] whole = TextCodec.encode(PAIRS);
    TextAccumulator accumulator = new TextAccumulator(8192);
    for (byte b : whole) {
      accumulator.append(ByteBuffer.allocateDirect(1).put(0, b));
    }

    assertThat(accumulator.finish()).isEqualTo(PAIRS);
  }

  @Test
  void theTotalIsBounded() throws Exception {
    TextAccumulator accumulator = new TextAccumulator(8);
    accumulator.append(ByteBuffer.wrap(text("A=1\\0")));
    ByteBuffer tooMuch = ByteBuffer.wrap(text("B=22\\0"));

    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> accumulator.append(tooMuch))
        .withMessage("key=value text of 9 bytes exceeds 8");
    accumulator.append(ByteBuffer.wrap(text("B=2\\0")));
    assertThat(accumulator.finish()).hasSize(2);
  }

  @Test
  void appendConsumesTheSegment() throws Exception {
    ByteBuffer segment = ByteBuffer.wrap(text("xxA=1\\0xx"), 2, 4);

    TextAccumulator accumulator = new TextAccumulator(8192);
    accumulator.append(segment);

    assertThat(segment.hasRemaining()).isFalse();
    assertThat(accumulator.finish()).containsExactly(new KeyValue("A", "1"));
  }

  @Test
  void badTextDoesNotStayInTheAccumulator() throws Exception {
    TextAccumulator accumulator = new TextAccumulator(8192);
    accumulator.append(ByteBuffer.wrap(text("A=1")));
    assertThatExceptionOfType(ProtocolException.class).isThrownBy(accumulator::finish);

    accumulator.append(ByteBuffer.wrap(text("B=2\\0")));
    assertThat(accumulator.finish()).containsExactly(new KeyValue("B", "2"));
  }

  @Test
  void pairsThatCannotBeWrittenCannotBeMade() {
    for (String key : List.of("", "A=", "A\0")) {
      assertThatIllegalArgumentException().isThrownBy(() -> new KeyValue(key, "v"));
    }
    assertThatIllegalArgumentException().isThrownBy(() -> new KeyValue("A", "\0"));
  }

  @Test
  void aChapResponseIsNotShown() {
    assertThat(new KeyValue("CHAP_R", "0x1234")).hasToString("CHAP_R=(hidden)");
    assertThat(new KeyValue("CHAP_N", "joe")).hasToString("CHAP_N=joe");
  }
}

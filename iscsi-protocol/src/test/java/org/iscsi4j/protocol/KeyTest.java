package org.iscsi4j.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.Collection;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The key table, spelled out once more from RFC 7143 sections 12 and 13. */
class KeyTest {

  /**
   * Stages: S security, O operational, F full feature, unasked in each. Leading: LO in the RFC.
   * Normal: irrelevant in discovery sessions.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          AuthMethod               |           | FIRST_MATCH | S   | CONNECTION | BOTH      |     |
          CHAP_A                   |           | FIRST_MATCH | S   | CONNECTION | BOTH      |     |
          CHAP_I                   |           | DECLARATIVE | S   | CONNECTION | BOTH      |     |
          CHAP_C                   |           | DECLARATIVE | S   | CONNECTION | BOTH      |     |
          CHAP_N                   |           | DECLARATIVE | S   | CONNECTION | BOTH      |     |
          CHAP_R                   |           | DECLARATIVE | S   | CONNECTION | BOTH      |     |
          HeaderDigest             | None      | FIRST_MATCH | O   | CONNECTION | BOTH      |     |
          DataDigest               | None      | FIRST_MATCH | O   | CONNECTION | BOTH      |     |
          MaxConnections           | 1         | MINIMUM     | O   | SESSION    | BOTH      | yes | yes
          SendTargets              |           | DECLARATIVE | F   | SESSION    | INITIATOR |     |
          TargetName               |           | DECLARATIVE | SO  | SESSION    | BOTH      |     |
          InitiatorName            |           | DECLARATIVE | SO  | SESSION    | INITIATOR |     |
          TargetAlias              |           | DECLARATIVE | SOF | SESSION    | TARGET    |     |
          InitiatorAlias           |           | DECLARATIVE | SOF | SESSION    | INITIATOR |     |
          TargetAddress            |           | DECLARATIVE | SOF | SESSION    | TARGET    |     |
          TargetPortalGroupTag     |           | DECLARATIVE | SO  | SESSION    | TARGET    |     |
          SessionType              | Normal    | DECLARATIVE | SO  | SESSION    | INITIATOR | yes |
          InitialR2T               | Yes       | OR          | O   | SESSION    | BOTH      | yes | yes
          ImmediateData            | Yes       | AND         | O   | SESSION    | BOTH      | yes | yes
          MaxRecvDataSegmentLength | 8192      | DECLARATIVE | OF  | CONNECTION | BOTH      |     |
          MaxBurstLength           | 262144    | MINIMUM     | O   | SESSION    | BOTH      | yes | yes
          FirstBurstLength         | 65536     | MINIMUM     | O   | SESSION    | BOTH      | yes | yes
          DefaultTime2Wait         | 2         | MAXIMUM     | O   | SESSION    | BOTH      | yes |
          DefaultTime2Retain       | 20        | MINIMUM     | O   | SESSION    | BOTH      | yes |
          MaxOutstandingR2T        | 1         | MINIMUM     | O   | SESSION    | BOTH      | yes | yes
          DataPDUInOrder           | Yes       | OR          | O   | SESSION    | BOTH      | yes | yes
          DataSequenceInOrder      | Yes       | OR          | O   | SESSION    | BOTH      | yes | yes
          ErrorRecoveryLevel       | 0         | MINIMUM     | O   | SESSION    | BOTH      | yes |
          TaskReporting            | RFC3720   | FIRST_MATCH | O   | SESSION    | BOTH      | yes | yes
          iSCSIProtocolLevel       | 1         | MINIMUM     | O   | SESSION    | BOTH      | yes | yes
          X#NodeArchitecture       |           | DECLARATIVE | O   | SESSION    | BOTH      | yes |
          IFMarker                 | No        | OBSOLETE    | O   | CONNECTION | BOTH      |     |
          OFMarker                 | No        | OBSOLETE    | O   | CONNECTION | BOTH      |     |
          IFMarkInt                | 2048~2048 | OBSOLETE    | O   | CONNECTION | BOTH      |     |
          OFMarkInt                | 2048~2048 | OBSOLETE    | O   | CONNECTION | BOTH      |     |
          """)
  void hasTheRowOfTheRfc(
      String name,
      String defaultValue,
      Key.Rule rule,
      String stages,
      Key.Scope scope,
      Key.Sender sender,
      String leading,
      String normal) {
    Key<?> key = Key.named(name).orElseThrow();

    assertThat(key.name()).isEqualTo(name);
    assertThat(key.hasDefault()).isEqualTo(defaultValue != null);
    if (defaultValue != null) {
      assertThat(defaultText(key)).isEqualTo(defaultValue);
    }
    assertThat(key.rule()).isEqualTo(rule);
    assertThat(key.allowedIn(LoginStage.SECURITY)).isEqualTo(stages.contains("S"));
    assertThat(key.allowedIn(LoginStage.OPERATIONAL)).isEqualTo(stages.contains("O"));
    assertThat(key.allowedIn(LoginStage.FULL_FEATURE)).isEqualTo(stages.contains("F"));
    assertThat(key.scope()).isEqualTo(scope);
    assertThat(key.sender()).isEqualTo(sender);
    assertThat(key.leadingOnly()).isEqualTo(leading != null);
    assertThat(key.normalSessionOnly()).isEqualTo(normal != null);
  }

  @Test
  void thereAreNoOtherKeys() {
    Collection<Key<?>> all = Key.all();

    assertThat(all).hasSize(35).doesNotHaveDuplicates();
    assertThat(Key.named("maxburstlength")).isEmpty();
    assertThat(Key.named("X-com.example")).isEmpty();
    assertThat(Key.CHAP_A).hasToString("CHAP_A");
  }

  @Test
  void aKeyWithoutDefaultSaysSo() {
    assertThatExceptionOfType(NoSuchElementException.class)
        .isThrownBy(Key.INITIATOR_NAME::defaultValue)
        .withMessage("InitiatorName has no default");
  }

  @ParameterizedTest
  @CsvSource({
    "MaxConnections,1,65535",
    "TargetPortalGroupTag,0,65535",
    "MaxRecvDataSegmentLength,512,16777215",
    "MaxBurstLength,512,16777215",
    "FirstBurstLength,512,16777215",
    "DefaultTime2Wait,0,3600",
    "DefaultTime2Retain,0,3600",
    "MaxOutstandingR2T,1,65535",
    "ErrorRecoveryLevel,0,2",
    "iSCSIProtocolLevel,0,31",
    "CHAP_I,0,255"
  })
  void numbersHaveTheirRange(String name, int minimum, int maximum) throws Exception {
    Key<?> key = Key.named(name).orElseThrow();

    assertThat(key.minimum()).isEqualTo(minimum);
    assertThat(key.maximum()).isEqualTo(maximum);
    assertThat(key.parse("" + minimum)).isEqualTo(minimum);
    assertThat(key.parse("" + maximum)).isEqualTo(maximum);
    assertThat(key.parse("000" + maximum)).isEqualTo(maximum); // not octal
    assertThat(key.parse("0X" + Integer.toHexString(minimum))).isEqualTo(minimum);
    assertThat(key.parse("0x" + Integer.toHexString(maximum))).isEqualTo(maximum);
    assertThatThrownBy(() -> key.parse("" + (maximum + 1)))
        .isInstanceOf(ProtocolException.class)
        .hasMessage("%s %d is outside %d..%d", name, maximum + 1, minimum, maximum);
    assertThatThrownBy(() -> key.parse("18446744073709551615"))
        .isInstanceOf(ProtocolException.class);
    assertThatThrownBy(() -> key.parse("" + (minimum - 1))).isInstanceOf(ProtocolException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "InitialR2T",
        "ImmediateData",
        "DataPDUInOrder",
        "DataSequenceInOrder",
        "IFMarker",
        "OFMarker"
      })
  void booleansAreExactlyYesOrNo(String name) throws Exception {
    Key<?> key = Key.named(name).orElseThrow();

    assertThat(key.parse("Yes")).isEqualTo(true);
    assertThat(key.parse("No")).isEqualTo(false);
    for (String illegal : List.of("", "yes", "NO", "1", "0", "true", "Yes ", "Yes,No")) {
      assertThatThrownBy(() -> key.parse(illegal))
          .isInstanceOf(ProtocolException.class)
          .hasMessage("%s '%s' is neither Yes nor No", name, illegal);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "SendTargets,0,223",
    "TargetName,1,223",
    "InitiatorName,1,223",
    "TargetAlias,0,255",
    "InitiatorAlias,0,255",
    "TargetAddress,1,255",
    "CHAP_N,1,255"
  })
  void textsHaveTheirLengthInBytes(String name, int minimum, int maximum) throws Exception {
    Key<?> key = Key.named(name).orElseThrow();
    String longest = "ä" + "a".repeat(maximum - 2);

    assertThat(key.minimum()).isEqualTo(minimum);
    assertThat(key.parse(longest)).isEqualTo(longest);
    assertThat(key.parse("a".repeat(minimum))).isEqualTo("a".repeat(minimum));
    assertThatThrownBy(() -> key.parse(longest + "a"))
        .isInstanceOf(ProtocolException.class)
        .hasMessage("%s of %d bytes is outside %d..%d", name, maximum + 1, minimum, maximum);
    if (minimum > 0) {
      assertThatThrownBy(() -> key.parse("")).isInstanceOf(ProtocolException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"HeaderDigest", "DataDigest", "AuthMethod", "TaskReporting"})
  void listsHaveMembersOfUpTo255Bytes(String name) throws Exception {
    Key<?> key = Key.named(name).orElseThrow();
    String longest = "a".repeat(255);

    assertThat(key.parse("None")).isEqualTo(List.of("None"));
    assertThat(key.parse(longest + "," + longest + ",b")).isEqualTo(List.of(longest, longest, "b"));
    for (String illegal : List.of("", ",", "a,", ",a", "a,,b", longest + "a")) {
      assertThatThrownBy(() -> key.parse(illegal)).isInstanceOf(ProtocolException.class);
    }
  }

  @Test
  void sessionTypeIsOneOfTwoWords() throws Exception {
    assertThat(Key.SESSION_TYPE.parse("Discovery")).isEqualTo("Discovery");
    assertThatThrownBy(() -> Key.SESSION_TYPE.parse("normal"))
        .hasMessage("SessionType 'normal' is none of [Discovery, Normal]");
  }

  @Test
  void chapAlgorithmsAreAListOfNumbers() throws Exception {
    assertThat(Key.CHAP_A.parse("7,0x5")).containsExactly(7, 5);
    assertThat(Key.CHAP_A.format(List.of(8, 5))).isEqualTo("8,5");
    for (String illegal : List.of("", "5,", "MD5", "256")) {
      assertThatThrownBy(() -> Key.CHAP_A.parse(illegal)).isInstanceOf(ProtocolException.class);
    }
  }

  @Test
  void chapBinariesHaveUpTo1024BytesAndAreNeverShown() throws Exception {
    for (Key<byte[]> key : List.of(Key.CHAP_C, Key.CHAP_R)) {
      assertThat(key.parse(key.format(new byte[1024]))).hasSize(1024);
      assertThatThrownBy(() -> key.parse(key.format(new byte[1025])))
          .isInstanceOf(ProtocolException.class)
          .hasMessage(key + " binary value of 1025 bytes exceeds 1024");
      assertThatThrownBy(() -> key.parse("0xcafez")).hasMessageNotContaining("cafe");
      assertThatThrownBy(() -> key.parse("")).isInstanceOf(ProtocolException.class);
    }
  }

  @Test
  void markIntervalsAreRanges() throws Exception {
    assertThat(Key.IF_MARK_INT.parse("1~65535")).isEqualTo(new TextNumber.Range(1, 65535));
    for (String illegal : List.of("2048", "0~1", "1~65536", "2~1")) {
      assertThatThrownBy(() -> Key.OF_MARK_INT.parse(illegal))
          .isInstanceOf(ProtocolException.class);
    }
  }

  static Stream<Arguments> combinations() {
    return Stream.of(
        arguments(Key.MAX_BURST_LENGTH, "1024", "512", "512"),
        arguments(Key.MAX_BURST_LENGTH, "512", "1024", "512"),
        arguments(Key.FIRST_BURST_LENGTH, "0x400", "513", "513"),
        arguments(Key.MAX_CONNECTIONS, "8", "2", "2"),
        arguments(Key.MAX_OUTSTANDING_R2T, "3", "4", "3"),
        arguments(Key.ERROR_RECOVERY_LEVEL, "2", "1", "1"),
        arguments(Key.ISCSI_PROTOCOL_LEVEL, "31", "2", "2"),
        arguments(Key.DEFAULT_TIME2RETAIN, "0", "20", "0"),
        arguments(Key.DEFAULT_TIME2WAIT, "0", "2", "2"),
        arguments(Key.DEFAULT_TIME2WAIT, "3", "2", "3"),
        arguments(Key.INITIAL_R2T, "Yes", "No", "Yes"),
        arguments(Key.INITIAL_R2T, "No", "Yes", "Yes"),
        arguments(Key.INITIAL_R2T, "No", "No", "No"),
        arguments(Key.DATA_PDU_IN_ORDER, "No", "Yes", "Yes"),
        arguments(Key.DATA_PDU_IN_ORDER, "No", "No", "No"),
        arguments(Key.DATA_SEQUENCE_IN_ORDER, "Yes", "No", "Yes"),
        arguments(Key.DATA_SEQUENCE_IN_ORDER, "No", "No", "No"),
        arguments(Key.IMMEDIATE_DATA, "Yes", "Yes", "Yes"),
        arguments(Key.IMMEDIATE_DATA, "Yes", "No", "No"),
        arguments(Key.IMMEDIATE_DATA, "No", "Yes", "No"),
        arguments(Key.HEADER_DIGEST, "CRC32C,None", "None,CRC32C", "CRC32C"),
        arguments(Key.DATA_DIGEST, "Y-x,None,CRC32C", "None,CRC32C", "None"),
        arguments(Key.HEADER_DIGEST, "CRC32C", "None", ""),
        arguments(
            Key.TASK_REPORTING,
            "FastAbort,ResponseFence",
            "RFC3720,ResponseFence",
            "ResponseFence"),
        arguments(Key.AUTH_METHOD, "KRB5,CHAP,None", "None,CHAP", "CHAP"),
        arguments(Key.CHAP_A, "9,7,5", "5,7", "7"),
        arguments(Key.MAX_RECV_DATA_SEGMENT_LENGTH, "1024", "512", "1024"));
  }

  @ParameterizedTest
  @MethodSource("combinations")
  <T> void twoSidesCombineByTheRule(Key<T> key, String offered, String ours, String expected)
      throws Exception {
    T combined = key.combine(key.parse(offered), key.parse(ours));

    assertThat(key.format(combined)).isEqualTo(expected);
  }

  @Test
  void aPairIsTheNameAndTheFormattedValue() {
    assertThat(Key.IMMEDIATE_DATA.pair(false)).isEqualTo(new KeyValue("ImmediateData", "No"));
    assertThat(Key.HEADER_DIGEST.pair(List.of("CRC32C", "None")))
        .isEqualTo(new KeyValue("HeaderDigest", "CRC32C,None"));
    assertThat(Key.CHAP_C.pair(new byte[] {1, -1})).isEqualTo(new KeyValue("CHAP_C", "0x01ff"));
  }

  private static <T> String defaultText(Key<T> key) {
    return key.format(key.defaultValue());
  }
}

package org.iscsi4j.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What both sides' values come to, key by key (RFC 7143 sections 6.2 and 13). */
class ResultFunctionTest {

  /** How our side says what it wishes of a key. */
  private static final Map<String, BiConsumer<OperationalOffer.Builder, String>> WISHES =
      Map.ofEntries(
          Map.entry("HeaderDigest", (ours, value) -> ours.headerDigests(list(value))),
          Map.entry("DataDigest", (ours, value) -> ours.dataDigests(list(value))),
          Map.entry("MaxConnections", (ours, value) -> ours.maxConnections(number(value))),
          Map.entry("InitialR2T", (ours, value) -> ours.initialR2t(yes(value))),
          Map.entry("ImmediateData", (ours, value) -> ours.immediateData(yes(value))),
          Map.entry("MaxBurstLength", (ours, value) -> ours.maxBurstLength(number(value))),
          Map.entry("FirstBurstLength", (ours, value) -> ours.firstBurstLength(number(value))),
          Map.entry("DefaultTime2Wait", (ours, value) -> ours.defaultTime2Wait(number(value))),
          Map.entry("DefaultTime2Retain", (ours, value) -> ours.defaultTime2Retain(number(value))),
          Map.entry("MaxOutstandingR2T", (ours, value) -> ours.maxOutstandingR2t(number(value))),
          Map.entry("DataPDUInOrder", (ours, value) -> ours.dataPduInOrder(yes(value))),
          Map.entry("DataSequenceInOrder", (ours, value) -> ours.dataSequenceInOrder(yes(value))),
          Map.entry("ErrorRecoveryLevel", (ours, value) -> ours.errorRecoveryLevel(number(value))),
          Map.entry("TaskReporting", (ours, value) -> ours.taskReporting(list(value))),
          Map.entry("iSCSIProtocolLevel", (ours, value) -> ours.iscsiProtocolLevel(number(value))));

  private static List<String> list(String value) {
    return List.of(value.split(","));
  }

  private static int number(String value) {
    return Integer.parseInt(value);
  }

  private static boolean yes(String value) {
    return value.equals("Yes");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          HeaderDigest        | None                            | None                  | None
          HeaderDigest        | None                            | CRC32C,None           | None
          HeaderDigest        | CRC32C                          | CRC32C,None           | CRC32C
          HeaderDigest        | None,CRC32C                     | CRC32C,None           | None
          HeaderDigest        | CRC32C,None                     | None,CRC32C           | CRC32C
          HeaderDigest        | CRC32C,None                     | None                  | None
          HeaderDigest        | None,CRC32C                     | CRC32C                | CRC32C
          HeaderDigest        | CRC32C                          | None                  | Reject
          HeaderDigest        | None                            | CRC32C                | Reject
          DataDigest          | None                            | None                  | None
          DataDigest          | None                            | CRC32C,None           | None
          DataDigest          | CRC32C                          | CRC32C,None           | CRC32C
          DataDigest          | Y-org.example,CRC32C,None       | CRC32C,None           | CRC32C
          DataDigest          | CRC32C,None                     | None                  | None
          DataDigest          | CRC32C                          | None                  | Reject
          DataDigest          | None                            | CRC32C                | Reject
          MaxConnections      | 1                               | 8                     | 1
          MaxConnections      | 8                               | 8                     | 8
          MaxConnections      | 65535                           | 8                     | 8
          MaxConnections      | 0xffff                          | 65535                 | 65535
          InitialR2T          | Yes                             | Yes                   | Yes
          InitialR2T          | Yes                             | No                    | Yes
          InitialR2T          | No                              | Yes                   | Yes
          InitialR2T          | No                              | No                    | No
          ImmediateData       | Yes                             | Yes                   | Yes
          ImmediateData       | Yes                             | No                    | No
          ImmediateData       | No                              | Yes                   | No
          ImmediateData       | No                              | No                    | No
          MaxBurstLength      | 512                             | 16777215              | 512
          MaxBurstLength      | 0x40000                         | 1048576               | 262144
          MaxBurstLength      | 16777215                        | 512                   | 512
          FirstBurstLength    | 512                             | 65536                 | 512
          FirstBurstLength    | 0X200                           | 65536                 | 512
          FirstBurstLength    | 16777215                        | 65536                 | 65536
          DefaultTime2Wait    | 0                               | 2                     | 2
          DefaultTime2Wait    | 2                               | 0                     | 2
          DefaultTime2Wait    | 3600                            | 2                     | 3600
          DefaultTime2Wait    | 0                               | 0                     | 0
          DefaultTime2Retain  | 0                               | 20                    | 0
          DefaultTime2Retain  | 60                              | 20                    | 0
          MaxOutstandingR2T   | 1                               | 4                     | 1
          MaxOutstandingR2T   | 65535                           | 4                     | 4
          DataPDUInOrder      | Yes                             | Yes                   | Yes
          DataPDUInOrder      | Yes                             | No                    | Yes
          DataPDUInOrder      | No                              | Yes                   | Yes
          DataPDUInOrder      | No                              | No                    | No
          DataSequenceInOrder | Yes                             | Yes                   | Yes
          DataSequenceInOrder | Yes                             | No                    | Yes
          DataSequenceInOrder | No                              | Yes                   | Yes
          DataSequenceInOrder | No                              | No                    | No
          ErrorRecoveryLevel  | 0                               | 2                     | 0
          ErrorRecoveryLevel  | 1                               | 2                     | 1
          ErrorRecoveryLevel  | 2                               | 2                     | 2
          ErrorRecoveryLevel  | 2                               | 1                     | 1
          ErrorRecoveryLevel  | 0x2                             | 0                     | 0
          TaskReporting       | RFC3720,ResponseFence           | RFC3720               | RFC3720
          TaskReporting       | FastAbort,ResponseFence,RFC3720 | RFC3720,ResponseFence | ResponseFence
          TaskReporting       | FastAbort,ResponseFence,RFC3720 | RFC3720,FastAbort     | FastAbort
          TaskReporting       | RFC3720,FastAbort               | FastAbort,RFC3720     | RFC3720
          TaskReporting       | FastAbort                       | RFC3720               | Reject
          iSCSIProtocolLevel  | 0                               | 2                     | 0
          iSCSIProtocolLevel  | 1                               | 2                     | 1
          iSCSIProtocolLevel  | 2                               | 2                     | 2
          iSCSIProtocolLevel  | 31                              | 2                     | 2
          iSCSIProtocolLevel  | 2                               | 1                     | 1
          """)
  void valuesOfBothSidesCombine(String key, String offered, String ours, String answer)
      throws Exception {
    OperationalOffer.Builder wishes = OperationalOffer.builder();
    WISHES.get(key).accept(wishes, ours);
    OperationalNegotiation negotiation = new OperationalNegotiation(wishes.build(), false, true);

    assertThat(negotiation.answerAll(List.of(new KeyValue(key, offered))))
        .containsExactly(new KeyValue(key, answer));
    assertThat(negotiation.failed()).isEqualTo(answer.equals("Reject"));
  }

  @Test
  void theTableHasEveryKeyThatIsNegotiated() {
    Set<String> negotiated = new TreeSet<>();
    for (Key<?> key : Key.all()) {
      boolean declared = key.rule() == Key.Rule.DECLARATIVE || key.rule() == Key.Rule.OBSOLETE;
      if (!declared && key.allowedIn(LoginStage.OPERATIONAL)) {
        negotiated.add(key.name());
      }
    }

    assertThat(WISHES.keySet()).isEqualTo(negotiated);
  }
}

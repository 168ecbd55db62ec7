package org.iscsi4j.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OperationalNegotiationTest {
  private static final OperationalOffer OURS =
      OperationalOffer.builder()
          .maxConnections(4)
          .initialR2t(false)
          .immediateData(true)
          .maxRecvDataSegmentLength(131072)
          .maxBurstLength(1048576)
          .firstBurstLength(131072)
          .defaultTime2Wait(3)
          .defaultTime2Retain(30)
          .maxOutstandingR2t(16)
          .dataPduInOrder(false)
          .dataSequenceInOrder(false)
          .errorRecoveryLevel(2)
          .taskReporting(List.of("RFC3720", "ResponseFence"))
          .iscsiProtocolLevel(2)
          .build();

  private OperationalNegotiation negotiation = new OperationalNegotiation(OURS, false, true);

  private static KeyValue pair(String text) {
    int equals = text.indexOf('=');
    return new KeyValue(text.substring(0, equals), text.substring(equals + 1));
  }

  /** Pairs as in the RFC's examples, parted by blanks. */
  private static List<KeyValue> pairs(String text) {
    return Arrays.stream(text.split(" ")).filter(p -> !p.isEmpty()).map(p -> pair(p)).toList();
  }

  /** The answer's value, or "" for no answer. */
  private String answer(String offer) throws ProtocolException {
    KeyValue offered = pair(offer);
    return negotiation
        .answer(offered)
        .map(
            answer -> {
              assertThat(answer.key()).isEqualTo(offered.key());
              return answer.value();
            })
        .orElse("");
  }

  @ParameterizedTest
  @CsvSource({
    "MaxConnections=8,4",
    "MaxConnections=2,2",
    "InitialR2T=No,No",
    "InitialR2T=Yes,Yes",
    "ImmediateData=Yes,Yes",
    "ImmediateData=No,No",
    "MaxBurstLength=0x40000,262144",
    "MaxBurstLength=16777215,1048576",
    "MaxBurstLength=0001024,1024",
    "FirstBurstLength=262144,131072",
    "DefaultTime2Wait=0,3",
    "DefaultTime2Wait=5,5",
    "MaxOutstandingR2T=1,1",
    "MaxOutstandingR2T=65535,16",
    "DataPDUInOrder=Yes,Yes",
    "DataPDUInOrder=No,No",
    "DataSequenceInOrder=Yes,Yes",
    "DataSequenceInOrder=No,No",
    "ErrorRecoveryLevel=2,2",
    "ErrorRecoveryLevel=1,1",
    "iSCSIProtocolLevel=31,2",
    "iSCSIProtocolLevel=0,0"
  })
  void numbersAndBooleansCombineByTheirRule(String offer, String expected) throws Exception {
    assertThat(answer(offer)).isEqualTo(expected);
    assertThat(negotiation.failed()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "HeaderDigest=CRC32C,None CRC32C",
        "HeaderDigest=None,CRC32C None",
        "HeaderDigest=Y-com.example,CRC32C CRC32C",
        "DataDigest=None None",
        "TaskReporting=FastAbort,ResponseFence,RFC3720 ResponseFence"
      })
  void ofAListTheFirstOfferedValueWeSupportIsTaken(String offer, String expected) throws Exception {
    assertThat(answer(offer)).isEqualTo(expected);
    assertThat(negotiation.failed()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "HeaderDigest=Y-a,HeaderDigest 'Y-a' has none of CRC32C",
    "DataDigest=none,DataDigest 'none' has none of CRC32C",
    "TaskReporting=FastAbort,TaskReporting 'FastAbort' has none of RFC3720",
    "HeaderDigest=,HeaderDigest of 0 bytes",
    "MaxRecvDataSegmentLength=511,MaxRecvDataSegmentLength 511 is outside 512..16777215",
    "MaxRecvDataSegmentLength=16777216,MaxRecvDataSegmentLength 16777216 is outside"
  })
  void nothingInCommonFailsTheLogin(String offer, String why) throws Exception {
    assertThat(answer(offer)).isEqualTo("Reject");
    assertThat(negotiation.failed()).isTrue();
    assertThat(negotiation.failure().orElseThrow()).startsWith(why);
  }

  @Test
  void noneIsOnlyChosenWhenOffered() throws Exception {
    negotiation =
        new OperationalNegotiation(
            OperationalOffer.builder().headerDigests(List.of("None")).build(), false, true);

    assertThat(answer("HeaderDigest=CRC32C")).isEqualTo("Reject");
    assertThat(negotiation.failed()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "InitialR2T=yes",
        "InitialR2T=",
        "ImmediateData=1",
        "DataPDUInOrder=Yes,No",
        "MaxBurstLength=511",
        "MaxBurstLength=16777216",
        "MaxBurstLength=-1",
        "MaxBurstLength=512~1024",
        "MaxConnections=0",
        "DefaultTime2Wait=3601",
        "ErrorRecoveryLevel=3",
        "iSCSIProtocolLevel=32"
      })
  void illegalValuesAreRejectedAndTheDefaultStays(String offer) throws Exception {
    assertThat(answer(offer)).isEqualTo("Reject");
    assertThat(negotiation.failed()).isFalse();
    assertThat(negotiation.result()).isEqualTo(OperationalParameters.defaults());
  }

  @ParameterizedTest
  @ValueSource(strings = {"X-com.example.speed=9", "X#other=1", "NoSuchKey=", "Maxburstlength=512"})
  void unknownKeysAreNotUnderstood(String offer) throws Exception {
    assertThat(answer(offer)).isEqualTo("NotUnderstood");
    assertThat(negotiation.failed()).isFalse();
  }

  @Test
  void declarationsAreNotAnswered() throws Exception {
    assertThat(
            negotiation.answerAll(
                pairs(
                    "InitiatorName=iqn.2024-01.org.example:a TargetName=iqn.2024-01.org.example:t"
                        + " InitiatorAlias= SessionType=Normal MaxRecvDataSegmentLength=0x10000"
                        + " X#NodeArchitecture=Os/1,Initiator/2")))
        .isEmpty();
    assertThat(negotiation.result().initiatorMaxRecvDataSegmentLength()).isEqualTo(65536);
  }

  @ParameterizedTest
  @ValueSource(strings = {"NotUnderstood", "Irrelevant", "Reject"})
  void refusalsAreNotAnsweredAgain(String refusal) throws Exception {
    for (String key : List.of("MaxBurstLength", "InitialR2T", "HeaderDigest", "X-unknown")) {
      assertThat(answer(key + "=" + refusal)).isEmpty();
      assertThat(answer(key + "=" + refusal)).isEmpty();
    }
    assertThat(negotiation.failed()).isFalse();
    assertThat(negotiation.result()).isEqualTo(OperationalParameters.defaults());
  }

  @ParameterizedTest
  @CsvSource({
    "IFMarker=No,No",
    "IFMarker=Yes,No",
    "OFMarker=No,No",
    "OFMarker=Yes,No",
    "IFMarker=maybe,Reject",
    "OFMarker=,Reject",
    "IFMarkInt=2048~8192,Reject",
    "OFMarkInt=2048~8192,Reject",
    "IFMarkInt=1,Reject",
    "OFMarkInt=1,Reject"
  })
  void markersAreRefusedButUnderstood(String offer, String expected) throws Exception {
    assertThat(answer(offer)).isEqualTo(expected);
    assertThat(negotiation.failed()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "AuthMethod=None",
        "CHAP_A=5",
        "SendTargets=All",
        "TargetAlias=disk",
        "TargetAddress=a:3260",
        "TargetPortalGroupTag=1"
      })
  void keysThatDoNotBelongHereAreRejected(String offer) throws Exception {
    assertThat(answer(offer)).isEqualTo("Reject");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "MaxBurstLength=512",
        "MaxRecvDataSegmentLength=512",
        "InitiatorName=iqn.2024-01.org.example:a",
        "HeaderDigest=None",
        "X-unknown=1",
        "IFMarker=No"
      })
  void aKeyThatComesTwiceEndsTheNegotiation(String offer) throws Exception {
    answer(offer);

    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> answer(offer))
        .withMessage(pair(offer).key() + " comes twice in one negotiation")
        .satisfies(e -> assertThat(e.reason()).isEqualTo(RejectReason.PROTOCOL_ERROR));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "MaxConnections=4",
        "InitialR2T=No",
        "ImmediateData=Yes",
        "MaxBurstLength=512",
        "FirstBurstLength=512",
        "MaxOutstandingR2T=1",
        "DataPDUInOrder=Yes",
        "DataSequenceInOrder=Yes",
        "TaskReporting=RFC3720",
        "iSCSIProtocolLevel=1"
      })
  void keysOfDataTransferAreIrrelevantInDiscovery(String offer) throws Exception {
    negotiation = new OperationalNegotiation(OURS, true, true);

    assertThat(answer(offer)).isEqualTo("Irrelevant");
    assertThat(negotiation.result()).isEqualTo(OperationalParameters.defaults());
  }

  @Test
  void discoveryNegotiatesTheRestWithoutRecovery() throws Exception {
    negotiation = new OperationalNegotiation(OURS, true, true);

    assertThat(
            negotiation.answerAll(
                pairs(
                    "HeaderDigest=CRC32C DataDigest=None DefaultTime2Wait=5 DefaultTime2Retain=5"
                        + " ErrorRecoveryLevel=2 MaxRecvDataSegmentLength=512")))
        .isEqualTo(
            pairs(
                "HeaderDigest=CRC32C DataDigest=None DefaultTime2Wait=5 DefaultTime2Retain=0"
                    + " ErrorRecoveryLevel=0"));
  }

  @Test
  void firstBurstLengthIsIrrelevantWithoutUnsolicitedData() throws Exception {
    assertThat(
            negotiation.answerAll(
                pairs("FirstBurstLength=65536 InitialR2T=Yes ImmediateData=No MaxBurstLength=512")))
        .isEqualTo(
            pairs(
                "FirstBurstLength=Irrelevant InitialR2T=Yes ImmediateData=No MaxBurstLength=512"));
    assertThat(negotiation.result().firstBurstLength()).isEqualTo(512);
  }

  @ParameterizedTest
  @ValueSource(strings = {"InitialR2T=Yes ImmediateData=Yes", "InitialR2T=No ImmediateData=No", ""})
  void firstBurstLengthCountsWithUnsolicitedData(String others) throws Exception {
    negotiation.answerAll(pairs(others));

    assertThat(answer("FirstBurstLength=65536")).isEqualTo("65536");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "MaxBurstLength=1024 FirstBurstLength=2048",
        "FirstBurstLength=2048 MaxBurstLength=1024"
      })
  void firstBurstLengthDoesNotExceedMaxBurstLength(String offers) throws Exception {
    assertThat(negotiation.answerAll(pairs(offers)))
        .isEqualTo(pairs(offers.replace("2048", "1024")));
    assertThat(negotiation.result().firstBurstLength()).isEqualTo(1024);
  }

  @Test
  void firstBurstLengthIsCutToAMaxBurstLengthThatComesLater() throws Exception {
    answer("FirstBurstLength=2048");
    answer("MaxBurstLength=1024");

    assertThat(negotiation.result().firstBurstLength()).isEqualTo(1024);
    assertThat(negotiation.result().maxBurstLength()).isEqualTo(1024);
  }

  @Test
  void ourDefaultFirstBurstLengthIsCutToo() throws Exception {
    answer("MaxBurstLength=4096");

    assertThat(negotiation.result().firstBurstLength()).isEqualTo(4096);
  }

  @Test
  void firstBurstLengthDoesNotExceedAMaxBurstLengthThatNobodyOffers() throws Exception {
    negotiation =
        new OperationalNegotiation(
            OperationalOffer.builder()
                .initialR2t(false)
                .maxBurstLength(1 << 20)
                .firstBurstLength(1 << 20)
                .build(),
            false,
            true);

    assertThat(answer("FirstBurstLength=16777215")).isEqualTo("262144");
    assertThat(negotiation.result().firstBurstLength()).isEqualTo(262144);
    assertThat(negotiation.result().maxBurstLength()).isEqualTo(262144);
  }

  // section 13.16 with 7.2.2: what is kept for connections that come back

  @ParameterizedTest
  @CsvSource({
    "ErrorRecoveryLevel=2 DefaultTime2Retain=60,ErrorRecoveryLevel=2 DefaultTime2Retain=30",
    "DefaultTime2Retain=60 ErrorRecoveryLevel=2,DefaultTime2Retain=30 ErrorRecoveryLevel=2",
    "DefaultTime2Retain=10 ErrorRecoveryLevel=2,DefaultTime2Retain=10 ErrorRecoveryLevel=2",
    "DefaultTime2Retain=60 ErrorRecoveryLevel=1,DefaultTime2Retain=0 ErrorRecoveryLevel=1",
    "ErrorRecoveryLevel=0 DefaultTime2Retain=60,ErrorRecoveryLevel=0 DefaultTime2Retain=0",
    "DefaultTime2Retain=60,DefaultTime2Retain=0",
    "DefaultTime2Retain=60 ErrorRecoveryLevel=9,DefaultTime2Retain=0 ErrorRecoveryLevel=Reject"
  })
  void nothingIsRetainedWhereTasksCannotChangeConnections(String offers, String expected)
      throws Exception {
    assertThat(negotiation.answerAll(pairs(offers))).isEqualTo(pairs(expected));
  }

  @Test
  void timeIsRetainedAfterALevelOfAnEarlierText() throws Exception {
    negotiation.answerAll(pairs("ErrorRecoveryLevel=2"));

    assertThat(negotiation.answerAll(pairs("DefaultTime2Retain=60")))
        .isEqualTo(pairs("DefaultTime2Retain=30"));
    assertThat(negotiation.result().defaultTime2Retain()).isEqualTo(30);
  }

  // section 13.19: of sequences in order only the last R2T can be sent again

  @ParameterizedTest
  @CsvSource({
    "MaxOutstandingR2T=9 ErrorRecoveryLevel=1 DataSequenceInOrder=Yes,1",
    "MaxOutstandingR2T=9 ErrorRecoveryLevel=2,1", // in order by default
    "ErrorRecoveryLevel=2 DataSequenceInOrder=No MaxOutstandingR2T=9,9",
    "DataSequenceInOrder=Yes MaxOutstandingR2T=9,9",
    "MaxOutstandingR2T=9 ErrorRecoveryLevel=0,9"
  })
  void recoveryOfSequencesInOrderNeedsASingleR2t(String offers, int expected) throws Exception {
    assertThat(negotiation.answerAll(pairs(offers)))
        .contains(new KeyValue("MaxOutstandingR2T", "" + expected));
    assertThat(negotiation.result().maxOutstandingR2t()).isEqualTo(expected);
  }

  @Test
  void aLevelThatComesLaterLeavesASingleR2t() throws Exception {
    assertThat(answer("MaxOutstandingR2T=9")).isEqualTo("9");
    assertThat(answer("ErrorRecoveryLevel=1")).isEqualTo("1");

    assertThat(negotiation.result().maxOutstandingR2t()).isEqualTo(1);
  }

  @Test
  void answersComeInTheOrderOfTheOffers() throws Exception {
    assertThat(negotiation.answerAll(pairs("FirstBurstLength=512 X-a=1 InitialR2T=No")))
        .isEqualTo(pairs("FirstBurstLength=512 X-a=NotUnderstood InitialR2T=No"));
  }

  @Test
  void ourLimitIsDeclaredOnce() throws Exception {
    assertThat(negotiation.result().targetMaxRecvDataSegmentLength()).isEqualTo(8192);
    assertThat(negotiation.declarations()).isEqualTo(pairs("MaxRecvDataSegmentLength=131072"));
    assertThat(negotiation.declarations()).isEmpty();
    assertThat(negotiation.result().targetMaxRecvDataSegmentLength()).isEqualTo(131072);
  }

  @Test
  void theResultHasEveryKeyInItsPlace() throws Exception {
    assertThat(negotiation.agreed(Key.MAX_CONNECTIONS)).isEmpty();
    negotiation.answerAll(
        pairs(
            "HeaderDigest=CRC32C DataDigest=None MaxConnections=2 InitialR2T=No ImmediateData=No"
                + " MaxRecvDataSegmentLength=1003 MaxBurstLength=1005 FirstBurstLength=1004"
                + " DefaultTime2Wait=7 DefaultTime2Retain=8 MaxOutstandingR2T=9 DataPDUInOrder=Yes"
                + " DataSequenceInOrder=No ErrorRecoveryLevel=2 TaskReporting=ResponseFence"
                + " iSCSIProtocolLevel=0"));
    negotiation.declarations();

    assertThat(negotiation.agreed(Key.MAX_CONNECTIONS)).contains(2);
    assertThat(negotiation.result())
        .isEqualTo(
            new OperationalParameters(
                true,
                false,
                2,
                false,
                false,
                1003,
                131072,
                1005,
                1004,
                7,
                8,
                9,
                true,
                false,
                2,
                "ResponseFence",
                0));
  }

  @Test
  void theOtherHalfOfTheBooleansToo() throws Exception {
    negotiation.answerAll(
        pairs(
            "HeaderDigest=None DataDigest=CRC32C InitialR2T=Yes ImmediateData=Yes"
                + " DataPDUInOrder=Yes DataSequenceInOrder=No"));

    OperationalParameters result = negotiation.result();
    assertThat(result.headerDigest()).isFalse();
    assertThat(result.dataDigest()).isTrue();
    assertThat(result.initialR2t()).isTrue();
    assertThat(result.immediateData()).isTrue();
    assertThat(result.dataPduInOrder()).isTrue();
    assertThat(result.dataSequenceInOrder()).isFalse();
  }

  @Test
  void defaultsAreThoseOfTheRfc() {
    assertThat(OperationalParameters.defaults())
        .isEqualTo(
            new OperationalParameters(
                false, false, 1, true, true, 8192, 8192, 262144, 65536, 2, 20, 1, true, true, 0,
                "RFC3720", 1));
  }

  // a later connection of a session

  private static final OperationalParameters SESSION =
      new OperationalParameters(
          true,
          true,
          4,
          false,
          false,
          1001,
          1002,
          1004,
          1003,
          5,
          6,
          7,
          false,
          false,
          1,
          "FastAbort",
          2);

  @Test
  void aLaterConnectionKeepsTheSessionsValues() throws Exception {
    negotiation = OperationalNegotiation.joining(OURS, SESSION);
    negotiation.answerAll(pairs("DataDigest=CRC32C MaxRecvDataSegmentLength=2048"));
    negotiation.declarations();

    assertThat(negotiation.result())
        .isEqualTo(
            new OperationalParameters(
                false,
                true,
                4,
                false,
                false,
                2048,
                131072,
                1004,
                1003,
                5,
                6,
                7,
                false,
                false,
                1,
                "FastAbort",
                2));
  }

  @Test
  void aLaterConnectionStartsWithTheDefaultsOfAConnection() {
    OperationalParameters result = OperationalNegotiation.joining(OURS, SESSION).result();

    assertThat(result.headerDigest()).isFalse();
    assertThat(result.dataDigest()).isFalse();
    assertThat(result.initiatorMaxRecvDataSegmentLength()).isEqualTo(8192);
    assertThat(result.targetMaxRecvDataSegmentLength()).isEqualTo(8192);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "MaxConnections=1",
        "InitialR2T=Yes",
        "ImmediateData=Yes",
        "MaxBurstLength=512",
        "FirstBurstLength=512",
        "DefaultTime2Wait=2",
        "DefaultTime2Retain=2",
        "MaxOutstandingR2T=1",
        "DataPDUInOrder=Yes",
        "DataSequenceInOrder=Yes",
        "ErrorRecoveryLevel=0",
        "TaskReporting=RFC3720",
        "iSCSIProtocolLevel=1"
      })
  void leadingOnlyKeysAreRejectedOnALaterConnection(String offer) throws Exception {
    negotiation = OperationalNegotiation.joining(OURS, SESSION);
    assertThat(answer(offer)).isEqualTo("Reject");

    negotiation = new OperationalNegotiation(OURS, false, false);
    assertThat(answer(offer)).isEqualTo("Reject");
    assertThat(negotiation.failed()).isFalse();
  }

  @Test
  void aLaterConnectionMayRepeatItsSessionType() throws Exception {
    negotiation = OperationalNegotiation.joining(OURS, SESSION);

    assertThat(answer("SessionType=Normal")).isEmpty();
    assertThat(answer("X#NodeArchitecture=")).isEmpty();
    assertThat(negotiation.failed()).isFalse();
  }

  // a digest that our side insists on

  private OperationalNegotiation insisting() {
    return new OperationalNegotiation(
        OperationalOffer.builder().headerDigests(List.of("CRC32C")).build(), false, true);
  }

  @Test
  void aDigestThatIsInsistedOnAndLeftOutIsOfferedByUs() throws Exception {
    negotiation = insisting();

    assertThat(negotiation.declarations())
        .isEqualTo(pairs("MaxRecvDataSegmentLength=8192 HeaderDigest=CRC32C"));
    assertThat(negotiation.complete()).isFalse();
    assertThatIllegalStateException().isThrownBy(() -> negotiation.result());

    assertThat(answer("HeaderDigest=CRC32C")).isEmpty(); // the answer to ours
    assertThat(negotiation.complete()).isTrue();
    assertThat(negotiation.failed()).isFalse();
    assertThat(negotiation.result().headerDigest()).isTrue();
  }

  @Test
  void aDigestThatIsInsistedOnAndOfferedIsSimplyAgreed() throws Exception {
    negotiation = insisting();

    assertThat(answer("HeaderDigest=None,CRC32C")).isEqualTo("CRC32C");
    assertThat(negotiation.declarations()).isEqualTo(pairs("MaxRecvDataSegmentLength=8192"));
    assertThat(negotiation.complete()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"None", "Reject", "NotUnderstood", "CRC32C,None", ""})
  void anotherAnswerToOurOfferFailsTheLogin(String value) throws Exception {
    negotiation = insisting();
    negotiation.declarations();

    assertThat(answer("HeaderDigest=" + value)).isEmpty();
    assertThat(negotiation.failed()).isTrue();
  }

  @Test
  void withoutInsistingTheNegotiationIsCompleteAtOnce() {
    assertThat(negotiation.complete()).isTrue();
  }

  // text in full feature phase

  @Test
  void theReceiveLimitMayBeDeclaredAnewInFullFeaturePhase() throws Exception {
    negotiation = OperationalNegotiation.fullFeature(SESSION);

    assertThat(answer("MaxRecvDataSegmentLength=4096")).isEmpty();
    assertThat(negotiation.declarations()).isEmpty();
    assertThat(negotiation.complete()).isTrue();
    assertThat(negotiation.result())
        .isEqualTo(
            new OperationalParameters(
                true,
                true,
                4,
                false,
                false,
                4096,
                1002,
                1004,
                1003,
                5,
                6,
                7,
                false,
                false,
                1,
                "FastAbort",
                2));
  }

  @ParameterizedTest
  @CsvSource({
    "HeaderDigest=None,Reject",
    "MaxBurstLength=512,Reject",
    "InitiatorName=iqn.2024-01.org.example:b,Reject",
    "TargetName=iqn.2024-01.org.example:t,Reject",
    "TargetAlias=disk,Reject",
    "TargetAddress=a:3260,Reject",
    "TargetPortalGroupTag=1,Reject",
    "SessionType=Discovery,Reject",
    "AuthMethod=None,Reject",
    "CHAP_A=5,Reject",
    "X#NodeArchitecture=Os/1,Reject",
    "IFMarker=No,Reject",
    "IFMarkInt=2048~8192,Reject",
    "X#unknown=1,NotUnderstood",
    "X-unknown=1,NotUnderstood",
    "InitiatorAlias=b,''"
  })
  void otherKeysStayAsTheyAreInFullFeaturePhase(String offer, String expected) throws Exception {
    negotiation = OperationalNegotiation.fullFeature(SESSION);

    assertThat(answer(offer)).isEqualTo(expected);
    assertThat(negotiation.result()).isEqualTo(SESSION);
  }

  @Test
  void aBadLimitFailsTheExchangeAndLeavesTheOldOne() throws Exception {
    negotiation = OperationalNegotiation.fullFeature(SESSION);

    assertThat(answer("MaxRecvDataSegmentLength=16777216")).isEqualTo("Reject");
    assertThat(negotiation.failed()).isTrue();
    assertThat(negotiation.result()).isEqualTo(SESSION);
  }
}

package org.iscsi4j.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OperationalOfferTest {

  @Test
  void keepsWhatIsSet() {
    OperationalOffer offer =
        OperationalOffer.builder()
            .headerDigests(List.of("None"))
            .dataDigests(List.of("CRC32C"))
            .maxConnections(2)
            .initialR2t(false)
            .immediateData(false)
            .maxRecvDataSegmentLength(1003)
            .maxBurstLength(1004)
            .firstBurstLength(1005)
            .defaultTime2Wait(6)
            .defaultTime2Retain(7)
            .maxOutstandingR2t(8)
            .dataPduInOrder(false)
            .dataSequenceInOrder(false)
            .errorRecoveryLevel(1)
            .taskReporting(List.of("FastAbort"))
            .iscsiProtocolLevel(9)
            .build();

    assertThat(offer.value(Key.HEADER_DIGEST)).containsExactly("None");
    assertThat(offer.value(Key.DATA_DIGEST)).containsExactly("CRC32C");
    assertThat(offer.value(Key.MAX_CONNECTIONS)).isEqualTo(2);
    assertThat(offer.value(Key.INITIAL_R2T)).isFalse();
    assertThat(offer.value(Key.IMMEDIATE_DATA)).isFalse();
    assertThat(offer.value(Key.MAX_RECV_DATA_SEGMENT_LENGTH)).isEqualTo(1003);
    assertThat(offer.maxRecvDataSegmentLength()).isEqualTo(1003);
    assertThat(offer.value(Key.MAX_BURST_LENGTH)).isEqualTo(1004);
    assertThat(offer.value(Key.FIRST_BURST_LENGTH)).isEqualTo(1005);
    assertThat(offer.value(Key.DEFAULT_TIME2WAIT)).isEqualTo(6);
    assertThat(offer.value(Key.DEFAULT_TIME2RETAIN)).isEqualTo(7);
    assertThat(offer.value(Key.MAX_OUTSTANDING_R2T)).isEqualTo(8);
    assertThat(offer.value(Key.DATA_PDU_IN_ORDER)).isFalse();
    assertThat(offer.value(Key.DATA_SEQUENCE_IN_ORDER)).isFalse();
    assertThat(offer.value(Key.ERROR_RECOVERY_LEVEL)).isEqualTo(1);
    assertThat(offer.value(Key.TASK_REPORTING)).containsExactly("FastAbort");
    assertThat(offer.value(Key.ISCSI_PROTOCOL_LEVEL)).isEqualTo(9);
  }

  @Test
  void startsFromTheDefaultsOfTheRfcAndBothDigests() {
    OperationalOffer offer = OperationalOffer.builder().build();

    assertThat(offer.value(Key.HEADER_DIGEST)).containsExactly("CRC32C", "None");
    assertThat(offer.value(Key.DATA_DIGEST)).containsExactly("CRC32C", "None");
    assertThat(offer.value(Key.MAX_BURST_LENGTH)).isEqualTo(262144);
    assertThat(offer.value(Key.INITIAL_R2T)).isTrue();
    assertThat(offer.maxRecvDataSegmentLength()).isEqualTo(8192);
  }

  @Test
  void doesNotChangeWithWhatItWasBuiltFrom() {
    List<String> reporting = new ArrayList<>(List.of("RFC3720"));
    OperationalOffer.Builder builder =
        OperationalOffer.builder().taskReporting(reporting).maxConnections(3);
    OperationalOffer offer = builder.build();

    reporting.add("FastAbort");
    builder.maxConnections(4);

    assertThat(offer.value(Key.TASK_REPORTING)).containsExactly("RFC3720");
    assertThat(offer.value(Key.MAX_CONNECTIONS)).isEqualTo(3);
  }

  @Test
  void refusesWhatCouldNotBeOffered() {
    OperationalOffer.Builder builder = OperationalOffer.builder();

    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.maxBurstLength(511))
        .withMessage("MaxBurstLength 511 is outside 512..16777215");
    assertThatIllegalArgumentException().isThrownBy(() -> builder.maxConnections(-1));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.taskReporting(List.of()));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.taskReporting(List.of("a,b")));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.headerDigests(List.of()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.dataDigests(List.of("MD5")))
        .withMessage("DataDigest [MD5] has another value than CRC32C and None");
  }
}

package org.iscsi4j.target.login;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.iscsi4j.api.Digests;
import org.iscsi4j.api.SessionSettings;
import org.iscsi4j.api.TaskReporting;
import org.iscsi4j.protocol.Key;
import org.iscsi4j.protocol.OperationalOffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SessionTermsTest {

  @Test
  void everySettingIsOfferedAsItsKey() {
    SessionTerms terms =
        SessionTerms.of(
            SessionSettings.builder()
                .headerDigest(Digests.CRC32C)
                .dataDigest(Digests.NONE)
                .maxConnections(3)
                .initialR2t(true)
                .immediateData(false)
                .maxRecvDataSegmentLength(1024)
                .maxBurstLength(4096)
                .firstBurstLength(2048)
                .maxOutstandingR2t(5)
                .defaultTime2Wait(Duration.ofSeconds(6))
                .defaultTime2Retain(Duration.ofSeconds(7))
                .dataPduInOrder(true)
                .dataSequenceInOrder(true)
                .errorRecoveryLevel(2)
                .taskReporting(TaskReporting.RESPONSE_FENCE)
                .iscsiProtocolLevel(1)
                .queueDepth(9)
                .keepAliveInterval(Duration.ofSeconds(10))
                .keepAliveTimeout(Duration.ofSeconds(11))
                .build());

    OperationalOffer offer = terms.offer();
    assertThat(offer.value(Key.HEADER_DIGEST)).containsExactly("CRC32C");
    assertThat(offer.value(Key.DATA_DIGEST)).containsExactly("None");
    assertThat(offer.value(Key.MAX_CONNECTIONS)).isEqualTo(3);
    assertThat(offer.value(Key.INITIAL_R2T)).isTrue();
    assertThat(offer.value(Key.IMMEDIATE_DATA)).isFalse();
    assertThat(offer.maxRecvDataSegmentLength()).isEqualTo(1024);
    assertThat(offer.value(Key.MAX_BURST_LENGTH)).isEqualTo(4096);
    assertThat(offer.value(Key.FIRST_BURST_LENGTH)).isEqualTo(2048);
    assertThat(offer.value(Key.MAX_OUTSTANDING_R2T)).isEqualTo(5);
    assertThat(offer.value(Key.DEFAULT_TIME2WAIT)).isEqualTo(6);
    assertThat(offer.value(Key.DEFAULT_TIME2RETAIN)).isEqualTo(7);
    assertThat(offer.value(Key.DATA_PDU_IN_ORDER)).isTrue();
    assertThat(offer.value(Key.DATA_SEQUENCE_IN_ORDER)).isTrue();
    assertThat(offer.value(Key.ERROR_RECOVERY_LEVEL)).isEqualTo(2);
    assertThat(offer.value(Key.ISCSI_PROTOCOL_LEVEL)).isEqualTo(1);
    assertThat(terms.queueDepth()).isEqualTo(9);
    assertThat(terms.keepAliveInterval()).hasSeconds(10);
    assertThat(terms.keepAliveTimeout()).hasSeconds(11);
  }

  @Test
  void whatIsNotSetIsAsByDefault() {
    SessionTerms terms = SessionTerms.of(SessionSettings.builder().maxBurstLength(512).build());

    assertThat(terms.offer().value(Key.MAX_BURST_LENGTH)).isEqualTo(512);
    assertThat(terms.offer().value(Key.FIRST_BURST_LENGTH)).isEqualTo(262_144);
    assertThat(terms.offer().value(Key.HEADER_DIGEST)).containsExactly("CRC32C", "None");
    assertThat(terms.queueDepth()).isEqualTo(128);
  }

  @ParameterizedTest
  @CsvSource({
    "RFC3720, RFC3720",
    "RESPONSE_FENCE, RFC3720;ResponseFence",
    "FAST_ABORT, RFC3720;ResponseFence;FastAbort"
  })
  void waysToReportTasksIncludeThoseBeforeThem(TaskReporting most, String accepted) {
    SessionTerms terms = SessionTerms.of(SessionSettings.builder().taskReporting(most).build());

    assertThat(terms.offer().value(Key.TASK_REPORTING)).isEqualTo(List.of(accepted.split(";")));
  }
}
